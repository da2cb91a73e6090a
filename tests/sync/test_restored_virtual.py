"""Restored images on either side, two machines with one identity: real uplink, real centre, virtual time."""

import asyncio
import shutil
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.batching import assemble
from sync.centre import database
from sync.centre.report import report
from sync.protocol import canonical, chunks, frames, messages, tail, topics
from sync.protocol.epochs import OPENED
from sync.wire import Letter
from tests.support.virtual_time import run_virtual
from tests.sync.memory_epochs import EpochJournal
from tests.sync.paper_broker import PaperBroker, Troubles
from tests.sync.test_uplink_virtual import drained, make_uplink, running, until

SITE = "LH-0042"


def station(random=None):
    journal = EpochJournal(fresh=random or Random(5))
    journal.append()
    return journal


def delivered(path):
    """Births at the centre in the order of their effects; epoch.opened is nobody's fact."""
    db = database.open_for_reading(path)
    try:
        rows = db.execute("SELECT birth FROM records WHERE first = 1 AND kind <> ? ORDER BY id", (OPENED,)).fetchall()
    finally:
        db.close()
    return [birth for (birth,) in rows]


def texts(births):
    return [":".join(map(str, birth)) for birth in births]


def assert_whole(path, *journals):
    found = report(path, SITE)
    assert (found.missing, found.duplicates, found.broken, found.held) == (0, 0, 0, 0)
    there = delivered(path)
    assert len(there) == len(set(there))
    for journal in journals:
        assert len(journal.births()) == len(set(journal.births())), "nothing twice at the site"
        assert set(texts(journal.births())) <= set(there), "nothing lost"


async def deliver(journal, broker, *, gap=False):
    """Until the centre has everything and no fork is open; `gap`: whether numbers still keep a distance then."""
    level = drained(journal)
    async with running(journal, broker, epochs=journal) as uplink:
        await until(uplink, lambda state: level(state) and not state.last_error and journal.gap is gap, seconds=3_000)
        return uplink.state


def test_a_station_restored_while_the_centre_is_ahead_gets_its_tail(tmp_path):
    async def story():
        broker = PaperBroker(tmp_path / "c.db")
        lost = station().grow(9).grow(2, part=b"sealed", gone=b"erased")
        await deliver(lost, broker)
        image = lost.image()
        lost.grow(5).grow(3, part=b"another")
        await deliver(lost, broker)
        image.append(body={"call": 2, "window": "9"})
        state = await deliver(image, broker)
        assert image.opened == [("fork", 12, 8)]
        assert (state.last_error, state.twin, image.gap, image.restored) == ("", False, False, False)
        assert image.births()[:-1] == lost.births()
        assert [one.parts for one in image.history() if one.record.parts][-1] == lost.records[20].parts
        assert set(delivered(tmp_path / "c.db")) == set(texts(image.births()))
        assert_whole(tmp_path / "c.db", lost, image)
        await deliver(image.grow(3), broker)
        assert_whole(tmp_path / "c.db", lost, image)

    run_virtual(story())


def test_in_a_new_epoch_nothing_is_said_to_be_there_that_is_not(tmp_path):
    """Seqs begin at 1 again: the mark of the epoch before is above all of them."""

    async def story():
        path = tmp_path / "c.db"
        broker = PaperBroker(path)
        lost = station().grow(40)
        await deliver(lost, broker)
        image = lost.image()
        lost.grow(2)
        await deliver(lost, broker)
        image.append(body={"call": 9, "window": "9"})
        said = []
        async with running(image, broker, epochs=image) as uplink:

            def hear(state):
                said.append((state.epoch, state.pending))
                assert state.acked <= upto_at(path, state.epoch)
                assert state.pending or upto_at(path, image.epoch) == image.next_seq - 1

            uplink.subscribe(hear)
            await until(uplink, lambda state: state.last_error == "fork", seconds=3_000)
            waits_since = uplink.state.oldest_ms
            while not image.opened:
                await asyncio.sleep(0)
            broker.reachable = False  # before anything of the new epoch is sent
            broker.cut()
            await asyncio.sleep(3_600)
            assert (uplink.state.pending, uplink.state.acked) == (image.next_seq - 1, 0)
            assert uplink.state.oldest_ms == waits_since
            broker.reachable = True
            await until(uplink, drained(image))
        assert {pending for epoch, pending in said if epoch == image.epoch} >= {0, image.next_seq - 1}
        assert_whole(path, lost, image)

    run_virtual(story())


def upto_at(path, epoch):
    """What the centre holds of an epoch."""
    db = database.open_for_reading(path)
    try:
        return db.execute("SELECT max(upto) FROM epochs WHERE epoch = ?", (epoch,)).get or 0
    finally:
        db.close()


