"""Uplink, a real broker and `hall-centre` as a process: two thousand records through kills of everything."""

import asyncio
import contextlib
import socket
import time
from pathlib import Path
from random import Random

import apsw
import pytest

from sync.mqtt import MqttDial
from sync.protocol import canonical, frames
from sync.uplink import Uplink
from sync.wire import Letter, WireLost
from tests.sync.memory_journal import EPOCH, SITE, MemoryJournal

pytestmark = pytest.mark.broker
MANY = 2_000


class RealClock:
    def now_ms(self):
        return time.time_ns() // 1_000_000

    def up_ms(self):
        return time.monotonic_ns() // 1_000_000


@contextlib.asynccontextmanager
async def running(journal, url):
    uplink = Uplink(journal, url, clock=RealClock(), random=Random(), boot="77aa01c2d3e4f506", version="1.4.0", cap=1.0)
    task = asyncio.create_task(uplink.run())
    try:
        yield uplink
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def acked(uplink, seq, seconds=40):
    reached = asyncio.Event()
    end = uplink.subscribe(lambda state: reached.set() if state.acked >= seq else None)
    try:
        async with asyncio.timeout(seconds):
            if uplink.state.acked < seq:
                await reached.wait()
    finally:
        end()


def assert_all_there_once_and_in_order(centre, journal):
    found = centre.report(SITE)
    assert {name: found[name] for name in ("records", "missing", "duplicates", "held", "epochs", "broken")} == {
        "records": journal.next_seq - 1, "missing": 0, "duplicates": 0, "held": 0, "epochs": 1, "broken": 0,
    }  # fmt: skip
    db = apsw.Connection(str(centre.db), flags=apsw.SQLITE_OPEN_READONLY)
    rows = db.execute("SELECT seq, hash FROM records ORDER BY id").fetchall()
    assert rows == [(seq, stored.record.hash) for seq, stored in journal.records.items()]


async def test_all_arrive_once_and_in_order(broker, centre_at):
    broker.start()
    centre = centre_at(broker.url)
    centre.start()
    await asyncio.to_thread(centre.wait_ready)
    journal = MemoryJournal().grow(MANY)
    async with running(journal, broker.url) as uplink:
        await acked(uplink, MANY)
        assert uplink.state.pending == 0
    assert centre.stop() == 0
    assert_all_there_once_and_in_order(centre, journal)


async def test_the_broker_dies_in_the_middle_and_forgets_everything(broker, centre_at):
    broker.start()
    centre = centre_at(broker.url)
    centre.start()
    await asyncio.to_thread(centre.wait_ready)
    journal = MemoryJournal().grow(MANY)
    async with running(journal, broker.url) as uplink:
        await acked(uplink, 150)
        broker.kill(wipe=True)
        at_the_kill = uplink.state.acked
        await asyncio.to_thread(broker.start)
        await acked(uplink, MANY)
    assert at_the_kill < MANY
    assert centre.stop() == 0
    assert_all_there_once_and_in_order(centre, journal)


@pytest.mark.kill
async def test_the_centre_is_killed_in_the_middle(mosquitto, centre_at):
    mosquitto.start()
    centre = centre_at(mosquitto.url)
    centre.start()
    await asyncio.to_thread(centre.wait_ready)
    journal = MemoryJournal().grow(MANY)
    async with running(journal, mosquitto.url) as uplink:
        await acked(uplink, 150)
        centre.kill()
        assert uplink.state.acked < MANY
        centre.start()
        await acked(uplink, MANY)
    assert centre.stop() == 0
    assert_all_there_once_and_in_order(centre, journal)


async def test_the_broker_comes_only_after_everything_was_written(mosquitto, centre_at):
    centre = centre_at(mosquitto.url)
    centre.start()
    journal = MemoryJournal().grow(MANY)
    async with running(journal, mosquitto.url) as uplink:
        offline = asyncio.Event()
        uplink.subscribe(lambda state: offline.set() if state.last_error == "unreachable" else None)
        await asyncio.wait_for(offline.wait(), 30)
        assert (uplink.state.online, uplink.state.pending) == (False, MANY)
        await asyncio.to_thread(mosquitto.start)
        await acked(uplink, MANY)
    assert centre.stop() == 0
    assert_all_there_once_and_in_order(centre, journal)


