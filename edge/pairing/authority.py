"""The hall's certificate authority (EC P-256). Its key lies sealed under the site key; nothing else can open it."""

import base64
import json
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from edge.journal.keys import KeyRing
from edge.pairing.errors import BadAuthority, BadRequest
from edge.pairing.files import write_private
from edge.pairing.names import SERVER_NAME, Holder
from sync.protocol.parts import CannotOpen

AUTHORITY_DAYS: Final = 20 * 366
SERVER_DAYS: Final = 90  # made anew at each start, and when a third is left
MACHINE_DAYS: Final = 400  # renewed when a third is left: four months of outage cost nothing
SLOW_CLOCKS: Final = timedelta(days=1)  # a machine whose clock is a little behind takes a new certificate all the same
_KID: Final = "site-ca"
_NONCE_BYTES: Final = 12


class SiteAuthority:
    """Signs for the hall's own listener and for machines. Time is given by the caller."""

    def __init__(self, site: str, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> None:
        self.site = site
        self.certificate = certificate
        self._key = key

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
            made = cls._made(site, now)
            write_private(path, made._sealed(keys, random_bytes(_NONCE_BYTES)))
            return made
        try:
            kept = json.loads(path.read_bytes())
            certificate = x509.load_pem_x509_certificate(kept["certificate"].encode())
            secret = keys.unwrap_for_site(base64.b64decode(kept["key"]), site=site, kid=_KID)
            key = load_der_private_key(secret, None)
        except (OSError, ValueError, LookupError, TypeError, AttributeError, CannotOpen) as error:
            raise BadAuthority("authority_unreadable", problem=type(error).__name__) from error
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
            raise BadAuthority("authority_unreadable", problem="key")
        return cls(site, key, certificate)

    @classmethod
    def _made(cls, site: str, now: datetime) -> "SiteAuthority":
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name(f"Hall Edge {site}")
        usage = _key_usage(signs_certificates=True)
        certificate = (
            _builder(name, name, key.public_key(), key.public_key(), now, AUTHORITY_DAYS)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .sign(key, SHA256())
        )
        return cls(site, key, certificate)

    def _sealed(self, keys: KeyRing, nonce: bytes) -> bytes:
        secret = self._key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        wrapped = keys.wrap_for_site(secret, site=self.site, kid=_KID, nonce=nonce)
        return json.dumps({"certificate": self.pem, "key": base64.b64encode(wrapped).decode()}).encode()

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode()

    @property
    def fingerprint(self) -> str:
        return self.certificate.fingerprint(SHA256()).hex()

    def server(self, now: datetime) -> tuple[bytes, datetime]:
        """A new key with its certificate for the hall's listeners (PEM, never written anywhere), and when to renew."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.DNSName(SERVER_NAME)])
        certificate = self._leaf(
            SERVER_NAME, key.public_key(), names, ExtendedKeyUsageOID.SERVER_AUTH, now, SERVER_DAYS
        )
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return secret + certificate.public_bytes(Encoding.PEM), renewal_of(certificate)

    def sign(self, request_pem: str, holder: Holder, now: datetime) -> x509.Certificate:
        """A machine's certificate. Of the request only the key counts: the hall says who it is. Raises BadRequest."""
        try:
            request = x509.load_pem_x509_csr(request_pem.encode())
            key = request.public_key()
            proved = request.is_signature_valid
        except (ValueError, TypeError, InvalidSignature) as error:
            raise BadRequest("bad_request") from error
        if not (isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1) and proved):
            raise BadRequest("bad_request")
        names = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(holder.uri)])
        return self._leaf(holder.place, key, names, ExtendedKeyUsageOID.CLIENT_AUTH, now, MACHINE_DAYS)

    def _leaf(
        self,
        name: str,
        key: ec.EllipticCurvePublicKey,
        names: x509.SubjectAlternativeName,
        use: x509.ObjectIdentifier,
        now: datetime,
        days: int,
    ) -> x509.Certificate:
        return (
            _builder(_name(name), self.certificate.subject, key, self._key.public_key(), now, days)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([use]), critical=True)
            .add_extension(names, critical=False)
            .sign(self._key, SHA256())
        )


def renewal_of(certificate: x509.Certificate) -> datetime:
    """When a third of its life is left."""
    life = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    return certificate.not_valid_after_utc - life / 3


def serial_of(certificate: x509.Certificate) -> str:
    """As `ssl` writes it in getpeercert: upper-case hex, an even number of digits."""
    digits = f"{certificate.serial_number:X}"
    return digits if len(digits) % 2 == 0 else f"0{digits}"


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    issuers_key: ec.EllipticCurvePublicKey,
    now: datetime,
    days: int,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SLOW_CLOCKS)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuers_key), critical=False)
    )
