"""A broker in memory for one site and a real centre: it delays, loses, doubles, reorders and cuts as its dice say."""

import asyncio
from dataclasses import dataclass
from random import Random

from sync.centre.centre import Centre
from sync.centre.store import open_store
from sync.centre.verdict import Verdict
from sync.protocol import chunks, frames
from sync.wire import Letter, WireLost
from tests.support.virtual_time import VirtualClock


@dataclass
class Troubles:
    """Chances per message. `late_s`: longest delay; more than 0 also reorders."""

    lose_answer: float = 0.0
    double: float = 0.0
    late_s: float = 0.0
    cut: float = 0.0
    lose_batch: float = 0.0
    lose_chunk: float = 0.0


class PaperWire:
    def __init__(self, broker):
        self._broker = broker
        self._arrived = asyncio.Queue()
        self.open = True

    def send(self, letter, taken=None):
        if not self.open:
            raise WireLost("closed")
        if taken is not None:
            self._broker.will_take(self, letter, taken)
        self._broker.carry_up(self, letter)

    async def receive(self):
        letter = await self._arrived.get()
        if letter is None:
            raise WireLost("closed")
        return letter

    def deliver(self, letter):
        if self.open:
            self._arrived.put_nowait(letter)

    def cut(self):
        if self.open:
            self.open = False
            self._arrived.put_nowait(None)

    async def close(self, last=None):
        self.cut()


class PaperBroker:
    """`heard`: every (m, object) that reached the centre's side, `said`: every one it answered.

    `feeds`: makes what a centre publishes, for each start of it.
    """

    def __init__(
        self, path, *, random=None, troubles=None, verdict=None, free=10**12, erasable=frozenset(), feeds=None
    ):
        self.random = random or Random(0)
        self.troubles = troubles or Troubles()
        self.reachable = True
        self.silent = False
        self.free = free
        self.heard = []
        self.said = []
        self.dials = []
        self.sent_chunks = []
        self.untaken = self.most_untaken = 0
        self._path = path
        self._verdict = verdict or Verdict()
        self._erasable = erasable
        self._feeds = feeds
        self._wire = None
        self.store = open_store(path, "d00dfeed01234567")
        self.start_centre()

    def start_centre(self):
        """A new process over the same database: no cid is known."""
        self.centre = Centre(
            self.store,
            clock=VirtualClock(),
            region="luohu",
            free=lambda: self.free,
            verdict=self._verdict,
            erasable=self._erasable,
            feeds=self._feeds and self._feeds(),
        )

    def restore_centre(self, path, fresh="ffffffffffffffff"):
        """The database is gone; an older copy takes its place. `fresh`: the id that it is born again with."""
        self.store.close()
        self.store = open_store(path, fresh)
        self.start_centre()

    async def dial(self, *, subscriptions, will):
        self.dials.append(asyncio.get_running_loop().time())
        if not self.reachable:
            raise WireLost("unreachable")
        self._wire = PaperWire(self)
        return self._wire

    def cut(self):
        if self._wire is not None:
            self._wire.cut()

    def will_take(self, wire, letter, taken):
        """A chunk: its PUBACK comes, whether or not anybody listens."""
        self.sent_chunks.append(chunks.read(letter.payload))
        self.untaken += 1
        self.most_untaken = max(self.most_untaken, self.untaken)
        self._later(self._take, (wire, taken))

    def carry_up(self, wire, letter: Letter):
        if self._chance(self.troubles.cut):
            wire.cut()
            return
        if letter.topic.endswith("u/f") and self._chance(self.troubles.lose_chunk):
            return
        if letter.topic.endswith("u/j") and self._chance(self.troubles.lose_batch):
            return
        for _ in range(2 if self._chance(self.troubles.double) else 1):
            self._later(self._reach_centre, letter)

    def _take(self, of):
        """PUBACK, if the wire still stands."""
        wire, taken = of
        self.untaken -= 1
        if wire.open:
            taken()

    def tell_news(self):
        for answer in self.centre.news():
            self._carry_down(answer)

    def inject(self, letter):
        """As if another client had written it."""
        self._reach_centre(letter)

    def _reach_centre(self, letter):
        if self.silent:
            return
        if not letter.topic.endswith("u/f"):
            self.heard.append((letter.topic, frames.unpack(letter.payload, frames.MAX_BATCH)))
        for answer in self.centre.handle(letter):
            self._carry_down(answer)

    def _carry_down(self, answer):
        if not answer.topic.endswith("d/f"):
            self.said.append(frames.unpack(answer.payload, frames.MAX_BATCH))
        if not self._chance(self.troubles.lose_answer):
            self._later(self._reach_site, answer)

    def _reach_site(self, answer):
        if self._wire is not None:
            self._wire.deliver(answer)

    def _later(self, act, letter):
        loop = asyncio.get_running_loop()
        if self.troubles.late_s:
            loop.call_later(self.random.uniform(0, self.troubles.late_s), act, letter)
        else:
            loop.call_soon(act, letter)

    def _chance(self, probability):
        return probability > 0 and self.random.random() < probability

    def of(self, name):
        return [data for _, data in self.heard if data["m"] == name]

    def answers(self, name):
        return [data for data in self.said if data["m"] == name]
