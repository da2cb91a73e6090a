"""The real uplink against the real centre in virtual time."""

import asyncio
import contextlib
import shutil
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.centre.report import report
from sync.centre.verdict import Verdict
from sync.protocol import canonical, names, record
from sync.protocol.messages import Ack, Nack
from sync.uplink import Uplink
from sync.wire import Letter
from tests.support.virtual_time import VirtualClock, run_virtual
from tests.sync.memory_journal import EPOCH, SITE, MemoryJournal
from tests.sync.paper_broker import PaperBroker, Troubles

BOOT = "77aa01c2d3e4f506"


def make_uplink(journal, broker, clock=None, **more):
    return Uplink(
        journal,
        "mqtt://127.0.0.1",
        clock=clock or VirtualClock(),
        random=broker.random,
        boot=BOOT,
        version="1.4.0",
        free=lambda: 1,
        dial=broker.dial,
        **more,
    )


@contextlib.asynccontextmanager
async def running(journal, broker, **more):
    uplink = make_uplink(journal, broker, **more)
    task = asyncio.create_task(uplink.run())
    try:
        yield uplink
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def until(uplink, fits, seconds=600.0):
    """Virtual seconds until the published state fits."""
    changed = asyncio.Event()
    end = uplink.subscribe(lambda _: changed.set())
    start = asyncio.get_running_loop().time()
    try:
        async with asyncio.timeout(seconds):
            while not fits(uplink.state):
                changed.clear()
                await changed.wait()
    finally:
        end()
    return asyncio.get_running_loop().time() - start


def drained(journal):
    return lambda state: state.online and state.acked == journal.next_seq - 1


def size_of(data):
    return len(canonical.encode(data))


def arrived(path, journal):
    found = report(path, journal.site)
    assert (found.missing, found.duplicates, found.broken) == (0, 0, 0)
    return found.records


def test_everything_arrives_once_and_the_mark_is_kept(tmp_path):
    async def story():
        journal = MemoryJournal().grow(200).grow(3, part=b"sealed", gone=b"erased")
        broker = PaperBroker(tmp_path / "c.db")
        states = []
        async with running(journal, broker) as uplink:
            uplink.subscribe(states.append)
            await until(uplink, drained(journal))
            assert uplink.state.last_error == ""
            assert uplink.centre_now_ms() == VirtualClock().now_ms()
            journal.append()
            await until(uplink, lambda state: state.acked == 204)
        assert not uplink.state.online
        assert journal.mark == (EPOCH, 204, journal.records[204].record.hash, 0)
        assert arrived(tmp_path / "c.db", journal) == 204
        assert states[-1].pending == 0
        broker.store.back_up(tmp_path / "copy.db")
        assert arrived(tmp_path / "copy.db", journal) == 204

    run_virtual(story())


def test_the_first_batch_is_small_and_no_more_are_out_than_the_credit(tmp_path):
    async def story():
        journal = MemoryJournal().grow(900, body={"filler": "x" * 600})
        broker = PaperBroker(tmp_path / "c.db", troubles=Troubles(late_s=0.05))
        async with running(journal, broker) as uplink:
            await until(uplink, drained(journal))
            sizes = [sum(size_of(r) for r in b["records"]) for b in broker.of("batch")]
            assert sizes[0] <= 16 * 1024
            assert max(sizes) > 32 * 1024
            assert max(len(b["records"]) for b in broker.of("batch")) <= 64
            grown = len(broker.of("batch"))
            broker.cut()
            journal.grow(60, body={"filler": "x" * 600})
            await until(uplink, drained(journal))
        assert sum(size_of(r) for r in broker.of("batch")[grown]["records"]) <= 16 * 1024
        assert arrived(tmp_path / "c.db", journal) == 960

    run_virtual(story())


