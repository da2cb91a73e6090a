"""The site key and what is derived from it: wrapping of the keys of people and cases, and keyed look-up of people."""

import hmac
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from edge.clock import CROCKFORD
from edge.journal.errors import BadKeyFile
from edge.masking import IdNumber
from sync.private_files import sync_folder as sync_folder  # its callers are in this package
from sync.protocol import parts
from sync.protocol.parts import CannotOpen

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12


@dataclass(frozen=True, slots=True)
class CentreKey:
    """The centre's X25519 public key (32 B) and its id, as they came at enrolment."""

    kid: str
    public: bytes


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Holds the site key; without `centre` records stay readable at the site only until it is enrolled."""

    site_key: bytes = field(repr=False)
    centre: CentreKey | None = None

    def __post_init__(self) -> None:
        if len(self.site_key) != KEY_BYTES:
            raise BadKeyFile(f"a site key has {KEY_BYTES} bytes, not {len(self.site_key)}")

    @classmethod
    def load(
        cls,
        path: Path,
        *,
        create: bool = False,
        centre: CentreKey | None = None,
        random_bytes: Callable[[int], bytes] = os.urandom,
    ) -> "KeyRing":
        """Read the site key file. `create` makes one where there is none, never replaces one. Raises BadKeyFile."""
        if create and not path.exists():
            _write_new(path, random_bytes(KEY_BYTES))
        try:
            mode, key = path.stat().st_mode, path.read_bytes()
        except OSError as error:
            raise BadKeyFile(f"the site key cannot be read: {error.strerror}") from error
        if mode & 0o077:
            raise BadKeyFile(f"the site key file has mode {mode & 0o777:04o}; only its owner may read it (0600)")
        return cls(key, centre)

    def person_ref(self, date: str, id_number: str | IdNumber) -> str:
        """Keyed hash (64 hex) of an ID number, comparable within one business date `YYYY-MM-DD` only."""
        plain = id_number.reveal() if isinstance(id_number, IdNumber) else id_number
        return hmac.new(self._derive(f"person\n{date}"), plain.upper().encode(), "sha256").hexdigest()

    def slip_code(self, subject: str) -> str:
        """What only the paper of `subject` says: 8 characters of Crockford's alphabet (40 bits), the same each time.

        It stands in no record and no answer of the API, so that who knows the subject's id cannot speak for its owner.
        """
        found = hmac.new(self._derive("slip code"), subject.encode(), "sha256").digest()
        number = int.from_bytes(found[:5], "big")
        return "".join(CROCKFORD[number >> shift & 31] for shift in range(35, -1, -5))

    def wrap_for_site(self, key: bytes, *, site: str, kid: str, nonce: bytes) -> bytes:
        """12 B nonce, then ciphertext and tag (AES-256-GCM). It never leaves the site."""
        return nonce + AESGCM(self._derive("wrap")).encrypt(nonce, key, _wrap_aad(site, kid))

    def unwrap_for_site(self, wrapped: bytes, *, site: str, kid: str) -> bytes:
        """Raises CannotOpen: another site key, or an altered wrap."""
        nonce, sealed = wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:]
        try:
            return AESGCM(self._derive("wrap")).decrypt(nonce, sealed, _wrap_aad(site, kid))
        except (InvalidTag, ValueError) as error:
            raise CannotOpen("the key was wrapped under another site key, or altered") from error

    def wrap_for_centre(self, key: bytes, *, site: str, kid: str) -> bytes | None:
        """80 B of HPKE for the centre, None while no centre is known."""
        if self.centre is None:
            return None
        return parts.wrap_key(key, public=self.centre.public, site=site, kid=kid)

    @property
    def exchange_key(self) -> bytes:
        """Raw X25519 private key of the site: what the centre wraps to the site opens with it."""
        return self._derive("exchange")

    @property
    def exchange_public(self) -> bytes:
        return X25519PrivateKey.from_private_bytes(self.exchange_key).public_key().public_bytes_raw()

    def _derive(self, purpose: str) -> bytes:
        info = f"hall-edge/1/{purpose}".encode()
        return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(self.site_key)


def _wrap_aad(site: str, kid: str) -> bytes:
    return f"he/1/key\n{site}\n{kid}".encode()


def _write_new(path: Path, key: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, key)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    sync_folder(path.parent)
