"""Pages from a real journal over a real broker to `hall-centre`: the same bytes, through kills, none in the clear."""

import asyncio
import os
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest

from edge.clock import SystemClock
from edge.journal import Journal, KeyRing
from edge.rules.case_records import PageCaptured
from edge.rules.records import Draft, TicketCalled
from sync.centre.files import path_of
from sync.mqtt import MqttDial
from sync.uplink import Uplink
from sync.wire import WireLost

pytestmark = [pytest.mark.broker, pytest.mark.kill]
SITE, CASE = "LH-0042", "case:01JD0000000000000000000009"
CANARY = "张测试 119999199001010012".encode()
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01"
PAGES = 20


def page(n):
    """A picture with a person's paper on it, 0.2 to 3 MB."""
    random = Random(n)
    return JPEG + CANARY * 20 + random.randbytes(random.randrange(200_000, 3_000_000) if n else 3_000_000)


@pytest.fixture
async def journal(tmp_path):
    made = await Journal.open(
        tmp_path / "site", site=SITE, boot="b007b007b007b007", clock=SystemClock(), zone=ZoneInfo("Asia/Shanghai"),
        random_bytes=os.urandom, keys=KeyRing(bytes(32)), disk=lambda _: 0.5,
    )  # fmt: skip
    yield made
    await made.close()


async def capture(journal, n):
    stored = await journal.seal_file(CASE, page(n))
    body = PageCaptured(material="m1", page=n + 1, width=9, height=9, blur=3, warnings=(), **stored._asdict())
    await journal.append([Draft(kind="page.captured", subject=CASE, actor="clerk:c01", body=body)])
    return stored.h


async def keep_calling(journal):
    body = TicketCalled(
        window="w1", call=1, clerk="c01", why="order", policy="vt", ahead=0, owed=0, reason="", waited=0
    )
    while True:
        await journal.append([Draft(kind="ticket.called", v=2, subject="t:1", actor="clerk:c01", body=body)])
        await asyncio.sleep(0.02)


async def listen(url, heard, ready):
    """Everything that passes the broker."""
    while True:
        try:
            wire = await MqttDial(url, "listener")(subscriptions=[("he/#", 0)], will=None)
            ready.set()
            try:
                while True:
                    heard.append((await wire.receive()).payload)
            finally:
                await wire.close()
        except WireLost:
            await asyncio.sleep(0.05)


class Story:
    def __init__(self, journal, url):
        self.journal = journal
        self.uplink = Uplink(
            journal, url, clock=SystemClock(), random=Random(1), boot="77aa01c2d3e4f506", version="1.4.0", cap=1.0,
            files=journal.files,
        )  # fmt: skip

    async def until(self, fits, seconds=60):
        changed = asyncio.Event()
        end = self.uplink.subscribe(lambda _: changed.set())
        try:
            async with asyncio.timeout(seconds):
                while not await fits(self.uplink.state):
                    changed.clear()
                    await changed.wait()
        finally:
            end()

    async def few_left(self, left):
        async def fits(state):
            return state.acked > PAGES and await self.journal.files.count_waiting() <= left

        await self.until(fits)


async def test_pages_arrive_through_kills_while_records_flow(mosquitto, centre_at, journal, tmp_path):
    await asyncio.to_thread(mosquitto.start)
    centre = centre_at(mosquitto.url)
    centre.start()
    await asyncio.to_thread(centre.wait_ready)
    names = [await capture(journal, n) for n in range(PAGES)]
    heard, ready = [], asyncio.Event()
    story = Story(journal, mosquitto.url)
    tasks = [
        asyncio.create_task(work)
        for work in (listen(mosquitto.url, heard, ready), keep_calling(journal), story.uplink.run())
    ]
    try:
        await asyncio.wait_for(ready.wait(), 30)
        await story.few_left(PAGES - 5)
        mosquitto.kill(wipe=True)
        await asyncio.to_thread(mosquitto.start)
        await story.few_left(PAGES - 10)
        centre.kill()
        assert await journal.files.count_waiting() > 0
        at_the_kill = story.uplink.state.acked
        centre.start()
        await story.few_left(0)
        tasks[1].cancel()

        async def all_there(state):
            return state.acked == journal.next_seq - 1

        await story.until(all_there)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert story.uplink.state.acked > at_the_kill
    assert centre.stop() == 0
    found = centre.report(SITE)
    assert (found["missing"], found["duplicates"], found["broken"]) == (0, 0, 0)
    assert found["files"] == {"count": PAGES, "delivered": PAGES, "missing": 0}
    for h in names:
        assert path_of(centre.db.parent / "files", SITE, h).read_bytes() == await journal.file_bytes(h)
    places = [*(tmp_path / "site").rglob("*"), *centre.db.parent.glob("centre*"), *(tmp_path / "files").rglob("*")]
    everything = [path.read_bytes() for path in places if path.is_file()] + heard
    assert sum(len(payload) for payload in heard) > 5_000_000
    for clear in (CANARY, CANARY[:9], CANARY[10:], JPEG):  # four bytes alone stand in 90 MB of ciphertext by chance
        assert not [len(found) for found in everything if clear in found]
    assert [h for h in names if any(bytes.fromhex(h) == payload[:32] for payload in heard)]
    assert len(list(Path(tmp_path / "files").rglob("*.part"))) == 0
