"""A code scanner on a serial line: it only speaks."""

from collections.abc import Callable
from random import Random
from typing import Any

from hw_sim.clock import Clock
from hw_sim.codes.labels import SUFFIXES, Encoding, Suffix, aim_prefix
from hw_sim.faults import WIRE_FAULTS, FaultBox, FaultWord
from hw_sim.wired import WiredDevice
from hw_sim.wires import Wire


class SerialScanner(WiredDevice):
    """Actions: `scan` text=… symbology=qr|code128|code39|ean13|pdf417|datamatrix. `aim`: each code begins with its

    AIM identifier (]Q1 for QR). What it hears is counted and not answered.
    """

    kind = "scanner"
    troubles = WIRE_FAULTS | {FaultWord.POWER_CUT}

    def __init__(
        self,
        id: str,
        wire: Wire,
        faults: FaultBox,
        clock: Clock,
        random: Random,
        *,
        suffix: Suffix = "cr",
        aim: bool = False,
        encoding: Encoding = "utf-8",
    ) -> None:
        super().__init__(id, wire, faults, clock, random)
        self._suffix = SUFFIXES[suffix]
        self._aim = aim
        self._encoding = encoding
        self._scans = self._heard = 0
        self._last = ""

    def actions(self) -> dict[str, Callable[..., None]]:
        return {**super().actions(), "scan": self.scan}

    def scan(self, text: str, symbology: str = "qr") -> None:
        """ValueError: an empty text, one that its encoding does not have, or an unknown kind of code."""
        prefix = aim_prefix(symbology)
        if not text:
            raise ValueError(f"{self.id}: scan: a code holds at least one character")
        said = ((prefix if self._aim else "") + text + self._suffix).encode(self._encoding)
        self._scans += 1
        self._last = text
        if self.plugged and self.powered:
            self.wire.say(said)

    def heard(self, data: bytes) -> None:
        self._heard += len(data)
        self.changed.tell()

    def look(self) -> dict[str, Any]:
        return {"scans": self._scans, "last": self._last, "heard": self._heard, "baud": self.wire.baud}
