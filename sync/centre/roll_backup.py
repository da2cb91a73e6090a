"""Copies of the roll of enrolled sites: made beside a running desk, and put back without forgetting a revocation."""

import os
from contextlib import closing
from pathlib import Path
from typing import Final

import apsw

from sync.centre.database import sync
from sync.centre.enrolment_roll import FILE
from sync.sqlite import transaction

_BESIDE: Final = ("", "-wal", "-shm")
_REVOKED: Final = "UPDATE certificates SET state = 'revoked' WHERE serial = ? AND state = 'good'"


class BadRoll(Exception):
    """The file is no roll, or is damaged; nothing was changed."""


def copy_roll(folder: Path, target: Path) -> int:
    """Copy the roll of an authority's `folder`; how many sites are in it. Raises BadRoll."""
    return _copied(folder / FILE, target)


def restore_roll(copy: Path, folder: Path, moment: str) -> int:
    """Put a copy back; what was there is kept beside it, named with `moment`. Raises BadRoll.

    What the replaced roll knows and the copy does not stays known, and what either has revoked stays revoked. Vouchers
    do not come back: the copy cannot know which were used since.
    """
    fresh = folder / f"{FILE}.restored"
    _copied(copy, fresh)
    old = folder / FILE
    with closing(apsw.Connection(str(fresh))) as db:
        if old.exists():
            _take_over(db, old)
        db.execute("DELETE FROM vouchers")
        count = int(db.execute("SELECT count(*) FROM sites").get)
    for end in _BESIDE:
        there = folder / f"{FILE}{end}"
        if there.exists():
            there.replace(folder / f"{FILE}.before-restore-{moment}{end}")
    sync(fresh)
    fresh.replace(old)
    sync(folder)
    return count


def _take_over(db: apsw.Connection, old: Path) -> None:
    try:
        with closing(apsw.Connection(str(old), flags=apsw.SQLITE_OPEN_READONLY)) as reading:
            sites = reading.execute("SELECT * FROM sites").fetchall()
            certificates = reading.execute("SELECT * FROM certificates").fetchall()
            revoked = reading.execute("SELECT serial FROM certificates WHERE state = 'revoked'").fetchall()
    except apsw.Error:
        return  # that is why somebody restores
    with transaction(db):
        db.executemany("INSERT OR IGNORE INTO sites VALUES(?, ?, ?)", sites)
        db.executemany("INSERT OR IGNORE INTO certificates VALUES(?, ?, ?, ?, ?, ?, ?)", certificates)
        db.executemany(_REVOKED, revoked)


def _copied(source: Path, target: Path) -> int:
    """Whole and durable under its name, readable by its owner only, or not at all."""
    fresh = target.with_name(target.name + ".new")
    fresh.unlink(missing_ok=True)
    os.close(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with (
            closing(apsw.Connection(str(source), flags=apsw.SQLITE_OPEN_READONLY)) as reading,
            closing(apsw.Connection(str(fresh))) as writing,
        ):
            with writing.backup("main", reading, "main") as copying:
                copying.step()
            writing.pragma("journal_mode", "delete")
            if writing.pragma("integrity_check") != "ok":
                raise BadRoll(f"{source.name} is damaged")
            count = int(writing.execute("SELECT count(*) FROM sites").get)
    except apsw.Error as error:
        fresh.unlink(missing_ok=True)
        raise BadRoll(f"{source.name} is no roll of sites: {error}") from error
    except BadRoll:
        fresh.unlink(missing_ok=True)
        raise
    sync(fresh)
    fresh.replace(target)
    sync(target.parent)
    return count
