"""Vouchers, certificates, renewal and revocation at the centre's desk, in the caller's time."""

import stat
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given
from hypothesis import strategies as st

from sync.centre import enrolment_keys
from sync.centre.enrolment_desk import REVOKED, SITE_DAYS, EnrolmentDesk, NotEnrolled
from sync.centre.enrolment_keys import ESCROW, BadAuthorityFile
from sync.centre.enrolment_roll import FILE, EnrolmentRoll
from sync.certificates import Issuer, Request, common_name, pem_of
from sync.enrolment import ESCROW_KID, RENEW_TEXT, RETURN_KID, Ask, BadVoucher, Renew, Voucher
from sync.protocol import parts

SITE = "LH-0042"
ADDRESS = "127.0.0.1:8690"
SITE_KEY = b"k" * 32
PUBLIC = b"p" * 32
PRIVATE = bytes(range(32))


class Moments:
    def __init__(self):
        self.at = datetime(2026, 11, 28, 9, tzinfo=UTC)

    def now(self):
        return self.at


class NothingHeld:
    def first(self, site):
        return None

    def keys(self, site):
        return []


@pytest.fixture
def moments():
    return Moments()


@pytest.fixture
def centre(tmp_path, moments):
    draws = iter(range(1, 1000))
    return enrolment_keys.make(
        tmp_path / "authority",
        name="centre",
        broker="mqtts://127.0.0.1:8883",
        now=moments.now(),
        random_bytes=lambda n: sha256(b"%d" % next(draws)).digest()[:n],
    )


@pytest.fixture
def roll(centre):
    made = EnrolmentRoll(centre.folder)
    yield made
    made.close()


@pytest.fixture
def desk(centre, roll, moments):
    draws = iter(range(1, 1000))
    return EnrolmentDesk(
        centre, roll, NothingHeld(), now=moments.now, random_bytes=lambda n: sha256(b"%d" % next(draws)).digest()[:n]
    )


def voucher(desk, *, replaces=False, site=SITE, hours=24):
    return desk.voucher(site, ADDRESS, replaces=replaces, lasts=timedelta(hours=hours))


def asked(desk_centre, given_voucher, request=None, *, public=PUBLIC, key=SITE_KEY, site=SITE):
    escrow = parts.wrap_key(key, public=desk_centre.public.escrow.public, site=site, kid=ESCROW_KID)
    return Ask(
        site=site,
        secret=given_voucher.secret,
        request=(request or Request(site)).pem,
        transport=_public_of(PRIVATE),
        public=public,
        escrow=escrow,
    )


def _public_of(private):
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def signed(request, certificate_pem, new):
    key = load_pem_private_key(request.key_pem(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return Renew(
        certificate=certificate_pem,
        request=new.pem,
        sig=key.sign(RENEW_TEXT + new.pem.encode(), ec.ECDSA(SHA256())),
    )


def revoked_serials(centre):
    listed = x509.load_pem_x509_crl((centre.folder / REVOKED).read_bytes())
    assert listed.is_signature_valid(centre.issuer.certificate.public_key())
    return {one.serial_number for one in listed}


def serial(enrolled):
    return x509.load_pem_x509_certificate(enrolled.certificate.encode()).serial_number


@given(
    site=st.from_regex(r"[A-Z0-9-]{2,32}", fullmatch=True),
    host=st.sampled_from(["centre.example", "10.0.0.1", "[2001:db8::1]"]),
    port=st.integers(1, 65_535),
    authority=st.binary(min_size=32, max_size=32),
    secret=st.binary(min_size=16, max_size=16),
    replaces=st.booleans(),
)
def test_a_voucher_survives_being_written_down(site, host, port, authority, secret, replaces):
    made = Voucher(site, f"{host}:{port}", authority, secret, replaces)
    assert Voucher.read(f" {made.text()}\n") == made
    assert secret.hex() not in repr(made)
    for spoilt in (made.text()[:-1], made.text() + "x", made.text().replace("@", " "), ""):
        if spoilt.removesuffix("/") != made.text():
            with pytest.raises(BadVoucher) as refused:
                Voucher.read(spoilt)
            assert str(refused.value) == "not a voucher"


def test_keys_are_made_once_private_and_of_their_own(centre, moments, tmp_path):
    for name in ("authority.json", ESCROW):
        assert stat.S_IMODE((centre.folder / name).stat().st_mode) == 0o600
    with pytest.raises(BadAuthorityFile) as refused:
        enrolment_keys.make(centre.folder, name="x", broker="", now=moments.now(), random_bytes=lambda n: b"x" * n)
    assert refused.value.why == "there"
    assert enrolment_keys.load(centre.folder).public == centre.public
    (centre.folder / "authority.json").chmod(0o640)
    with pytest.raises(BadAuthorityFile) as refused:
        enrolment_keys.load(centre.folder)
    assert refused.value.why == "open"
    with pytest.raises(BadAuthorityFile) as refused:
        enrolment_keys.load(tmp_path / "nowhere")
    assert refused.value.why == "missing"


def test_a_voucher_makes_one_box_the_site(desk, centre, moments):
    given = voucher(desk)
    request = Request("ANY")
    enrolled = desk.enrol(asked(centre, given, request))
    certificate = x509.load_pem_x509_certificate(enrolled.certificate.encode())
    assert common_name(certificate) == SITE, "the voucher says who it is, not the request"
    assert centre.issuer.issued(certificate)
    assert certificate.not_valid_after_utc == moments.at + timedelta(days=SITE_DAYS)
    assert enrolled.returned is None
    again = desk.enrol(asked(centre, given, request))
    assert again.certificate == enrolled.certificate, "its answer was lost on the way"
    with pytest.raises(NotEnrolled) as refused:
        desk.enrol(asked(centre, given))
    assert refused.value.why == "used"


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda asked: asked.model_copy(update={"site": "LH-0001"}), "voucher"),
        (lambda asked: asked.model_copy(update={"secret": b"x" * 16}), "voucher"),
        (lambda asked: asked.model_copy(update={"request": "no request"}), "request"),
        (lambda asked: asked.model_copy(update={"escrow": None}), "escrow"),
        (lambda asked: asked.model_copy(update={"escrow": b"x" * 80}), "escrow"),
        (lambda asked: asked.model_copy(update={"public": b"short"}), "escrow"),
    ],
)
def test_what_is_refused_uses_up_nothing(desk, centre, spoil, why):
    given = voucher(desk)
    good = asked(centre, given)
    with pytest.raises(NotEnrolled) as refused:
        desk.enrol(spoil(good))
    assert refused.value.why == why
    assert desk.enrol(good).certificate


