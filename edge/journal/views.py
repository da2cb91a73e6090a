"""views.db: read tables folded from committed records, for statistics and look-up. Disposable: it is rebuilt.

It has its own file and its own SQLite library (sqlite-utils); the journal's file is never opened from here.
"""

import hashlib
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from sqlite_utils import Database

from edge.rules.records import KINDS
from edge.rules.reuse import oldest
from sync.protocol.record import Record

Row = dict[str, Any]

_FOLD: Final = 3  # raise it when the same records shall give other rows
_TABLES: Final[dict[str, dict[str, type]]] = {
    "tickets": {
        "uid": str,
        "date": str,
        "number": str,
        "service": str,
        "area": str,
        "channel": str,
        "window": str,
        "state": str,
        "calls": int,
        "issued_at": str,
        "called_at": str,
        "started_at": str,
        "finished_at": str,
    },
    "calls": {"seq": int, "date": str, "ticket": str, "window": str, "call": int, "at": str},
    "ratings": {"turn": str, "date": str, "window": str, "level": str, "asked_at": str, "answered_at": str},
    "receipts": {"uid": str, "opened": int, "received": int, "day": str, "number_back": str, "receipt_back": str},
    "cursor": {"one": int, "seq": int, "epoch": str, "version": str, "date": str},
}
_KEYS: Final = {"tickets": "uid", "calls": "seq", "ratings": "turn", "receipts": "uid", "cursor": "one"}
_INDEXES: Final = {
    "tickets": ("date",),
    "calls": ("date",),
    "ratings": ("date",),
    "receipts": ("day", "number_back", "receipt_back"),
}


def _version() -> str:
    facts = (_FOLD, sorted(KINDS), {name: sorted(columns) for name, columns in _TABLES.items()})
    return hashlib.sha256(repr(facts).encode()).hexdigest()


class Views:
    """Blocking; use it from one thread at a time. Another epoch, schema or set of rules empties it when opened."""

    def __init__(self, path: Path, *, epoch: str) -> None:
        self._epoch = epoch
        self._path = path
        try:
            self._db = self._open()
        except sqlite3.DatabaseError:
            path.unlink()  # disposable: damage costs a rebuild and nothing else
            self._db = self._open()

    @property
    def cursor(self) -> int:
        """Seq of the last record folded; feed the records after it."""
        return int(self._state()["seq"])

    def follow(self, records: Iterable[Record]) -> None:
        """Fold records in order, in one transaction; known ones are passed over. Raises ValueError at a gap."""
        with self._db.atomic():
            state = self._state()
            for record in records:
                if record.seq <= state["seq"]:
                    continue
                if record.seq != state["seq"] + 1:
                    raise ValueError(f"record {record.seq} after {state['seq']}: one is missing")
                state["seq"] = record.seq
                if record.kind == "day.opened":
                    state["date"] = record.body["date"]
                    self._db.execute("DELETE FROM receipts WHERE day < ?", [oldest(state["date"])])
                fold = _FOLDS.get(record.kind)
                if fold is not None:
                    fold(self._db, record, str(record.data.get("business_date") or state["date"]))
            self._db.table("cursor").upsert(state, pk="one")

    def tickets(self, date: str) -> list[Row]:
        """Tickets of a business date in the order of issue."""
        return list(self._db.query("SELECT * FROM tickets WHERE date = ? ORDER BY issued_at, number", [date]))

    def calls(self, date: str) -> list[Row]:
        """Calls and recalls of a business date, oldest first."""
        return list(self._db.query("SELECT * FROM calls WHERE date = ? ORDER BY seq", [date]))

    def ratings(self, date: str) -> dict[str, dict[str, int]]:
        """window -> word -> count; the words of the answers, and `lapsed` for no answer."""
        found: dict[str, dict[str, int]] = {}
        query = """SELECT "window" AS place, level, count(*) AS n FROM ratings
                   WHERE date = ? AND level != '' GROUP BY place, level ORDER BY place, level"""
        for row in self._db.query(query, [date]):
            found.setdefault(row["place"], {})[row["level"]] = row["n"]
        return found

    def close(self) -> None:
        self._db.close()

    def _open(self) -> Database:
        connection = sqlite3.connect(self._path, check_same_thread=False)
        try:
            return self._prepare(Database(connection))
        except sqlite3.DatabaseError:
            connection.close()
            raise

    def _prepare(self, db: Database) -> Database:
        wanted = {"epoch": self._epoch, "version": _version()}
        if "cursor" in db.table_names():
            found = next(iter(db.query("SELECT * FROM cursor")), {})
            if wanted.items() <= found.items():
                return db
        with db.atomic():
            for name in db.table_names():
                db.table(name).drop()
            for name, columns in _TABLES.items():
                db.table(name).create(columns, pk=_KEYS[name])
            for name, wanted_columns in _INDEXES.items():
                for column in wanted_columns:
                    db.table(name).create_index([column])
            db.table("cursor").insert({"one": 1, "seq": 0, "date": "", **wanted}, pk="one")
        return db

    def _state(self) -> Row:
        return next(iter(self._db.query("SELECT * FROM cursor")))


