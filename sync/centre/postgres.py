"""The centre's database on PostgreSQL 15 or newer (the extra `centre`): many workers, one database.

An address is `postgresql://…`, as libpq reads it; a password belongs into its passfile.
"""

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Final, LiteralString

import psycopg
from psycopg import sql

from sync.centre.database import ForeignDatabase
from sync.centre.sql import NotKept, Row, Unreachable, Values

VERSION: Final = 1
_PATIENCE_S: Final = 5
_PAGE: Final = 256
_LOCK: Final = 0x6861_6C6C  # of whoever makes the tables
# Names a database as it lies on this server's disk: a restored or failed-over one has another, so sites must meet it
# as another centre. Cluster, timeline, database.
_IDENTITY: Final = (
    "SELECT c.system_identifier || '/' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) || '/' || d.oid"
    " FROM pg_control_system() c, pg_database d WHERE d.datname = current_database()"
)
_TABLES: Final = """
CREATE TABLE centre(
    id TEXT NOT NULL, lies TEXT NOT NULL, version INTEGER NOT NULL, copies BIGINT NOT NULL DEFAULT 0);
CREATE TABLE epochs(
    met BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site TEXT NOT NULL, epoch TEXT NOT NULL, upto BIGINT NOT NULL, chain TEXT NOT NULL,
    durable BIGINT NOT NULL DEFAULT 0, closed INTEGER NOT NULL DEFAULT 0,
    UNIQUE(site, epoch)) WITH (fillfactor = 50);
CREATE TABLE records(
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    site TEXT NOT NULL, epoch TEXT NOT NULL, seq BIGINT NOT NULL, hash TEXT NOT NULL, kind TEXT NOT NULL,
    birth TEXT NOT NULL, first INTEGER NOT NULL, raw BYTEA NOT NULL,
    PRIMARY KEY(site, epoch, seq));
CREATE UNIQUE INDEX one_effect_a_birth ON records(site, birth) WHERE first = 1;
CREATE TABLE parts(site TEXT NOT NULL, h TEXT NOT NULL, kind TEXT NOT NULL, bytes BYTEA, PRIMARY KEY(site, h));
CREATE TABLE holes(site TEXT NOT NULL, epoch TEXT NOT NULL, first BIGINT NOT NULL, last BIGINT NOT NULL);
CREATE TABLE quarantine(
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site TEXT NOT NULL, birth TEXT NOT NULL, epoch TEXT NOT NULL, seq BIGINT NOT NULL, reason TEXT NOT NULL,
    UNIQUE(site, birth));
CREATE TABLE alarms(
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at BIGINT NOT NULL, site TEXT NOT NULL, code TEXT NOT NULL, detail TEXT NOT NULL);
CREATE TABLE presence(
    site TEXT PRIMARY KEY, online INTEGER NOT NULL, epoch TEXT NOT NULL, version TEXT NOT NULL, at BIGINT NOT NULL);
CREATE TABLE files(
    site TEXT NOT NULL, h TEXT NOT NULL, size BIGINT NOT NULL, chunk BIGINT, missing TEXT, PRIMARY KEY(site, h));
CREATE TABLE disclosures(
    at BIGINT NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL,
    site TEXT NOT NULL, epoch TEXT NOT NULL, seq BIGINT NOT NULL, h TEXT NOT NULL);
CREATE TABLE shards(
    shard INTEGER PRIMARY KEY, owner TEXT, fence BIGINT NOT NULL DEFAULT 0) WITH (fillfactor = 50);
INSERT INTO shards(shard) SELECT generate_series(0, 255);
CREATE TABLE workers(id TEXT PRIMARY KEY, until TIMESTAMPTZ NOT NULL);
"""

# Came later, as an addition: an earlier release is not disturbed by it.
_LATER: Final = """
CREATE TABLE IF NOT EXISTS telemetry(
    site TEXT NOT NULL, name TEXT NOT NULL, value DOUBLE PRECISION NOT NULL, unit TEXT NOT NULL, at BIGINT NOT NULL,
    PRIMARY KEY(site, name));
"""


class NotDurable(Exception):
    """The server is set up to lose what it has committed."""


