"""Clerks' PINs: only scrypt hashes stand in the site file."""

import hashlib
import hmac
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Final, NamedTuple

_PREFIX: Final = "scrypt"
_LOG_N: Final = 14
_R: Final = 8
_P: Final = 1
_SALT_BYTES: Final = 16
_HASH_BYTES: Final = 32
_MAX_LOG_N: Final = 17  # 128 MiB; more in a file is a mistake or an attack


class _Stored(NamedTuple):
    log_n: int
    r: int
    p: int
    salt: bytes
    digest: bytes


def hash_pin(pin: str, *, random_bytes: Callable[[int], bytes]) -> str:
    """`scrypt:14:8:1:<salt>:<hash>` (RFC 7914: log2 N, r, p; base64) for the site file."""
    salt = random_bytes(_SALT_BYTES)
    digest = _derive(pin, _Stored(_LOG_N, _R, _P, salt, b""))
    return ":".join((_PREFIX, f"{_LOG_N}:{_R}:{_P}", b64encode(salt).decode(), b64encode(digest).decode()))


def verify_pin(stored: str, pin: str) -> bool:
    """Whether `pin` is the one; compared in constant time. False for a line that is no hash."""
    known = _parse(stored)
    return known is not None and hmac.compare_digest(_derive(pin, known), known.digest)


def is_pin_hash(stored: str) -> bool:
    """Whether this is a line that `hash_pin` could have made."""
    return _parse(stored) is not None


def _derive(pin: str, known: _Stored) -> bytes:
    n = 1 << known.log_n
    room = 256 * n * known.r
    return hashlib.scrypt(pin.encode(), salt=known.salt, n=n, r=known.r, p=known.p, maxmem=room, dklen=_HASH_BYTES)


def _parse(stored: str) -> _Stored | None:
    try:
        prefix, log_n, r, p, salt, digest = stored.split(":")
        known = _Stored(int(log_n), int(r), int(p), b64decode(salt, validate=True), b64decode(digest, validate=True))
    except ValueError:
        return None
    sound = 10 <= known.log_n <= _MAX_LOG_N and 1 <= known.r <= 8 and 1 <= known.p <= 4
    whole = prefix == _PREFIX and len(known.salt) >= _SALT_BYTES and len(known.digest) == _HASH_BYTES
    return known if sound and whole else None
