"""The feeds' own SQLite file. What stands in it is the centre's: lost or damaged, it comes again."""

from pathlib import Path
from typing import Final

import apsw
import structlog

from sync.sqlite import transaction

FILE: Final = "feeds.db"
VERSION: Final = 1
_TABLES: Final = """
CREATE TABLE region(name TEXT NOT NULL);
INSERT INTO region VALUES('');
CREATE TABLE feeds(feed TEXT PRIMARY KEY, scope TEXT NOT NULL, ver INTEGER NOT NULL, digest TEXT NOT NULL);
CREATE TABLE items(
    feed TEXT NOT NULL, id TEXT NOT NULL, rev INTEGER NOT NULL, line BLOB NOT NULL,  -- canonical item and LF
    PRIMARY KEY(feed, id)) WITHOUT ROWID;
CREATE TABLE pending(  -- changes that nothing has followed from yet
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    feed TEXT NOT NULL, id TEXT NOT NULL, rev INTEGER NOT NULL, gone INTEGER NOT NULL);
CREATE TABLE refused(
    feed TEXT NOT NULL, id TEXT NOT NULL, rev INTEGER NOT NULL, why TEXT NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY(feed, id));
CREATE TABLE own_notices(id TEXT PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE catalogues(version TEXT PRIMARY KEY, items BLOB NOT NULL);  -- those that running cases began under
"""
log = structlog.get_logger(__name__)


def open_for_writing(path: Path) -> apsw.Connection:
    """Open or create; one that cannot be read is kept beside and a new one begun."""
    try:
        return _open(path)
    except (apsw.CorruptError, apsw.NotADBError) as error:
        log.error("feeds_damaged", why=str(error))
        for part in ("-wal", "-shm"):
            path.with_name(path.name + part).unlink(missing_ok=True)
        path.replace(path.with_name(path.name + ".damaged"))
        return _open(path)


def open_for_reading(path: Path) -> apsw.Connection:
    db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    db.set_busy_timeout(5_000)
    return db


def _open(path: Path) -> apsw.Connection:
    db = apsw.Connection(str(path))
    try:
        db.set_busy_timeout(5_000)
        version = int(db.pragma("user_version") or 0)
        if version > VERSION:
            raise apsw.NotADBError(f"version {version} is of a later release")
        if version and db.pragma("quick_check") != "ok":
            raise apsw.CorruptError("quick_check")
        db.pragma("synchronous", "EXTRA")  # before WAL: creating the file must survive a power cut, too
        db.pragma("journal_mode", "wal")
        if version == 0:
            with transaction(db):
                db.execute(_TABLES)
                db.pragma("user_version", VERSION)
        db.pragma("synchronous", "FULL")
        db.pragma("secure_delete", "ON")  # personal items that the centre removes leave no bytes behind
    except BaseException:
        db.close()
        raise
    return db


def empty_wal(db: apsw.Connection) -> bool:
    """What was removed lives on in the WAL until it is emptied. Does not wait; False: somebody reads, ask again."""
    db.set_busy_timeout(0)
    try:
        busy, _, _ = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()[0]
    except apsw.BusyError:
        return False
    finally:
        db.set_busy_timeout(5_000)
    return not busy
