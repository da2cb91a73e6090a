"""Which files the records name, and what became of each: rows made with the record, inside its transaction.

The names come from `page.captured` alone and are read again from the records where a row is missing; only the states
are the table's own: `waits` for the centre, `there`, `broken` (our copy is), `erased`.
"""

from collections.abc import Callable, Iterable
from typing import Final, Literal, NamedTuple

import apsw

from sync.protocol.record import Record

State = Literal["waits", "there", "broken", "erased"]
NAMING: Final = "page.captured"
_CURSOR: Final = "files"
_CENTRE: Final = "files_centre"


class FileRow(NamedTuple):
    """`pos`: position of the record that names the file."""

    h: str
    kid: str
    size: int
    pos: int
    state: State


def note(db: apsw.Connection, pos: int, record: Record) -> None:
    """A record was written at `pos`; the first one that names a file counts."""
    if record.kind == NAMING:
        body = record.body
        row = (str(body["h"]), str(body["kid"]), int(body["size"]), pos)
        db.execute("INSERT OR IGNORE INTO files VALUES(?,?,?,?,'waits')", row)


def not_here(db: apsw.Connection, records: Iterable[Record], here: Callable[[str], bool]) -> None:
    """Files of records that came back from the centre: what is not on this disk is not waited for."""
    for record in records:
        if record.kind == NAMING and not here(str(record.body["h"])):
            set_state(db, str(record.body["h"]), "there")


def unnoted(db: apsw.Connection) -> list[int]:
    """Positions of naming records that came when this table was not kept: by an earlier release."""
    query = "SELECT pos FROM records WHERE pos > ? AND instr(raw, CAST(? AS BLOB)) > 0 ORDER BY pos"
    cursor = int(_mark(db, _CURSOR) or 0)
    return [pos for (pos,) in db.execute(query, (cursor, f'"kind":"{NAMING}"'))]


def noted_up_to(db: apsw.Connection, pos: int) -> None:
    _set_mark(db, _CURSOR, str(pos))


def row(db: apsw.Connection, h: str) -> FileRow | None:
    found = db.execute("SELECT * FROM files WHERE h=?", (h,)).fetchone()
    return None if found is None else FileRow(*found)


def waiting(db: apsw.Connection, up_to_pos: int, after_pos: int, limit: int) -> list[FileRow]:
    """Files for the centre in the order of their records, which all stand at or below `up_to_pos`."""
    query = "SELECT * FROM files WHERE state='waits' AND pos > ? AND pos <= ? ORDER BY pos LIMIT ?"
    return [FileRow(*found) for found in db.execute(query, (after_pos, up_to_pos, limit))]


def count_waiting(db: apsw.Connection) -> int:
    return int(db.execute("SELECT count(*) FROM files WHERE state='waits'").get)


def set_state(db: apsw.Connection, h: str, state: State) -> bool:
    """Whether it is news. What was erased stays erased."""
    db.execute("UPDATE files SET state=? WHERE h=? AND state NOT IN (?, 'erased')", (state, h, state))
    return db.changes() > 0


def kept(db: apsw.Connection) -> set[str]:
    return {h for (h,) in db.execute("SELECT h FROM files WHERE state<>'erased'")}


def erased(db: apsw.Connection) -> list[str]:
    return [h for (h,) in db.execute("SELECT h FROM files WHERE state='erased'")]


def offer_again_to(db: apsw.Connection, centre: str) -> bool:
    """Another database of the centre may lack what the last one had. True when it is another."""
    before = _mark(db, _CENTRE)
    if before == centre:
        return False
    _set_mark(db, _CENTRE, centre)
    if before is not None:
        db.execute("UPDATE files SET state='waits' WHERE state='there'")
    return True


def knows_centre(db: apsw.Connection, centre: str) -> bool:
    return _mark(db, _CENTRE) == centre


def _mark(db: apsw.Connection, name: str) -> str | None:
    value = db.execute("SELECT value FROM marks WHERE name=?", (name,)).get
    return None if value is None else bytes(value).decode()


def _set_mark(db: apsw.Connection, name: str, value: str) -> None:
    db.execute("INSERT OR REPLACE INTO marks VALUES(?,?)", (name, value.encode()))
