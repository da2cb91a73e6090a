"""Who becomes a site: vouchers, certificates, renewal, revocation. One call, one answer; the caller gives the time."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID

from sync.centre.enrolment_held import Held, for_the_site
from sync.centre.enrolment_keys import BadAuthorityFile, CentreSecrets
from sync.centre.enrolment_roll import EnrolmentRoll, Issued, Member, Pass
from sync.certificates import BadCertificateRequest, common_name, key_of_request, pem_of
from sync.enrolment import (
    ESCROW_KID,
    RENEW_TEXT,
    RETURN_KID,
    SECRET_BYTES,
    Ask,
    Enrolled,
    PartKey,
    Renew,
    Returned,
    Voucher,
    Why,
    hashed,
)
from sync.private_files import write_private
from sync.protocol import parts
from sync.protocol.parts import CannotOpen
from sync.protocol.record import digest

SITE_DAYS: Final = 400  # renewed when a third is left: four months without a line cost nothing
LIST_DAYS: Final = 400  # a broker that cannot get a new list of the revoked goes on with the old one
LONGEST_VOUCHER: Final = timedelta(days=7)
REVOKED: Final = "revoked.pem"
EXCHANGE_BYTES: Final = 32


class NotEnrolled(Exception):
    """`why`: what a technician is told, as a code."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why: Why = why


