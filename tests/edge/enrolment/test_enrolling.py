"""Enrolment of a box over the centre's real HTTPS service: cut off before any write, run again; renewal in time."""

import asyncio
import json
import stat
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from edge.enrolment import enrolling, identity
from edge.enrolment.enrolling import Box, enrol
from edge.enrolment.errors import EnrolmentError
from edge.enrolment.identity import FILE, FOLDER, SiteIdentity
from edge.enrolment.renewal import SPREAD, Renewal
from sync.centre import enrolment_keys
from sync.centre.enrolment_desk import SITE_DAYS, EnrolmentDesk
from sync.centre.enrolment_http import app_of, serve
from sync.centre.enrolment_roll import EnrolmentRoll
from sync.private_files import write_private
from tests.sync.test_enrolment import NothingHeld

SITE = "LH-0042"


@pytest.fixture
async def centre(tmp_path):
    """The desk behind its real listener; `ahead`: how far the centre's own clock is."""
    made = _Centre(tmp_path / "centre")
    listening = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(
        serve(made.app, made.secrets.issuer, "127.0.0.1", 0, now=_now, ready=listening.set_result)
    )
    made.address = f"127.0.0.1:{await asyncio.wait_for(listening, 30)}"
    yield made
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)
    made.roll.close()


class _Centre:
    address = ""

    def __init__(self, folder):
        draws = Random(7)
        self.ahead = timedelta()
        self.secrets = enrolment_keys.make(
            folder, name="centre", broker="mqtts://127.0.0.1:8883", now=_now(), random_bytes=draws.randbytes
        )
        self.roll = EnrolmentRoll(folder)
        self.desk = EnrolmentDesk(
            self.secrets, self.roll, NothingHeld(), now=lambda: _now() + self.ahead, random_bytes=draws.randbytes
        )
        self.app = app_of(self.desk, self.secrets.issuer, self.secrets.public)

    def voucher(self, *, replaces=False):
        return self.desk.voucher(SITE, self.address, replaces=replaces, lasts=timedelta(hours=1))


def _now():
    return datetime.now(UTC)


class PowerCut(BaseException):
    pass


def cut_before(monkeypatch, n):
    """The n-th private file from now on is not written any more."""
    left = iter(range(n, -1, -1))

    def write(path, data):
        if next(left, 0) == 0:
            raise PowerCut
        write_private(path, data)

    monkeypatch.setattr(enrolling, "write_private", write)
    monkeypatch.setattr(identity, "write_private", write)


@pytest.mark.parametrize("replaces", [False, True])
async def test_cut_off_before_any_write_it_goes_on_with_the_same_voucher(centre, tmp_path, monkeypatch, replaces):
    first = Box(tmp_path / "first", tmp_path / "first" / "site.key")
    first.data.mkdir()
    if replaces:
        await enrol(centre.voucher(), first)
    box = Box(tmp_path / "box", tmp_path / "box" / "site.key")
    box.data.mkdir()
    voucher, cuts = centre.voucher(replaces=replaces), 0
    while True:
        cut_before(monkeypatch, min(cuts, 1))  # each run gets one write further
        try:
            done = await enrol(voucher, box)
        except PowerCut:
            assert SiteIdentity.load(box.folder) is None, "half an enrolment counts for nothing"
            cuts += 1
            continue
        break
    monkeypatch.undo()
    assert cuts == (3 if replaces else 2)
    assert done.identity.site == SITE
    assert SiteIdentity.load(box.folder).until == done.identity.until
    assert {path.name for path in box.folder.iterdir()} == {FILE}
    assert stat.S_IMODE((box.folder / FILE).stat().st_mode) == 0o600
    assert stat.S_IMODE(box.site_key.stat().st_mode) == 0o600
    if replaces:
        assert box.site_key.read_bytes() == first.site_key.read_bytes()
    with pytest.raises(EnrolmentError) as refused:
        await enrol(voucher, Box(tmp_path / "third", tmp_path / "third.key"))
    assert refused.value.why == "used"


async def test_a_box_that_holds_something_is_no_replacement(centre, tmp_path):
    box = Box(tmp_path / "box", tmp_path / "box" / "site.key")
    await enrol(centre.voucher(), box)
    with pytest.raises(EnrolmentError) as refused:
        await enrol(centre.voucher(replaces=True), box)
    assert refused.value.why == "key_there"
    (box.data / "journal.db").write_bytes(b"")
    box.site_key.unlink()
    for replaces, why in ((True, "journal_there"), (False, "key_missing")):
        with pytest.raises(EnrolmentError) as refused:
            await enrol(centre.voucher(replaces=replaces), box)
        assert refused.value.why == why
    assert not box.site_key.exists()


async def test_another_centre_at_the_address_hears_nothing_of_the_voucher(centre, tmp_path):
    other = centre.voucher().__class__(SITE, centre.address, b"x" * 32, b"s" * 16)
    box = Box(tmp_path / "box", tmp_path / "box" / "site.key")
    with pytest.raises(EnrolmentError) as refused:
        await enrol(other, box)
    assert refused.value.why == "other_centre"
    assert not (box.data / FOLDER).exists()


async def test_a_certificate_is_renewed_in_time_and_not_before(centre, tmp_path):
    box = Box(tmp_path / "box", tmp_path / "box" / "site.key")
    done = await enrol(centre.voucher(), box)
    own, told, up = done.identity, [], [0.0]
    first = own.until
    moment = [_now()]
    renewal = Renewal(own, now=lambda: moment[0], clock=lambda: up[0], random=Random(1), told=told.append)
    assert not await renewal.look()
    centre.ahead = timedelta(days=SITE_DAYS * 2 // 3 + 12)
    moment[0] += centre.ahead
    assert moment[0] > own.renew_at + SPREAD
    assert await renewal.look()
    assert own.until > first
    assert SiteIdentity.load(box.folder).until == own.until
    moment[0] += timedelta(days=3650)
    assert not await renewal.look(), "a clock that is years ahead asks once a day"
    up[0] += 25 * 3600
    moment[0] = own.renew_at + SPREAD
    centre.desk.revoke(SITE)
    before = json.loads((box.folder / FILE).read_text())
    assert not await renewal.look()
    assert told == ["", "revoked"]
    assert json.loads((box.folder / FILE).read_text()) == before
