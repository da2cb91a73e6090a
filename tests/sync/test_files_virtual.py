"""Files on their way up in virtual time: the real uplink against the real centre, and everything that goes wrong."""

import asyncio
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.centre.report import report
from sync.files_up import CHUNK
from sync.protocol import canonical, chunks
from sync.protocol.chunks import Chunk
from sync.protocol.record import digest
from sync.wire import Letter
from tests.support.virtual_time import run_virtual
from tests.sync.memory_files import MemoryFiles
from tests.sync.memory_journal import SITE, MemoryJournal
from tests.sync.paper_broker import PaperBroker, Troubles
from tests.sync.test_uplink_virtual import drained, running, until

MIB = 1_048_576
U_F, U_H = "he/1/3f/LH-0042/u/f", "he/1/3f/LH-0042/u/h"


def with_files(sizes, seed=1):
    journal = MemoryJournal().grow(3)
    files = MemoryFiles(journal)
    for size in sizes:
        files.add(Random(seed + size).randbytes(size))
    return journal, files


def complete(journal, files):
    everything = drained(journal)
    return lambda state: everything(state) and len(files.there) == len(files.stored)


def held_by_centre(folder):
    return {path.name: path.read_bytes() for path in (folder / "files" / SITE).glob("??/*")}


def count(path):
    return report(path, SITE).files


def test_files_arrive_whole_after_their_records(tmp_path):
    async def story():
        journal, files = with_files([0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 700_000, 3 * MIB + 5])
        broker = PaperBroker(tmp_path / "c.db", troubles=Troubles(late_s=0.05))
        async with running(journal, broker, files=files) as uplink:
            await until(uplink, complete(journal, files))
            await until(uplink, lambda state: state.files == 0)
        assert held_by_centre(tmp_path) == files.stored
        assert count(tmp_path / "c.db") == {"count": 7, "delivered": 7, "missing": 0}
        assert files.centre == "d00dfeed01234567"
        sent = sum(len(chunk.data) for chunk in broker.sent_chunks)
        assert sent == sum(len(data) for data in files.stored.values())  # nothing twice
        first_offer = next(i for i, (_, data) in enumerate(broker.heard) if data["m"] == "offer")
        assert "batch" in [data["m"] for _, data in broker.heard[:first_offer]]

    run_virtual(story())


def test_no_more_than_a_mib_is_without_puback_and_one_chunk_while_records_wait(tmp_path):
    async def story():
        journal, files = with_files([5 * MIB])
        broker = PaperBroker(tmp_path / "c.db", troubles=Troubles(late_s=0.05))
        async with running(journal, broker, files=files) as uplink:
            await until(uplink, complete(journal, files))
            assert 8 < broker.most_untaken <= 16
            broker.most_untaken = 0
            broker.free = 0
            broker.tell_news()
            await until(uplink, lambda state: state.online)
            asked = len(broker.sent_chunks)
            files.add(Random(9).randbytes(2 * MIB))
            await asyncio.sleep(40)
            assert len(broker.sent_chunks) == asked  # at credit 0 nothing is asked for
            broker.free = 10**12
            broker.tell_news()
            filling = asyncio.create_task(keep_writing(journal))
            await until(uplink, lambda _: len(files.there) == 2)
            filling.cancel()
            assert broker.most_untaken == 1

    async def keep_writing(journal):
        while True:
            journal.append()
            await asyncio.sleep(0.005)

    run_virtual(story())


@given(
    seed=st.integers(0, 2**32),
    lose=st.sampled_from([0.0, 0.1, 0.3]),
    double=st.sampled_from([0.0, 0.3]),
    late_s=st.sampled_from([0.0, 0.2, 4.0]),
    cut=st.sampled_from([0.0, 0.02]),
    restarts=st.integers(0, 3),
)
@settings(max_examples=25, deadline=None)
def test_any_trouble_ends_with_the_same_bytes(tmp_path_factory, seed, lose, double, late_s, cut, restarts):
    folder = tmp_path_factory.mktemp("files")

    async def story():
        random = Random(seed)
        journal, files = with_files([random.randrange(1, 400_000) for _ in range(4)] + [MIB + 300_000], seed)
        troubles = Troubles(lose_answer=lose, double=double, late_s=late_s, cut=cut, lose_chunk=lose)
        broker = PaperBroker(folder / "c.db", random=random, troubles=troubles)
        async with running(journal, broker, files=files) as uplink:
            for _ in range(restarts):
                await asyncio.sleep(random.uniform(0, 10))
                broker.start_centre()
                journal.grow(3)
            await until(uplink, complete(journal, files), 7200)
        assert held_by_centre(folder) == files.stored
        assert count(folder / "c.db")["missing"] == 0
        assert files.rotten == []

    run_virtual(story())


def test_a_crash_costs_at_most_a_mib_and_the_window(tmp_path):
    async def story():
        journal, files = with_files([8 * MIB])
        broker = PaperBroker(tmp_path / "c.db", troubles=Troubles(late_s=0.02))
        async with running(journal, broker, files=files) as uplink:
            while len(broker.sent_chunks) < 70:
                await asyncio.sleep(0.01)
            broker.start_centre()
            broker.cut()
            await until(uplink, complete(journal, files))
        sent = sum(len(chunk.data) for chunk in broker.sent_chunks)
        assert 8 * MIB < sent <= 8 * MIB + MIB + MIB
        assert held_by_centre(tmp_path) == files.stored

    run_virtual(story())


