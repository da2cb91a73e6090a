"""What a box keeps of its enrolment: one private file with keys, certificate, authority and broker."""

import json
import ssl
from datetime import datetime
from pathlib import Path
from typing import Final, Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import BaseModel, ConfigDict, ValidationError

from edge.enrolment.errors import EnrolmentError
from edge.journal.keys import CentreKey
from sync.certificates import Request, common_name, renewal_of
from sync.enrolment import RENEW_TEXT, CentreKeys, Enrolled, Renew
from sync.private_files import write_private
from sync.tls import pinned

FOLDER: Final = "enrolment"
FILE: Final = "enrolled.json"


class Kept(BaseModel):
    """The file. `service`: host:port of the enrolment service; certificates and key are PEM."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    service: str
    key: str
    certificate: str
    authority: str
    broker: str
    centre: CentreKeys

    def __repr__(self) -> str:
        return f"Kept({self.service})"


class SiteIdentity:
    """Of the box whose folder this is; `take` replaces it at once, on the disk and for new connections."""

    def __init__(self, folder: Path, kept: Kept) -> None:
        """Raises EnrolmentError for a certificate that is none, or not for this key."""
        self._path = folder / FILE
        self._use(kept)

    def _use(self, kept: Kept) -> None:
        try:
            certificate = x509.load_pem_x509_certificate(kept.certificate.encode())
            authority = x509.load_pem_x509_certificate(kept.authority.encode())
            key = load_pem_private_key(kept.key.encode(), None)
            certificate.verify_directly_issued_by(authority)
        except Exception as error:  # cryptography has many ways to say that bytes are none of these
            raise EnrolmentError("damaged") from error
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
            raise EnrolmentError("damaged")
        self._kept, self._certificate, self._key = kept, certificate, key

    @classmethod
    def load(cls, folder: Path) -> Self | None:
        """None where this box was never enrolled. Raises EnrolmentError: readable for others, or damaged."""
        path = folder / FILE
        try:
            mode, raw = path.stat().st_mode, path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise EnrolmentError("unreadable", problem=error.strerror or "") from error
        if mode & 0o077:
            raise EnrolmentError("open", mode=f"{mode & 0o777:04o}")
        try:
            return cls(folder, Kept.model_validate_json(raw))
        except (ValidationError, ValueError) as error:
            raise EnrolmentError("damaged") from error

    @classmethod
    def store(cls, folder: Path, request: Request, enrolled: Enrolled, *, site: str, service: str) -> Self:
        """Raises EnrolmentError for a certificate that is not ours or of another site; OSError."""
        kept = Kept(
            service=service,
            key=request.key_pem().decode(),
            certificate=enrolled.certificate,
            authority=enrolled.authority,
            broker=enrolled.broker,
            centre=enrolled.centre,
        )
        try:
            made = cls(folder, kept)
        except EnrolmentError as error:
            raise EnrolmentError("other_certificate") from error
        if made.site != site:
            raise EnrolmentError("other_certificate")
        write_private(folder / FILE, _bytes(kept))
        return made

    def take(self, request: Request, enrolled: Enrolled) -> None:
        """A renewal. Raises EnrolmentError, OSError; the old identity stands then."""
        if enrolled.authority != self._kept.authority:
            raise EnrolmentError("other_centre")  # a new authority comes by voucher only
        fresh = self.store(self._path.parent, request, enrolled, site=self.site, service=self._kept.service)
        self._use(fresh._kept)

    def renewal(self, request: Request) -> Renew:
        """Asks for a certificate of a new key, signed by the one that counts."""
        sig = self._key.sign(RENEW_TEXT + request.pem.encode(), ec.ECDSA(SHA256()))
        return Renew(certificate=self._kept.certificate, request=request.pem, sig=sig)

    def context(self) -> ssl.SSLContext:
        """Towards broker and centre: their authority and no other, and our certificate. Fits sync.broker_url.Tls."""
        return pinned(self._kept.authority, (self._kept.key + self._kept.certificate).encode())

    @property
    def site(self) -> str:
        return common_name(self._certificate)

    @property
    def broker(self) -> str:
        return self._kept.broker

    @property
    def service(self) -> str:
        return self._kept.service

    @property
    def authority_pem(self) -> str:
        return self._kept.authority

    @property
    def trusted(self) -> dict[str, bytes]:
        """What the centre signs its orders with: raw Ed25519 public keys by key id."""
        return {self._kept.centre.sign.kid: self._kept.centre.sign.public}

    @property
    def centre_key(self) -> CentreKey:
        """To which keys of people and cases are wrapped."""
        return CentreKey(self._kept.centre.part.kid, self._kept.centre.part.public)

    @property
    def signing_key(self) -> tuple[str, bytes]:
        """Key id and Ed25519 public key of what the centre orders."""
        return self._kept.centre.sign.kid, self._kept.centre.sign.public

    @property
    def until(self) -> datetime:
        return self._certificate.not_valid_after_utc

    @property
    def renew_at(self) -> datetime:
        return renewal_of(self._certificate)


def _bytes(kept: Kept) -> bytes:
    return json.dumps(kept.model_dump(mode="json")).encode()
