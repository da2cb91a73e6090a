"""Who is on the other side of a connection, as whoever let it in found out."""

import os
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Peer:
    """`place`: the one host it may be; None: a process of this machine, any. `serial`: of its certificate.

    `renew` answers a request for its next certificate (PEM), None when that is refused.
    """

    place: str | None = None
    serial: str = ""
    renew: Callable[[str], str | None] | None = None


LOCAL: Final = Peer()


def is_own_user(connection: socket.socket) -> bool:
    """Whether the other end of a unix socket is this user or root: the kernel says so."""
    raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return bool(struct.unpack("3i", raw)[1] in (0, os.getuid()))