def test_a_voucher_lasts_for_its_time_and_never_longer_than_a_week(desk, centre, moments):
    short, long = voucher(desk, hours=1), voucher(desk, site="LH-0001", hours=10_000)
    moments.at += timedelta(hours=1)
    with pytest.raises(NotEnrolled) as refused:
        desk.enrol(asked(centre, short))
    assert refused.value.why == "expired"
    moments.at += timedelta(days=7)
    with pytest.raises(NotEnrolled):
        desk.enrol(asked(centre, long, site="LH-0001"))


def test_nothing_on_the_centres_disk_can_be_used_as_a_voucher(desk, centre):
    given = voucher(desk)
    for path in centre.folder.iterdir():
        assert given.secret not in path.read_bytes()
        assert given.secret.hex().encode() not in path.read_bytes()
    assert (centre.folder / FILE).stat().st_mode & 0o077 == 0


def test_the_same_box_may_come_again_another_box_may_not(desk, centre):
    first = desk.enrol(asked(centre, voucher(desk)))
    second = desk.enrol(asked(centre, voucher(desk)))
    assert revoked_serials(centre) == {serial(first)}
    with pytest.raises(NotEnrolled) as refused:
        desk.enrol(asked(centre, voucher(desk), public=b"q" * 32))
    assert refused.value.why == "other_key"
    assert revoked_serials(centre) == {serial(first)}, "whoever fails shuts nobody out"
    assert serial(second) != serial(first)


def test_a_replacement_gets_the_sites_key_and_the_old_box_is_out(desk, centre):
    old = desk.enrol(asked(centre, voucher(desk)))
    given = voucher(desk, replaces=True)
    request = Request(SITE)
    ask = Ask(site=SITE, secret=given.secret, request=request.pem, transport=_public_of(PRIVATE))
    enrolled = desk.enrol(ask)
    assert enrolled.returned is not None
    back = parts.unwrap_key(enrolled.returned.site_key, private=PRIVATE, site=SITE, kid=RETURN_KID)
    assert back == SITE_KEY
    assert revoked_serials(centre) == {serial(old)}
    again = desk.enrol(ask)
    assert again.certificate == enrolled.certificate
    other = ask.model_copy(update={"request": Request(SITE).pem})
    with pytest.raises(NotEnrolled) as refused:
        desk.enrol(other)
    assert refused.value.why == "used", "the site's key is given to one box"


def test_no_replacement_without_the_escrow_key_or_for_a_site_that_never_was(desk, centre):
    with pytest.raises(NotEnrolled) as refused:
        voucher(desk, replaces=True)
    assert refused.value.why == "nothing_held"
    desk.enrol(asked(centre, voucher(desk)))
    (centre.folder / ESCROW).rename(centre.folder.parent / "in-the-safe")
    with pytest.raises(NotEnrolled) as refused:
        voucher(desk, replaces=True)
    assert refused.value.why == "escrow"
    assert desk.enrol(asked(centre, voucher(desk))).certificate, "what is no replacement needs no escrow key"


def test_a_good_certificate_renews_itself_and_nothing_else_does(desk, centre, moments):
    request = Request(SITE)
    enrolled = desk.enrol(asked(centre, voucher(desk), request))
    moments.at += timedelta(days=300)
    new = Request("LH-0001")
    renewed = desk.renew(signed(request, enrolled.certificate, new))
    certificate = x509.load_pem_x509_certificate(renewed.certificate.encode())
    assert common_name(certificate) == SITE
    assert new.fits(certificate)
    assert desk.renew(signed(request, enrolled.certificate, new)).certificate == renewed.certificate
    stranger = Issuer.made("centre", moments.now())
    forged = stranger.issue(SITE, request.public_key, [], [ExtendedKeyUsageOID.CLIENT_AUTH], now=moments.now(), days=9)
    wrong = [
        signed(new, enrolled.certificate, new),
        signed(request, pem_of(forged), new),
        signed(request, "no certificate", new),
    ]
    for each in wrong:
        with pytest.raises(NotEnrolled) as refused:
            desk.renew(each)
        assert refused.value.why == "certificate"


def test_a_revoked_or_ended_certificate_is_not_renewed(desk, centre, moments):
    request = Request(SITE)
    enrolled = desk.enrol(asked(centre, voucher(desk), request))
    ask = signed(request, enrolled.certificate, Request(SITE))
    moments.at += timedelta(days=SITE_DAYS)
    with pytest.raises(NotEnrolled) as refused:
        desk.renew(ask)
    assert refused.value.why == "expired"
    moments.at -= timedelta(days=1)
    assert desk.revoke(SITE) == [str(serial(enrolled))]
    with pytest.raises(NotEnrolled) as refused:
        desk.renew(ask)
    assert refused.value.why == "revoked"
    assert revoked_serials(centre) == {serial(enrolled)}
