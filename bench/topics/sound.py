"""From the press of the call key to the start of the announcement, at the running two-window station.

Start: the moment the speaker driver writes the announcement's note (every clip made, joined, the WAV on disk) and
begins to play it; taken from the file's time, which the kernel keeps to its tick (about 4 ms, and early, never late).
The first call makes its clips from the recordings and espeak-ng; in a cached call every clip was heard before.
"""

import asyncio
import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from bench.desk import Desk
from bench.rows import Row, alone
from bench.samples import p50, p99
from bench.stations import Citizens, ready_station, without_printer
from bench.windows import Window, windows_of

CALLS: Final = 32
_LOOK: Final = 0.005
_SECONDS: Final = 20.0
_BETWEEN: Final = 0.3


def spoken_once(site: Any) -> None:
    """Every announcement is heard out before the next call; one repetition less is less to wait for."""
    without_printer(site)
    site["announcements"]["repeat"] = 1
    site["announcements"]["gap"] = 0.0


@dataclass(slots=True)
class Ear:
    """Follows the speaker's folder."""

    folder: Path
    heard: set[str] = field(default_factory=set)
    clips: set[str] = field(default_factory=set)

    async def next(self) -> tuple[float, bool]:
        """When the next announcement began (wall clock, seconds), and whether all its clips were known.

        Returns when it was heard out.
        """
        async with asyncio.timeout(_SECONDS):
            while not (new := self._new()):
                await asyncio.sleep(_LOOK)
            began = new.stat().st_mtime_ns / 1e9
            while json.loads(new.read_text("utf-8"))["heard"] is None:
                await asyncio.sleep(_BETWEEN)
        self.heard.add(new.name)
        clips = set(json.loads(new.read_text("utf-8"))["tokens"])
        known = clips <= self.clips
        self.clips |= clips
        return began, known

    def _new(self) -> Path | None:
        return next((path for path in self.folder.glob("*.json") if path.name not in self.heard), None)


async def measure(desk: Desk, calls: int = CALLS) -> list[Row]:
    first, fresh, cached = await _calls(desk, calls)
    return [
        alone("sound: press to sound, first call after the first start", first, "ms"),
        alone(f"sound: press to sound, a clip or two new, p50 of {len(fresh)}", p50(fresh), "ms"),
        alone(f"sound: press to sound, cached, p50 of {len(cached)}", p50(cached), "ms"),
        alone(f"sound: press to sound, cached, p99 of {len(cached)} (the worst)", p99(cached), "ms"),
    ]


async def _calls(desk: Desk, calls: int) -> tuple[float, list[float], list[float]]:
    """Milliseconds of the first call, of those with new clips, of those without."""
    fresh: list[float] = []
    cached: list[float] = []
    async with ready_station(desk.drawer("station"), change=spoken_once) as made:
        citizens, window, ear = Citizens(made), windows_of(made.hall, 1)[0], Ear(made.folder / "sound")
        await citizens.take(calls)
        await citizens.close()
        for number in range(calls):
            desk.tell(f"call {number + 1} of {calls}")
            spent, known = await _call(window, ear)
            (cached if known else fresh).append(spent * 1e3)
    return fresh[0], fresh[1:], cached


async def _call(window: Window, ear: Ear) -> tuple[float, bool]:
    pressed = time.time()
    await window.press("call")
    began, known = await ear.next()
    await window.press("evaluate")
    await asyncio.sleep(_BETWEEN)
    return began - pressed, known
