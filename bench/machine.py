"""The machine a run was made on, and how busy it was with other work."""

import os
import platform
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict

_MEGA: Final = 1 << 20


class Machine(BaseModel):
    """`load`: averages over 1, 5 and 15 minutes when the run began; `disk`: type of the file system measured on."""

    model_config = ConfigDict(frozen=True)

    at: str
    processor: str
    cores: int
    memory_mb: int
    kernel: str
    python: str
    sqlite: str
    disk: str
    load: tuple[float, float, float]

    def sentence(self) -> str:
        load = ", ".join(f"{one:.2f}" for one in self.load)
        return (
            f"{self.at}: {self.processor}, {self.cores} cores, {self.memory_mb} MB, {self.kernel}, "
            f"Python {self.python}, SQLite {self.sqlite} (peers), files on {self.disk}; load average {load}"
        )


def this_machine(folder: Path) -> Machine:
    """`folder` is where the measured files lie."""
    one, five, fifteen = os.getloadavg()
    return Machine(
        at=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)),
        memory_mb=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // _MEGA,
        kernel=f"{platform.system()} {platform.release()} {platform.machine()}",
        python=platform.python_version(),
        sqlite=sqlite3.sqlite_version,
        disk=file_system(folder),
        load=(round(one, 2), round(five, 2), round(fifteen, 2)),
    )


def file_system(folder: Path, mounts: Path = Path("/proc/mounts")) -> str:
    """The type of the file system that holds `folder`: that of the longest mount point above it."""
    found = ("", "unknown")
    for line in mounts.read_text().splitlines():
        _, place, kind, *_ = line.split()
        if folder.resolve().is_relative_to(place) and len(place) > len(found[0]):
            found = (place, kind)
    return found[1]


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.machine()
