"""Hands and eyes at the windows of a simulated hall: keys pressed, and when the panel's last byte came."""

import asyncio
import time
from dataclasses import dataclass, field
from random import Random
from typing import Final, cast

from hw_sim.hall import SimulatedHall
from hw_sim.hall485 import Keypad
from hw_sim.onbon6e import Onbon6ECard

BITS_A_BYTE: Final = 10
# A keypad says a key three times within 1.7 s and gives up. Nobody presses again to the millisecond: two clerks who
# did would meet on the line for ever.
_AGAIN_SECONDS: Final = (1.8, 3.0)


@dataclass(frozen=True, slots=True)
class Press:
    """Seconds. `wire`: bytes of the key report at the line's speed. `sent`: how often the keypad had to say it."""

    spent: float
    wire: float
    sent: int


@dataclass(slots=True)
class Window:
    keypad: Keypad
    panel: Onbon6ECard
    baud: int
    random: Random
    _reports: list[bytes] = field(default_factory=list)
    _heard_at: float = 0.0

    def __post_init__(self) -> None:
        hear, transmit = self.panel.heard, self.keypad.transmit
        assert transmit is not None, "the hall must be started"

        def heard(data: bytes) -> None:
            self._heard_at = time.perf_counter()
            hear(data)

        def said(report: bytes) -> None:
            self._reports.append(report)
            transmit(report)

        self.panel.heard = heard  # type: ignore[method-assign]
        self.keypad.transmit = said

    async def press(self, key: str) -> Press:
        """Until the last byte of the update that makes this window's panel show something else.

        A keypad that gave up (nobody heard it three times) is pressed again, as a clerk would; counted from the first
        press. Raises RuntimeError when that does not help.
        """
        before, already = self.shows, len(self._reports)
        began = time.perf_counter()
        for last in (False, False, False, False, True):
            self.keypad.act("press", key=key)
            try:
                async with asyncio.timeout(self.random.uniform(*_AGAIN_SECONDS)):
                    await self.panel.changed.until(lambda: self.shows != before)
                break
            except TimeoutError:
                if last:
                    raise RuntimeError(f"{key} at {self.keypad.id}: {self.panel.id} shows nothing new") from None
        reports = self._reports[already:]
        return Press(self._heard_at - began, len(reports[0]) * BITS_A_BYTE / self.baud, len(reports))

    @property
    def shows(self) -> tuple[bytes, ...]:
        """First page of each area: what the panel was told to show."""
        return tuple(area.pages[0].lit for area in self.panel.panel.areas)


def windows_of(hall: SimulatedHall, count: int, line: str = "rs485-1") -> list[Window]:
    baud = hall.device(line).view()["baud"]
    return [
        Window(cast(Keypad, hall.device(f"keypad-{n}")), cast(Onbon6ECard, hall.device(f"led-{n}")), baud, Random(n))
        for n in range(1, count + 1)
    ]
