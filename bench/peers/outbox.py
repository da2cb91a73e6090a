"""A hand-written outbox: an SQLite table of rows to send (WAL, FULL), deleted together once they are done."""

import sqlite3
from collections.abc import Iterable

TOPIC = "peer/records"


class Outbox:
    def __init__(self, path: str) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=wal")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.execute("CREATE TABLE IF NOT EXISTS outbox(id INTEGER PRIMARY KEY, raw BLOB NOT NULL)")
        self._last = 0

    def put(self, raws: list[bytes]) -> None:
        self._db.execute("BEGIN")
        self._db.executemany("INSERT INTO outbox(raw) VALUES(?)", ((raw,) for raw in raws))
        self._db.execute("COMMIT")

    def take(self, limit: int) -> list[tuple[int, bytes]]:
        """At most `limit` rows above those already taken."""
        query = "SELECT id, raw FROM outbox WHERE id > ? ORDER BY id LIMIT ?"
        rows = self._db.execute(query, (self._last, limit)).fetchall()
        if rows:
            self._last = rows[-1][0]
        return rows

    def done(self, ids: Iterable[int]) -> None:
        """In one commit."""
        self._db.execute("BEGIN IMMEDIATE")
        self._db.executemany("DELETE FROM outbox WHERE id = ?", ((id,) for id in ids))
        self._db.execute("COMMIT")

    def close(self) -> None:
        self._db.close()
