"""The small files beside journal.db: the lock, and a note of the head that outlives a lost database or WAL."""

import fcntl
import os
from pathlib import Path
from typing import Final, NamedTuple
from zlib import crc32

from edge.journal.errors import JournalBusy
from edge.journal.schema import HEAD_FILE, LOCK_FILE

_HASH_DIGITS: Final = 64


class Head(NamedTuple):
    """Place of the newest record: `pos` counts over all epochs, `seq` within `epoch`."""

    pos: int
    epoch: str
    hash: str


class Lock:
    """Held as long as the journal is open; the operating system drops it when the process dies."""

    def __init__(self, folder: Path) -> None:
        self._descriptor = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(self._descriptor, 32, 0).decode("ascii", "replace").strip()
            os.close(self._descriptor)
            raise JournalBusy(str(folder), holder) from error
        try:
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)
        except OSError:
            self.release()
            raise

    def release(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


class HeadNote:
    """`journal.head`: written after each commit and not synced, so it may lag behind the journal, never lead.

    A journal that ends before its note has lost its tail: a deleted WAL, a file put back from a copy, an empty
    disk. SQLite alone takes that for a clean, shorter journal.
    """

    def __init__(self, folder: Path) -> None:
        self.pos = 0
        self._descriptor = os.open(folder / HEAD_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def write(self, head: Head) -> None:
        # Fixed length, so a newer note always covers the older one; one that a power cut tore shows by its sum.
        self.pos = head.pos
        fields = f"{head.pos:020d} {head.epoch} {head.hash}"
        os.pwrite(self._descriptor, f"{fields} {_sum(fields)}\n".encode(), 0)

    def sync(self) -> None:
        os.fsync(self._descriptor)

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def read_note(folder: Path) -> Head | None:
    """The note, or None when there is none or a power cut tore it."""
    try:
        fields, _, noted = (folder / HEAD_FILE).read_text("ascii").strip().rpartition(" ")
        if len(noted) == _HASH_DIGITS:  # of a release that wrote no sum
            fields = f"{fields} {noted}"
        elif noted != _sum(fields):
            return None
        pos, epoch, digest = fields.split()
        return Head(int(pos), epoch, digest)
    except (OSError, ValueError):
        return None


def _sum(fields: str) -> str:
    return f"{crc32(fields.encode()):08x}"
