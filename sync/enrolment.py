"""What a box and the centre say to each other at enrolment and renewal: JSON over HTTPS, outside the broker.

A voucher is one line of ASCII: `SITE@HOST:PORT/AUTHORITY/SECRET`, and `/R` behind it for a box in the place of a dead
one. AUTHORITY is the SHA-256 of the certificate of the centre's authority (DER), SECRET 16 random bytes, both base64url
without padding. So whoever has the voucher knows whom to believe.
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass, field
from typing import Annotated, Final, Literal, Self

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer

from sync.protocol import names

AUTHORITY_PATH: Final = "/v1/authority"  # may be asked without belief: its hash is in the voucher
CENTRE_PATH: Final = "/v1/centre"
ENROL_PATH: Final = "/v1/enrol"
RENEW_PATH: Final = "/v1/renew"
MAX_BODY: Final = 65_536
SECRET_BYTES: Final = 16
ESCROW_KID: Final = "escrow"  # in `info` of the wrapping: the site's key, for the centre
RETURN_KID: Final = "site-key"  # the same key, for a box in the place of a dead one
_FORM: Final = re.compile(
    r"([A-Z0-9-]{2,32})@(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):(\d{1,5})/([\w-]{43})/([\w-]{22})(/R)?"
)

Why = Literal["voucher", "used", "expired", "other_key", "nothing_held", "request", "revoked", "certificate", "escrow"]


def _from_base64(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error


Bytes = Annotated[
    bytes, BeforeValidator(_from_base64), PlainSerializer(lambda raw: base64.b64encode(raw).decode(), return_type=str)
]


class BadVoucher(ValueError):
    """The text is no voucher; it is not repeated here, since it may hold a secret."""


@dataclass(frozen=True, slots=True)
class Voucher:
    """`address`: host:port of the enrolment service; `authority`: SHA-256 of its certificate."""

    site: str
    address: str
    authority: bytes
    secret: bytes = field(repr=False)
    replaces: bool = False

    @classmethod
    def read(cls, text: str) -> Self:
        """Raises BadVoucher."""
        found = _FORM.fullmatch(text.strip())
        if found is None or not names.is_site(found[1]) or not 0 < int(found[3]) < 65_536:
            raise BadVoucher("not a voucher")
        return cls(found[1], f"{found[2]}:{found[3]}", _read(found[4]), _read(found[5]), found[6] is not None)

    def text(self) -> str:
        end = "/R" if self.replaces else ""
        return f"{self.site}@{self.address}/{_write(self.authority)}/{_write(self.secret)}{end}"

    def names_authority(self, pem: str) -> bool:
        """Whether this certificate is the one whose hash the voucher holds."""
        try:
            der = x509.load_pem_x509_certificate(pem.encode()).public_bytes(Encoding.DER)
        except ValueError:
            return False
        return hashlib.sha256(der).digest() == self.authority


class Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Authority(Line):
    """Answer of AUTHORITY_PATH."""

    authority: str


class PublicKey(Line):
    """32 B and the id under which records and messages name it."""

    kid: str
    public: Bytes


class CentreKeys(Line):
    """`sign`: Ed25519, of what the centre orders. `part`: X25519, for keys of parts. `escrow`: X25519, site keys."""

    sign: PublicKey
    part: PublicKey
    escrow: PublicKey


class Ask(Line):
    """A box asks to be `site`. `request`: PKCS #10 (PEM). `transport`: its X25519 key for what comes back.

    With the site's key at hand: `public`, the X25519 key of the site, and `escrow`, the site's key wrapped to the
    centre. A box in the place of a dead one has neither, and gets the site's key.
    """

    site: str
    secret: Bytes
    request: str
    transport: Bytes
    public: Bytes | None = None
    escrow: Bytes | None = None


class PartKey(Line):
    """The key of a person or case, wrapped to the site's X25519 key; `owner`: subject of its `key.issued`."""

    kid: str
    owner: str
    wrapped: Bytes


class Returned(Line):
    """For a box in the place of a dead one. `first`: canonical record 1 of the first epoch that the centre met."""

    site_key: Bytes
    first: str
    keys: tuple[PartKey, ...] = ()


class Enrolled(Line):
    """What makes a box the site: its certificate, the centre's authority (PEM), the broker's URL, the centre's keys."""

    certificate: str
    authority: str
    broker: str
    centre: CentreKeys
    returned: Returned | None = None


class Renew(Line):
    """`certificate`: the one that counts (PEM); `sig`: ECDSA with SHA-256 by its key over RENEW_TEXT + request."""

    certificate: str
    request: str
    sig: Bytes


class Refused(Line):
    """Body of every answer that is not 200."""

    why: Why


RENEW_TEXT: Final = b"he/1/renew\n"


def hashed(secret: bytes) -> str:
    """How a voucher's secret is kept: nobody who reads the centre's disk can use it."""
    return hashlib.sha256(b"he/1/voucher\n" + secret).hexdigest()


def _read(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _write(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
