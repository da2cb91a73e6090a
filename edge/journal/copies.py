"""Which copies of a journal there are: those set aside beside it, and the folders that backups were made in."""

import contextlib
import os
from pathlib import Path
from typing import Final

from edge.journal import schema
from edge.journal.errors import JournalError
from edge.journal.file_folder import FOLDER, PART
from edge.journal.keys import sync_folder

LAST_BACKUP: Final = "journal.backed-up"
"""Touched by every backup; its lines are the folders of those that were made, the newest last."""
ASIDE: Final = ("before-restore-*", "broken-*")
_MOST: Final = 64  # beyond it folders that are away are given up, the oldest first
_NEW: Final = ".new"
_FRESH: Final = schema.FILE + ".new"
_BESIDE: Final = ("", "-journal", "-wal", "-shm")


def note_folder(data: Path, target: Path) -> None:
    """A backup is about to be there: whoever erases from now on reaches it. The time of the last one stays."""
    path = data / LAST_BACKUP
    last = last_made(data) or 0.0
    with contextlib.suppress(OSError):  # a full or read-only disk does not spoil the copy
        _write(path, target)
        os.utime(path, (last, last))


def note_backup(data: Path, target: Path) -> None:
    """It is finished. The time is kept even where the name of the folder cannot be."""
    path = data / LAST_BACKUP
    with contextlib.suppress(OSError):
        _write(path, target)
    with contextlib.suppress(OSError):
        path.touch(mode=0o600)


def _write(path: Path, target: Path) -> None:
    """Whole or as it was: who loses this list leaves in the copies what is erased from now on."""
    lines = [line for line in _lines(path) if line != str(target.absolute())]
    away = [line for line in lines if is_away(Path(line))]
    given_up = set(away[: max(len(lines) + 1 - _MOST, 0)])
    lines = [line for line in lines if line not in given_up]
    new = path.with_name(path.name + _NEW)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("".join(f"{line}\n" for line in [*lines, str(target.absolute())]))
        file.flush()
        os.fsync(descriptor)
    new.replace(path)
    sync_folder(path.parent)


def last_made(data: Path) -> float | None:
    """When the last backup of this folder was finished, Unix time; None: never."""
    try:
        return (data / LAST_BACKUP).stat().st_mtime or None
    except OSError:
        return None


def folders(data: Path) -> list[Path]:
    """Of every journal that is a copy of the one in `data`, as far as this machine knows; some may be away."""
    aside = [path for pattern in ASIDE for path in sorted(data.glob(pattern)) if (path / schema.FILE).exists()]
    return aside + [Path(line) for line in _lines(data / LAST_BACKUP)]


def is_away(folder: Path) -> bool:
    """A medium that is not plugged in, or a copy that somebody moved: nothing can be said of it."""
    return not os.access(folder / schema.FILE, os.F_OK) and not halves(folder)


def fresh(folder: Path) -> Path:
    """Where a journal is made that takes its name in `folder` when it verifies."""
    return folder / _FRESH


def halves(folder: Path) -> list[Path]:
    """What is there of a journal that never got its name: all of a person's data may be in it."""
    return [path for end in _BESIDE if (path := folder / (_FRESH + end)).exists()]


def clear_first_half(folder: Path) -> None:
    """Of a first backup that was cut off: there is no journal yet, so its pages are nobody's.

    Raises JournalError for a folder that a hall has worked in, OSError.
    """
    if (folder / schema.HEAD_FILE).exists():
        raise JournalError("this is no copy: a journal stood here")
    for path in files_of(folder).glob("??/*"):
        path.unlink()
    clear_halves(folder)


def clear_halves(folder: Path) -> None:
    """Nobody may be at work there: hold its lock. Raises OSError."""
    found = halves(folder)
    if not found:
        return
    for path in files_of(folder).glob(f"??/*{PART}"):
        path.unlink()
    for path in reversed(found):  # the first of them goes last: as long as it is there, this is not done
        path.unlink()


def files_of(folder: Path) -> Path:
    return folder / FOLDER


def _lines(path: Path) -> list[str]:
    try:
        return [line for line in path.read_text("utf-8").splitlines() if line]
    except (OSError, UnicodeDecodeError):
        return []
