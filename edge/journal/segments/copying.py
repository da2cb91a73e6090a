"""Files of closed months from one folder to another: they never change, so each is copied once and is known by name."""

import contextlib
import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from edge.journal.keys import sync_folder
from edge.journal.segments.form import file_digest
from edge.journal.segments.ledger import FOLDER, SUFFIX, Sealed

_PART: Final = ".part"


def is_whole(data: Path, month: Sealed) -> bool:
    """Whether the file of the month is there and is what was sealed."""
    try:
        return file_digest(data / FOLDER / month.name) == month.digest
    except OSError:
        return False


def bring(sources: Sequence[Path], target: Path, months: Iterable[Sealed]) -> list[Sealed]:
    """Files of months that the folder `target` lacks, or has damaged, from the first folder with a whole one.

    Durable under their names when this returns. Returns those that no folder has. Raises OSError.
    """
    return [month for month in months if not is_whole(target, month) and not _brought(sources, target, month)]


def _brought(sources: Sequence[Path], target: Path, month: Sealed) -> bool:
    for source in sources:
        if is_whole(source, month):
            make_folder(target)
            place = target / FOLDER / month.name
            part = place.with_name(place.name + _PART)
            with (source / FOLDER / month.name).open("rb") as reading:
                descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
                with os.fdopen(descriptor, "wb") as writing:
                    shutil.copyfileobj(reading, writing)
                    writing.flush()
                    os.fsync(descriptor)
            part.replace(place)
            sync_folder(place.parent)
            if is_whole(target, month):
                return True
    return False


def make_folder(data: Path) -> Path:
    folder = data / FOLDER
    if not folder.exists():
        folder.mkdir(mode=0o700, exist_ok=True)
        sync_folder(data)
    return folder


def keep_beside(data: Path, aside: Path, months: Sequence[Sealed] | None) -> None:
    """The months (None: all that are there) stay with the journal that is set aside, as links where these can be."""
    named = None if months is None else {month.name for month in months}
    there = sorted((data / FOLDER).glob(f"*{SUFFIX}"))
    files = [path for path in there if named is None or path.name in named]
    if not files:
        return
    folder = make_folder(aside)
    for path in files:
        try:
            os.link(path, folder / path.name)
        except FileExistsError:
            continue
        except OSError:  # a file system without links
            shutil.copyfile(path, folder / path.name)
    sync_folder(folder)


def drop_others(data: Path, months: Iterable[Sealed]) -> None:
    """Files that belong to none of these months go; one that cannot stays."""
    named = {month.name for month in months}
    for path in (data / FOLDER).glob(f"*{SUFFIX}*"):
        if path.name not in named:
            with contextlib.suppress(OSError):
                path.unlink()
