"""What a machine keeps of its pairing: one file with its key, its certificate and the hall's authority."""

import ssl
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from edge.pairing.errors import BadIdentity
from edge.pairing.names import Holder, holder_of_uri
from edge.pairing.tls import machine_context
from sync.certificates import Request, renewal_of
from sync.private_files import write_private

FILE: Final = "identity.pem"


class Identity:
    """Of the machine whose folder this is. Reads the file anew with `load`; `store` replaces it at once."""

    def __init__(self, folder: Path, certificate: x509.Certificate, authority: x509.Certificate) -> None:
        self._path = folder / FILE
        self._certificate = certificate
        self._authority = authority
        self.holder = _holder(certificate)

    @classmethod
    def load(cls, folder: Path) -> "Identity":
        """Raises BadIdentity: none there, readable for others, or damaged."""
        path = folder / FILE
        try:
            mode, raw = path.stat().st_mode, path.read_bytes()
            if mode & 0o077:
                raise BadIdentity("identity_open", mode=f"{mode & 0o777:04o}")
            certificate, authority = x509.load_pem_x509_certificates(raw)
        except FileNotFoundError as error:
            raise BadIdentity("no_identity") from error
        except (OSError, ValueError) as error:
            raise BadIdentity("identity_unreadable") from error
        return cls(folder, certificate, authority)

    @classmethod
    def store(cls, folder: Path, request: Request, certificate_pem: str, authority_pem: str) -> "Identity":
        """Raises BadIdentity when the certificate is not for this key, of this authority, or names nobody; OSError."""
        try:
            certificate = x509.load_pem_x509_certificate(certificate_pem.encode())
            authority = x509.load_pem_x509_certificate(authority_pem.encode())
            certificate.verify_directly_issued_by(authority)
        except (ValueError, TypeError, InvalidSignature) as error:
            raise BadIdentity("other_certificate") from error
        made = cls(folder, certificate, authority)
        if not request.fits(certificate):
            raise BadIdentity("other_certificate")
        pems = (request.key_pem(), *(one.public_bytes(Encoding.PEM) for one in (certificate, authority)))
        write_private(made._path, b"".join(pems))
        return made

    def renewed(self, request: Request, certificate_pem: str) -> "Identity":
        """The same machine with a new key, stored. Raises BadIdentity, OSError; the old one stands then."""
        return self.store(self._path.parent, request, certificate_pem, self.authority_pem)

    @property
    def authority_pem(self) -> str:
        return self._authority.public_bytes(Encoding.PEM).decode()

    @property
    def fingerprint(self) -> str:
        return self._authority.fingerprint(SHA256()).hex()

    @property
    def until(self) -> datetime:
        return self._certificate.not_valid_after_utc

    @property
    def renew_at(self) -> datetime:
        return renewal_of(self._certificate)

    def context(self) -> ssl.SSLContext:
        """TLS towards the hall. Raises BadIdentity."""
        return machine_context(str(self._path), self.authority_pem)


def _holder(certificate: x509.Certificate) -> Holder:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound as error:
        raise BadIdentity("other_certificate") from error
    uris = names.get_values_for_type(x509.UniformResourceIdentifier)
    holder = holder_of_uri(uris[0]) if len(uris) == 1 else None
    if holder is None:
        raise BadIdentity("other_certificate")
    return holder
