"""Anything that types into an event node of the machine, key after key."""

from collections import deque
from pathlib import Path
from random import Random
from typing import Any

from hw_sim.clock import Clock
from hw_sim.codes.eventnode import EventNode
from hw_sim.codes.keys import Chord, chords, frame
from hw_sim.device import Device
from hw_sim.faults import FaultWord
from hw_sim.machine import Occupant

DEFAULT_SLOW = 0.2
REPEATS = 3


class Typist(Device):
    """`repeat`: keys are held so long that they repeat.

    Faults: silent (types nothing), slow (`amount` seconds a key), short (stops in the middle), noise (a wrong key
    between), drop (pulled in the middle, back at once), unplug, elsewhere, power_cut.
    """

    troubles = frozenset(
        {
            FaultWord.SILENT,
            FaultWord.SLOW,
            FaultWord.SHORT,
            FaultWord.NOISE,
            FaultWord.DROP,
            FaultWord.UNPLUG,
            FaultWord.ELSEWHERE,
            FaultWord.POWER_CUT,
        }
    )

    def __init__(
        self,
        id: str,
        berth: Occupant,
        fifo: Path,
        clock: Clock,
        random: Random,
        *,
        key_seconds: float = 0.004,
        repeat: bool = False,
    ) -> None:
        super().__init__(id, clock, random)
        self._berth = berth
        self._node = EventNode(fifo)
        self._key_seconds = key_seconds
        self._repeat = repeat
        self._to_type: deque[list[Chord]] = deque()
        self._typing = False
        berth.go, berth.come = self.go, self.come

    @property
    def link(self) -> str:
        return f"input-at:{self._berth.socket}"

    async def start(self) -> None:
        self.come()

    async def stop(self) -> None:
        await super().stop()
        self.go()

    def look(self) -> dict[str, Any]:
        return {"typing": self._typing, "lost_events": self._node.lost, "nodes": list(self._berth.names)}

    def type(self, keys: list[Chord]) -> None:
        """After what is still being typed; lost while the device is not there."""
        if not self._berth.present or self.faults.strike(FaultWord.SILENT):
            return
        self._to_type.append(keys)
        if not self._typing:
            self._typing = True
            self._chores.spawn(self._type_all())

    def come(self) -> None:
        """Appears on the machine, unless a hand holds the cable or it has no power."""
        if self.plugged and self.powered and not self._berth.present:
            self._node.open()
            self._berth.appear(str(self._node.path.absolute()), elsewhere=FaultWord.ELSEWHERE in self.faults)

    def go(self) -> None:
        if self._berth.present or self._node.path.exists():
            self._to_type.clear()
            self._node.close()
            self._berth.vanish()

    def plug(self) -> None:
        super().plug()
        self.come()

    def unplug(self) -> None:
        super().unplug()
        self.go()

    def power(self, on: bool) -> None:
        super().power(on)
        self.come() if on else self.go()

    def _move(self) -> None:
        self.go()
        self.come()

    async def _type_all(self) -> None:
        try:
            while self._to_type:
                await self._type(self._to_type.popleft())
        finally:
            self._typing = False
            self.changed.tell()

    async def _type(self, keys: list[Chord]) -> None:
        typed = list(keys)
        if self.faults.strike(FaultWord.NOISE):
            typed.insert(self.random.randrange(max(1, len(typed))), *chords(self.random.choice("qwertyuiop"), "lost"))
        if self.faults.strike(FaultWord.SHORT):
            typed = typed[: len(typed) // 2]
        pulled_at = len(typed) // 2 if self.faults.strike(FaultWord.DROP) else -1
        slow = self.faults.strike(FaultWord.SLOW)
        pause = (slow.amount or DEFAULT_SLOW) if slow else self._key_seconds
        for place, chord in enumerate(typed):
            if place == pulled_at:
                self._move()
            for report in chord.reports(REPEATS if self._repeat else 0):
                if not self._berth.present or place == pulled_at:
                    return
                self._node.write(frame(self.clock.now(), report))
                await self.clock.sleep(pause)