@given(
    seed=st.integers(0, 2**32),
    lose_answer=st.sampled_from([0.0, 0.2, 0.5]),
    double=st.sampled_from([0.0, 0.3]),
    late_s=st.sampled_from([0.0, 0.2, 4.0]),
    cut=st.sampled_from([0.0, 0.05, 0.2]),
    lose_batch=st.sampled_from([0.0, 0.2]),
    restarts=st.integers(0, 3),
)
@settings(max_examples=40, deadline=None)
def test_any_trouble_ends_with_everything_there_once(
    tmp_path_factory, seed, lose_answer, double, late_s, cut, lose_batch, restarts
):
    path = tmp_path_factory.mktemp("trouble") / "c.db"

    async def story():
        random = Random(seed)
        troubles = Troubles(lose_answer, double, late_s, cut, lose_batch)
        journal = MemoryJournal().grow(random.randint(1, 120))
        broker = PaperBroker(path, random=random, troubles=troubles)
        async with running(journal, broker) as uplink:
            for _ in range(restarts):
                await asyncio.sleep(random.uniform(0, 5))
                broker.start_centre()
                broker.cut()
                journal.grow(random.randint(1, 60))
            await asyncio.sleep(random.uniform(0, 30))
            broker.troubles = Troubles()
            took = await until(uplink, drained(journal))
            assert took <= 300
        assert arrived(path, journal) == journal.next_seq - 1
        marks = [mark.upto for mark in journal.marks]
        assert marks[-1] == max(marks), "a WELCOME that was late on its way may set it back for a moment, no longer"
        broker.store.close()

    run_virtual(story())


def test_a_lost_batch_is_sent_again_once_however_many_gaps_are_reported(tmp_path):
    async def story():
        journal = MemoryJournal().grow(300, body={"filler": "x" * 600})
        broker = PaperBroker(tmp_path / "c.db")
        carry_up, lost = broker.carry_up, []

        def lose_the_first(wire, letter):
            if letter.topic.endswith("u/j") and not lost:
                lost.append(letter)
            else:
                carry_up(wire, letter)

        broker.carry_up = lose_the_first
        async with running(journal, broker) as uplink:
            await until(uplink, drained(journal))
        assert len(broker.answers("nack")) >= 7
        assert broker.of("batch")[7]["records"][0]["seq"] == 1
        assert len(broker.of("batch")) <= 7 + 20
        assert arrived(tmp_path / "c.db", journal) == 300

    run_virtual(story())


def test_hello_twice_changes_nothing(tmp_path):
    async def story():
        journal = MemoryJournal().grow(10)
        broker = PaperBroker(tmp_path / "c.db")
        async with running(journal, broker) as uplink:
            await until(uplink, drained(journal))
            topic, hello = next(entry for entry in broker.heard if entry[1]["m"] == "hello")
            hello = hello | {"next": 11}
            before = (tmp_path / "c.db").read_bytes(), report(tmp_path / "c.db", SITE)
            for _ in range(2):
                broker.inject(Letter(topic, canonical.encode(hello)))
            assert broker.said[-1] == broker.said[-2]
            assert ((tmp_path / "c.db").read_bytes(), report(tmp_path / "c.db", SITE)) == before
            journal.append()
            await until(uplink, lambda state: state.acked == 11)
        assert arrived(tmp_path / "c.db", journal) == 11

    run_virtual(story())


def test_hello_is_repeated_each_rto_and_the_connection_given_up_after_three(tmp_path):
    async def story():
        journal = MemoryJournal().grow(3)
        broker = PaperBroker(tmp_path / "c.db")
        broker.silent = True
        async with running(journal, broker) as uplink:
            await until(uplink, lambda state: state.last_error == "no_welcome")
            assert asyncio.get_running_loop().time() - broker.dials[0] == pytest.approx(12, abs=0.1)
            broker.silent = False
            await until(uplink, drained(journal))
        assert [pause >= 1 for pause in pauses(broker)] == [True] * (len(broker.dials) - 1)

    run_virtual(story())


def pauses(broker):
    return [after - before for before, after in zip(broker.dials, broker.dials[1:], strict=False)]


def test_back_off_grows_to_the_cap_and_a_link_up_cuts_it(tmp_path):
    async def story():
        journal = MemoryJournal().grow(3)
        broker = PaperBroker(tmp_path / "c.db")
        broker.reachable = False
        async with running(journal, broker, cap=30.0) as uplink:
            await asyncio.sleep(1_000)
            waits = pauses(broker)
            assert 1 <= waits[0] <= 2
            assert 1 <= waits[1] <= 4
            assert all(1 <= wait <= 30.001 for wait in waits)
            assert max(waits) > 8
            assert uplink.state.last_error == "unreachable"
            assert uplink.state.pending == 3
            assert uplink.state.oldest_ms is not None
            broker.reachable = True
            uplink.link_up()
            assert await until(uplink, drained(journal)) < 0.5

    run_virtual(story())


