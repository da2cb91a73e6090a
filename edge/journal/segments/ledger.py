"""What the journal knows of its closed months: their rows, and what must be found again without opening their files.

The first month that is closed turns the file into format 2, the first that is dropped into format 3, which earlier
releases refuse: they would miss the rows, or the files.
"""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

import apsw
import orjson

from edge.journal.segments.form import Title
from sync.protocol.record import named_parts

FORMAT: Final = 2
DROPPING: Final = 3
FOLDER: Final = "segments"
SUFFIX: Final = ".segment"
# In every journal; without a month that was closed they are empty, and releases that do not know them not disturbed.
# `closed_commands`: what an id had written is found again (key: first 8 bytes of its SHA-256) while its month is here.
# `closed_parts`, `closed_cases`: where parts that are still here are named, and the last that is said of a case.
TABLES: Final = """
CREATE TABLE IF NOT EXISTS segments(
    first INTEGER PRIMARY KEY, last INTEGER NOT NULL, site TEXT NOT NULL, epoch TEXT NOT NULL, month TEXT NOT NULL,
    prev TEXT NOT NULL, tail TEXT NOT NULL, digest TEXT NOT NULL UNIQUE, size INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS closed_commands(
    key INTEGER NOT NULL, pos INTEGER NOT NULL, PRIMARY KEY(key, pos)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS closed_parts(h TEXT PRIMARY KEY, pos INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS closed_cases(subject TEXT PRIMARY KEY, pos INTEGER NOT NULL) STRICT;
"""
_KEEP_DROPPED: Final = """
CREATE TRIGGER dropped_keep BEFORE UPDATE ON dropped BEGIN SELECT RAISE(ABORT, 'dropped is append-only'); END;
"""
# `last`: as in `segments`, whose row stays; `said`: position of the record that says so; `kept`: months.
_FIRST_DROPPING: Final = f"""
CREATE TABLE dropped(last INTEGER PRIMARY KEY, said INTEGER NOT NULL, kept INTEGER NOT NULL) STRICT;
{_KEEP_DROPPED}
CREATE TRIGGER dropped_stay BEFORE DELETE ON dropped BEGIN SELECT RAISE(ABORT, 'dropped is append-only'); END;
CREATE TRIGGER dropped_follow BEFORE INSERT ON dropped
    WHEN NEW.last IS NOT (SELECT min(last) FROM segments WHERE last > coalesce((SELECT max(last) FROM dropped), 0))
        OR NEW.said <= NEW.last OR EXISTS (SELECT 1 FROM records WHERE pos <= NEW.last)
    BEGIN SELECT RAISE(ABORT, 'the oldest closed month goes first'); END;
PRAGMA user_version={DROPPING};
"""
# A record may leave the live table only where a month that was sealed holds it.
_FIRST_CLOSING: Final = f"""
CREATE TRIGGER segments_keep BEFORE UPDATE ON segments BEGIN SELECT RAISE(ABORT, 'segments are append-only'); END;
CREATE TRIGGER segments_stay BEFORE DELETE ON segments BEGIN SELECT RAISE(ABORT, 'segments are append-only'); END;
CREATE TRIGGER segments_follow BEFORE INSERT ON segments
    WHEN NEW.first <> 1 + coalesce((SELECT max(last) FROM segments), 0) OR NEW.last < NEW.first
    BEGIN SELECT RAISE(ABORT, 'a segment follows the one before'); END;
DROP TRIGGER records_stay;
CREATE TRIGGER records_stay BEFORE DELETE ON records
    WHEN NOT EXISTS (SELECT 1 FROM segments WHERE OLD.pos BETWEEN first AND last)
    BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
PRAGMA user_version={FORMAT};
"""


class Sealed(NamedTuple):
    """The row of a closed month."""

    title: Title
    digest: str
    size: int

    @property
    def records(self) -> int:
        return self.title.last - self.title.first + 1

    @property
    def name(self) -> str:
        """Of its file. By content: no other month, and no other journal that stood here, has it."""
        return f"{self.title.epoch}-{self.title.month}-{self.digest[:16]}{SUFFIX}"


def begin_closing(db: apsw.Connection) -> None:
    """Within the transaction that closes the first month: from now on this is a journal of format 2."""
    if db.pragma("user_version") not in (FORMAT, DROPPING):
        db.execute(_FIRST_CLOSING)


class Dropped(NamedTuple):
    """A month whose file is gone; its row stays. `said`: position of the record of it. `kept`: for so many months."""

    sealed: Sealed
    said: int
    kept: int


