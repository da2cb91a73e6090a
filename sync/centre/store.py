"""What the centre keeps, in SQLite or PostgreSQL. One connection, used by one thread; parts stay sealed."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final, NamedTuple, cast

from sync.centre import database
from sync.centre.file_places import part_of, path_of
from sync.centre.shards import EveryShard, LeasedShards, Shards, shard_of, writing
from sync.centre.sql import Database, SqliteDatabase
from sync.protocol import record
from sync.protocol.messages import NEWEST_BAD, Measured
from sync.protocol.record import ZERO, Birth, Record


class Position(NamedTuple):
    """How far one epoch of a site is committed."""

    upto: int
    chain: str
    durable: int
    closed: bool


class Admitted(NamedTuple):
    """A record that passed every check, the parts that came with it, and why it cannot be applied (None: it can)."""

    record: Record
    parts: Mapping[str, bytes]
    held: str | None


class Hole(NamedTuple):
    """Seqs that the site no longer holds and the centre never got."""

    first: int
    last: int


class FileProgress(NamedTuple):
    """A file of which some chunks are durable; `missing`: bitmap of the others."""

    size: int
    chunk: int
    missing: str


FILES: Final = "files"
MONTH_DROPPED: Final = "month.dropped"
DROPPED: Final = "telemetry.dropped"
MOST_NAMES: Final = 64
_NAMES_FILES: Final = "page.captured"
_RECORD: Final = ("site", "epoch", "seq", "hash", "kind", "birth", "first", "raw")
_HELD_AT_ONCE: Final = 256


class Store:
    """`shards`: those of the sites that may be written for; anything else raises LeaseLost. `files`: folder of the
    sites' files, the same for all workers. Every call may raise NotKept.
    """

    def __init__(self, db: Database, shards: Shards, files: Path) -> None:
        self.db = db
        self.shards = shards
        self.files = files
        self.id = str(db.rows("SELECT id FROM centre")[0][0])
        self._copies = 0
        self._traces = True  # of a process that ended too early

    def close(self) -> None:
        self.db.close()

    def _writing(self, site: str) -> AbstractContextManager[None]:
        return writing(self.db, self.shards, site)

    def together(self) -> AbstractContextManager[None]:
        """What is written within is kept by one commit, or not at all."""
        return self.db.transaction()

    def position(self, site: str, epoch: str) -> Position | None:
        rows = self.db.rows(
            "SELECT upto, chain, durable, closed FROM epochs WHERE site = ? AND epoch = ?", (site, epoch)
        )
        return Position(rows[0][0], rows[0][1], rows[0][2], bool(rows[0][3])) if rows else None

    def hash_at(self, site: str, epoch: str, seq: int) -> str | None:
        """ZERO at 0; None in a hole and above the mark."""
        if seq == 0:
            return ZERO
        rows = self.db.rows("SELECT hash FROM records WHERE site = ? AND epoch = ? AND seq = ?", (site, epoch, seq))
        return str(rows[0][0]) if rows else None

    def held(self, site: str) -> int:
        return int(self.db.rows("SELECT count(*) FROM quarantine WHERE site = ?", (site,))[0][0])

    def newest_bad(self, site: str) -> tuple[tuple[str, int, str], ...]:
        rows = self.db.rows(
            "SELECT epoch, seq, reason FROM quarantine WHERE site = ? ORDER BY id DESC LIMIT ?", (site, NEWEST_BAD)
        )
        return tuple((str(epoch), int(seq), str(reason)) for epoch, seq, reason in rows)

    def apply(
        self, at: int, site: str, epoch: str, admitted: Sequence[Admitted], hole: Hole | None, erasable: frozenset[str]
    ) -> None:
        """Records, parts, effects and the mark in one transaction. The first record of an epoch closes all others."""
        with self._writing(site):
            if self.position(site, epoch) is None:
                self.db.run("UPDATE epochs SET closed = 1 WHERE site = ?", (site,))
                self.db.run("INSERT INTO epochs(site, epoch, upto, chain) VALUES(?, ?, 0, ?)", (site, epoch, ZERO))
            if hole is not None:
                self.db.run("INSERT INTO holes(site, epoch, first, last) VALUES(?, ?, ?, ?)", (site, epoch, *hole))
                self._alarm(at, site, "hole", f"{hole.first}..{hole.last}")
            self._add(site, epoch, admitted, erasable)
            last = admitted[-1].record
            self.db.run(
                "UPDATE epochs SET upto = ?, chain = ? WHERE site = ? AND epoch = ?", (last.seq, last.hash, site, epoch)
            )

    def _add(self, site: str, epoch: str, admitted: Sequence[Admitted], erasable: frozenset[str]) -> None:
        """Rows of many records in a few statements; an effect, which may meet them, comes after all of them."""
        births = [birth_text(one.record.birth) for one in admitted]
        known = self._known(site, births)
        rows, parts, held, new = [], [], [], []
        for one, birth in zip(admitted, births, strict=True):
            record, first = one.record, birth not in known
            known.add(birth)
            kind = _text(record.kind)
            rows.append((site, epoch, record.seq, record.hash, kind, birth, int(first), record.raw))
            parts += [(site, h, kind, part) for h, part in one.parts.items()]
            if first and one.held is not None:
                held.append((site, birth, epoch, record.seq, one.held))
            elif first:
                new.append(record)
        self.db.insert("records", _RECORD, rows)
        if parts:
            self.db.run_many(
                "INSERT INTO parts(site, h, kind, bytes) VALUES(?, ?, ?, ?) ON CONFLICT(site, h) DO NOTHING", parts
            )
        if held:
            self.db.run_many("INSERT INTO quarantine(site, birth, epoch, seq, reason) VALUES(?, ?, ?, ?, ?)", held)
        for record in new:
            self._effect(site, record, erasable)

    def _known(self, site: str, births: Sequence[str]) -> set[str]:
        """Of `births`, those that had their effect."""
        found = f"SELECT birth FROM records WHERE site = ? AND first = 1 AND birth {self.db.among}"
        return {str(birth) for (birth,) in self.db.rows(found, (site, self.db.a_list(births)))}

    def _effect(self, site: str, record: Record, erasable: frozenset[str]) -> None:
        if record.kind == MONTH_DROPPED and MONTH_DROPPED in erasable:
            self._empty(site, record)
        if record.kind != "part.erased":
            return
        for h in record.body["h"]:
            rows = self.db.rows("SELECT kind FROM parts WHERE site = ? AND h = ?", (site, h))
            if rows and rows[0][0] in erasable:
                self.db.run("UPDATE parts SET bytes = NULL WHERE site = ? AND h = ?", (site, h))
                self._traces = True
            elif not rows and _NAMES_FILES in erasable:
                self._erase_file(site, h)

    def _empty(self, site: str, record: Record) -> None:
        """Bytes of a month that the site has dropped go; place, hash and birth stay, so that nothing counts twice and
        its copies are known. Kept: what opens an epoch, what says that a month went, what waits for a person."""
        epoch, first, last = record.body["epoch"], record.body["first"], record.body["last"]
        if self.hash_at(site, epoch, last) == record.body["tail"]:
            self.db.run(
                "UPDATE records SET raw = ? WHERE site = ? AND epoch = ? AND seq > 1 AND seq >= ? AND seq <= ?"
                " AND kind <> ? AND birth NOT IN (SELECT birth FROM quarantine WHERE site = ?)",
                (b"", site, epoch, first, last, MONTH_DROPPED, site),
            )
            self._traces = True

    def _erase_file(self, site: str, h: str) -> None:
        """Its bytes go before the commit: the site, which says so, has it no more, and says it again if this fails."""
        path = path_of(self.files, site, h)
        for one in (path, part_of(path)):
            one.unlink(missing_ok=True)
        self.db.run("DELETE FROM files WHERE site = ? AND h = ?", (site, h))
        self.db.run("INSERT INTO parts(site, h, kind, bytes) VALUES(?, ?, ?, NULL)", (site, h, _NAMES_FILES))

    def was_erased(self, site: str, h: str) -> bool:
        """What was erased here is never stored again."""
        return bool(self.db.rows("SELECT 1 FROM parts WHERE site = ? AND h = ? AND bytes IS NULL", (site, h)))

    def leave_no_traces(self) -> None:
        """After erasures: their bytes leave the database's WAL, too, now or at a later call."""
        if self._traces and self.db.forget_deleted():
            self._traces = False

    def newest_row(self, site: str) -> int:
        return int(self.db.rows("SELECT coalesce(max(id), 0) FROM records WHERE site = ?", (site,))[0][0])

    def lost_by(self, site: str, epoch: str, common: int) -> Iterator[tuple[str, bytes]]:
        """(birth, bytes), newest first, above `common` of `epoch` and of epochs met later; not what opens an epoch.

        Left out: births that had their effect at or below `common`, later copies of births that are in it, and months
        that were dropped.
        """
        met = self.db.rows("SELECT met FROM epochs WHERE site = ? AND epoch = ?", (site, epoch))
        since = met[0][0] if met else self.superseded(site, epoch)
        if since is None:
            return
        rows = self.db.stream(
            "SELECT r.birth, r.raw FROM epochs e JOIN records r ON r.site = e.site AND r.epoch = e.epoch"
            " JOIN records f ON f.site = r.site AND f.birth = r.birth AND f.first = 1"
            " JOIN epochs y ON y.site = f.site AND y.epoch = f.epoch"
            " WHERE e.site = ? AND r.kind <> 'epoch.opened' AND e.met >= ? AND (r.epoch <> ? OR r.seq > ?)"
            " AND (r.first = 1 OR y.met < ?) AND length(r.raw) > 0 ORDER BY e.met DESC, r.seq DESC",
            (site, since, epoch, common, since),
        )
        for birth, raw in rows:
            yield str(birth), bytes(raw)

    def marks(self, site: str) -> dict[str, int]:
        """How far each epoch of a site is here."""
        rows = self.db.rows("SELECT epoch, upto FROM epochs WHERE site = ? ORDER BY met", (site,))
        return {str(epoch): int(cast(int, upto)) for epoch, upto in rows}

    def came_after(self, site: str, marks: Mapping[str, int]) -> Iterator[tuple[str, bytes]]:
        """(birth, bytes), newest first, of what was first met above `marks`; not what opens an epoch."""
        for epoch in reversed(self.marks(site)):
            rows = self.db.stream(
                "SELECT birth, raw FROM records WHERE site = ? AND epoch = ? AND seq > ? AND first = 1"
                " AND kind <> 'epoch.opened' AND length(raw) > 0 ORDER BY seq DESC",
                (site, epoch, marks.get(epoch, 0)),
            )
            for birth, raw in rows:
                yield str(birth), bytes(raw)

    def superseded(self, site: str, epoch: str) -> int | None:
        """When an epoch that goes on from `epoch` was met; the site may have left that one before we met it."""
        rows = self.db.rows(
            "SELECT e.met, r.raw FROM epochs e JOIN records r ON r.site = e.site AND r.epoch = e.epoch AND r.seq = 1"
            " WHERE e.site = ? ORDER BY e.met",
            (site,),
        )
        for met, raw in cast(list[tuple[int, bytes]], rows):
            if record.parse(raw).body.get("from") == epoch:
                return met
        return None

    def parts(self, site: str, named: Sequence[str]) -> dict[str, bytes]:
        """Of the parts `named`, those that are here."""
        if not named:
            return {}
        sought = f"SELECT h, bytes FROM parts WHERE site = ? AND bytes IS NOT NULL AND h {self.db.among}"
        return dict(cast(list[tuple[str, bytes]], self.db.rows(sought, (site, self.db.a_list(named)))))

    def quarantined(self, shards: frozenset[int]) -> Iterator[tuple[str, str, bytes]]:
        """Site, birth and bytes of what is held of these shards, in the order in which it came, a few at a time: what
        was given out may be released meanwhile.
        """
        after, more = 0, True
        while more:
            rows = self.db.rows(
                "SELECT r.id, q.site, q.birth, r.raw FROM quarantine q"
                " JOIN records r ON r.site = q.site AND r.birth = q.birth AND r.first = 1"
                " WHERE r.id > ? ORDER BY r.id LIMIT ?",
                (after, _HELD_AT_ONCE),
            )
            for after, site, birth, raw in rows:  # noqa: B007 # the next page starts there
                if shard_of(site) in shards:
                    yield str(site), str(birth), bytes(raw)
            more = len(rows) == _HELD_AT_ONCE

    def release(self, site: str, birth: str, record: Record, erasable: frozenset[str]) -> None:
        """What was held can be applied now."""
        with self._writing(site):
            self.db.run("DELETE FROM quarantine WHERE site = ? AND birth = ?", (site, birth))
            self._effect(site, record, erasable)

    def alarm(self, at: int, site: str, code: str, detail: str) -> None:
        with self._writing(site):
            self._alarm(at, site, code, detail)

    def _alarm(self, at: int, site: str, code: str, detail: str) -> None:
        self.db.run("INSERT INTO alarms(at, site, code, detail) VALUES(?, ?, ?, ?)", (at, site, code, detail))

    def presence(self, at: int, site: str, online: bool, epoch: str, version: str) -> None:
        """A hint, never truth."""
        with self._writing(site):
            self.db.run(
                "INSERT INTO presence(site, online, epoch, version, at) VALUES(?, ?, ?, ?, ?)"
                " ON CONFLICT(site) DO UPDATE SET online = excluded.online, epoch = excluded.epoch,"
                " version = excluded.version, at = excluded.at",
                (site, int(online), epoch, _text(version), at),
            )

    def keep_telemetry(self, at: int, site: str, dropped: int, items: Sequence[Measured]) -> None:
        """The last value of each name, of at most so many names; `dropped` is one of them."""
        rows = {one.name: (site, one.name, float(one.value), _text(one.unit), at) for one in items}
        rows[DROPPED] = (site, DROPPED, float(dropped), "items", at)
        with self._writing(site):
            self.db.run_many(
                "INSERT INTO telemetry(site, name, value, unit, at) VALUES(?, ?, ?, ?, ?) ON CONFLICT(site, name)"
                " DO UPDATE SET value = excluded.value, unit = excluded.unit, at = excluded.at",
                list(rows.values()),
            )
            self.db.run(
                "DELETE FROM telemetry WHERE site = ? AND name NOT IN"
                " (SELECT name FROM telemetry WHERE site = ? ORDER BY at DESC, name LIMIT ?)",
                (site, site, MOST_NAMES),
            )

    def has_file(self, site: str, h: str) -> bool:
        return bool(self.db.rows("SELECT 1 FROM files WHERE site = ? AND h = ? AND chunk IS NULL", (site, h)))

    def file_progress(self, site: str, h: str) -> FileProgress | None:
        rows = self.db.rows(
            "SELECT size, chunk, missing FROM files WHERE site = ? AND h = ? AND chunk IS NOT NULL", (site, h)
        )
        return FileProgress(*rows[0]) if rows else None

    def keep_file(self, site: str, h: str, size: int) -> None:
        """It is whole and durable."""
        self._keep_file(site, h, size, None, None)

    def keep_file_progress(self, site: str, h: str, size: int, chunk: int, missing: str) -> None:
        self._keep_file(site, h, size, chunk, missing)

    def _keep_file(self, site: str, h: str, size: int, chunk: int | None, missing: str | None) -> None:
        with self._writing(site):
            self.db.run(
                "INSERT INTO files(site, h, size, chunk, missing) VALUES(?, ?, ?, ?, ?) ON CONFLICT(site, h)"
                " DO UPDATE SET size = excluded.size, chunk = excluded.chunk, missing = excluded.missing",
                (site, h, size, chunk, missing),
            )

    def forget_file(self, site: str, h: str, *, whole_only: bool = False) -> None:
        whole = " AND chunk IS NULL" if whole_only else ""
        with self._writing(site):
            self.db.run(f"DELETE FROM files WHERE site = ? AND h = ?{whole}", (site, h))

    def back_up(self, path: Path) -> None:
        """Copy everything in SQLite to `path`; what is in the copy is durable from then on."""
        if not isinstance(self.db, SqliteDatabase):
            raise TypeError("only SQLite is copied by the centre itself")
        database.copy(self.db.connection, path)
        self.db.run("UPDATE epochs SET durable = upto WHERE durable <> upto")
        self._copies += 1

    def copies(self) -> int:
        """Grows when `durable` of sites may have grown."""
        return self._copies if self.shards.alone else int(self.db.rows("SELECT copies FROM centre")[0][0])


