"""Room kept for bad times: a file that is given up when the disk is nearly full, so that records still commit.

A full disk cannot help itself: deleting rows and emptying the WAL need room, too (reliability_security.md section
5e). What is refused at which share of the disk stands in sync.md section 8.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, Literal

import structlog

from edge.journal.file_folder import NO_MORE_SCANS, DiskUsed, disk_used
from edge.journal.keys import sync_folder

FILE: Final = "journal.reserve"
SIZE: Final = 32 * 1024 * 1024  # some 60,000 records: a busy hall's day and more
RELEASE_AT: Final = 0.98
LOOK_SECONDS: Final = 10.0
_SHARE: Final = 50  # on a small disk no more than this part of it

Level = Literal["ok", "less_telemetry", "no_telemetry", "no_scans", "reserve"]
_LEVELS: Final[tuple[tuple[float, Level], ...]] = (
    (RELEASE_AT, "reserve"),
    (NO_MORE_SCANS, "no_scans"),
    (0.80, "no_telemetry"),
    (0.70, "less_telemetry"),
)
Sleep = Callable[[float], Awaitable[None]]
log = structlog.get_logger(__name__)


def level(used: float) -> Level:
    """What a share of the disk in use, 0..1, means for the site."""
    for least, name in _LEVELS:
        if used >= least:
            return name
    return "ok"


class Reserve:
    """Blocking; safe to call from any thread. `size`: bytes wanted, less on a small disk."""

    def __init__(self, data: Path, used: DiskUsed = disk_used, size: int = SIZE) -> None:
        self._data = data
        self._used = used
        self._size = size

    @property
    def path(self) -> Path:
        return self._data / FILE

    def look(self) -> Level:
        """Give it up on a nearly full disk, make it again when there is room for scans."""
        now = level(self._used(self._data))
        try:
            if now == "reserve":
                self.release()
            elif now != "no_scans":
                self._make()
        except OSError as error:  # a disk that is ill shows at the next commit; this alone stops nobody
            log.error("disk_reserve_not_kept", why=error.strerror)
        return now

    def release(self) -> bool:
        """Give the room back. False: there was none left to give."""
        try:
            self.path.unlink()
        except FileNotFoundError:
            return False
        sync_folder(self._data)
        log.error("disk_reserve_released", folder=self._data.name)
        return True

    def _make(self) -> None:
        if self.path.exists():
            return
        disk = os.statvfs(self._data)
        size = min(self._size, disk.f_blocks * disk.f_frsize // _SHARE)
        part = self.path.with_name(FILE + ".part")
        try:
            handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            try:
                os.posix_fallocate(handle, 0, size)
                os.fsync(handle)
            finally:
                os.close(handle)
            part.rename(self.path)
            sync_folder(self._data)
        except OSError as error:
            part.unlink(missing_ok=True)
            log.error("disk_reserve_not_made", why=error.strerror)


async def keep_reserve(reserve: Reserve, sleep: Sleep = asyncio.sleep) -> None:
    """Until cancelled; each change of level is logged."""
    before: Level = "ok"
    while True:
        now = await asyncio.to_thread(reserve.look)
        if now != before:
            log.warning("disk_level", level=now)
        before = now
        await sleep(LOOK_SECONDS)
