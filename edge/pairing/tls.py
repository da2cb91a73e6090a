"""TLS as a hall and its machines use it: version 1.3, the site's own authority and no other, never a ticket."""

import ssl

from edge.pairing.errors import BadIdentity
from sync.tls import load_own


def hall_context(authority_pem: str, server_pem: bytes) -> ssl.SSLContext:
    """For machines that belong to the hall: no certificate of its authority, no connection."""
    context = pairing_context(server_pem)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=authority_pem)
    return context


def pairing_context(server_pem: bytes) -> ssl.SSLContext:
    """For machines that want to join; the digits say who they are."""
    context = _strict(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
    context.num_tickets = 0  # each connection shows its certificate
    load_own(context, server_pem)
    return context


def machine_context(identity_file: str, authority_pem: str) -> ssl.SSLContext:
    """For a machine that belongs to a hall. Raises BadIdentity."""
    context = _strict(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    try:
        context.load_verify_locations(cadata=authority_pem)
        context.load_cert_chain(identity_file)
    except (OSError, ValueError) as error:
        raise BadIdentity("identity_unreadable") from error
    return context


def joining_context() -> ssl.SSLContext:
    """Believes any hall: which one it is, the digits must prove (edge.pairing.pake)."""
    context = _strict(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _strict(context: ssl.SSLContext) -> ssl.SSLContext:
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_flags |= ssl.VerifyFlags.VERIFY_X509_STRICT
    return context