def sealed_months(db: apsw.Connection) -> list[Sealed]:
    """All that ever were, oldest first; a journal of an earlier release has none."""
    if not db.execute("SELECT 1 FROM sqlite_schema WHERE name='segments'").get:
        return []
    query = "SELECT site, epoch, month, first, last, prev, tail, digest, size FROM segments ORDER BY first"
    return [Sealed(Title(*row[:7]), str(row[7]), int(row[8])) for row in db.execute(query)]


def dropped_months(db: apsw.Connection) -> list[Dropped]:
    """Oldest first: they come before all others."""
    said = _dropped(db)
    return [Dropped(one, *said[one.title.last]) for one in sealed_months(db) if one.title.last in said]


def held_months(db: apsw.Connection) -> list[Sealed]:
    """Oldest first: those whose files must be there."""
    said = _dropped(db)
    return [one for one in sealed_months(db) if one.title.last not in said]


def _dropped(db: apsw.Connection) -> dict[int, tuple[int, int]]:
    if not db.execute("SELECT 1 FROM sqlite_schema WHERE name='dropped'").get:
        return {}
    return {int(last): (int(said), int(kept)) for last, said, kept in db.execute("SELECT * FROM dropped")}


def drop(db: apsw.Connection, last: int, said: int, kept: int) -> None:
    """Within the transaction that writes the record at `said`: the oldest month that is held, up to `last`."""
    if db.pragma("user_version") != DROPPING:
        db.execute(_FIRST_DROPPING)
    db.execute("INSERT INTO dropped VALUES(?,?,?)", (last, said, kept))


def said_elsewhere(db: apsw.Connection, last: int, said: int) -> None:
    """In a journal that is being mended the record of it has another place."""
    db.execute("DROP TRIGGER dropped_keep")
    db.execute("UPDATE dropped SET said = ? WHERE last = ?", (said, last))
    db.execute(_KEEP_DROPPED)


def dropped_up_to(db: apsw.Connection) -> int:
    """Position up to which nothing is held any more."""
    return max(_dropped(db), default=0)


def sealed_up_to(db: apsw.Connection) -> int:
    """Position up to which records stand in closed months; for a journal that has the table."""
    return int(db.execute("SELECT coalesce(max(last), 0) FROM segments").get)


def add(db: apsw.Connection, one: Sealed) -> None:
    begin_closing(db)
    title = one.title
    row = (title.first, title.last, title.site, title.epoch, title.month, title.prev, title.tail, one.digest, one.size)
    db.execute("INSERT INTO segments VALUES(?,?,?,?,?,?,?,?,?)", row)


def note(db: apsw.Connection, rows: Iterable[tuple[int, bytes]]) -> None:
    """Records of closed months that no longer stand in the table: what of them must be found without their file."""
    for pos, raw in rows:
        data = orjson.loads(raw)
        if "cmd" in data:
            db.execute("INSERT OR IGNORE INTO closed_commands VALUES(?,?)", (command_key(data["cmd"]), pos))
        if data["subject"].startswith("case:"):
            db.execute("INSERT OR REPLACE INTO closed_cases VALUES(?,?)", (data["subject"], pos))
        for h in named_parts(data):
            query = "INSERT OR IGNORE INTO closed_parts SELECT h, ? FROM parts WHERE h=?"
            db.execute(query, (pos, h))


def folder_of(db: apsw.Connection) -> Path:
    return Path(db.db_filename("main")).parent / FOLDER


def command_key(cmd: str) -> int:
    """Two commands may share it: who asks looks into the record."""
    return int.from_bytes(hashlib.sha256(cmd.encode()).digest()[:8], "big", signed=True)


def of_command(db: apsw.Connection, cmd: str) -> list[int]:
    """Positions in closed months that may have been written for a command."""
    query = "SELECT pos FROM closed_commands WHERE key=? ORDER BY pos"
    return [int(pos) for (pos,) in db.execute(query, (command_key(cmd),))]


def has_command(db: apsw.Connection, cmd: str, pos: int) -> bool:
    """Whether the record at `pos` of a closed month is found by its command id."""
    query = (
        "SELECT 1 FROM closed_commands WHERE key=?1 AND pos=?2 UNION ALL SELECT 1 FROM records WHERE pos=?2 AND cmd=?3"
    )
    return db.execute(query, (command_key(cmd), pos, cmd)).get is not None


def naming_parts(db: apsw.Connection, upto: int) -> Iterator[int]:
    """Positions in closed months of records that name parts which are still here."""
    query = "SELECT DISTINCT c.pos FROM closed_parts c JOIN parts p USING (h) WHERE c.pos <= ? ORDER BY c.pos"
    for (pos,) in db.execute(query, (upto,)):
        yield int(pos)


def last_of_cases(db: apsw.Connection) -> dict[str, int]:
    """Subject of each case -> position of its newest record that left the live table."""
    return {str(subject): int(pos) for subject, pos in db.execute("SELECT subject, pos FROM closed_cases")}
