"""What a site sees of its broker with its own certificate: on a right mosquitto, and on ones set up wrongly."""

import asyncio
import contextlib
import json
from random import Random

import pytest

from sync.mqtt import MqttDial
from sync.protocol import topics
from sync.protocol.messages import NackHello
from sync.site_isolation import CHECKS, SiteIsolation
from sync.uplink import Uplink
from sync.wire import Letter, WireLost
from tests.support.broker_kit import NO_CERTIFICATE, kit_mosquitto
from tests.support.centre_process import CentreProcess
from tests.support.certificates import Authority
from tests.sync.memory_journal import MemoryJournal
from tests.sync.test_brokers import RealClock, acked

pytestmark = pytest.mark.broker
SITE = "LH-0042"
ALL_KEPT = dict.fromkeys(CHECKS, "kept") | {"read_down": "unseen"}
OWN_UP, OWN_PRESENCE = "pattern write he/1/+/%u/u/+", "pattern write he/1/+/%u/s"
OWN_DOWN, SHARED = "pattern read he/1/+/%u/d/+", "pattern read he/1/all/d/+/+"


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


@contextlib.contextmanager
def running(broker):
    broker.start()
    try:
        yield broker
    finally:
        broker.kill()


@contextlib.asynccontextmanager
async def answering(url, authority, *, asks_for_the_shard=True):
    """The centre's answer to an unknown `cid`, and nothing else of it."""
    wire = await MqttDial(url, "hall-centre", authority.issue("hall-centre"))(
        subscriptions=[(name, 1) for name in topics.OF_ALL_SITES], will=None
    )

    async def answer():
        with contextlib.suppress(WireLost):
            while True:
                letter = await wire.receive()
                said, site = json.loads(letter.payload), letter.topic.split("/")[3]
                if said["m"] == "marks" and (topics.place(letter.topic) or not asks_for_the_shard):
                    wire.send(Letter(topics.topic(site, topics.ANSWERS), NackHello(cid=said["cid"]).payload(), 0))

    task = asyncio.create_task(answer())
    try:
        yield
    finally:
        task.cancel()
        await wire.close()


async def seen(broker, authority, tls=None):
    found = await SiteIsolation(broker.url, SITE, tls or authority.issue(SITE), authority.file.read_text()).check()
    assert [one.check for one in found] == list(CHECKS)
    return {one.check: one for one in found}


def verdicts(found):
    return {check: one.verdict for check, one in found.items()}


async def test_a_right_broker_and_the_real_centre(tmp_path, authority):
    """The link is set aside for it and comes back by itself, with what was written meanwhile."""
    with running(kit_mosquitto(tmp_path, authority)) as broker:
        centre = CentreProcess(tmp_path, broker.url, tls=authority.issue("hall-centre"))
        journal, tls = MemoryJournal().grow(20), authority.issue(SITE)
        uplink = Uplink(
            journal, broker.url, clock=RealClock(), random=Random(), boot="77aa01c2d3e4f506", version="1.4.0", cap=1.0,
            tls=tls,
        )  # fmt: skip
        try:
            centre.start()
            await asyncio.to_thread(centre.wait_ready, 60)
            talking = asyncio.create_task(uplink.run())
            await acked(uplink, 20)
            async with uplink.aside():
                assert (uplink.state.online, uplink.state.last_error) == (False, "aside")
                found = await seen(broker, authority, tls)
                journal.grow(5)
                assert uplink.state.acked == 20
            await acked(uplink, 25)
            assert (uplink.state.online, uplink.state.last_error) == (True, "")
            talking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await talking
        finally:
            centre.kill()
    assert verdicts(found) == ALL_KEPT
    assert found["encrypted"].facts == {"version": "TLSv1.3"}
    assert found["no_certificate"].facts == {"why": "own_unknown"}


WRONG = {
    "read": ({OWN_DOWN: "pattern read he/1/+/+/#"}, ["read"]),
    "feeds written": ({OWN_PRESENCE: f"pattern write he/1/all/#\n{OWN_PRESENCE}"}, ["write"]),
    "answers written": ({OWN_UP: "pattern write he/1/+/%u/#"}, ["write"]),
    "identity": ({"use_username_as_clientid true": "use_username_as_clientid false"}, ["identity"]),
    "all open": ({SHARED: "pattern readwrite he/1/#"}, ["read", "write", "write_others"]),
    "no certificate": (
        NO_CERTIFICATE, ["read", "write", "write_others", "identity", "no_certificate", "wrong_authority"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
async def test_a_broker_that_is_set_up_wrongly_is_found_out(what, tmp_path, authority):
    wrong, open_ones = WRONG[what]
    with running(kit_mosquitto(tmp_path, authority, wrong)) as broker:
        async with answering(broker.url, authority):
            found = await seen(broker, authority)
    assert verdicts(found) == ALL_KEPT | dict.fromkeys(open_ones, "open")
    if "read" in open_ones:
        assert topics.topic(SITE, topics.JOURNAL) in found["read"].facts["heard"]


async def test_what_is_taken_and_not_heard_again_is_doubtful(tmp_path, authority):
    with running(kit_mosquitto(tmp_path, authority, {OWN_UP: "pattern write he/1/+/+/u/+"})) as broker:
        async with answering(broker.url, authority):
            found = await seen(broker, authority)
    assert verdicts(found) == ALL_KEPT | {"write_others": "doubtful"}


async def test_answers_for_others_that_come_in_meanwhile_are_heard(tmp_path, authority):
    with running(kit_mosquitto(tmp_path, authority, {OWN_DOWN: "pattern read he/1/+/+/d/+"})) as broker:
        tls = authority.issue("hall-centre-check")
        busy = await MqttDial(broker.url, "hall-centre-check", tls)(subscriptions=[], will=None)

        async def talk_with_another():
            while True:
                busy.send(Letter(topics.topic("LH-0043", topics.ANSWERS), b"{}", 0))
                await asyncio.sleep(0.1)

        async with answering(broker.url, authority):
            talking = asyncio.create_task(talk_with_another())
            found = await seen(broker, authority)
            talking.cancel()
        await busy.close()
    assert verdicts(found) == ALL_KEPT | {"read_down": "open"}
    assert found["read_down"].facts == {"heard": topics.topic("LH-0043", topics.ANSWERS)}


async def test_a_centre_that_does_not_look_at_the_shard_is_found_out(tmp_path, authority):
    with running(kit_mosquitto(tmp_path, authority)) as broker:
        async with answering(broker.url, authority, asks_for_the_shard=False):
            found = await seen(broker, authority)
    assert verdicts(found) == ALL_KEPT | {"shard": "open"}


async def test_silence_proves_nothing_while_the_centre_is_silent(tmp_path, authority, monkeypatch):
    monkeypatch.setattr("sync.site_isolation.PATIENCE_S", 1.0)
    with running(kit_mosquitto(tmp_path, authority)) as broker:
        found = await seen(broker, authority)
    unseen = dict.fromkeys(("centre", "shard", "read"), "unseen")
    assert verdicts(found) == ALL_KEPT | unseen, "a refused letter is refused, whoever is there"


async def test_nothing_can_be_said_without_a_line_of_our_own(tmp_path, authority):
    broker = kit_mosquitto(tmp_path, authority)
    with pytest.raises(WireLost) as lost:
        await seen(broker, authority)
    assert lost.value.code == "unreachable"


async def test_in_the_clear_nothing_else_is_tried(tmp_path, authority):
    found = await SiteIsolation("mqtt://127.0.0.1", SITE, authority.issue(SITE), "").check()
    assert [(one.check, one.verdict) for one in found] == [("encrypted", "open")]
