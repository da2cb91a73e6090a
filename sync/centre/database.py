"""The centre's database file: its form, and how it is opened."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import apsw

from sync.sqlite import transaction

VERSION: Final = 1
COPY: Final = "copy"  # in the place of the id: sites must meet a restored database as another centre
_TABLES: Final = """
CREATE TABLE centre(id TEXT NOT NULL);
CREATE TABLE epochs(
    met INTEGER PRIMARY KEY,  -- epochs of a site in the order in which the centre first met them
    site TEXT NOT NULL, epoch TEXT NOT NULL, upto INTEGER NOT NULL, chain TEXT NOT NULL,
    durable INTEGER NOT NULL DEFAULT 0, closed INTEGER NOT NULL DEFAULT 0,
    UNIQUE(site, epoch));
CREATE TABLE records(
    id INTEGER PRIMARY KEY,
    site TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL, hash TEXT NOT NULL, kind TEXT NOT NULL,
    birth TEXT NOT NULL, first INTEGER NOT NULL,  -- first = 1: the record that had the effects of its birth
    raw BLOB NOT NULL,
    UNIQUE(site, epoch, seq));
CREATE UNIQUE INDEX one_effect_a_birth ON records(site, birth) WHERE first = 1;
CREATE TABLE parts(
    site TEXT NOT NULL, h TEXT NOT NULL, kind TEXT NOT NULL,
    bytes BLOB,  -- NULL: erased, and never stored again
    PRIMARY KEY(site, h));
CREATE TABLE holes(site TEXT NOT NULL, epoch TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL);
CREATE TABLE quarantine(
    id INTEGER PRIMARY KEY,
    site TEXT NOT NULL, birth TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL, reason TEXT NOT NULL,
    UNIQUE(site, birth));
CREATE TABLE alarms(at INTEGER NOT NULL, site TEXT NOT NULL, code TEXT NOT NULL, detail TEXT NOT NULL);
CREATE TABLE presence(
    site TEXT PRIMARY KEY, online INTEGER NOT NULL, epoch TEXT NOT NULL, version TEXT NOT NULL, at INTEGER NOT NULL);
"""


# Came later, as additions: an earlier release is not disturbed by them.
_LATER: Final = """
CREATE TABLE IF NOT EXISTS files(
    site TEXT NOT NULL, h TEXT NOT NULL, size INTEGER NOT NULL,
    chunk INTEGER,  -- NULL: the file is whole
    missing TEXT,  -- bitmap of the chunks still missing
    PRIMARY KEY(site, h));
CREATE TABLE IF NOT EXISTS disclosures(
    at INTEGER NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL,
    site TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL, h TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS telemetry(
    site TEXT NOT NULL, name TEXT NOT NULL, value REAL NOT NULL, unit TEXT NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY(site, name));
"""


class ForeignDatabase(Exception):
    """The file is no database of this program, or of a later version of it."""


def open_for_writing(path: Path, new_id: str) -> apsw.Connection:
    """Open or create. `new_id`: 16 hex digits that a new database is born with."""
    db = apsw.Connection(str(path))
    db.set_busy_timeout(5_000)
    version = _version(db)
    db.pragma("synchronous", "EXTRA")  # before WAL: creating the file must survive a power cut, too
    db.pragma("journal_mode", "wal")
    if version == 0:
        with transaction(db):
            db.execute(_TABLES)
            db.execute("INSERT INTO centre VALUES(?)", (new_id,))
            db.pragma("user_version", VERSION)
    db.execute(_LATER)
    db.execute("UPDATE centre SET id = ? WHERE id = ?", (new_id, COPY))
    db.pragma("synchronous", "FULL")
    db.pragma("secure_delete", "ON")  # an erased part leaves no bytes in a free page, nor in a copy made later
    return db


def open_for_reading(path: Path) -> apsw.Connection:
    db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    db.set_busy_timeout(5_000)
    if _version(db) == 0:
        raise ForeignDatabase(path.name)
    here = {name for (name,) in db.execute("SELECT name FROM sqlite_schema")}
    for statement in _LATER.split(";"):
        if statement.strip() and not any(f"EXISTS {name}(" in statement for name in here):
            db.execute(statement.replace("TABLE", "TEMP TABLE"))  # of an earlier release
    return db


def open_beside(path: Path) -> apsw.Connection:
    """For a few lines of somebody else than the centre, which may be running."""
    db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    db.set_busy_timeout(5_000)
    if _version(db) == 0:
        raise ForeignDatabase(path.name)
    db.execute(_LATER)
    db.pragma("synchronous", "FULL")
    return db


def _version(db: apsw.Connection) -> int:
    version = int(db.pragma("user_version") or 0)
    if version > VERSION or (version == 0 and db.execute("SELECT count(*) FROM sqlite_schema").get):
        raise ForeignDatabase(f"version {version}")
    return version


@contextmanager
def savepoint(db: apsw.Connection) -> Iterator[None]:
    """A part of an open transaction, all or nothing. SQLite may have rolled back the whole by itself."""
    db.execute("SAVEPOINT part")
    done = False
    try:
        yield
        done = True
    finally:
        if db.in_transaction:
            db.execute("RELEASE part" if done else "ROLLBACK TO part; RELEASE part")


def copy(db: apsw.Connection, path: Path) -> None:
    """A consistent copy, complete on the disk before it takes the name `path`."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    target = apsw.Connection(str(fresh))
    try:
        backup = target.backup("main", db, "main")
        try:
            backup.step()
            backup.finish()
        finally:
            backup.close(True)  # apsw's own `with` hides the error of a full disk behind a SystemError
        # Whoever opens the copy to go on with it is a centre that lost something, and must say so by a new id.
        target.execute("UPDATE centre SET id = ?", (COPY,))
        target.pragma("journal_mode", "delete")  # the copy is one file, whole without a -wal beside it
    finally:
        target.close()
    sync(fresh)
    fresh.replace(path)
    sync(path.parent)


def empty_wal(db: apsw.Connection, patience_ms: int = 5_000) -> bool:
    """What was deleted lives on in the WAL until it is emptied. False: somebody reads beside us; ask again.

    Does not wait; `patience_ms` is the connection's time for everything else.
    """
    db.set_busy_timeout(0)
    try:
        busy, _, _ = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()[0]
    except apsw.BusyError:
        return False
    finally:
        db.set_busy_timeout(patience_ms)
    return not busy


def sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
