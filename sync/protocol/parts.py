"""Parts (protocol page, section 2): sealed personal data and wrapped keys, which lie beside the record.

`nonce`, keys and ephemeral keys are passed in or made by the caller's random source, so runs replay from a seed.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sync.protocol import canonical
from sync.protocol.record import digest

AES_256_GCM: Final = "aes-256-gcm"


class CannotOpen(ValueError):
    """The part is not what its key, site, kind and subject say, or it was altered."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """`entry` stands in the record's `sealed` list; `blob` (ciphertext then 16 B tag) lies beside the record."""

    entry: Mapping[str, str]
    blob: bytes


def aad(site: str, kind: str, subject: str) -> bytes:
    return f"he/1/sealed\n{site}\n{kind}\n{subject}".encode()


def seal(
    members: Mapping[str, Any], *, key: bytes, kid: str, nonce: bytes, site: str, kind: str, subject: str
) -> Sealed:
    """Seal `members` (they belong to `body`) with a 32-byte key and a 12-byte nonce never used with it before."""
    blob = AESGCM(key).encrypt(nonce, canonical.encode(members), aad(site, kind, subject))
    entry = {"kid": kid, "alg": AES_256_GCM, "nonce": b64encode(nonce).decode(), "h": digest(blob)}
    return Sealed(entry, blob)


def unseal(
    entry: Mapping[str, str], blob: bytes, *, key: bytes, site: str, kind: str, subject: str
) -> dict[str, Any]:
    """Open a part. Raises CannotOpen."""
    if entry["alg"] != AES_256_GCM:
        raise CannotOpen(f"algorithm {entry['alg']} is not in use at this site")
    try:
        plain = AESGCM(key).decrypt(b64decode(entry["nonce"]), blob, aad(site, kind, subject))
    except InvalidTag as error:
        raise CannotOpen("wrong key, or the part was altered") from error
    return canonical.decode(plain)