def open_store(where: str | Path, new_id: str, worker: str = "", files: Path | None = None) -> Store:
    """A SQLite file, served alone, or `postgresql://…`, whose shards are shared with other workers by lease.

    `new_id`: 16 hex digits that a new or restored database is born with. `worker`: 16 hex digits of this start.
    `files`: by default beside a SQLite file, else in the current folder.
    """
    files = files or files_of(where)
    if is_postgres(where):
        from sync.centre import postgres  # an extra: a centre on SQLite does without

        db = postgres.open_for_writing(str(where), new_id)
        return Store(db, LeasedShards(db, worker), files)
    return Store(SqliteDatabase(database.open_for_writing(Path(where), new_id)), EveryShard(), files)


def open_for_reading(where: str | Path) -> Database:
    if is_postgres(where):
        from sync.centre import postgres

        return postgres.open_for_reading(str(where))
    return SqliteDatabase(database.open_for_reading(Path(where)))


def open_beside(where: str | Path) -> Database:
    """To note something beside running workers, under no lease."""
    if is_postgres(where):
        from sync.centre import postgres

        return postgres.PostgresDatabase(str(where))
    return SqliteDatabase(database.open_beside(Path(where)))


def files_of(where: str | Path) -> Path:
    """Folder of the files, unless somebody says otherwise."""
    return Path(FILES) if is_postgres(where) else Path(where).with_name(FILES)


def is_postgres(where: str | Path) -> bool:
    return str(where).startswith("postgresql://")


def birth_text(birth: Birth) -> str:
    return f"{birth[0]}:{birth[1]}:{birth[2]}"


def _text(value: str) -> str:
    """PostgreSQL keeps no NUL in a text; the record's bytes have it."""
    return value.replace("\0", "\ufffd")
