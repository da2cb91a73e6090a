"""Two sites enrolled by voucher on a real mosquitto of the kit: neither hears, speaks for or ends the other.

Each attack is also made on a broker that is set up wrongly: there it must succeed, else it proves nothing here.
"""

import asyncio
import contextlib
import json
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID
from typer.testing import CliRunner

from edge.cli import app
from edge.clock import SystemClock
from edge.enrolment.enrolling import Box, enrol
from sync.centre import enrolment_keys
from sync.centre.report import report
from sync.certificates import Request, pem_of
from sync.enrolment import Voucher
from sync.isolation_line import GRACE_S, Line, marked
from sync.mqtt import MqttDial
from sync.protocol import frames, names, topics
from sync.protocol.messages import Batch, Hello, Marks
from sync.site_isolation import CHECKS
from sync.tls import pinned
from sync.uplink import Uplink
from sync.wire import Letter, WireLost
from tests.support.centre_kit import CentreKit
from tests.sync.memory_journal import MemoryJournal

pytestmark = [pytest.mark.broker, pytest.mark.timeout(300)]
SITES = ("LH-0042", "LH-0043")
SECONDS = 60
WRONG = {
    "use_username_as_clientid true": "use_username_as_clientid false",
    "pattern read he/1/all/d/+/+": "pattern readwrite he/1/#",
}


class Two:
    """`one` attacks `other`."""

    def __init__(self, folder, wrong=None):
        self.kit = CentreKit(folder / "centre", wrong)
        self.folder = folder

    def start(self):
        self.kit.start()
        self.one, self.other = (self.enrolled(site) for site in SITES)
        return self

    def enrolled(self, site):
        data = self.folder / site
        data.mkdir()
        return asyncio.run(enrol(Voucher.read(self.kit.voucher(site)), Box(data, data / "site.key"))).identity


def started(folder, wrong=None):
    made = Two(folder, wrong)
    try:
        yield made.start()
    finally:
        made.kit.end()


@pytest.fixture(scope="module")
def right(tmp_path_factory):
    yield from started(tmp_path_factory.mktemp("right"))


@pytest.fixture(scope="module")
def wrong(tmp_path_factory):
    yield from started(tmp_path_factory.mktemp("wrong"), WRONG)