def test_a_restarted_centre_is_greeted_again_on_the_same_connection(tmp_path):
    async def story():
        journal = MemoryJournal().grow(5)
        broker = PaperBroker(tmp_path / "c.db")
        async with running(journal, broker) as uplink:
            await until(uplink, drained(journal))
            broker.start_centre()
            journal.grow(5)
            assert await until(uplink, drained(journal)) < 1
        assert len(broker.dials) == 1
        assert len(broker.answers("nack")) == 1
        assert arrived(tmp_path / "c.db", journal) == 10

    run_virtual(story())


def test_a_restored_centre_gets_again_what_it_lost(tmp_path):
    async def story():
        journal = MemoryJournal().grow(40)
        broker = PaperBroker(tmp_path / "c.db")
        async with running(journal, broker) as uplink:
            await until(uplink, drained(journal))
            broker.store.back_up(tmp_path / "old.db")
            journal.grow(60)
            await until(uplink, lambda state: state.acked == 100)
            broker.restore_centre(tmp_path / "old.db")
            journal.append()
            await until(uplink, lambda state: state.acked == 101)
        assert 40 in {mark.upto for mark in journal.marks[1:]}
        assert arrived(tmp_path / "old.db", journal) == 101

    run_virtual(story())


def test_a_wiped_centre_gets_everything(tmp_path):
    async def story():
        journal = MemoryJournal().grow(40)
        broker = PaperBroker(tmp_path / "c.db")
        async with running(journal, broker) as uplink:
            await until(uplink, drained(journal))
            broker.restore_centre(tmp_path / "fresh.db")
            broker.cut()
            journal.append()
            await until(uplink, lambda state: state.acked == 41)
        assert arrived(tmp_path / "fresh.db", journal) == 41

    run_virtual(story())


def test_a_floor_above_the_mark_is_a_hole_and_the_stream_goes_on(tmp_path):
    async def story():
        journal = MemoryJournal().grow(30)
        journal.forget_below(21)
        broker = PaperBroker(tmp_path / "c.db")
        async with running(journal, broker) as uplink:
            await until(uplink, drained(journal))
            assert uplink.state.hole == (1, 20)
        found = report(tmp_path / "c.db", SITE)
        assert (found.records, found.missing, found.alarms) == (10, 20, 1)

    run_virtual(story())


def test_a_site_that_lost_its_end_learns_of_the_fork_and_keeps_everything(tmp_path):
    async def story():
        full = MemoryJournal().grow(20)
        broker = PaperBroker(tmp_path / "c.db")
        async with running(full, broker) as uplink:
            await until(uplink, drained(full))
        image = MemoryJournal(records={seq: full.records[seq] for seq in range(1, 13)})
        image.append(body={"call": 2, "window": "9"})
        kept = dict(image.records)
        async with running(image, broker) as uplink:
            await until(uplink, lambda state: state.last_error == "fork")
            await asyncio.sleep(700)
            assert uplink.state.online
            assert uplink.state.pending == 13
            assert image.records == kept
            image.append()
            await until(uplink, lambda state: state.pending == 14)
            assert len(broker.dials) == 2
        forks = broker.answers("fork")
        assert forks[0]["common"] == 12
        assert forks[0]["upto"] == 20
        assert len(forks) <= 5
        assert arrived(tmp_path / "c.db", full) == 20

    run_virtual(story())


def test_a_fork_that_answers_an_old_hello_is_forgotten(tmp_path):
    async def story():
        journal = MemoryJournal().grow(4)
        broker = PaperBroker(tmp_path / "c.db")
        async with running(journal, broker) as uplink:
            await until(uplink, drained(journal))
            journal.grow(6)
            await until(uplink, lambda state: state.acked == 10)
            topic, hello = next(entry for entry in broker.heard if entry[1]["m"] == "hello")
            broker.inject(Letter(topic, canonical.encode(hello)))
            await until(uplink, lambda state: state.last_error == "fork")
            assert await until(uplink, lambda state: state.last_error == "") <= 5
            journal.append()
            await until(uplink, lambda state: state.acked == 11)
        assert arrived(tmp_path / "c.db", journal) == 11

    run_virtual(story())


def test_no_credit_means_no_batch_until_the_centre_has_room_again(tmp_path):
    async def story():
        journal = MemoryJournal().grow(20)
        broker = PaperBroker(tmp_path / "c.db", free=0)
        async with running(journal, broker) as uplink:
            await asyncio.sleep(100)
            assert broker.of("batch") == []
            assert 3 <= len(broker.of("hello")) <= 5
            broker.free = 10**12
            broker.tell_news()
            assert await until(uplink, drained(journal)) < 1

    run_virtual(story())


