"""The devices of a machine that learns from its hall which they are, and keeps the last list for a start without it."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog
from pydantic import ValidationError

from edge.devices import messages as m
from edge.devices.attached import Attached
from edge.devices.supervisor import Supervisor
from edge.site_sections.lines import Device
from sync.private_files import write_private

log = structlog.get_logger("hall-devices")
LAST_GOOD: Final = "devices.last-good.json"
CLOSE_SECONDS: Final = 5.0

Build = Callable[[Sequence[Device]], tuple[dict[str, Attached], list[Supervisor]]]


@dataclass(frozen=True, slots=True)
class _Line:
    """One link with everything on it, as it runs."""

    setups: tuple[Device, ...]
    tasks: tuple[asyncio.Task[None], ...]


class ToldDevices:
    """`attached` always holds what runs now. `build` makes the devices of one line and what supervises them."""

    def __init__(self, folder: Path, host: str, build: Build) -> None:
        self.attached: dict[str, Attached] = {}
        self._path = folder / LAST_GOOD
        self._host = host
        self._build = build
        self._lines: dict[str, _Line] = {}
        self._version = ""
        self._group: asyncio.TaskGroup | None = None

    async def run(self, started: asyncio.Event) -> None:
        """Until cancelled. What the hall said last runs at once, before there is a line to it."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            if (kept := _read(self._path)) is not None:
                await self._apply(kept)
            started.set()
            await asyncio.get_running_loop().create_future()

    async def configure(self, news: m.Devices) -> None:
        """Make it so. Lines that did not change go on without noticing."""
        if news.version == self._version:
            return
        await self._apply(news)
        try:
            await asyncio.to_thread(write_private, self._path, news.model_dump_json().encode())
        except OSError as error:
            log.error("the list of devices could not be kept", why=error.strerror)

    async def _apply(self, news: m.Devices) -> None:
        wanted = _lines(news, self._host)
        for head in [head for head, line in self._lines.items() if wanted.get(head) != line.setups]:
            await self._end(self._lines.pop(head))
        fresh = {head: setups for head, setups in wanted.items() if head not in self._lines}
        for head, setups in fresh.items():
            self._start(head, setups)
        self._version = news.version
        log.info("devices as the hall says", version=news.version[:12], lines=len(wanted), started=sorted(fresh))

    def _start(self, head: str, setups: tuple[Device, ...]) -> None:
        if self._group is None:
            raise RuntimeError("run() first")
        attached, supervisors = self._build(setups)
        self.attached.update(attached)
        tasks = tuple(self._group.create_task(supervisor.run()) for supervisor in supervisors)
        self._lines[head] = _Line(setups, tasks)

    async def _end(self, line: _Line) -> None:
        for task in line.tasks:
            task.cancel()
        if line.tasks:
            await asyncio.wait(line.tasks, timeout=CLOSE_SECONDS)
        for setup in line.setups:
            del self.attached[setup.id]


def _lines(news: m.Devices, host: str) -> dict[str, tuple[Device, ...]]:
    """Devices by the head of their line: each with a link of its own, and those on its bus. Others run nowhere."""
    setups = []
    for one in news.devices:
        try:
            setups.append(Device.model_validate({**one.model_dump(), "host": host}))
        except ValidationError as error:
            log.error("a device of the hall's list is not understood", device=one.id, mistakes=error.error_count())
    lines = {setup.id: [setup] for setup in setups if setup.bus is None}
    for setup in setups:
        if setup.bus in lines:
            lines[setup.bus].append(setup)
    return {head: tuple(line) for head, line in lines.items()}


def _read(path: Path) -> m.Devices | None:
    try:
        return m.Devices.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        log.error("the last list of devices cannot be read; waiting for the hall", why=type(error).__name__)
        return None
