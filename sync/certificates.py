"""X.509 as a hall and the centre use it: EC P-256, one authority, leaves that say what they are for."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Self

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_der_private_key
from cryptography.x509.oid import NameOID

AUTHORITY_DAYS: Final = 20 * 366
SLOW_CLOCKS: Final = timedelta(days=1)  # a machine whose clock is a little behind takes a new certificate all the same


class BadCertificateRequest(ValueError):
    """A certificate request that nobody signs."""


class Issuer:
    """An authority's key and certificate. Time is given by the caller."""

    def __init__(self, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> None:
        self.certificate = certificate
        self._key = key

    @classmethod
    def made(cls, name: str, now: datetime) -> Self:
        key = ec.generate_private_key(ec.SECP256R1())
        own = name_of(name)
        certificate = (
            _builder(own, own, key.public_key(), key.public_key(), now, AUTHORITY_DAYS)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_key_usage(signs_certificates=True), critical=True)
            .sign(key, SHA256())
        )
        return cls(key, certificate)

    @classmethod
    def read(cls, certificate_pem: str, secret: bytes) -> Self:
        """`secret`: as `secret()` gave it. Raises ValueError: damaged, or a key of another certificate."""
        certificate = x509.load_pem_x509_certificate(certificate_pem.encode())
        key = load_der_private_key(secret, None)
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
            raise ValueError("key")
        return cls(key, certificate)

    def secret(self) -> bytes:
        return self._key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())

    @property
    def pem(self) -> str:
        return pem_of(self.certificate)

    @property
    def fingerprint(self) -> str:
        return self.certificate.fingerprint(SHA256()).hex()

    def issue(
        self,
        name: str,
        key: ec.EllipticCurvePublicKey,
        names: Sequence[x509.GeneralName],
        uses: Sequence[x509.ObjectIdentifier],
        *,
        now: datetime,
        days: int,
    ) -> x509.Certificate:
        """A leaf for `key`; `names`: its alternative names, `uses`: client or server authentication, or both."""
        made = (
            _builder(name_of(name), self.certificate.subject, key, self._key.public_key(), now, days)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage(uses), critical=True)
        )
        if names:
            made = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return made.sign(self._key, SHA256())

    def issued(self, certificate: x509.Certificate) -> bool:
        try:
            certificate.verify_directly_issued_by(self.certificate)
        except (ValueError, TypeError, InvalidSignature):
            return False
        return True

    def revocations(self, serials: Sequence[int], *, now: datetime, days: int) -> bytes:
        """The list of revoked certificates (PEM), good until `days` after `now`."""
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(now - SLOW_CLOCKS)
            .next_update(now + timedelta(days=days))
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )
        for serial in serials:
            revoked = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now).build()
            builder = builder.add_revoked_certificate(revoked)
        return builder.sign(self._key, SHA256()).public_bytes(Encoding.PEM)


class Request:
    """A new key, made here, and the request to certify it; the key leaves only into a private file."""

    def __init__(self, name: str = "machine") -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        request = x509.CertificateSigningRequestBuilder().subject_name(name_of(name)).sign(self._key, SHA256())
        self.pem = request.public_bytes(Encoding.PEM).decode()

    @classmethod
    def kept(cls, key: ec.EllipticCurvePrivateKey, pem: str) -> Self:
        """One that was made earlier: a signature is another one each time."""
        found = cls.__new__(cls)
        found._key, found.pem = key, pem
        return found

    @property
    def public_key(self) -> ec.EllipticCurvePublicKey:
        return self._key.public_key()

    def fits(self, certificate: x509.Certificate) -> bool:
        return certificate.public_key() == self._key.public_key()

    def key_pem(self) -> bytes:
        return self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def key_of_request(request_pem: str) -> ec.EllipticCurvePublicKey:
    """Of a request only the key counts: whoever signs it says who it is. Raises BadCertificateRequest."""
    try:
        request = x509.load_pem_x509_csr(request_pem.encode())
        key = request.public_key()
        proved = request.is_signature_valid
    except (ValueError, TypeError, InvalidSignature) as error:
        raise BadCertificateRequest("not a request") from error
    if not (isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1) and proved):
        raise BadCertificateRequest("not a P-256 key that signed it")
    return key


def renewal_of(certificate: x509.Certificate) -> datetime:
    """When a third of its life is left."""
    life = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    return certificate.not_valid_after_utc - life / 3


def serial_of(certificate: x509.Certificate) -> str:
    """As `ssl` writes it in getpeercert: upper-case hex, an even number of digits."""
    digits = f"{certificate.serial_number:X}"
    return digits if len(digits) % 2 == 0 else f"0{digits}"


def pem_of(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()


def common_name(certificate: x509.Certificate) -> str:
    """'' where there is none, or more than one."""
    found = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if len(found) == 1 else ""


def name_of(text: str) -> x509.Name:
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
