"""What the centre needs of a database, whichever it is: one connection, used by one thread.

SQL is written once for both, with `?` for each value. Rows are tuples.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

import apsw

from sync.centre import database
from sync.sqlite import transaction

Row = tuple[Any, ...]
Values = Sequence[Any]


class NotKept(Exception):
    """The disk did not take it. Nothing of the transaction was kept, unless it was the answer to COMMIT that failed."""


class Unreachable(NotKept):
    """The database does not answer, or ended the transaction; asked again it may."""


class Database(Protocol):
    """`among`: the SQL test that a column is one of the values of one `a_list`. Every call may raise NotKept."""

    @property
    def among(self) -> str: ...

    def rows(self, sql: str, values: Values = ()) -> list[Row]: ...

    def stream(self, sql: str, values: Values = ()) -> Iterator[Row]:
        """As `rows`, a few at a time; other statements may run meanwhile."""

    def run(self, sql: str, values: Values = ()) -> None: ...

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Values]) -> None:
        """Many rows, none of which is there yet."""

    def run_many(self, sql: str, rows: Sequence[Values]) -> None: ...

    def a_list(self, values: Sequence[str]) -> Any: ...

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing; within another one, a part of it that can be taken back alone."""

    def forget_deleted(self) -> bool:
        """Bytes of what was deleted leave the file as far as the database can; False: not now, ask again."""

    def close(self) -> None: ...


class SqliteDatabase:
    among = "IN (SELECT value FROM json_each(?))"

    def __init__(self, db: apsw.Connection) -> None:
        self.connection = db

    def rows(self, sql: str, values: Values = ()) -> list[Row]:
        with _told():
            return self.connection.execute(sql, tuple(values)).fetchall()

    def stream(self, sql: str, values: Values = ()) -> Iterator[Row]:
        yield from self.connection.execute(sql, tuple(values))

    def run(self, sql: str, values: Values = ()) -> None:
        with _told():
            self.connection.execute(sql, tuple(values))

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Values]) -> None:
        marks = ", ".join("?" * len(columns))
        self.run_many(f"INSERT INTO {table}({', '.join(columns)}) VALUES({marks})", rows)

    def run_many(self, sql: str, rows: Sequence[Values]) -> None:
        with _told():
            self.connection.executemany(sql, rows)

    def a_list(self, values: Sequence[str]) -> str:
        return "[" + ",".join(f'"{value}"' for value in values) + "]"

    @contextmanager
    def transaction(self) -> Iterator[None]:
        within = self.connection.in_transaction
        with _told(), (database.savepoint if within else transaction)(self.connection):
            yield

    def forget_deleted(self) -> bool:
        with _told():
            return database.empty_wal(self.connection)

    def close(self) -> None:
        self.connection.close()


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (apsw.FullError, apsw.IOError) as error:
        raise NotKept(type(error).__name__) from error
