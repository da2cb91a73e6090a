"""A broker in memory: what MQTT allows it to do to messages, it does when its dice say so.

Topics keep their order on a connection, different topics overtake one another. A message may come twice (the second
one late), be dropped where a queue is full, or be on its way when its connection ends and still arrive after the next
one began. A wire may be half open: it swallows what is sent, and both ends learn of it after a while only.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from sync.wire import Letter, WireLost

DEAF_S = 40.0  # how long a half-open connection goes unnoticed with keep-alive 20 s


@dataclass
class Weather:
    """Chances per message and hop; `late_s` the longest delay of a hop; `loose`: topics do not keep their order."""

    lose: float = 0.0
    double: float = 0.0
    cut: float = 0.0
    late_s: float = 0.05
    loose: bool = False


class SimWire:
    def __init__(self, broker: "SimBroker", client: str, subscriptions: Sequence[tuple[str, int]], will: Any) -> None:
        self.client = client
        self.filters = [name.split("/") for name, _ in subscriptions]
        self.will: Letter | None = will
        self.open = True
        self.half: str = ""  # up, down or both
        self._broker = broker
        self._arrived: asyncio.Queue[Letter | None] = asyncio.Queue()
        self._last: dict[str, float] = {}

    def send(self, letter: Letter, taken: Callable[[], None] | None = None) -> None:
        if not self.open:
            raise WireLost("closed")
        self._broker.carry_up(self, letter, taken)

    async def receive(self) -> Letter:
        letter = await self._arrived.get()
        if letter is None:
            self._arrived.put_nowait(None)
            raise WireLost("closed")
        return letter

    def waiting(self) -> list[Letter]:
        found = []
        while not self._arrived.empty():
            letter = self._arrived.get_nowait()
            if letter is None:
                self._arrived.put_nowait(None)
                break
            found.append(letter)
        return found

    async def close(self, last: Letter | None = None) -> None:
        if self.open and last is not None and not self.half:
            self._broker.carry_up(self, last, None)
        self.end(polite=last is not None)

    def deliver(self, letter: Letter) -> None:
        if self.open and self.half not in ("down", "both"):
            self._arrived.put_nowait(letter)

    def end(self, *, polite: bool = False) -> None:
        if not self.open:
            return
        self.open = False
        self._arrived.put_nowait(None)
        self._broker.forget(self, polite=polite)

    def wants(self, topic: list[str]) -> bool:
        return any(_fits(pattern, topic) for pattern in self.filters)

    def when(self, key: str, at: float, loose: bool) -> float:
        """When a message on `key` comes out of the pipe: never before the one in front of it, unless `loose`."""
        if not loose:
            at = max(at, self._last.get(key, 0.0))
            self._last[key] = at
        return at


class SimBroker:
    def __init__(self, random: Random, trace: Callable[..., None]) -> None:
        self.weather = Weather()
        self.up = True
        self.cut_off: set[str] = set()  # clients without a line
        self.retained: dict[str, Letter] = {}
        self._wires: dict[str, SimWire] = {}
        self._random = random
        self._trace = trace

    async def dial(self, client: str, subscriptions: Sequence[tuple[str, int]], will: Letter | None) -> SimWire:
        await asyncio.sleep(self._random.uniform(0, 0.1))
        if not self.up or client in self.cut_off:
            raise WireLost("unreachable")
        if client in self._wires:
            self._wires[client].end()  # the broker ends the older session of the same client id
        wire = self._wires[client] = SimWire(self, client, subscriptions, will)
        self._trace("connect", client)
        for letter in list(self.retained.values()):
            if wire.wants(letter.topic.split("/")):
                self._later(wire, "down " + letter.topic, wire.deliver, letter)
        return wire

    def wire_of(self, client: str) -> SimWire | None:
        return self._wires.get(client)

    def go_half_open(self, client: str, way: str) -> None:
        wire = self._wires.get(client)
        if wire is not None:
            wire.half = way
            asyncio.get_running_loop().call_later(DEAF_S, wire.end)

    def fall(self, *, wiped: bool) -> None:
        self.up = False
        for wire in list(self._wires.values()):
            wire.will = None
            wire.end()
        if wiped:
            self.retained.clear()

    def forget(self, wire: SimWire, *, polite: bool) -> None:
        if self._wires.get(wire.client) is wire:
            del self._wires[wire.client]
        self._trace("end", wire.client)
        if wire.will is not None and not polite:
            self._route(wire.will)

    def carry_up(self, wire: SimWire, letter: Letter, taken: Callable[[], None] | None) -> None:
        if wire.half in ("up", "both"):
            return
        if self._chance(self.weather.cut):
            wire.end()
            return
        self._later(wire, "up " + letter.topic, self._reach, wire, letter, taken)

    def _reach(self, wire: SimWire, letter: Letter, taken: Callable[[], None] | None) -> None:
        """At the broker; of what was on its way when the connection ended, half got through."""
        if not self.up or (not wire.open and self._chance(0.5)):
            return
        if taken is not None and wire.open:
            self._later(wire, "down puback", _if_open, wire, taken)
        self._route(letter)

    def _route(self, letter: Letter) -> None:
        if letter.retain:
            self.retained[letter.topic] = letter
        topic = letter.topic.split("/")
        for wire in list(self._wires.values()):
            if not wire.wants(topic) or self._chance(self.weather.lose):
                continue
            self._later(wire, "down " + letter.topic, wire.deliver, letter)
            if letter.qos and self._chance(self.weather.double):
                asyncio.get_running_loop().call_later(
                    self._random.uniform(0, 4 * self.weather.late_s + 1), wire.deliver, letter
                )

    def _later(self, wire: SimWire, key: str, act: Callable[..., None], *args: Any) -> None:
        loop = asyncio.get_running_loop()
        at = loop.time() + self._random.uniform(0, self.weather.late_s)
        loop.call_at(wire.when(key, at, self.weather.loose), act, *args)

    def _chance(self, probability: float) -> bool:
        return probability > 0 and self._random.random() < probability


def _if_open(wire: SimWire, taken: Callable[[], None]) -> None:
    if wire.open:
        taken()


def _fits(pattern: list[str], topic: list[str]) -> bool:
    return len(pattern) == len(topic) and all(one in ("+", other) for one, other in zip(pattern, topic, strict=True))