def test_restored_without_a_line_it_goes_on_and_merges_later(tmp_path):
    async def story():
        broker = PaperBroker(tmp_path / "c.db")
        lost = station().grow(10)
        await deliver(lost, broker)
        image = lost.image()
        lost.grow(30)
        await deliver(lost, broker)
        broker.reachable = False
        async with running(image, broker, epochs=image) as uplink:
            image.grow(50, body={"call": 1, "window": "8"})
            await asyncio.sleep(3_600)
            assert image.gap
            assert image.opened == []
            broker.reachable = True
            await until(uplink, drained(image))
        assert not image.gap
        assert len(image.births()) == 10 + 30 + 50
        assert_whole(tmp_path / "c.db", lost, image)

    run_virtual(story())


def test_an_image_that_lost_nothing_opens_an_epoch_and_ends_its_gap(tmp_path):
    async def story():
        broker = PaperBroker(tmp_path / "c.db")
        lost = station().grow(10)
        await deliver(lost, broker)
        image = lost.image()
        await deliver(image, broker)
        assert image.opened == [("restore", 11, 0)]
        assert not image.gap
        assert_whole(tmp_path / "c.db", image)

    run_virtual(story())


def test_a_tail_of_many_chunks_comes_over_a_bad_line(tmp_path):
    async def story():
        random = Random(11)
        broker = PaperBroker(tmp_path / "c.db", random=random)
        lost = station().grow(4)
        await deliver(lost, broker)
        image = lost.image()
        for _ in range(120):
            lost.append(part=random.randbytes(40_000))
        await deliver(lost, broker)
        broker.troubles = Troubles(lose_answer=0.2, late_s=0.5, cut=0.02)
        await deliver(image, broker)
        assert image.opened == [("fork", 5, 120)]
        assert_whole(tmp_path / "c.db", lost, image)

    run_virtual(story())


def test_a_centre_restored_from_an_old_copy_asks_for_what_it_lost(tmp_path):
    async def story():
        broker = PaperBroker(tmp_path / "c.db")
        journal = station().grow(10)
        await deliver(journal, broker)
        broker.store.back_up(tmp_path / "copy.db")
        journal.grow(20)
        await deliver(journal, broker)
        broker.restore_centre(tmp_path / "copy.db")
        await deliver(journal, broker)
        assert journal.opened == []
        assert_whole(tmp_path / "copy.db", journal)

    run_virtual(story())


def test_a_centre_restored_from_before_an_epoch_gets_the_end_of_the_one_before(tmp_path):
    async def story():
        broker = PaperBroker(tmp_path / "c.db")
        lost = station().grow(10)
        await deliver(lost, broker)
        broker.store.back_up(tmp_path / "copy.db")
        lost.grow(8)
        await deliver(lost, broker)
        image = lost.image()
        lost.grow(4)
        await deliver(lost, broker)
        await deliver(image.grow(2), broker)
        assert_whole(tmp_path / "c.db", lost, image)
        broker.restore_centre(tmp_path / "copy.db")
        await deliver(image.grow(1), broker)
        assert_whole(tmp_path / "copy.db", lost, image)

    run_virtual(story())


def test_two_machines_with_one_identity_lose_nothing_and_are_both_told(tmp_path):
    async def story():
        random = Random(3)
        broker = PaperBroker(tmp_path / "c.db", random=random)
        first = station(random).grow(10)
        await deliver(first, broker)
        twin = first.image()
        twin.restored = False  # a copied disk that does not know it
        uplinks = [make_uplink(one, broker, epochs=one) for one in (first, twin)]
        for turn in range(4):
            for journal, uplink in zip((first, twin), uplinks, strict=True):
                journal.grow(3, body={"call": turn + 1, "window": "1" if journal is first else "2"})
                task = asyncio.create_task(uplink.run())
                level = drained(journal)
                await until(uplink, lambda state: level(state) and not state.last_error, seconds=2_000)  # noqa: B023
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        assert [uplink.state.twin for uplink in uplinks] == [True, True]
        there = set(delivered(tmp_path / "c.db"))
        assert len(there) == 10 + 2 * 4 * 3
        assert_whole(tmp_path / "c.db", first, twin)

    run_virtual(story())


@pytest.mark.parametrize("answers_lost", [0, 2])
def test_what_a_twin_delivers_between_the_tail_and_the_new_epoch_reaches_the_other(tmp_path, answers_lost):
    """It stands in an epoch that the centre met before the new one, and that the new one closes."""

    async def story():
        path = tmp_path / "c.db"
        broker = PaperBroker(path)
        first = station().grow(10)
        await deliver(first, broker)
        twin = first.image()
        first.grow(2, body={"call": 1, "window": "1"})
        await deliver(first, broker)
        await deliver(twin.grow(3, body={"call": 1, "window": "2"}), broker)  # in an epoch of its own
        first.grow(2, body={"call": 2, "window": "1"})
        twin.grow(5, body={"call": 2, "window": "2"})
        other_line = Neighbour(twin, broker)
        carry_down, lost = broker._carry_down, []

        def carry(answer):
            if answer.topic.endswith("d/f") and not other_line.delivered:
                other_line.deliver()  # before whoever fetches the tail has it
            said = None if answer.topic.endswith("d/f") else frames.unpack(answer.payload, frames.MAX_BATCH)
            is_late = bool(said) and said["m"] == "fork" and other_line.delivered and len(lost) < answers_lost
            lost.append(said) if is_late else carry_down(answer)

        broker._carry_down = carry
        await deliver(first, broker)
        assert other_line.delivered
        assert len(lost) == answers_lost
        assert set(texts(twin.births())) <= set(texts(first.births()))
        assert set(delivered(path)) == set(texts(first.births()))
        assert_whole(path, first, twin)

    run_virtual(story())


