import json
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from edge.journal.keys import KeyRing
from edge.pairing.authority import SiteAuthority
from edge.pairing.errors import BadAuthority, BadRequest
from edge.pairing.names import Holder, holder_of, holder_of_uri, is_place
from edge.pairing.roll import Roll
from sync.certificates import Request, renewal_of, serial_of
from tests.edge.pairing.conftest import KEYS, SITE


def test_it_is_made_once_private_and_sealed(tmp_path, moments, authority):
    path = tmp_path / "hall" / "authority.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert b"PRIVATE" not in path.read_bytes()
    again = SiteAuthority.load_or_make(path, keys=KEYS, site=SITE, now=moments.now() + timedelta(days=9))
    assert again.fingerprint == authority.fingerprint


def _cut(raw: bytes) -> bytes:
    return raw[: len(raw) // 2]


def _other_key(raw: bytes) -> bytes:
    kept = json.loads(raw)
    return json.dumps(kept | {"key": kept["key"][:-8] + "AAAAAAA="}).encode()


@pytest.mark.parametrize("spoil", [_cut, _other_key, lambda _: b"[]", lambda _: b""])
def test_a_damaged_one_is_never_replaced(tmp_path, moments, authority, spoil):
    path = tmp_path / "hall" / "authority.json"
    path.write_bytes(spoilt := spoil(path.read_bytes()))
    with pytest.raises(BadAuthority):
        SiteAuthority.load_or_make(path, keys=KEYS, site=SITE, now=moments.now())
    assert path.read_bytes() == spoilt


def test_another_site_key_or_site_cannot_open_it(tmp_path, moments, authority):
    path = tmp_path / "hall" / "authority.json"
    for keys, site in ((KeyRing(b"x" * 32), SITE), (KEYS, "LH-0043")):
        with pytest.raises(BadAuthority):
            SiteAuthority.load_or_make(path, keys=keys, site=site, now=moments.now())


def test_a_start_that_was_cut_off_leaves_a_draft_and_the_next_one_finishes(tmp_path, moments):
    path = tmp_path / "hall" / "authority.json"
    path.parent.mkdir()
    path.with_name("authority.json.new").write_bytes(b"half")
    made = SiteAuthority.load_or_make(path, keys=KEYS, site=SITE, now=moments.now())
    again = SiteAuthority.load_or_make(path, keys=KEYS, site=SITE, now=moments.now())
    assert again.fingerprint == made.fingerprint


def test_a_machine_gets_its_place_whatever_it_asks_for(authority, moments, holder):
    certificate = authority.sign(Request("window-9").pem, holder("window-3"), moments.now())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    (uri,) = names.get_values_for_type(x509.UniformResourceIdentifier)
    assert holder_of_uri(uri) == holder("window-3")
    certificate.verify_directly_issued_by(authority.certificate)
    use = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(use) == [x509.ExtendedKeyUsageOID.CLIENT_AUTH], "a machine cannot play the hall"


def _rsa() -> str:
    key = rsa.generate_private_key(65537, 2048)
    return x509.CertificateSigningRequestBuilder(x509.Name([])).sign(key, SHA256()).public_bytes(Encoding.PEM).decode()


def _weaker_curve() -> str:
    key = ec.generate_private_key(ec.SECP192R1())
    return x509.CertificateSigningRequestBuilder(x509.Name([])).sign(key, SHA256()).public_bytes(Encoding.PEM).decode()


def _forged() -> str:
    der = bytearray(x509.load_pem_x509_csr(Request().pem.encode()).public_bytes(Encoding.DER))
    der[-3] ^= 1
    return x509.load_der_x509_csr(bytes(der)).public_bytes(Encoding.PEM).decode()


@pytest.mark.parametrize("request_pem", [_rsa, _weaker_curve, _forged, lambda: "", lambda: "-----BEGIN"])
def test_a_request_that_is_none_is_not_signed(authority, moments, holder, request_pem):
    with pytest.raises(BadRequest):
        authority.sign(request_pem(), holder("window-3"), moments.now())


def test_renewal_is_due_when_a_third_is_left(authority, moments, holder):
    certificate = authority.sign(Request().pem, holder("window-3"), moments.now())
    left = certificate.not_valid_after_utc - renewal_of(certificate)
    assert timedelta(days=133) < left < timedelta(days=134)


@pytest.mark.parametrize("place", ["main", "", "Window", "-a", "a" * 33, "a/b", "a\n"])
def test_what_is_no_place(place):
    assert not is_place(place)
    assert holder_of_uri(f"urn:hall-edge:{SITE}:devices:{place}") is None


def test_a_certificate_that_names_two_names_nobody():
    one = ("URI", Holder(SITE, "devices", "w1").uri)
    assert holder_of({"subjectAltName": (one,)}) == Holder(SITE, "devices", "w1")
    assert holder_of({"subjectAltName": (one, ("URI", Holder(SITE, "devices", "w2").uri))}) is None
    assert holder_of({}) is None


def test_the_list_survives_and_says_which_ones_count(tmp_path, authority, moments, holder, roll):
    def give(place: str):
        moments.pass_(1)
        return roll.add(
            authority.sign(Request().pem, holder(place), moments.now()), holder(place), moments.now()
        ).serial

    first, other, second = give("window-3"), give("window-4"), give("window-3")
    assert [given.serial for given in roll.used(second)] == [first]
    assert roll.used(second) == ()
    assert [given.serial for given in roll.revoke("window-4")] == [other]
    again = Roll(tmp_path / "hall" / "certificates.json")
    assert {given.serial: given.state for given in again} == {first: "replaced", other: "revoked", second: "good"}
    assert again.revoke("window-4") == ()
    assert [given.serial for given in again.revoke(second)] == [second]


def test_an_unreadable_list_lets_nobody_in(tmp_path):
    (tmp_path / "c.json").write_text("{")
    with pytest.raises(BadAuthority):
        Roll(tmp_path / "c.json")


def test_serial_numbers_are_written_as_ssl_writes_them(authority, moments, holder, tmp_path):
    import ssl

    for _ in range(20):
        certificate = authority.sign(Request().pem, holder("w1"), moments.now())
        path = tmp_path / "one.pem"
        path.write_bytes(certificate.public_bytes(Encoding.PEM))
        assert ssl._ssl._test_decode_cert(str(path))["serialNumber"] == serial_of(certificate)
