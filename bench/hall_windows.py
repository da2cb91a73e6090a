"""Hands and eyes at a window with a panel of either family: a key pressed, and when the panel's last byte came."""

import asyncio
import time
from collections.abc import Hashable
from dataclasses import dataclass, field
from random import Random
from typing import Final

from hw_sim.hall import SimulatedHall
from hw_sim.hall485 import Keypad
from hw_sim.hall485.pad import RatingPad
from hw_sim.onbon5k.simulator import Onbon5KCard
from hw_sim.onbon6e import Onbon6ECard

_AGAIN_SECONDS: Final = (1.8, 3.0)  # a keypad says a key three times within 1.7 s and gives up
_TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class Press:
    """`spent` seconds from the first press to the last byte; `sent`: how often the keypad had to say it."""

    spent: float
    sent: int


@dataclass(slots=True)
class HallWindow:
    """`services`: of the site file, the window's main one first."""

    id: str
    services: tuple[str, ...]
    keypad: Keypad
    pad: RatingPad
    panel: Onbon6ECard | Onbon5KCard
    random: Random
    _heard_at: float = field(default=0.0, init=False)
    _sent: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        hear, transmit = self.panel.heard, self.keypad.transmit
        assert transmit is not None, "the hall must be started"

        def said(report: bytes) -> None:
            self._sent += 1
            transmit(report)

        def heard(data: bytes) -> None:
            self._heard_at = time.perf_counter()
            hear(data)

        self.panel.heard = heard  # type: ignore[method-assign]
        self.keypad.transmit = said

    @property
    def family(self) -> str:
        return self.panel.kind

    @property
    def somebody_waits(self) -> bool:
        """As the keypad's display tells the clerk."""
        return any(sign in "123456789" for sign in self.keypad.display)

    @property
    def shows(self) -> Hashable:
        """What the panel was told to show."""
        if isinstance(self.panel, Onbon6ECard):
            return tuple(area.pages[0].lit for area in self.panel.panel.areas)
        moment = self.panel.card.rtc.moment(self.panel.clock.now())
        return tuple((one.area.id, one.area.text) for one in self.panel.panel.shown(moment))

    async def press(self, key: str) -> Press | None:
        """Until the last byte of what the panel then shows; pressed again when nobody heard the keypad.

        None: it was heard and nothing came of it, because another window was quicker and nobody waits.
        """
        before, sent, began = self.shows, self._sent, time.perf_counter()
        for _ in range(_TRIES):
            unanswered = self.keypad.unanswered
            self.keypad.act("press", key=key)
            try:
                async with asyncio.timeout(self.random.uniform(*_AGAIN_SECONDS)):
                    await self.panel.changed.until(lambda: self.shows != before)
            except TimeoutError:
                if self.keypad.unanswered == unanswered:
                    return None
            else:
                return Press(self._heard_at - began, self._sent - sent)
        return None


def fitted_windows(hall: SimulatedHall, site: dict[str, object]) -> list[HallWindow]:
    """Windows of a read site file that have display, keypad and pad."""
    found = []
    for number, window in enumerate(site["windows"]):  # type: ignore[arg-type, var-annotated]
        if not all(window.get(name) for name in ("display", "keypad", "pad")):
            continue
        keypad, pad, panel = (hall.device(window[name]) for name in ("keypad", "pad", "display"))
        assert isinstance(keypad, Keypad)
        assert isinstance(pad, RatingPad)
        assert isinstance(panel, Onbon6ECard | Onbon5KCard)
        found.append(HallWindow(window["id"], tuple(window["services"]), keypad, pad, panel, Random(number)))
    return found
