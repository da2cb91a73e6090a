"""Copies of the centre's database: made beside a running centre, verified, and put back on purpose."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import apsw

from sync.centre import database
from sync.protocol import record
from sync.sqlite import transaction

_BESIDE: Final = ("", "-wal", "-shm")


class NotRestored(Exception):
    """Nothing was changed: a centre runs on this database, or the copy is no good."""


def back_up(path: Path, target: Path) -> int:
    """Returns how many records are in the copy, each verified. Raises BadRecord; an older copy stays until then."""
    fresh = target.with_name(target.name + ".unverified")
    reading = database.open_for_reading(path)
    try:
        database.copy(reading, fresh)
    finally:
        reading.close()
    count = _verified(fresh)
    fresh.replace(target)
    database.sync(target.parent)
    return count


def restore(source: Path, path: Path, moment: str) -> int:
    """As `back_up`, the other way; what was at `path` is kept beside it, named with `moment`. Raises NotRestored.

    The copy is born again with a new id when a centre opens it, so every site offers what this one lacks.
    """
    _check_free(path)
    fresh = path.with_name(path.name + ".restored")
    reading = database.open_for_reading(source)
    try:
        database.copy(reading, fresh)
        count = _verified(fresh)
    except record.BadRecord as error:
        raise NotRestored(f"the copy does not verify: {error}") from error
    finally:
        reading.close()
    for end in _BESIDE:
        old = path.with_name(path.name + end)
        if old.exists():
            old.replace(path.with_name(f"{path.name}.before-restore-{moment}{end}"))
    fresh.replace(path)
    database.sync(path.parent)
    return count


def forget(path: Path, copy: Path) -> int:
    """Take what the centre at `path` has erased out of an older copy, too; how many parts went there."""
    reading = database.open_for_reading(path)
    try:
        rows = reading.execute("SELECT site, h FROM parts WHERE bytes IS NULL").fetchall()
    finally:
        reading.close()
    return _forget(copy, [(str(site), str(h)) for site, h in rows])


def _forget(copy: Path, erased: Sequence[tuple[str, str]]) -> int:
    db = apsw.Connection(str(copy), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        db.pragma("secure_delete", "ON")
        before = db.total_changes()
        with transaction(db):
            db.executemany("UPDATE parts SET bytes = NULL WHERE site = ? AND h = ? AND bytes IS NOT NULL", erased)
        return db.total_changes() - before
    finally:
        db.close()


def _verified(path: Path) -> int:
    db = database.open_for_reading(path)
    try:
        if db.execute("PRAGMA integrity_check").get != "ok":
            raise record.BadRecord("format", "the file is damaged")
        count = 0
        for (raw,) in db.execute("SELECT raw FROM records"):
            if raw:  # else of a month that was dropped
                record.parse(bytes(raw))
            count += 1
    finally:
        db.close()
    return count


def _check_free(path: Path) -> None:
    """A database that another process has open keeps its `-shm` in use."""
    if not path.exists():
        return
    db = apsw.Connection(str(path))
    try:
        db.execute("PRAGMA locking_mode=EXCLUSIVE")
        db.execute("BEGIN EXCLUSIVE")
        db.execute("ROLLBACK")
    except apsw.BusyError as error:
        raise NotRestored("a centre runs on this database; stop it first") from error
    finally:
        db.close()
