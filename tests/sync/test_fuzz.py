"""Both real ends under frames that nobody should send: nothing ends them, no lie is taken, they go on."""

import asyncio
from pathlib import Path
from random import Random

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.downlink import Downlink
from sync.link_state import LinkState
from sync.protocol import canonical, chunks, feeds, frames, messages, tail
from sync.protocol.canonical import NotCanonical
from sync.protocol.chunks import BadChunk
from sync.protocol.feeds import BadFeed
from sync.protocol.frames import BadPayload
from sync.protocol.tail import BadTail
from tests.support.virtual_time import run_virtual
from tests.sync.fuzz import DOWN, CentreUnderFire, Spoiler, topic
from tests.sync.memory_files import MemoryFiles
from tests.sync.memory_journal import SITE, MemoryJournal
from tests.sync.paper_broker import PaperBroker, PaperWire
from tests.sync.test_feeds_virtual import TRUSTED, Downs, _at_once, item
from tests.sync.test_uplink_virtual import arrived, drained, running, until

READERS = (
    lambda raw: frames.unpack(raw, frames.MAX_OTHER),
    messages.read,
    feeds.read,
    chunks.read,
    feeds.read_state,
    lambda raw: tail.read(raw, site=SITE, n=1),
)
REFUSALS = (BadPayload, BadChunk, BadFeed, BadTail, NotCanonical)


@pytest.mark.parametrize("reader", READERS, ids=["frame", "message", "feed", "chunk", "state", "tail"])
@settings(max_examples=60, deadline=None)
@given(raw=st.binary(max_size=300), seed=st.integers(0, 2**32))
def test_any_bytes_are_read_or_refused_by_name(reader, raw, seed):
    good = canonical.encode({"m": "ack", "cid": "0" * 16, "epoch": "1" * 16, "upto": 1, "bad": []})
    for one in (raw, frames.ZSTD_MAGIC + raw, zstandard.compress(raw), Spoiler(Random(seed))(good)):
        try:
            reader(one)
        except REFUSALS:
            pass


@pytest.mark.parametrize("more", [b"\0", b"{}", zstandard.compress(b"{}"), zstandard.compress(b"{}" * 900)])
def test_nothing_may_lie_behind_a_frame(more):
    plain = canonical.encode({"m": "have", "cid": "0" * 16, "hash": "0" * 64})
    folded = zstandard.compress(plain)
    assert frames.unpack(folded, frames.MAX_OTHER)["m"] == "have"
    with pytest.raises(BadPayload, match="format"):
        frames.unpack(folded + more, frames.MAX_OTHER)
    with pytest.raises(BadPayload, match="format"):
        frames.unpack(folded[:-1], frames.MAX_OTHER)
    with pytest.raises(BadTail):
        tail.read(zstandard.compress(b"") + more, site=SITE, n=0)
    with pytest.raises(BadFeed):
        feeds.read_state(zstandard.compress(b"") + more)


def test_what_is_longer_than_it_may_be_is_never_unfolded():
    bomb = zstandard.compress(b" " * 300_000_000)
    with pytest.raises(BadPayload, match="size"):
        frames.unpack(bomb, frames.MAX_OTHER)


@pytest.mark.parametrize("seed", range(4))
def test_a_centre_under_fire(seed: int, tmp_path: Path) -> None:
    found = CentreUnderFire(tmp_path, seed)
    assert found.run(600) == []
    assert found.frames > 600


class SpoiledWire(PaperWire):
    """What comes down is spoiled, said again later, or something else entirely; good ones come, too."""

    def __init__(self, broker):
        super().__init__(broker)
        self._spoil = Spoiler(broker.random)
        self._said = []

    def deliver(self, letter):
        dice = self._broker.random
        if not self._broker.peace:
            self._said = [*self._said[-50:], letter]
            for _ in range(dice.choice((0, 1, 3))):
                old = dice.choice(self._said)
                way = dice.random()
                if way < 0.6:
                    old = old._replace(payload=self._spoil(old.payload))
                elif way < 0.8:
                    old = old._replace(topic=topic(dice.choice(DOWN)))
                super().deliver(old)
            if dice.random() < 0.1:
                return
        super().deliver(letter)


class SpoiledBroker(PaperBroker):
    peace = False

    async def dial(self, *, subscriptions, will):
        self._wire = SpoiledWire(self)
        return self._wire


@pytest.mark.parametrize("seed", range(4))
def test_a_station_under_fire(seed, tmp_path):
    async def story():
        journal = MemoryJournal().grow(60, part=b"sealed")
        files = MemoryFiles(journal)
        files.add(Random(seed).randbytes(50_000))
        downs = Downs(tmp_path)
        broker = SpoiledBroker(tmp_path / "fire.db", random=Random(seed), feeds=downs.make)
        downs.publish("bookings", [item(f"b:{n}") for n in range(20)])
        downs.publish("catalogue", [item(f"i:{n}", text="x" * 3_000) for n in range(200)])
        downlink = Downlink(downs.held, SITE, TRUSTED, aside=_at_once)
        seen: list[LinkState] = []
        async with running(journal, broker, files=files, feeds=downlink) as uplink:
            uplink.subscribe(seen.append)
            for _ in range(150):
                journal.append()
                broker.tell_news()
                await asyncio.sleep(2)
                position = broker.store.position(SITE, journal.epoch)
                if position is not None and journal.mark is not None and journal.mark.epoch == journal.epoch:
                    assert journal.mark.durable <= journal.mark.upto <= position.upto, "a lie was taken"
            broker.peace = True
            journal.append()
            await until(uplink, drained(journal), 3_600)
            downs.broker = broker
            await downs.level("bookings", "catalogue", seconds=3_600)
            async with asyncio.timeout(3_600):
                while await files.count_waiting():
                    await asyncio.sleep(5)
        assert arrived(tmp_path / "fire.db", journal) == journal.next_seq - 1
        assert len(downs.ids("bookings")), len(downs.ids("catalogue")) == (20, 200)
        assert len(seen) > 50

    run_virtual(story())
