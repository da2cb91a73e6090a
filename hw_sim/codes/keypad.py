"""A numeric keypad or a rating pad that types: one key at a time (caller.md 3, rating_pad.md 4)."""

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any, Literal

from hw_sim.clock import Clock
from hw_sim.codes.keys import BLOCKS, Chord
from hw_sim.codes.typist import Typist
from hw_sim.machine import Occupant

Block = Literal["numpad", "row"]


class DigitKeys(Typist):
    """Actions: `press` key=…: 0 … 9 and enter; on the number block also plus, minus, star, slash and dot.

    `block`: the number block, or the row above the letters.
    """

    kind = "keys"

    def __init__(
        self,
        id: str,
        berth: Occupant,
        fifo: Path,
        clock: Clock,
        random: Random,
        *,
        block: Block = "numpad",
        key_seconds: float = 0.004,
        repeat: bool = False,
    ) -> None:
        super().__init__(id, berth, fifo, clock, random, key_seconds=key_seconds, repeat=repeat)
        self._keys = BLOCKS[block]
        self._pressed = 0
        self._last = ""

    def actions(self) -> dict[str, Callable[..., None]]:
        return {**super().actions(), "press": self.press}

    def press(self, key: str) -> None:
        """ValueError: there is no such key."""
        if key not in self._keys:
            raise ValueError(f"{self.id}: no key {key!r}; there are: {', '.join(self._keys)}")
        self._pressed += 1
        self._last = key
        self.type([Chord((self._keys[key],))])

    def look(self) -> dict[str, Any]:
        return {"pressed": self._pressed, "last": self._last, "keys": list(self._keys), **super().look()}
