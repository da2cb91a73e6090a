"""A code scanner that types."""

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from hw_sim.clock import Clock
from hw_sim.codes.keys import Chinese, chords
from hw_sim.codes.labels import SUFFIXES, Suffix, aim_prefix
from hw_sim.codes.typist import Typist
from hw_sim.machine import Occupant


class KeyboardScanner(Typist):
    """Actions: `scan` text=… symbology=…, as of a serial scanner. `chinese`: other than ASCII is lost, or typed as Alt

    and its GBK number.
    """

    kind = "scanner"

    def __init__(
        self,
        id: str,
        berth: Occupant,
        fifo: Path,
        clock: Clock,
        random: Random,
        *,
        suffix: Suffix = "cr",
        aim: bool = False,
        key_seconds: float = 0.004,
        repeat: bool = False,
        chinese: Chinese = "lost",
    ) -> None:
        super().__init__(id, berth, fifo, clock, random, key_seconds=key_seconds, repeat=repeat)
        # A keyboard knows one Enter, whatever ends the line.
        self._suffix = SUFFIXES[suffix][:1]
        self._aim = aim
        self._chinese: Chinese = chinese
        self._scans = 0
        self._last = ""

    def actions(self) -> dict[str, Callable[..., None]]:
        return {**super().actions(), "scan": self.scan}

    def scan(self, text: str, symbology: str = "qr") -> None:
        """ValueError: an empty text, or an unknown kind of code."""
        prefix = aim_prefix(symbology)
        if not text:
            raise ValueError(f"{self.id}: scan: a code holds at least one character")
        self._scans += 1
        self._last = text
        self.type(list(chords((prefix if self._aim else "") + text + self._suffix, self._chinese)))

    def look(self) -> dict[str, Any]:
        return {"scans": self._scans, "last": self._last, **super().look()}
