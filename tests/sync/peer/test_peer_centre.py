"""The real station (journal, uplink, mosquitto) with the peer's centre: greeting, batches, forks, files, restores."""

import asyncio
import contextlib
import copy
import os
from random import Random

import pytest

from edge.clock import SystemClock
from edge.journal import Journal, KeyRing
from edge.journal.backup import back_up, restore
from edge.rules.case_records import PageCaptured
from edge.rules.records import Draft
from sync.uplink import Uplink
from tests.edge.journal.material import SITE, ZONE, called, issued
from tests.sync.peer.centre import PeerCentre
from tests.sync.peer.line import Line, converse

pytestmark = [pytest.mark.broker]
PERSON = {"name": "张测试", "id_number": "119999199001010012"}
CASE = "case:01JD0000000000000000000009"


@contextlib.asynccontextmanager
async def station(folder, port):
    journal = await Journal.open(
        folder, site=SITE, boot=os.urandom(8).hex(), clock=SystemClock(), zone=ZONE, random_bytes=os.urandom,
        keys=KeyRing(bytes(32)), disk=lambda _: 0.5,
    )  # fmt: skip
    uplink = Uplink(
        journal, f"mqtt://127.0.0.1:{port}", clock=SystemClock(), random=Random(), boot=os.urandom(8).hex(),
        version="1.4.0", cap=1.0, files=journal.files, epochs=journal.epochs,
    )  # fmt: skip
    talking = asyncio.create_task(uplink.run())
    try:
        yield journal, uplink
    finally:
        talking.cancel()
        await asyncio.gather(talking, return_exceptions=True)
        await journal.close()


@contextlib.asynccontextmanager
async def serving(centre, port):
    """The peer's centre in a thread of its own, until the block ends."""
    line = await asyncio.to_thread(Line, port, "centre", ["he/1/+/+/u/+", "he/1/+/+/s"])
    over = []
    work = asyncio.create_task(asyncio.to_thread(converse, centre, line, lambda: over, seconds=120))
    try:
        yield
    finally:
        over.append(True)
        await work
        line.close()


async def level(journal, uplink, seconds=60):
    """Until the uplink says that all is at the centre."""
    changed = asyncio.Event()
    end = uplink.subscribe(lambda _: changed.set())
    try:
        async with asyncio.timeout(seconds):
            while True:
                changed.clear()
                state = uplink.state
                waiting = await journal.files.count_waiting()
                if state.online and not state.last_error and state.acked == journal.next_seq - 1 and not waiting:
                    return
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(changed.wait(), 0.5)
    finally:
        end()


async def capture(journal, data):
    stored = await journal.seal_file(CASE, data)
    body = PageCaptured(material="m1", page=1, width=9, height=9, blur=3, warnings=(), **stored._asdict())
    await journal.append([Draft(kind="page.captured", subject=CASE, actor="clerk:c01", body=body)])
    return stored.h


async def births(journal):
    stored = await journal.history.read(0, 10_000, 10**9)
    return {one.record.birth for one in stored if one.record.kind != "epoch.opened"}


def here(centre):
    return {birth for birth, record in centre.sites[SITE].births.items() if record["kind"] != "epoch.opened"}


async def test_records_parts_and_files_arrive_and_a_restarted_centre_is_met(mosquitto, tmp_path):
    await asyncio.to_thread(mosquitto.start)
    centre = PeerCentre()
    async with station(tmp_path / "j", mosquitto.port) as (journal, uplink):
        await journal.append([issued(1, PERSON), *[called(n) for n in range(200)]])
        h = await capture(journal, os.urandom(2_500_000))
        gone = (await journal.read(2, 1))[0].record.parts[0]
        await journal.erase([gone], "law", actor="system")
        async with serving(centre, mosquitto.port):
            await level(journal, uplink)
        centre.restart()
        await journal.append([called(201)])
        async with serving(centre, mosquitto.port):
            await level(journal, uplink)
        assert here(centre) == await births(journal)
        assert centre.sites[SITE].files == {h: await journal.file_bytes(h)}
        assert gone not in centre.sites[SITE].parts
    assert [record["seq"] for record in centre.sites[SITE].epochs[journal.epoch].records.values()] == list(
        range(1, journal.next_seq)
    )


async def test_restored_images_of_either_end(mosquitto, tmp_path):
    await asyncio.to_thread(mosquitto.start)
    centre = PeerCentre()
    async with station(tmp_path / "j", mosquitto.port) as (journal, uplink):
        await journal.append([issued(1, PERSON), called(1)])
        async with serving(centre, mosquitto.port):
            await level(journal, uplink)
            older = copy.deepcopy(centre.sites)
            await asyncio.to_thread(back_up, tmp_path / "j", tmp_path / "copy")
            h = await capture(journal, os.urandom(600_000))
            await journal.append([issued(2, PERSON), *[called(n) for n in range(2, 90)]])
            await level(journal, uplink)
        centre = PeerCentre("e" * 16)
        centre.sites = older
        centre.restart()
        await journal.append([called(90)])  # an idle station would notice with its next HELLO, within 300 s
        known = await births(journal)
        async with serving(centre, mosquitto.port):
            await level(journal, uplink)
        assert here(centre) == known
        assert set(centre.sites[SITE].files) == {h}
    restore(tmp_path / "copy", tmp_path / "image", "20261123-120000")
    async with station(tmp_path / "image", mosquitto.port) as (journal, uplink):
        assert journal.epochs.restored
        await journal.append([called(700)])
        async with serving(centre, mosquitto.port):
            await level(journal, uplink)
        assert journal.epochs.gap is None
        assert known < await births(journal)
        assert here(centre) == await births(journal)
        assert len(centre.sites[SITE].epochs) == 2


async def test_a_fork_without_its_tail_leaves_the_gap(mosquitto, tmp_path):
    await asyncio.to_thread(mosquitto.start)
    centre = PeerCentre()
    centre.with_tails = False
    async with station(tmp_path / "j", mosquitto.port) as (journal, uplink), serving(centre, mosquitto.port):
        await level(journal, uplink)
        await asyncio.to_thread(back_up, tmp_path / "j", tmp_path / "copy")
        await journal.append([called(n) for n in range(9)])
        await level(journal, uplink)
    restore(tmp_path / "copy", tmp_path / "image", "20261123-120000")
    async with station(tmp_path / "image", mosquitto.port) as (journal, uplink):
        await journal.append([called(700)])
        async with serving(centre, mosquitto.port):
            await level(journal, uplink)
        assert journal.epochs.gap is not None
        assert await births(journal) < here(centre)
