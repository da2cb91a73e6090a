"""Where simulated devices with a network plug listen: this machine alone."""

import socket
from typing import Final

HOST: Final = "127.0.0.1"
_BACKLOG: Final = 8


def listener(port: int) -> socket.socket:
    """Listens on `port`, 0 = a free one; does not block. Raises OSError: it is taken."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.setblocking(False)
    listening.bind((HOST, port))
    listening.listen(_BACKLOG)
    return listening