@pytest.mark.parametrize("how", ["record", "part"])
def test_an_own_broken_copy_stops_the_stream_with_a_clear_state(tmp_path, how):
    async def story():
        journal = MemoryJournal().grow(5)
        journal.append(part=b"sealed bytes")
        journal.grow(5)
        good = journal.records[6]
        if how == "record":
            raw = good.record.raw.replace(b'"window":"3"', b'"window":"4"')
            journal.records[6] = good._replace(record=record.Record(good.record.data, raw))
        else:
            journal.records[6] = good._replace(parts=dict.fromkeys(good.parts, b"rotten bytes"))
        broker = PaperBroker(tmp_path / "c.db")
        async with running(journal, broker) as uplink:
            await until(uplink, lambda state: state.last_error == f"{how}_broken")
            assert (uplink.state.acked, uplink.state.pending) == (5, 6)
            sent = len(broker.of("batch"))
            await asyncio.sleep(600)
            assert len(broker.of("batch")) == sent
        assert arrived(tmp_path / "c.db", journal) == 5

    run_virtual(story())


def test_quarantine_never_blocks_the_stream_and_is_shown(tmp_path):
    async def story():
        journal = MemoryJournal().grow(3)
        journal.append(kind="future.kind")
        journal.grow(3)
        broker = PaperBroker(tmp_path / "c.db", verdict=Verdict({"ticket.called": 1}))
        async with running(journal, broker) as uplink:
            await until(uplink, drained(journal))
            assert (uplink.state.held, uplink.state.bad) == (1, ((EPOCH, 4, "kind"),))
            broker._verdict = Verdict()
            broker.start_centre()
            journal.append()
            await until(uplink, lambda state: state.acked == 8 and state.held == 0)
        assert report(tmp_path / "c.db", SITE).held == 0

    run_virtual(story())


def test_a_refused_batch_of_good_records_is_sent_again_record_by_record(tmp_path):
    async def story():
        journal = MemoryJournal().grow(6)
        broker = PaperBroker(tmp_path / "c.db")
        handle, refused = broker.centre.handle, []

        def once_refusing(letter):
            if letter.topic.endswith("u/j") and not refused:
                refused.append(letter)
                cid = broker.heard[-1][1]["cid"]
                no = Nack(cid=cid, epoch=EPOCH, upto=0, chain=record.ZERO, durable=0, credit=8, held=0, why="format")
                return [Letter(letter.topic.replace("u/j", "d/a"), no.payload(), 0)]
            return handle(letter)

        broker.centre.handle = once_refusing
        async with running(journal, broker) as uplink:
            await until(uplink, drained(journal))
        assert [len(batch["records"]) for batch in broker.of("batch")][1] == 1
        assert arrived(tmp_path / "c.db", journal) == 6

    run_virtual(story())


def test_answers_to_another_cid_or_epoch_are_ignored(tmp_path):
    async def story():
        journal = MemoryJournal().grow(6)
        broker = PaperBroker(tmp_path / "c.db")
        async with running(journal, broker) as uplink:
            await until(uplink, drained(journal))
            cid = broker.of("hello")[0]["cid"]
            told = set()
            uplink.subscribe(lambda state: told.add(state.held))
            lie = {"upto": 0, "chain": record.ZERO, "durable": 0, "credit": 0, "held": 9}
            answers = f"he/1/{names.shard(SITE)}/{SITE}/d/a"
            for wrong in ({"cid": "0" * 16, "epoch": EPOCH}, {"cid": cid, "epoch": "0" * 16}):
                broker._reach_site(Letter(answers, Ack(**lie, **wrong).payload(), 0))
            broker._reach_site(Letter(answers, b"\xff not json", 0))
            broker._reach_site(Letter(answers, b'{"m":"poem","cid":"%s"}' % cid.encode(), 0))
            journal.append()
            await until(uplink, lambda state: state.acked == 7)
            assert told == {0}

    run_virtual(story())


def test_a_wall_clock_that_jumps_ten_years_changes_nothing(tmp_path):
    async def story():
        journal = MemoryJournal().grow(50)
        broker = PaperBroker(tmp_path / "c.db", troubles=Troubles(late_s=0.1))
        clock = VirtualClock()
        async with running(journal, broker, clock=clock) as uplink:
            for jump in (-315_360_000_000, 630_720_000_000, -315_360_000_000):
                clock.wall_offset_ms += jump
                journal.grow(20)
                await until(uplink, drained(journal))
        assert arrived(tmp_path / "c.db", journal) == 110
        assert len(broker.dials) == 1

    run_virtual(story())


