"""Telemetry: a ring that never stands in the way of records, and the last numbers at the centre."""

import asyncio

import pytest

from sync.centre import queries
from sync.centre.store import MOST_NAMES
from sync.pace import Pace
from sync.protocol import canonical, frames, messages
from sync.telemetry import AGAIN_S, ALL_AGAIN, EVERY_S, MOST, SIZE, THINNED, UNITS, Telemetry
from sync.wire import Letter
from tests.support.virtual_time import run_virtual
from tests.sync.fuzz import topic
from tests.sync.memory_journal import SITE, MemoryJournal
from tests.sync.paper_broker import PaperBroker
from tests.sync.test_uplink_virtual import drained, running, until


def last(broker):
    return {name: (value, unit) for _, name, value, unit, _ in queries.telemetry(broker.store.db, SITE)}


def test_the_newest_win_and_the_others_are_counted():
    values = iter(range(1_000))
    ring = Telemetry(lambda: {"journal.next": next(values)}, lambda: 7, size=10)
    for _ in range(25):
        ring.look()
    assert (len(ring), ring.dropped) == (10, 15)
    assert [one.value for one in ring.take()] == list(range(15, 25))
    assert ring.take() == ()


def test_only_what_changed_is_told_and_a_full_disk_ends_it():
    now = {"disk.used": 10, "journal.next": 1}
    ring = Telemetry(lambda: now, lambda: 7)
    for _ in range(3):
        ring.look()
    assert len(ring.take()) == 2
    looks = []
    for used in (75, 85):
        for n in range(2 * THINNED):
            now |= {"disk.used": used, "journal.next": 100 * used + n}
            ring.look()
        looks.append(len([one for one in ring.take() if one.name == "journal.next"]))
    assert looks == [2, 0]


def test_what_was_lost_on_its_way_is_told_again_within_the_hour():
    ring = Telemetry(lambda: {"disk.used": 41}, lambda: 7)
    told = []
    for _ in range(3 * ALL_AGAIN):
        ring.look()
        told.append(len(ring.take()))
    assert sum(told) == 4
    assert [n + 1 for n, items in enumerate(told) if items] == [1, ALL_AGAIN, 2 * ALL_AGAIN, 3 * ALL_AGAIN]


def test_people_are_told_how_long_answers_take_and_not_the_guess_that_timers_begin_with():
    pace = Pace(cap_s=5)
    assert pace.rtt_ms is None
    pace.heard_after(20)
    assert (pace.rtt_ms, pace.rto_ms) == (20, 3_510)
    pace.heard_after(100)
    assert pace.rtt_ms == 30


def test_a_name_that_nobody_listed_is_never_sent():
    ring = Telemetry(lambda: {"holder.name": 1}, lambda: 7)
    with pytest.raises(KeyError):
        ring.look()
    assert len(ring) == 0
    assert all(name.replace(".", "").isalpha() and "name" not in name for name in UNITS)


def test_the_centre_keeps_the_last_numbers_and_records_go_first(tmp_path):
    async def story():
        journal = MemoryJournal().grow(5)
        broker = PaperBroker(tmp_path / "c.db")
        disk = {"disk.used": 41}
        async with running(journal, broker, measure=lambda: disk) as uplink:
            await until(uplink, drained(journal))
            await asyncio.sleep(EVERY_S + 1)
            assert last(broker)["disk.used"] == (41.0, "%")
            assert last(broker)["journal.next"] == (6.0, "seq")
            assert last(broker)["telemetry.dropped"] == (0.0, "items")
            broker.troubles.lose_batch = 1.0
            said = len(broker.of("telemetry"))
            disk["disk.used"] = 43
            journal.append()
            for _ in range(3):
                await asyncio.sleep(EVERY_S)
            assert len(broker.of("telemetry")) == said, "a record waits"
            broker.troubles.lose_batch = 0.0
            await until(uplink, drained(journal))
            await asyncio.sleep(EVERY_S)
            assert last(broker)["disk.used"] == (43.0, "%")
        assert all(len(frames.pack(canonical.encode(one))) < 2_000 for one in broker.of("telemetry"))

    run_virtual(story())


def test_the_first_numbers_come_with_the_first_quiet_moment_and_a_full_ring_does_not_wait_for_looks(tmp_path):
    async def story():
        journal = MemoryJournal().grow(5)
        broker = PaperBroker(tmp_path / "c.db")
        values = iter(range(10_000))
        async with running(journal, broker, measure=lambda: {"journal.commits": next(values)}) as uplink:
            await until(uplink, drained(journal))
            await asyncio.sleep(2 * AGAIN_S)
            assert last(broker)["link.pending"] == (0.0, "records")
            assert last(broker)["journal.next"] == (6.0, "seq")
            while len(uplink.telemetry) < SIZE:
                uplink.telemetry.look()
            await asyncio.sleep(EVERY_S + (SIZE // MOST + 2) * AGAIN_S)
            assert len(uplink.telemetry) == 0
            assert last(broker)["journal.commits"] == (next(values) - 1, "commits"), "the newest of now"

    run_virtual(story())


def test_what_any_site_may_tell_stays_small_and_numbers_may_have_a_fraction(tmp_path):
    async def story():
        journal = MemoryJournal().grow(1)
        broker = PaperBroker(tmp_path / "c.db")
        async with running(journal, broker) as uplink:
            await until(uplink, drained(journal))
            cid = broker.of("hello")[-1]["cid"]

            def tell(*items, cid=cid):
                said = {"m": "telemetry", "cid": cid, "dropped": 3, "items": "@"}
                text = canonical.encode(said).replace(b'"@"', b"[" + b",".join(items) + b"]")
                return broker.centre.handle(Letter(topic("u/t"), text, 0))

            one = b'{"name":"temp.cpu","up":1,"value":%s,"unit":"C"}'
            assert tell(one % b"41.5") == []
            assert last(broker) == {"temp.cpu": (41.5, "C"), "telemetry.dropped": (3.0, "items")}
            for bad in (b"1e999", b"NaN", b"true", b'"1"', b"null", b"[]"):
                assert tell(one % bad) == []
            assert last(broker)["temp.cpu"] == (41.5, "C")
            for n in range(5):
                tell(*(b'{"name":"n%d.%d","up":1,"value":1,"unit":""}' % (n, m) for m in range(MOST)))
            assert len(last(broker)) == MOST_NAMES
            (answer,) = tell(one % b"1", cid="0" * 16)
            assert messages.read(answer.payload).why == "hello"

    run_virtual(story())
