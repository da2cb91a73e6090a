"""Sealed files on the disk, each named by the digest of its bytes: `files/<first two digits>/<digest>`."""

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

from edge.journal.errors import DiskFull, FileNotKept, PartGone
from edge.journal.keys import sync_folder
from sync.protocol import names
from sync.protocol.record import digest

FOLDER: Final = "files"
NO_MORE_SCANS: Final = 0.90  # share of the disk; records may go on far beyond it (sync.md section 8)
PART: Final = ".part"
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT})

DiskUsed = Callable[[Path], float]


def disk_used(folder: Path) -> float:
    """Share of the disk in use, 0..1, as people without the reserve of the administrator see it."""
    usage = shutil.disk_usage(folder)
    return usage.used / (usage.used + usage.free)


class FileFolder:
    """Blocking. Nothing that comes here is in the clear."""

    def __init__(self, data: Path, used: DiskUsed = disk_used) -> None:
        self._folder = data / FOLDER
        self._used = used

    def check_room(self) -> None:
        """Raise DiskFull where new scans are refused."""
        if self._used(self._folder.parent) >= NO_MORE_SCANS:
            raise DiskFull("the disk is too full for new scans")

    def put(self, stored: bytes) -> str:
        """Whole and durable under its digest, which is returned, or not at all. Raises DiskFull, FileNotKept."""
        h = digest(stored)
        path = self._path(h)
        if path.exists():
            return h
        part = path.with_name(h + PART)
        try:
            _make(path.parent)
            _write(part, stored)
            part.rename(path)
            sync_folder(path.parent)
        except OSError as error:
            part.unlink(missing_ok=True)
            if error.errno in _NO_ROOM:
                raise DiskFull("the disk is full") from error
            raise FileNotKept(f"the file could not be written: {error.strerror}") from error
        return h

    def has(self, h: str) -> bool:
        return self._path(h).exists()

    def read(self, h: str) -> bytes:
        """Raises PartGone, FileNotKept."""
        return self.read_at(h, 0, -1)

    def read_at(self, h: str, start: int, length: int) -> bytes:
        """Fewer bytes than asked for only at the end. Raises PartGone, FileNotKept."""
        try:
            with self._path(h).open("rb") as file:
                file.seek(start)
                return file.read(length)
        except FileNotFoundError as error:
            raise PartGone(f"file {h[:12]} is not here") from error
        except OSError as error:
            raise FileNotKept(f"file {h[:12]} cannot be read: {error.strerror}") from error

    def remove(self, h: str) -> None:
        """Gone for good when this returns."""
        path = self._path(h)
        path.unlink(missing_ok=True)
        if path.parent.exists():
            sync_folder(path.parent)

    def sweep(self, keep: Callable[[str], bool], older_than_s: float) -> list[str]:
        """Remove halves, and files not to be kept that were written before `older_than_s` (Unix time)."""
        removed = []
        for path in self._folder.glob("??/*"):
            half = path.suffix == PART
            if half or (not keep(path.name) and path.stat().st_mtime < older_than_s):
                path.unlink()
                removed.append(path.name)
        return removed

    def _path(self, h: str) -> Path:
        if not names.is_hash(h):
            raise ValueError("not the digest of a file")
        return self._folder / h[:2] / h


def _make(folder: Path) -> None:
    for one in (folder.parent, folder):
        if not one.exists():
            one.mkdir(mode=0o700, exist_ok=True)
            sync_folder(one.parent)


def _write(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(descriptor)