class PostgresDatabase:
    among = "= ANY(?)"

    def __init__(self, where: str, *, reading: bool = False) -> None:
        self._where = where
        self._reading = reading
        self._connection: psycopg.Connection[Row] | None = None

    def rows(self, sql: str, values: Values = ()) -> list[Row]:
        with self._told():
            return self._open().execute(_as_psycopg(sql), values, binary=True).fetchall()

    def stream(self, sql: str, values: Values = ()) -> Iterator[Row]:
        with self.transaction(), self._open().cursor(name="walk", binary=True) as cursor:
            cursor.itersize = _PAGE
            yield from cursor.execute(_as_psycopg(sql), values)

    def run(self, sql: str, values: Values = ()) -> None:
        with self._told():
            self._open().execute(_as_psycopg(sql), values)

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Values]) -> None:
        if not rows:
            return
        with self._told(), self._open().cursor() as cursor, cursor.copy(_copying(table, tuple(columns))) as copy:
            for row in rows:
                copy.write_row(row)

    def run_many(self, sql: str, rows: Sequence[Values]) -> None:
        if not rows:
            return
        with self._told(), self._open().cursor() as cursor:
            cursor.executemany(_as_psycopg(sql), rows)

    def a_list(self, values: Sequence[str]) -> list[str]:
        return list(values)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self._told(), self._open().transaction():
            yield

    def forget_deleted(self) -> bool:
        """Its own VACUUM and the age of its WAL archive say when."""
        return True

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> psycopg.Connection[Row]:
        """The connection; a new one after the last was lost."""
        if self._connection is None or self._connection.closed:
            made = psycopg.connect(self._where, autocommit=True, connect_timeout=_PATIENCE_S)
            made.execute("SET idle_in_transaction_session_timeout = '60s'")
            if self._reading:
                made.read_only = True
            self._connection = made
        return self._connection

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (psycopg.errors.DiskFull, psycopg.errors.IoError) as error:
            raise NotKept(type(error).__name__) from error
        except psycopg.OperationalError as error:
            if self._connection is not None and self._connection.broken:
                self.close()
            raise Unreachable(type(error).__name__) from error


def open_for_writing(where: str, new_id: str) -> PostgresDatabase:
    """Open, make the tables where there are none. Raises NotDurable, ForeignDatabase, Unreachable."""
    db = PostgresDatabase(where)
    settings: dict[str, str] = dict(
        db.rows("SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit')")
    )
    if settings["fsync"] != "on" or settings["synchronous_commit"] in ("off", "local"):
        raise NotDurable(f"fsync {settings['fsync']}, synchronous_commit {settings['synchronous_commit']}")
    with db.transaction():
        db.run("SELECT pg_advisory_xact_lock(?)", (_LOCK,))
        lies = db.rows(_IDENTITY)[0][0]
        if _version(db) == 0:
            db._open().execute(_TABLES)
            db.run("INSERT INTO centre(id, lies, version) VALUES(?, ?, ?)", (new_id, lies, VERSION))
        db._open().execute(_LATER)
        db.run("UPDATE centre SET id = ?, lies = ? WHERE lies <> ?", (new_id, lies, lies))
    return db


def open_for_reading(where: str) -> PostgresDatabase:
    db = PostgresDatabase(where, reading=True)
    if _version(db) == 0:
        raise ForeignDatabase("no centre's database")
    return db


def cover(where: str, make_copy: Callable[[], object]) -> int:
    """Note how far every site is, let `make_copy` copy the database to another disk, and only then call it durable.

    Returns the number of epochs whose mark moved. Raises what `make_copy` does; then nothing is changed.
    """
    db = open_for_writing(where, secrets.token_hex(8))
    try:
        db.run("CREATE TEMP TABLE noted AS SELECT met, upto FROM epochs WHERE durable < upto")
        make_copy()
        with db.transaction():
            moved = db.rows(
                "WITH raised AS (UPDATE epochs e SET durable = n.upto FROM noted n"
                " WHERE e.met = n.met AND e.durable < n.upto RETURNING 1) SELECT count(*) FROM raised"
            )
            db.run("UPDATE centre SET copies = copies + 1")
        return int(moved[0][0])
    finally:
        db.close()


def _version(db: PostgresDatabase) -> int:
    """0: an empty database."""
    tables = {name for (name,) in db.rows("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")}
    if "centre" not in tables and tables:
        raise ForeignDatabase("tables of another program")
    version = int(db.rows("SELECT version FROM centre")[0][0]) if tables else 0
    if version > VERSION:
        raise ForeignDatabase(f"version {version}")
    return version


@lru_cache(maxsize=256)
def _as_psycopg(text: str) -> LiteralString:
    return text.replace("%", "%%").replace("?", "%s")


@lru_cache(maxsize=16)
def _copying(table: str, columns: tuple[str, ...]) -> sql.Composed:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    return sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
