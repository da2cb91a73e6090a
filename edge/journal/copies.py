"""Which copies of a journal there are: those set aside beside it, and the folders that backups were made in."""

import contextlib
import os
from pathlib import Path
from typing import Final

from edge.journal import schema
from edge.journal.file_folder import FOLDER

LAST_BACKUP: Final = "journal.backed-up"
"""Touched by every backup; its lines are the folders of those that were made, the newest last."""
ASIDE: Final = ("before-restore-*", "broken-*")
_MOST: Final = 64


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
        path.touch(mode=0o600)
        _write(path, target)


def _write(path: Path, target: Path) -> None:
    path.touch(mode=0o600)
    path.chmod(0o600)
    lines = [line for line in _lines(path) if line != str(target.absolute())]
    path.write_text("".join(f"{line}\n" for line in [*lines, str(target.absolute())][-_MOST:]), "utf-8")


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
    return not os.access(folder / schema.FILE, os.F_OK)


def files_of(folder: Path) -> Path:
    return folder / FOLDER


def _lines(path: Path) -> list[str]:
    try:
        return [line for line in path.read_text("utf-8").splitlines() if line]
    except (OSError, UnicodeDecodeError):
        return []
