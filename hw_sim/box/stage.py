"""Keeps the page's picture of the hall true: every change of a device is posted once it has settled for a blink."""

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import httpx

from hw_sim.box import sights
from hw_sim.box.diary import Diary
from hw_sim.box.glass import Screen
from hw_sim.box.mailbox import Board
from hw_sim.box.station import Box, Switch
from hw_sim.escpos import EscPosSimulator

BLINK: Final = 0.04
_ROUND: Final = 0.25  # between two looks at programs and line, which do not tell when they change
_HEALTH: Final = 1.0


class Stage:
    """The station as the page shows it. `run` keeps it up to date until cancelled."""

    def __init__(self, box: Box, time_of_day: Callable[[], str] = lambda: time.strftime("%H:%M:%S")) -> None:
        self.box = box
        self.board = Board()
        self.diary = Diary(time_of_day)
        self.screens = {name: Screen(name, glass.path, self._screen) for name, glass in box.screens.items()}
        self._dirty: set[str] = set(box.hall.simulators)
        self._stirred = asyncio.Event()
        self._stirred.set()

    async def run(self) -> None:
        self.board.post("plan", sights.plan(self.box))
        listeners = [(device, partial(self._touched, id)) for id, device in self.box.hall.simulators.items()]
        for device, listener in listeners:
            device.changed.callbacks.append(listener)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._follow_devices())
                group.create_task(self._follow_programs())
                for screen in self.screens.values():
                    group.create_task(screen.run(self.board.watched))
                if self.box.hall_url:
                    group.create_task(self._follow_health())
        finally:
            for device, listener in listeners:
                device.changed.callbacks.remove(listener)

    def note(self, what: str, about: str, **more: Any) -> None:
        self.diary.note(what, about, **more)
        self._stirred.set()

    def look(self) -> None:
        """Post what has changed, now."""
        dirty, self._dirty = self._dirty, set()
        for id in sorted(dirty):
            self._look_at(id)
        self.board.post("log", self.diary.message())

    def look_at_programs(self) -> None:
        if self.box.line is not None:
            self._look_at_line(self.box.line)
        for name, program in self.box.programs.items():
            seen = {"is": "program", "name": name, "pid": program.pid}
            seen |= {"restarts": max(0, program.restarts), "held": program.held}
            before = self.board.known(f"program:{name}")
            if before is not None and before["pid"] != seen["pid"]:
                self.note("program_runs" if seen["pid"] else "program_gone", name)
            self.board.post(f"program:{name}", seen)

    async def _follow_devices(self) -> None:
        while True:
            await self._stirred.wait()
            self._stirred.clear()
            self.look()
            await asyncio.sleep(BLINK)

    async def _follow_programs(self) -> None:
        while True:
            self.look_at_programs()
            await asyncio.sleep(_ROUND)

    async def _follow_health(self) -> None:
        async with httpx.AsyncClient(base_url=self.box.hall_url, timeout=_HEALTH) as client:
            while True:
                await self.board.watched.wait()
                try:
                    health = (await client.get("/api/health")).json()
                    seen = {key: health[key] for key in ("ready", "seq", "faults", "devices", "link")}
                except (httpx.HTTPError, ValueError, KeyError):
                    seen = {"ready": False}
                self.board.post("health", {"is": "health", "url": self.box.hall_url, **seen})
                await asyncio.sleep(_HEALTH)

    def _look_at_line(self, switch: Switch) -> None:
        line = {"is": "line", "up": switch.up, "octets": switch.octets}
        before = self.board.known("line")
        if before is not None and before["up"] != line["up"]:
            self.note("line_up" if line["up"] else "line_down", "line")
        self.board.post("line", line)

    def _touched(self, id: str) -> None:
        self._dirty.add(id)
        self._stirred.set()

    def _look_at(self, id: str) -> None:
        device = self.box.hall.simulators[id]
        seen = sights.device(device)
        self.diary.compare(self.board.known(f"device:{id}"), seen)
        self.board.post(f"device:{id}", seen)
        if (shining := sights.lamps(device)) is not None:
            self.board.post(f"panel:{id}", shining)
        if isinstance(device, EscPosSimulator):
            self.board.post(f"tickets:{id}", sights.tickets(self.box.hall, device))

    def _screen(self, message: dict[str, Any]) -> None:
        self.board.post(f"screen:{message['name']}", message)