class Neighbour:
    """A machine with the same identity on a connection of its own; it says what it has and hears nobody."""

    def __init__(self, journal, broker):
        self._journal = journal
        self._broker = broker
        self.delivered = False

    def deliver(self):
        self.delivered = True
        journal, cid = self._journal, "7" * 16
        after = journal.mark.upto
        head = {"m": "hello", "cid": cid, "site": SITE, "epoch": journal.epoch, "next": journal.next_seq, "floor": 1}
        more = {"heads": [[after, journal.records[after].record.hash]], "feeds": {}, "free": 1, "now": 1, "up": 1}
        hello = canonical.encode(head | more | {"boot": "8" * 16, "version": "twin"})
        stored = [one for seq, one in journal.records.items() if seq > after]
        batch = assemble(cid, stored, 262_144).payload
        for place, payload, wanted in ((topics.HELLO, hello, "welcome"), (topics.JOURNAL, batch, "ack")):
            answers = self._broker.centre.handle(Letter(topics.topic(SITE, place), payload))
            assert [messages.read(one.payload).m for one in answers] == [wanted]


def _wrong_count(tails, patch):
    offer = tails.offer
    patch.setattr(tails, "offer", lambda *wanted: offer(*wanted).model_copy(update={"n": 99}))


def _wrong_bytes(tails, patch):
    send = tails.send

    def spoilt(*wanted):
        for letter in send(*wanted):
            chunk = chunks.read(letter.payload)
            yield letter._replace(payload=chunks.pack(chunks.Chunk(chunk.h, chunk.index, chunk.data[:-1] + b"!")))

    patch.setattr(tails, "send", lambda *wanted: list(spoilt(*wanted)))


def _wrong_record(_, patch):
    pack = tail.pack
    patch.setattr(tail, "pack", lambda pieces: pack([piece.replace(b"t:7", b"t:6") for piece in pieces]))


@pytest.mark.parametrize("lie", [_wrong_count, _wrong_bytes, _wrong_record])
def test_a_wrong_tail_counts_as_absent_and_the_gap_stays(tmp_path, lie, monkeypatch):
    async def story():
        broker = PaperBroker(tmp_path / "c.db")
        lost = station().grow(4)
        await deliver(lost, broker)
        image = lost.image()
        await deliver(lost.grow(5), broker)
        lie(broker.centre._tails, monkeypatch)
        await deliver(image, broker, gap=True)
        assert image.opened == [("fork", 5, 0)]
        assert_whole(tmp_path / "c.db", lost)

    run_virtual(story())


@given(
    seed=st.integers(0, 2**32),
    acts=st.lists(
        st.sampled_from(["grow", "talk", "image", "lose disk", "back up", "lose centre", "no line"]),
        min_size=4,
        max_size=14,
    ),
    lose_answer=st.sampled_from([0.0, 0.2]),
    late_s=st.sampled_from([0.0, 0.4]),
    cut=st.sampled_from([0.0, 0.05]),
)
@settings(max_examples=80, deadline=None)
def test_any_order_of_restores_loses_nothing_that_one_side_still_has(
    tmp_path_factory, seed, acts, lose_answer, late_s, cut
):
    """What the centre lost is at the site, what the site lost is at the centre; what both lost nobody promises."""
    folder = tmp_path_factory.mktemp("restores")

    async def story():
        random = Random(seed)
        troubles = Troubles(lose_answer=lose_answer, late_s=late_s, cut=cut)
        broker = PaperBroker(folder / "c0.db", random=random, troubles=troubles)
        journal, kept, copies, path = station(random), None, 0, folder / "c0.db"
        for act in [*acts, "talk"]:
            if act in ("grow", "no line"):
                journal.grow(random.randrange(1, 30), body={"call": random.randrange(1, 10**9), "window": "1"})
            elif act == "image":
                kept = journal.image()
            elif act == "lose disk":
                journal = journal if kept is None else kept.image()
            elif act == "back up":
                broker.store.back_up(folder / "copy.db")
            elif act == "lose centre":
                if not (folder / "copy.db").exists():
                    continue
                copies += 1
                path = folder / f"c{copies}.db"
                shutil.copy(folder / "copy.db", path)
                broker.restore_centre(path, f"{random.getrandbits(64):016x}")
            else:
                owed = set(texts(journal.births())) | set(delivered(path))
                await deliver(journal, broker)
                assert set(texts(journal.births())) == set(delivered(path)) == owed
                assert_whole(path, journal)

    run_virtual(story())