def test_the_copy_is_a_database_of_its_own(tmp_path):
    async def story():
        journal = MemoryJournal().grow(5)
        broker = PaperBroker(tmp_path / "c.db")
        async with running(journal, broker) as uplink:
            await until(uplink, drained(journal))
            assert uplink.state.durable == 0
            broker.store.back_up(tmp_path / "copy.db")
            broker.tell_news()
            await until(uplink, lambda state: state.durable == 5)
        alone = Path(shutil.copy(tmp_path / "copy.db", tmp_path / "alone.db"))
        assert report(alone, SITE).records == 5

    run_virtual(story())


def test_an_idle_site_says_hello_every_five_minutes(tmp_path):
    async def story():
        journal = MemoryJournal().grow(5)
        broker = PaperBroker(tmp_path / "c.db")
        async with running(journal, broker) as uplink:
            await until(uplink, drained(journal))
            await asyncio.sleep(1_000)
        assert len(broker.of("hello")) == 4
        assert len({hello["cid"] for hello in broker.of("hello")}) == 1

    run_virtual(story())


def test_batches_that_move_no_mark_end_the_connection_after_two_rto(tmp_path):
    async def story():
        journal = MemoryJournal().grow(5)
        broker = PaperBroker(tmp_path / "c.db", troubles=Troubles(lose_batch=1.0))
        async with running(journal, broker) as uplink:
            await until(uplink, lambda state: state.last_error == "no_ack")
            assert 6 <= asyncio.get_running_loop().time() - broker.dials[0] <= 8.5
            assert len(broker.of("hello")) == 2  # asked again after one RTO, before giving up
            broker.troubles = Troubles()
            await until(uplink, drained(journal))
        assert arrived(tmp_path / "c.db", journal) == 5

    run_virtual(story())


def test_a_new_epoch_goes_on_over_the_same_connection(tmp_path):
    async def story():
        journal = MemoryJournal().grow(5)
        broker = PaperBroker(tmp_path / "c.db")
        async with running(journal, broker) as uplink:
            await until(uplink, drained(journal))
            fresh = MemoryJournal(epoch="1" * 16).grow(3)
            journal.epoch, journal.records = fresh.epoch, fresh.records
            journal._next = 4
            uplink._conversation.wake()
            await until(uplink, lambda state: state.acked == 3)
        assert journal.mark == ("1" * 16, 3, fresh.records[3].record.hash, 0)
        assert len(broker.dials) == 1
        found = report(tmp_path / "c.db", SITE)
        assert (found.records, found.missing, found.epochs) == (8, 0, 2)

    run_virtual(story())


def test_two_machines_with_one_identity_never_mix(tmp_path):
    async def story():
        first = MemoryJournal().grow(10)
        broker = PaperBroker(tmp_path / "c.db")
        async with running(first, broker) as uplink:
            await until(uplink, drained(first))
        twin = MemoryJournal(records=dict(first.records))
        first.append(body={"call": 1, "window": "1"})
        twin.append(body={"call": 1, "window": "2"})
        async with running(first, broker) as uplink:
            await until(uplink, drained(first))
        async with running(twin, broker) as uplink:
            await until(uplink, lambda state: state.last_error == "fork")
        assert arrived(tmp_path / "c.db", first) == 11
        assert broker.store.hash_at(SITE, EPOCH, 11) == first.records[11].record.hash

    run_virtual(story())


def test_an_idle_site_meets_a_restored_centre_with_its_next_hello(tmp_path):
    async def story():
        journal = MemoryJournal().grow(20)
        broker = PaperBroker(tmp_path / "c.db")
        async with running(journal, broker) as uplink:
            await until(uplink, drained(journal))
            broker.store.back_up(tmp_path / "copy.db")
            journal.grow(30)
            await until(uplink, drained(journal))
            broker.restore_centre(tmp_path / "copy.db")
            waited = await until(uplink, lambda state: state.acked == 20)
            await until(uplink, drained(journal))
            assert 290 < waited <= 310
        assert arrived(tmp_path / "copy.db", journal) == 50
        assert len(broker.dials) == 1

    run_virtual(story())
