"""The centre's secrets for its sites: certificate authority, Ed25519 and X25519 keys, made once and never by default.

`authority.json` (0600) holds what the running services need. `escrow.json` (0600) opens the sites' own keys and is
needed for a replaced box only: it may lie on a token in a safe the rest of the time.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from sync.certificates import Issuer
from sync.enrolment import CentreKeys, PublicKey
from sync.private_files import write_private
from sync.protocol import parts
from sync.protocol.record import digest

AUTHORITY: Final = "authority.json"
ESCROW: Final = "escrow.json"
KEY_BYTES: Final = 32


class BadAuthorityFile(Exception):
    """`why`: `missing`, `there` (it is never made anew), `open` (others may read it), `damaged`, `no_escrow`."""

    def __init__(self, why: str, name: str) -> None:
        super().__init__(f"{name}: {why}")
        self.why = why


@dataclass(frozen=True, slots=True)
class CentreSecrets:
    """`broker`: URL that sites are told; `sign`, `part`: raw private keys; `escrow`: None while it is locked away."""

    issuer: Issuer
    broker: str
    sign: bytes = field(repr=False)
    part: bytes = field(repr=False)
    public: CentreKeys
    folder: Path

    @property
    def has_escrow(self) -> bool:
        return (self.folder / ESCROW).exists()

    def open_escrow(self, wrapped: bytes, site: str, kid: str) -> bytes:
        """A site's own key. Raises BadAuthorityFile (the escrow key is not here), CannotOpen."""
        private = b64decode(_kept(self.folder / ESCROW, "no_escrow")["escrow"])
        return parts.unwrap_key(wrapped, private=private, site=site, kid=kid)


def make(folder: Path, *, name: str, broker: str, now: datetime, random_bytes: Callable[[int], bytes]) -> CentreSecrets:
    """Raises BadAuthorityFile where one is, OSError. A start cut off in the middle begins anew."""
    if (folder / AUTHORITY).exists():
        raise BadAuthorityFile("there", AUTHORITY)
    issuer = Issuer.made(name, now)
    sign, part, escrow = (random_bytes(KEY_BYTES) for _ in range(3))
    write_private(folder / ESCROW, _json({"escrow": b64encode(escrow).decode()}))
    kept = {
        "certificate": issuer.pem,
        "key": b64encode(issuer.secret()).decode(),
        "sign": b64encode(sign).decode(),
        "part": b64encode(part).decode(),
        "escrow_public": b64encode(_exchange_public(escrow)).decode(),
        "broker": broker,
    }
    write_private(folder / AUTHORITY, _json(kept))
    return load(folder)


def load(folder: Path) -> CentreSecrets:
    """Raises BadAuthorityFile."""
    kept = _kept(folder / AUTHORITY, "missing")
    try:
        sign, part, escrow = (b64decode(kept[name], validate=True) for name in ("sign", "part", "escrow_public"))
        issuer = Issuer.read(kept["certificate"], b64decode(kept["key"], validate=True))
        signing = Ed25519PrivateKey.from_private_bytes(sign).public_key().public_bytes_raw()
        public = CentreKeys(
            sign=_named("s", signing), part=_named("p", _exchange_public(part)), escrow=_named("e", escrow)
        )
        return CentreSecrets(issuer, str(kept["broker"]), sign, part, public, folder)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise BadAuthorityFile("damaged", AUTHORITY) from error


def _kept(path: Path, missing: str) -> dict[str, Any]:
    try:
        mode, raw = path.stat().st_mode, path.read_bytes()
    except FileNotFoundError as error:
        raise BadAuthorityFile(missing, path.name) from error
    if mode & 0o077:
        raise BadAuthorityFile("open", path.name)
    try:
        found = json.loads(raw)
    except ValueError as error:
        raise BadAuthorityFile("damaged", path.name) from error
    if not isinstance(found, dict):
        raise BadAuthorityFile("damaged", path.name)
    return found


def _named(use: str, public: bytes) -> PublicKey:
    return PublicKey(kid=f"{use}:{digest(public)[:16]}", public=public)


def _exchange_public(private: bytes) -> bytes:
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def _json(found: dict[str, str]) -> bytes:
    return json.dumps(found).encode()