class EnrolmentDesk:
    """`after_revocation`: the list of the revoked is new on the disk; brokers should read it."""

    def __init__(
        self,
        secrets: CentreSecrets,
        roll: EnrolmentRoll,
        held: Held,
        *,
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
        after_revocation: Callable[[], None] = lambda: None,
    ) -> None:
        self._secrets = secrets
        self._roll = roll
        self._held = held
        self._now = now
        self._random_bytes = random_bytes
        self._after_revocation = after_revocation

    def voucher(self, site: str, address: str, *, replaces: bool, lasts: timedelta) -> Voucher:
        """A new one-time voucher. Raises NotEnrolled: a replacement for a site that never was, or without escrow."""
        if replaces and self._roll.member(site) is None:
            raise NotEnrolled("nothing_held")
        if replaces and not self._secrets.has_escrow:
            raise NotEnrolled("escrow")
        secret, now = self._random_bytes(SECRET_BYTES), self._now()
        until = _ms(now + min(lasts, LONGEST_VOUCHER))
        self._roll.add_voucher(hashed(secret), site, replaces=replaces, made=_ms(now), until=until)
        return Voucher(site, address, bytes.fromhex(self._secrets.issuer.fingerprint), secret, replaces)

    def enrol(self, ask: Ask) -> Enrolled:
        """Raises NotEnrolled. The request that used a voucher gets the same certificate again while it lasts."""
        secret = hashed(ask.secret)
        kept = self._roll.voucher(secret)
        if kept is None or kept.site != ask.site:
            raise NotEnrolled("voucher")
        if _ms(self._now()) >= kept.until:
            raise NotEnrolled("expired")
        request = _digest_of(ask.request)
        if kept.used_by not in (None, request):
            raise NotEnrolled("used")
        if kept.used_by is None:
            self._first_time(ask, kept, secret, request)
        return self._enrolled(ask.site, request, self._returned(ask) if kept.replaces else None)

    def renew(self, renew: Renew) -> Enrolled:
        """Raises NotEnrolled. Only the holder of a good certificate that has not ended, and for itself only."""
        try:
            old = x509.load_pem_x509_certificate(renew.certificate.encode())
            key = old.public_key()
            if not isinstance(key, ec.EllipticCurvePublicKey):
                raise NotEnrolled("certificate")
            key.verify(renew.sig, RENEW_TEXT + renew.request.encode(), ec.ECDSA(SHA256()))
        except (ValueError, InvalidSignature) as error:
            raise NotEnrolled("certificate") from error
        site = common_name(old)
        known = {one.serial: one for one in self._roll.certificates(site)}.get(str(old.serial_number))
        if known is None or not self._secrets.issuer.issued(old):
            raise NotEnrolled("certificate")
        if known.state == "revoked":
            raise NotEnrolled("revoked")
        if _ms(self._now()) >= known.until:
            raise NotEnrolled("expired")
        request = _digest_of(renew.request)
        if self._issued_for(site, request) is None:
            self._roll.add(self._certificate(site, renew.request, request))
        return self._enrolled(site, request, None)

    def revoke(self, site: str) -> list[str]:
        """Serials that count no more; written into the brokers' list before this returns."""
        serials = self._roll.revoke(site)
        self.write_list()
        return serials

    def write_list(self) -> None:
        """The list of the revoked, for brokers. Also after a start that was cut off before it was written."""
        now = self._now()
        serials = [
            int(one.serial)
            for one in self._roll.certificates()
            if one.state == "revoked" and one.until > _ms(now - timedelta(days=1))
        ]
        listed = self._secrets.issuer.revocations(serials, now=now, days=LIST_DAYS)
        write_private(self._secrets.folder / REVOKED, listed)
        (self._secrets.folder / REVOKED).chmod(0o644)  # of no use to an enemy, and read by the broker's own user
        self._after_revocation()

    def _first_time(self, ask: Ask, kept: Pass, secret: str, request: str) -> None:
        certificate = self._certificate(ask.site, ask.request, request)
        member = self._roll.member(ask.site)
        if not kept.replaces:
            self._check_key(ask, member)
        with self._roll.at_once():
            self._roll.use(secret, request)
            if not kept.replaces and ask.public is not None and ask.escrow is not None:
                self._roll.keep_member(ask.site, Member(ask.public, ask.escrow))
            revoked = self._roll.revoke(ask.site)  # one box is a site, and this is it
            self._roll.add(certificate)
        if revoked:
            self.write_list()

    def _check_key(self, ask: Ask, member: Member | None) -> None:
        """A site that is known comes back with its own key, or with a voucher for a replacement."""
        if ask.public is None or ask.escrow is None or len(ask.public) != EXCHANGE_BYTES:
            raise NotEnrolled("escrow")
        if member is not None and member.public != ask.public:
            raise NotEnrolled("other_key")
        if self._secrets.has_escrow:  # a wrap that nobody can open would be found when it is too late
            try:
                self._secrets.open_escrow(ask.escrow, ask.site, ESCROW_KID)
            except CannotOpen as error:
                raise NotEnrolled("escrow") from error

    def _returned(self, ask: Ask) -> Returned:
        member = self._roll.member(ask.site)
        if member is None:
            raise NotEnrolled("nothing_held")
        try:
            key = self._secrets.open_escrow(member.escrow, ask.site, ESCROW_KID)
            back = parts.wrap_key(key, public=ask.transport, site=ask.site, kid=RETURN_KID)
        except (BadAuthorityFile, CannotOpen) as error:
            raise NotEnrolled("escrow") from error
        except ValueError as error:
            raise NotEnrolled("request") from error
        first = self._held.first(ask.site)
        keys = () if first is None else self._keys(ask.site, member)
        return Returned(site_key=back, first=first or "", keys=keys)

    def _keys(self, site: str, member: Member) -> tuple[PartKey, ...]:
        own = self._secrets.public.part
        return for_the_site(
            self._held.keys(site), site=site, kid=own.kid, private=self._secrets.part, public=member.public
        )

    def _certificate(self, site: str, request_pem: str, request: str) -> Issued:
        try:
            key = key_of_request(request_pem)
        except BadCertificateRequest as error:
            raise NotEnrolled("request") from error
        now = self._now()
        uses = [ExtendedKeyUsageOID.CLIENT_AUTH]
        made = self._secrets.issuer.issue(site, key, [], uses, now=now, days=SITE_DAYS)
        return Issued(
            str(made.serial_number), site, request, pem_of(made), _ms(now), _ms(made.not_valid_after_utc), "good"
        )

    def _issued_for(self, site: str, request: str) -> Issued | None:
        return next((one for one in self._roll.certificates(site) if one.request == request), None)

    def _enrolled(self, site: str, request: str, returned: Returned | None) -> Enrolled:
        issued = self._issued_for(site, request)
        if issued is None or issued.state != "good":
            raise NotEnrolled("revoked")
        return Enrolled(
            certificate=issued.pem,
            authority=self._secrets.issuer.pem,
            broker=self._secrets.broker,
            centre=self._secrets.public,
            returned=returned,
        )


def _digest_of(request_pem: str) -> str:
    return digest(request_pem.encode())


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
