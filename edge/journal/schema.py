"""The journal's file: its tables, the pragmas and their order, and how it is born.

`synchronous=EXTRA` stands before `journal_mode=wal` at birth: in the other order a power cut can bring back the
empty file (reference/reliability_security.md section 5e). The file is made under another name and renamed when it
holds its first record, so a file named journal.db without records is always damage.
"""

from pathlib import Path
from typing import Final

import apsw

from edge.journal.errors import JournalDamaged, JournalError
from edge.journal.segments import ledger

FILE: Final = "journal.db"
HEAD_FILE: Final = "journal.head"
LOCK_FILE: Final = "journal.lock"
FORMAT: Final = 1
"""Of a journal without closed months, which the release before knows, too; `ledger.FORMAT` with one."""
_APPLICATION_ID: Final = 0x68656A31  # "hej1"
_FIRST_SQLITE_WITHOUT_WAL_RESET_BUG: Final = (3, 51, 3)

BIRTH_PRAGMAS: Final = (
    "PRAGMA synchronous=EXTRA",
    "PRAGMA secure_delete=ON",
    "PRAGMA journal_mode=wal",
    f"PRAGMA application_id={_APPLICATION_ID}",
    f"PRAGMA user_version={FORMAT}",
)
DAILY_PRAGMAS: Final = (
    "PRAGMA synchronous=FULL",
    "PRAGMA secure_delete=ON",
    "PRAGMA trusted_schema=OFF",
    "PRAGMA cell_size_check=ON",
)
SCHEMA: Final = """
CREATE TABLE epochs(base INTEGER PRIMARY KEY, epoch TEXT NOT NULL UNIQUE, site TEXT NOT NULL) STRICT;
CREATE TABLE records(pos INTEGER PRIMARY KEY, cmd TEXT, raw BLOB NOT NULL) STRICT;
CREATE INDEX records_by_cmd ON records(cmd) WHERE cmd IS NOT NULL;
CREATE TABLE head(one INTEGER PRIMARY KEY CHECK (one = 1), pos INTEGER NOT NULL, hash TEXT NOT NULL) STRICT;
CREATE TABLE parts(h TEXT PRIMARY KEY, kid TEXT NOT NULL, use TEXT NOT NULL, blob BLOB NOT NULL) STRICT;
CREATE INDEX parts_by_kid ON parts(kid);
CREATE TABLE keys(kid TEXT PRIMARY KEY, owner TEXT NOT NULL, wrapped BLOB NOT NULL) STRICT;
CREATE INDEX keys_by_owner ON keys(owner);
CREATE TABLE snapshots(pos INTEGER PRIMARY KEY, digest TEXT NOT NULL, data BLOB NOT NULL) STRICT;
CREATE TABLE marks(name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;
CREATE TRIGGER records_keep BEFORE UPDATE ON records BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER records_stay BEFORE DELETE ON records BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER epochs_keep BEFORE UPDATE ON epochs BEGIN SELECT RAISE(ABORT, 'epochs are append-only'); END;
CREATE TRIGGER epochs_stay BEFORE DELETE ON epochs BEGIN SELECT RAISE(ABORT, 'epochs are append-only'); END;
"""
# Came after the first journals; releases that do not know it are not disturbed by it.
FILES: Final = """
CREATE TABLE IF NOT EXISTS files(
    h TEXT PRIMARY KEY, kid TEXT NOT NULL, size INTEGER NOT NULL, pos INTEGER NOT NULL, state TEXT NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS files_waiting ON files(pos) WHERE state = 'waits';
CREATE INDEX IF NOT EXISTS files_by_kid ON files(kid);
"""
# The same holds for these. `spans`: last position of an earlier epoch that still counts, since a later epoch wrote the
# rest again; `gone`: parts that were erased at the centre and came back as a name only.
EPOCHS: Final = """
CREATE TABLE IF NOT EXISTS spans(base INTEGER PRIMARY KEY, last INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS gone(h TEXT PRIMARY KEY) STRICT;
"""
LATER: Final = FILES + EPOCHS + ledger.TABLES


def check_sqlite() -> None:
    """Refuse a library whose WAL reset can corrupt the file (SQLite 3.7.0 to 3.51.2)."""
    version = apsw.sqlite_lib_version()
    if tuple(int(number) for number in version.split(".")[:3]) < _FIRST_SQLITE_WITHOUT_WAL_RESET_BUG:
        raise JournalError(f"SQLite {version} can damage a journal; 3.51.3 or later is needed")


def create(path: Path) -> apsw.Connection:
    """A new file with its tables, inside an open transaction that the caller commits with the first record."""
    db = apsw.Connection(str(path))
    for pragma in BIRTH_PRAGMAS:
        db.execute(pragma).fetchall()
    db.execute("BEGIN IMMEDIATE")
    db.execute(SCHEMA + LATER)
    return db


def open_existing(path: Path, *, read_only: bool = False) -> apsw.Connection:
    """Open a journal file and check that it is one. Raises JournalDamaged, JournalError.

    What a kill left half written in a copy (these have no WAL) is taken back first, also for who only reads.
    """
    flags = apsw.SQLITE_OPEN_READONLY if read_only else apsw.SQLITE_OPEN_READWRITE
    db = None
    try:
        db = apsw.Connection(str(path), flags=flags)
        db.set_busy_timeout(5000)
        found = [db.pragma("application_id"), db.pragma("user_version")]
        tables = db.execute("SELECT count(*) FROM sqlite_schema WHERE name='records'").get
    except apsw.Error as error:
        if db is not None:
            db.close()
        if read_only and isinstance(error, apsw.ReadOnlyError):  # SQLITE_READONLY_ROLLBACK
            open_existing(path).close()
            return open_existing(path, read_only=True)
        raise JournalDamaged(0, f"the journal file cannot be read: {error}") from error
    if found[0] != _APPLICATION_ID or not tables:
        db.close()
        raise JournalDamaged(0, "the journal file is empty or is no journal")
    if found[1] not in (FORMAT, ledger.FORMAT, ledger.DROPPING):
        db.close()
        raise JournalError(f"the journal has format {found[1]}; this program knows up to format {ledger.DROPPING}")
    for pragma in () if read_only else DAILY_PRAGMAS:
        db.execute(pragma).fetchall()
    if not read_only:
        db.execute(LATER)
    return db
