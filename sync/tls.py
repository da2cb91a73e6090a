"""Keys and certificates for `ssl`, which reads files only: these are in no folder."""

import os
import ssl
from typing import Final

CENTRE_NAME: Final = "centre.hall-edge.internal"  # of every centre: its authority, not its address, says which it is


def load_own(context: ssl.SSLContext, pem: bytes) -> None:
    """Key and certificate (PEM) for the connections from now on. Raises OSError, ValueError."""
    descriptor = os.memfd_create("own", os.MFD_CLOEXEC)
    try:
        os.write(descriptor, pem)
        context.load_cert_chain(f"/proc/self/fd/{descriptor}")
    finally:
        os.close(descriptor)


def pinned(authority_pem: str, own_pem: bytes | None = None) -> ssl.SSLContext:
    """Towards a server of this authority and no other, by its name. Raises OSError, ValueError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # checks certificate and name
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(cadata=authority_pem)
    if own_pem is not None:
        load_own(context, own_pem)
    return context