async def test_birth_and_will_are_retained_and_the_wire_says_when_it_is_lost(mosquitto):
    mosquitto.start()
    will = Letter("he/1/3f/LH-0042/s", b"gone", 1, True)
    site = await MqttDial(mosquitto.url, SITE)(subscriptions=[("he/1/3f/LH-0042/d/a", 0)], will=will)
    site.send(will._replace(payload=b"here"))
    site.send(Letter("he/1/3f/LH-0042/d/a", b"echo", 0))
    assert (await site.receive()).payload == b"echo"

    seen = await MqttDial(mosquitto.url, "watcher")(subscriptions=[("he/1/+/+/s", 1)], will=None)
    assert await seen.receive() == Letter(will.topic, b"here", 1, True)
    twin = await MqttDial(mosquitto.url, SITE)(subscriptions=[], will=None)  # takes the session over
    with pytest.raises(WireLost):
        await site.receive()
    with pytest.raises(WireLost):
        site.send(will)
    assert (await seen.receive()).payload == b"gone"
    mosquitto.kill()
    for wire in (twin, seen):
        with pytest.raises(WireLost):
            await wire.receive()
        await wire.close()
    await site.close()


async def test_a_callback_that_raises_ends_the_connection_loudly(mosquitto):
    mosquitto.start()
    wire = await MqttDial(mosquitto.url, SITE)(subscriptions=[("a", 0)], will=None)
    reported = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context["exception"]))

    def raises(*_):
        raise LookupError("a fault in our own code")

    wire._client.on_message = raises
    wire.send(Letter("a", b"", 0))
    with pytest.raises(WireLost):
        await asyncio.wait_for(wire.receive(), 5)
    assert [type(error) for error in reported] == [LookupError]
    await wire.close()


async def test_hello_twice_over_a_real_broker_is_answered_twice_and_changes_nothing(mosquitto, centre_at):
    mosquitto.start()
    centre = centre_at(mosquitto.url)
    centre.start()
    await asyncio.to_thread(centre.wait_ready)
    journal = MemoryJournal().grow(20)
    async with running(journal, mosquitto.url) as uplink:
        await acked(uplink, 20)
    before = centre.report(SITE)
    wire = await MqttDial(mosquitto.url, SITE)(subscriptions=[("he/1/3f/LH-0042/d/a", 0)], will=None)
    hello = {
        "m": "hello", "cid": "5b0e6f1a2c3d4e5f", "site": SITE, "epoch": EPOCH, "next": 21, "floor": 1,
        "heads": [[20, journal.records[20].record.hash], [0, "0" * 64]], "feeds": {}, "free": 1, "now": 1, "up": 5,
        "boot": "77aa01c2d3e4f506", "version": "1.4.0",
    }  # fmt: skip
    answers = []
    for _ in range(2):
        wire.send(Letter("he/1/3f/LH-0042/u/h", canonical.encode(hello)))
        answer = await asyncio.wait_for(wire.receive(), 30)
        answers.append(frames.unpack(answer.payload, frames.MAX_OTHER))
    await wire.close()
    assert [answer.pop("now") > 0 for answer in answers] == [True, True]
    assert answers[0] == answers[1]
    assert (answers[0]["m"], answers[0]["upto"], answers[0]["up"]) == ("welcome", 20, 5)
    assert centre.report(SITE) == before
    assert centre.stop() == 0
    assert not list(Path(centre.db.parent).glob("centre.db-*"))


async def test_small_answers_do_not_wait_in_the_socket(mosquitto):
    mosquitto.start()
    wire = await MqttDial(mosquitto.url, SITE)(subscriptions=[], will=None)
    assert wire._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    await wire.close()
