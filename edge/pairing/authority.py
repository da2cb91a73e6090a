"""The hall's certificate authority (EC P-256). Its key lies sealed under the site key; nothing else can open it."""

import base64
import json
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from edge.journal.keys import KeyRing
from edge.pairing.errors import BadAuthority, BadRequest
from edge.pairing.names import SERVER_NAME, Holder
from sync.certificates import BadCertificateRequest, Issuer, key_of_request, renewal_of
from sync.private_files import write_private
from sync.protocol.parts import CannotOpen

SERVER_DAYS: Final = 90  # made anew at each start, and when a third is left
MACHINE_DAYS: Final = 400  # renewed when a third is left: four months of outage cost nothing
_KID: Final = "site-ca"
_NONCE_BYTES: Final = 12


class SiteAuthority:
    """Signs for the hall's own listener and for machines. Time is given by the caller."""

    def __init__(self, site: str, issuer: Issuer) -> None:
        self.site = site
        self._issuer = issuer

    @classmethod
    def load_or_make(
        cls,
        path: Path,
        *,
        keys: KeyRing,
        site: str,
        now: datetime,
        random_bytes: Callable[[int], bytes] = os.urandom,
    ) -> "SiteAuthority":
        """The hall's authority, made at the first start. Raises BadAuthority for one that is there and unusable."""
        if not path.exists():
            made = cls(site, Issuer.made(f"Hall Edge {site}", now))
            write_private(path, made._sealed(keys, random_bytes(_NONCE_BYTES)))
            return made
        try:
            kept = json.loads(path.read_bytes())
            secret = keys.unwrap_for_site(base64.b64decode(kept["key"]), site=site, kid=_KID)
            return cls(site, Issuer.read(kept["certificate"], secret))
        except (OSError, ValueError, LookupError, TypeError, AttributeError, CannotOpen) as error:
            raise BadAuthority("authority_unreadable", problem=type(error).__name__) from error

    def _sealed(self, keys: KeyRing, nonce: bytes) -> bytes:
        wrapped = keys.wrap_for_site(self._issuer.secret(), site=self.site, kid=_KID, nonce=nonce)
        return json.dumps({"certificate": self.pem, "key": base64.b64encode(wrapped).decode()}).encode()

    @property
    def certificate(self) -> x509.Certificate:
        return self._issuer.certificate

    @property
    def pem(self) -> str:
        return self._issuer.pem

    @property
    def fingerprint(self) -> str:
        return self._issuer.fingerprint

    def server(self, now: datetime) -> tuple[bytes, datetime]:
        """A new key with its certificate for the hall's listeners (PEM, never written anywhere), and when to renew."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._issuer.issue(
            SERVER_NAME,
            key.public_key(),
            [x509.DNSName(SERVER_NAME)],
            [ExtendedKeyUsageOID.SERVER_AUTH],
            now=now,
            days=SERVER_DAYS,
        )
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return secret + certificate.public_bytes(Encoding.PEM), renewal_of(certificate)

    def sign(self, request_pem: str, holder: Holder, now: datetime) -> x509.Certificate:
        """A machine's certificate. Of the request only the key counts: the hall says who it is. Raises BadRequest."""
        try:
            key = key_of_request(request_pem)
        except BadCertificateRequest as error:
            raise BadRequest("bad_request") from error
        names = [x509.UniformResourceIdentifier(holder.uri)]
        uses = [ExtendedKeyUsageOID.CLIENT_AUTH]
        return self._issuer.issue(holder.place, key, names, uses, now=now, days=MACHINE_DAYS)
