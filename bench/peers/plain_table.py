"""A hand-written table of records: stdlib sqlite3, WAL, FULL, one commit an append. No chain, no command index."""

import sqlite3
from pathlib import Path

_PRAGMAS = ("PRAGMA journal_mode=wal", "PRAGMA synchronous=FULL")


class PlainTable:
    """One thread may use it."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for pragma in _PRAGMAS:
            self._db.execute(pragma)
        self._db.execute("CREATE TABLE records(seq INTEGER PRIMARY KEY, cmd TEXT UNIQUE, raw BLOB NOT NULL)")

    def append(self, cmd: str, raw: bytes) -> None:
        """Durable when it returns."""
        self._db.execute("BEGIN IMMEDIATE")
        self._db.execute("INSERT INTO records(cmd, raw) VALUES(?,?)", (cmd, raw))
        self._db.execute("COMMIT")

    def count(self) -> int:
        found: int = self._db.execute("SELECT count(*) FROM records").fetchone()[0]
        return found

    def close(self) -> None:
        self._db.close()