def receipts(path: Path, typed: str) -> list[tuple[int, int]]:
    """Seqs of `case.opened` and `case.received` of at most two cases whose number or receipt ends with `typed`.

    Those of the last months; beside whoever follows the journal. Raises sqlite3.Error where the file is not there
    or not whole.
    """
    back = typed[::-1]
    query = """SELECT opened, received FROM receipts WHERE number_back >= ?1 AND number_back < ?2
               UNION SELECT opened, received FROM receipts WHERE receipt_back >= ?1 AND receipt_back < ?2 LIMIT 2"""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        return list(connection.execute(query, [back, back + "\uffff"]))


def _issued(db: Database, record: Record, date: str) -> None:
    body = record.body
    row: Row = {name: body[name] for name in ("number", "service", "area", "channel")}
    row |= {"uid": record.subject, "date": date, "window": "", "state": "waiting", "calls": 0, "issued_at": record.at}
    db.table("tickets").insert(row | {"called_at": "", "started_at": "", "finished_at": ""}, pk="uid", replace=True)


def _called(db: Database, record: Record, date: str) -> None:
    window, call = record.body["window"], record.body["call"]
    row = {"seq": record.seq, "date": date, "ticket": record.subject, "window": window, "call": call, "at": record.at}
    db.table("calls").insert(row, pk="seq", replace=True)
    query = """UPDATE tickets SET state = 'called', "window" = ?, calls = ?,
               called_at = CASE called_at WHEN '' THEN ? ELSE called_at END WHERE uid = ?"""
    db.execute(query, [window, call, record.at, record.subject])


def _missed(db: Database, record: Record, date: str) -> None:
    db.execute("UPDATE tickets SET state = 'missed' WHERE uid = ?", [record.subject])


def _started(db: Database, record: Record, date: str) -> None:
    query = """UPDATE tickets SET state = 'serving', "window" = ?, started_at = ? WHERE uid = ?"""
    db.execute(query, [record.body["window"], record.at, record.subject])


def _finished(db: Database, record: Record, date: str) -> None:
    db.execute("UPDATE tickets SET state = 'done', finished_at = ? WHERE uid = ?", [record.at, record.subject])


def _back(db: Database, record: Record, date: str) -> None:
    """It waits again, perhaps for something else."""
    db.execute("""UPDATE tickets SET state = 'waiting', "window" = '' WHERE uid = ?""", [record.subject])
    if "service" in record.body:
        query = "UPDATE tickets SET service = ?, area = ? WHERE uid = ?"
        db.execute(query, [record.body["service"], record.body["area"], record.subject])


def _now(state: str) -> Callable[[Database, Record, str], None]:
    def fold(db: Database, record: Record, date: str) -> None:
        db.execute("UPDATE tickets SET state = ? WHERE uid = ?", [state, record.subject])

    return fold


def _closed(db: Database, record: Record, date: str) -> None:
    for uid in record.body["expired"]:
        db.execute("UPDATE tickets SET state = 'expired' WHERE uid = ?", [uid])


def _asked(db: Database, record: Record, date: str) -> None:
    row = {"turn": record.subject, "date": date, "window": record.body["window"], "level": "", "asked_at": record.at}
    db.table("ratings").insert(row | {"answered_at": ""}, pk="turn", replace=True)


def _given(db: Database, record: Record, date: str) -> None:
    _answer(db, record, str(record.body["level"]))


def _lapsed(db: Database, record: Record, date: str) -> None:
    _answer(db, record, "lapsed")


def _answer(db: Database, record: Record, level: str) -> None:
    db.execute("UPDATE ratings SET level = ?, answered_at = ? WHERE turn = ?", [level, record.at, record.subject])


def _opened(db: Database, record: Record, date: str) -> None:
    """In plain SQL: a large hall's journal has a hundred thousand of them to fold anew."""
    query = """INSERT OR REPLACE INTO receipts (uid, opened, received, "day", number_back, receipt_back)
               VALUES (?, ?, 0, ?, '', '')"""
    db.execute(query, [record.subject, record.seq, date])


def _received(db: Database, record: Record, date: str) -> None:
    """The numbers turned round: what is typed is mostly the end of one."""
    body = record.body
    query = "UPDATE receipts SET received = ?, day = ?, number_back = ?, receipt_back = ? WHERE uid = ?"
    db.execute(query, [record.seq, date, body["number"][::-1], body["receipt"][::-1], record.subject])


_FOLDS: Final[dict[str, Callable[[Database, Record, str], None]]] = {
    "ticket.issued": _issued,
    "case.opened": _opened,
    "case.received": _received,
    "ticket.called": _called,
    "ticket.missed": _missed,
    "ticket.uncalled": _back,
    "ticket.revived": _back,
    "ticket.returned": _back,
    "ticket.transferred": _back,
    "ticket.advanced": _back,
    "ticket.held": _now("held"),
    "ticket.resumed": _now("serving"),
    "ticket.cancelled": _now("cancelled"),
    "service.abandoned": _now("expired"),
    "service.started": _started,
    "service.finished": _finished,
    "day.closed": _closed,
    "rating.asked": _asked,
    "rating.given": _given,
    "rating.lapsed": _lapsed,
}