def test_what_was_in_the_air_is_asked_for_again_after_one_rto(tmp_path):
    async def story():
        journal, files = with_files([300_000])
        broker = PaperBroker(tmp_path / "c.db", troubles=Troubles(lose_chunk=1.0))
        async with running(journal, broker, files=files) as uplink:
            await until(uplink, drained(journal))
            await asyncio.sleep(1)
            assert (len(broker.sent_chunks), len(broker.of("offer"))) == (5, 1)
            broker.troubles.lose_chunk = 0.0
            assert await until(uplink, lambda state: state.files == 0) < 4
        assert len(broker.of("offer")) == 2
        assert len(broker.sent_chunks) == 10

    run_virtual(story())


@pytest.mark.parametrize("rot", ["altered", "shorter", "gone"])
def test_a_rotten_copy_is_recorded_and_offered_no_more(tmp_path, rot):
    async def story():
        journal, files = with_files([300_000, 1000])
        rotten, good = list(files.stored)
        whole = files.stored[rotten]
        files.stored[rotten] = {"altered": whole[:-1] + b"?", "shorter": whole[:200_000], "gone": b""}[rot]
        waiting = files.waiting

        async def sizes_as_recorded(upto, *, limit):
            found = await waiting(upto, limit=limit)
            return [one._replace(size=300_000) if one.h == rotten else one for one in found]

        files.waiting = sizes_as_recorded
        broker = PaperBroker(tmp_path / "c.db")
        async with running(journal, broker, files=files) as uplink:
            await until(uplink, lambda _: files.rotten == [rotten] and files.there == {good})
            offers = len(broker.of("offer"))
            await asyncio.sleep(100)
            assert len(broker.of("offer")) == offers
        assert set(held_by_centre(tmp_path)) - {f"{rotten}.part"} == {good}
        assert count(tmp_path / "c.db") == {"count": 2, "delivered": 1, "missing": 1}

    run_virtual(story())


def test_a_restored_centre_is_offered_everything_and_keeps_what_lies_on_its_disk(tmp_path):
    async def story():
        journal, files = with_files([200_000, 100_000])
        broker = PaperBroker(tmp_path / "c.db")
        async with running(journal, broker, files=files) as uplink:
            await until(uplink, complete(journal, files))
            lost = next(iter(files.stored))
            (tmp_path / "files" / SITE / lost[:2] / lost).unlink()
            sent = len(broker.sent_chunks)
            broker.restore_centre(tmp_path / "fresh.db")
            broker.cut()
            await until(uplink, lambda _: files.centre == "ffffffffffffffff" and files.there == set(files.stored))
            assert len(broker.sent_chunks) - sent == 4  # only the file that is gone
        assert held_by_centre(tmp_path) == files.stored

    run_virtual(story())


def test_the_centre_ignores_wrong_chunks_and_wrong_offers(tmp_path):
    async def story():
        journal, _ = with_files([])
        data = Random(3).randbytes(2 * CHUNK + 9)
        h = digest(data)
        broker = PaperBroker(tmp_path / "c.db")
        async with running(journal, broker) as uplink:
            await until(uplink, drained(journal))
            cid = broker.heard[-1][1]["cid"]

            def offer(**more):
                told = {"m": "offer", "cid": cid, "hash": h, "size": len(data), "chunk": CHUNK, **more}
                return broker.centre.handle(Letter(U_H, canonical.encode(told)))

            def chunk(index, part, name=h):
                return broker.centre.handle(Letter(U_F, chunks.pack(Chunk(name, index, part))))

            assert offer(chunk=CHUNK + 1) == offer(size=67_108_865) == offer(hash="x") == []
            assert chunk(0, data[:CHUNK]) == []  # nobody offered it
            [need] = offer()
            assert b'"bitmap":"4A=="' in need.payload
            for index, part in ((3, data[:CHUNK]), (0, data[:9]), (2, data[:CHUNK]), (2**32 - 1, b"x")):
                assert chunk(index, part) == []
            assert chunk(0, data[:CHUNK], "0" * 64) == []
            broken = bytearray(chunks.pack(Chunk(h, 0, data[:CHUNK])))
            broken[50] ^= 1
            assert broker.centre.handle(Letter(U_F, bytes(broken))) == []
            assert b'"nack"' in offer(cid="0" * 16)[0].payload
            for index in (0, 1):
                assert chunk(index, bytes(CHUNK)) == []
            assert chunk(2, data[2 * CHUNK :]) == []  # all there, and not what its name says
            assert held_by_centre(tmp_path) == {}
            [need] = offer()
            assert b'"bitmap":"4A=="' in need.payload
            offer(chunk=16_384)  # anew
            [need] = offer()
            answers = [chunk(index, data[index * CHUNK :][:CHUNK]) for index in (1, 1, 0, 2, 0)]
            assert [len(found) for found in answers] == [0, 0, 0, 1, 0]
            assert b'"have"' in answers[3][0].payload
            assert b'"have"' in offer()[0].payload
        assert held_by_centre(tmp_path) == {h: data}

    run_virtual(story())


def test_a_large_file_is_asked_for_in_steps_of_half_a_mib(tmp_path):
    async def story():
        journal, files = with_files([4 * MIB])
        broker = PaperBroker(tmp_path / "c.db")
        async with running(journal, broker, files=files) as uplink:
            await until(uplink, complete(journal, files))
        asked = [len(chunks.wanted(need["bitmap"], 64)) * CHUNK for need in broker.answers("need")]
        assert asked[0] == MIB
        assert sum(asked) == 4 * MIB
        assert all(one >= MIB // 2 for one in asked[1:-1])

    run_virtual(story())
