"""Ed25519 signatures of what the centre orders (protocol page, section 7)."""

import binascii
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sync.protocol import canonical

_PREFIX: Final = b"he/1\n"
Trusted = Mapping[str, bytes]
"""Raw Ed25519 public keys (32 B) of the centre by key id."""


class NotSigned(ValueError):
    """The signature is not one of a trusted key over this message."""


def signed_text(message: Mapping[str, Any]) -> bytes:
    """What is signed: the whole message but `sig`. Raises NotCanonical."""
    return _PREFIX + canonical.encode({name: value for name, value in message.items() if name != "sig"})


def sign(message: Mapping[str, Any], *, key: str, private: bytes) -> dict[str, Any]:
    """`message` with `key` (its id) and `sig`; `private`: raw, 32 B. Raises NotCanonical."""
    made = {**message, "key": key}
    signature = Ed25519PrivateKey.from_private_bytes(private).sign(signed_text(made))
    return {**made, "sig": b64encode(signature).decode()}


def verify(message: Mapping[str, Any], trusted: Trusted) -> None:
    """Raises NotSigned: an unknown key, no signature, or one over something else."""
    public = trusted.get(str(message.get("key")))
    if public is None:
        raise NotSigned("not signed by a key that is trusted here")
    try:
        signature = b64decode(message["sig"], validate=True)
        Ed25519PublicKey.from_public_bytes(public).verify(signature, signed_text(message))
    except (InvalidSignature, binascii.Error, KeyError, TypeError, ValueError) as error:
        raise NotSigned("the signature does not fit") from error


def public_of(private: bytes) -> bytes:
    """The raw public key, 32 B."""
    return Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
