"""Parts (protocol page, section 2): sealed personal data and wrapped keys, which lie beside the record.

`nonce`, keys and ephemeral keys are passed in or made by the caller's random source, so runs replay from a seed.
"""

import binascii
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sync.protocol import canonical
from sync.protocol.record import digest

AES_256_GCM: Final = "aes-256-gcm"
_WRAPPING: Final = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)


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


def unseal(entry: Mapping[str, str], blob: bytes, *, key: bytes, site: str, kind: str, subject: str) -> dict[str, Any]:
    """Open a part. Raises CannotOpen."""
    if entry["alg"] != AES_256_GCM:
        raise CannotOpen(f"algorithm {entry['alg']} is not in use at this site")
    try:
        plain = AESGCM(key).decrypt(b64decode(entry["nonce"], validate=True), blob, aad(site, kind, subject))
        return canonical.decode(plain)
    except InvalidTag as error:
        raise CannotOpen("wrong key, or the part was altered") from error
    except (binascii.Error, ValueError) as error:
        raise CannotOpen(f"not the form of a part: {error}") from error


def file_aad(site: str, kid: str) -> bytes:
    return f"he/1/file\n{site}\n{kid}".encode()


def seal_file(plain: bytes, *, key: bytes, kid: str, nonce: bytes, site: str) -> bytes:
    """The stored bytes of a file: ciphertext, then a tag of 16 B."""
    return AESGCM(key).encrypt(nonce, plain, file_aad(site, kid))


def unseal_file(stored: bytes, *, key: bytes, kid: str, alg: str, nonce: str, site: str) -> bytes:
    """Open a file; `kid`, `alg`, `nonce` (base64) stand in the record that names it. Raises CannotOpen."""
    if alg != AES_256_GCM:
        raise CannotOpen(f"algorithm {alg} is not in use at this site")
    try:
        return AESGCM(key).decrypt(b64decode(nonce, validate=True), stored, file_aad(site, kid))
    except InvalidTag as error:
        raise CannotOpen("wrong key, or the file was altered") from error
    except (binascii.Error, ValueError) as error:
        raise CannotOpen(f"not the form of a file: {error}") from error


def wrap_key(key: bytes, *, public: bytes, site: str, kid: str) -> bytes:
    """Wrap a part's key for the holder of an X25519 key (32 raw bytes): the part of a `key.issued`, 80 B.

    The ephemeral key comes from the system's random source, as RFC 9180 single-shot wants it.
    """
    return _WRAPPING.encrypt(key, X25519PublicKey.from_public_bytes(public), _key_info(site, kid))


def unwrap_key(blob: bytes, *, private: bytes, site: str, kid: str) -> bytes:
    """Open what `wrap_key` made, with the raw X25519 private key. Raises CannotOpen."""
    try:
        return _WRAPPING.decrypt(blob, X25519PrivateKey.from_private_bytes(private), _key_info(site, kid))
    except (InvalidTag, ValueError) as error:
        raise CannotOpen("wrapped for another key, site or kid, or altered") from error


def _key_info(site: str, kid: str) -> bytes:
    return f"he/1/key\n{site}\n{kid}".encode()