@pytest.fixture(params=["right", "wrong"])
def two(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def kept_apart(two, right):
    return two is right


class Working:
    """A site's uplink and what became of its connection. `lost`: how often that ended."""

    def __init__(self, identity):
        # An epoch of its own each time: what the centre has of the site from another test is another history.
        self.journal = MemoryJournal(site=identity.site, epoch=secrets.token_hex(8)).grow(20)
        self.lost = 0
        self._online = False
        self._uplink = Uplink(
            self.journal, identity.broker, clock=SystemClock(), random=Random(), boot=secrets.token_hex(8),
            version="1", cap=1.0, tls=identity,
        )  # fmt: skip
        self._changed = asyncio.Event()
        self._uplink.subscribe(self._hear)

    def _hear(self, state):
        self.lost += self._online and not state.online
        self._online = state.online
        self._changed.set()

    async def level(self):
        async with asyncio.timeout(SECONDS):
            while self._uplink.state.acked < self.journal.next_seq - 1:
                self._changed.clear()
                await self._changed.wait()

    async def write(self, count):
        self.journal.grow(count)
        await self.level()

    async def __aenter__(self):
        self._task = asyncio.create_task(self._uplink.run())
        await self.level()
        return self

    async def __aexit__(self, *_):
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task


def line_of(identity, *filters, client_id=None):
    wanted = (topics.topic(identity.site, topics.ANSWERS), *filters)
    return Line(MqttDial(identity.broker, client_id or identity.site, identity), [(name, 1) for name in wanted])


async def centre_answered(line, identity, cid):
    """Wait for the centre's answer under this `cid`."""
    async with asyncio.timeout(SECONDS):
        while True:
            heard = await line.next()
            if heard.topic == topics.topic(identity.site, topics.ANSWERS):
                found = frames.unpack(heard.payload, frames.MAX_OTHER)
                if found.get("cid") == cid:
                    return found


async def through(line, identity):
    """A letter went up to the centre and its answer came down, so that all before it went where it goes."""
    cid = secrets.token_hex(8)
    line.wire.send(Letter(topics.topic(identity.site, topics.HELLO), Marks(cid=cid).payload()))
    await centre_answered(line, identity, cid)
    await asyncio.sleep(GRACE_S)


def hello(journal, cid):
    last = journal.records[journal.next_seq - 1].record
    return Hello(
        cid=cid, site=journal.site, epoch=journal.epoch, next=last.seq + 1, floor=1, heads=((last.seq, last.hash),),
        free=1, now=1, up=1, boot=secrets.token_hex(8), version="1",
    ).payload()  # fmt: skip


async def test_one_hears_nothing_of_the_other(two, kept_apart):
    theirs = f"he/1/{names.shard(two.other.site)}/{two.other.site}"
    filters = ("#", "he/1/+/+/u/+", "he/1/+/+/d/+", "he/1/+/+/s", f"{theirs}/#", f"$share/x/{theirs}/d/a")
    async with line_of(two.one, *filters) as ear, Working(two.other) as working:
        await working.write(30)
        await through(ear, two.one)
        heard = {seen.topic for seen in ear.seen() if two.other.site in seen.topic}
    assert heard == set() if kept_apart else {f"{theirs}/u/j", f"{theirs}/d/a"} <= heard


async def test_one_writes_nothing_in_the_place_of_the_other(two, kept_apart):
    """What it sends is good in all but who sends it: a HELLO, then the next record of the other's journal."""
    async with Working(two.other) as working, line_of(two.one) as mouth:
        forged = MemoryJournal(site=two.other.site, epoch=working.journal.epoch, records=dict(working.journal.records))
        before, cid = report(two.kit.db, two.other.site).records, secrets.token_hex(8)
        said = [
            Letter(topics.topic(two.other.site, topics.HELLO), hello(forged, cid)),
            Letter(
                topics.topic(two.other.site, topics.JOURNAL), Batch(cid=cid, records=[forged.append().data]).payload()
            ),
        ]
        words = [await mouth.wire.put(letter) for letter in said]
        await through(mouth, two.one)
        if kept_apart:
            assert words == ["Not authorized"] * 2
            await working.write(5)
            assert (report(two.kit.db, two.other.site).records, working.lost) == (before + 5, 0)
        else:
            assert report(two.kit.db, two.other.site).records == before + 1


async def test_one_orders_nothing_as_the_centre(two, kept_apart):
    places = [topics.topic(two.other.site, topics.ANSWERS), topics.shared("catalogue", "lh")]
    async with line_of(two.other, topics.shared("+", "+")) as ear, line_of(two.one) as mouth:
        forged = [marked(place) for place in places]
        for letter in forged:
            mouth.wire.send(letter)
        await through(mouth, two.one)
        await through(ear, two.other)
        heard = {letter for letter in forged if letter.payload in {seen.payload for seen in ear.seen()}}
    assert heard == (set() if kept_apart else set(forged))


async def test_one_under_the_name_of_the_other_ends_nobodys_connection(two, kept_apart):
    async with Working(two.other) as working:
        try:
            async with line_of(two.one, client_id=two.other.site) as thief:
                await through(thief, two.one)
        except WireLost:
            assert kept_apart, "refused: better still"
        await working.write(5)
        assert (working.lost == 0) == kept_apart


async def test_the_doctor_of_one_sees_it_with_its_own_certificate_alone(two, kept_apart, tmp_path):
    """While no halld runs here: hallctl itself connects."""
    words = ["doctor", "--isolation", "--json", "--data", str(two.folder / SITES[0]), "--socket", str(tmp_path)]
    said = await asyncio.to_thread(CliRunner().invoke, app, words)
    told = {one["what"]: one["how"] for one in json.loads(said.output) if one["what"].startswith("isolation")}
    found = dict.fromkeys(CHECKS, "kept") | {"read_down": "unseen"}
    if not kept_apart:
        found |= dict.fromkeys(("read", "write", "write_others", "identity"), "open")
    assert told == {f"isolation_{check}": how for check, how in found.items()}


async def test_the_centre_takes_nothing_from_a_shard_that_is_not_the_sites(right):
    """The broker lets it through: a pattern cannot know the shard."""
    own = right.one
    journal, cid = MemoryJournal(site=own.site, epoch=secrets.token_hex(8)).grow(3), secrets.token_hex(8)
    batch = Batch(cid=cid, records=[one.record.data for one in journal.records.values()]).payload()
    greeting = hello(journal, cid)
    astray = f"he/1/{int(names.shard(own.site), 16) ^ 1:02x}/{own.site}/"
    before = report(right.kit.db, own.site).records
    async with line_of(own) as line:
        assert await line.wire.put(Letter(astray + topics.HELLO, greeting)) == ""
        assert await line.wire.put(Letter(astray + topics.JOURNAL, batch)) == ""
        await through(line, own)
        assert [frames.unpack(seen.payload, frames.MAX_OTHER)["why"] for seen in line.seen()] == ["hello"]
        assert report(right.kit.db, own.site).records == before
        line.wire.send(Letter(topics.topic(own.site, topics.HELLO), greeting))
        assert (await centre_answered(line, own, cid))["m"] == "welcome"
        line.wire.send(Letter(topics.topic(own.site, topics.JOURNAL), batch))
        assert (await centre_answered(line, own, cid))["upto"] == 3
    assert report(right.kit.db, own.site).records == before + 3


class Pinned:
    def __init__(self, authority, own):
        self._files = authority, own

    def context(self):
        return pinned(*self._files)


async def test_a_certificate_that_has_ended_is_refused(right):
    issuer, request = enrolment_keys.load(right.kit.authority).issuer, Request(right.one.site)
    now = datetime.now(UTC)
    for since, ends in ((timedelta(days=10), False), (timedelta(days=400), True)):
        made = issuer.issue(
            right.one.site, request.public_key, [], [ExtendedKeyUsageOID.CLIENT_AUTH], now=now - since, days=100
        )
        own = Pinned(right.one.authority_pem, request.key_pem() + pem_of(made).encode())
        dial = MqttDial(right.one.broker, right.one.site, own)
        if ends:
            with pytest.raises(WireLost) as refused:
                await dial(subscriptions=[], will=None)
            assert refused.value.code == "own_expired"
        else:
            await (await dial(subscriptions=[], will=None)).close()


async def refusal(dial):
    """Why it is not let in, once the broker has read the list."""
    async with asyncio.timeout(SECONDS):
        while True:
            try:
                await (await dial(subscriptions=[], will=None)).close()
            except WireLost as lost:
                return lost.code
            await asyncio.sleep(0.05)


async def test_a_revoked_certificate_is_refused(right):
    third = await asyncio.to_thread(right.enrolled, "LH-0044")
    dial = MqttDial(third.broker, third.site, third)
    await (await dial(subscriptions=[], will=None)).close()
    pid = Path(right.kit.folder / "broker.pid")
    await asyncio.to_thread(
        right.kit.run, "authority", "revoke", third.site, "--folder", str(right.kit.authority), "--broker-pid", str(pid)
    )
    assert await refusal(dial) == "own_revoked"
    async with line_of(right.one) as line:
        await through(line, right.one)
