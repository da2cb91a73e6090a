"""What the centre keeps. One connection, used by one thread; parts stay sealed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, cast

from sync.centre import database
from sync.protocol import record
from sync.protocol.messages import NEWEST_BAD
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


class Store:
    def __init__(self, path: Path, new_id: str) -> None:
        self.path = path
        self._db = database.open_for_writing(path, new_id)
        self.id = str(self._db.execute("SELECT id FROM centre").get)

    def close(self) -> None:
        self._db.close()

    def position(self, site: str, epoch: str) -> Position | None:
        row = self._db.execute(
            "SELECT upto, chain, durable, closed FROM epochs WHERE site = ? AND epoch = ?", (site, epoch)
        ).fetchone()
        return None if row is None else Position(row[0], row[1], row[2], bool(row[3]))

    def hash_at(self, site: str, epoch: str, seq: int) -> str | None:
        """ZERO at 0; None in a hole and above the mark."""
        if seq == 0:
            return ZERO
        row = self._db.execute(
            "SELECT hash FROM records WHERE site = ? AND epoch = ? AND seq = ?", (site, epoch, seq)
        ).fetchone()
        return None if row is None else str(row[0])

    def held(self, site: str) -> int:
        return int(self._db.execute("SELECT count(*) FROM quarantine WHERE site = ?", (site,)).get)

    def newest_bad(self, site: str) -> tuple[tuple[str, int, str], ...]:
        rows = self._db.execute(
            "SELECT epoch, seq, reason FROM quarantine WHERE site = ? ORDER BY id DESC LIMIT ?", (site, NEWEST_BAD)
        )
        return tuple((str(epoch), int(seq), str(reason)) for epoch, seq, reason in rows)

    def apply(
        self, at: int, site: str, epoch: str, admitted: Sequence[Admitted], hole: Hole | None, erasable: frozenset[str]
    ) -> None:
        """Records, parts, effects and the mark in one transaction. The first record of an epoch closes all others."""
        with database.transaction(self._db):
            if self.position(site, epoch) is None:
                self._db.execute("UPDATE epochs SET closed = 1 WHERE site = ?", (site,))
                self._db.execute("INSERT INTO epochs(site, epoch, upto, chain) VALUES(?, ?, 0, ?)", (site, epoch, ZERO))
            if hole is not None:
                self._db.execute("INSERT INTO holes VALUES(?, ?, ?, ?)", (site, epoch, *hole))
                self.alarm(at, site, "hole", f"{hole.first}..{hole.last}")
            for one in admitted:
                self._add(site, epoch, one, erasable)
            last = admitted[-1].record
            self._db.execute(
                "UPDATE epochs SET upto = ?, chain = ? WHERE site = ? AND epoch = ?", (last.seq, last.hash, site, epoch)
            )

    def _add(self, site: str, epoch: str, one: Admitted, erasable: frozenset[str]) -> None:
        record, birth = one.record, birth_text(one.record.birth)
        known = self._db.execute(
            "SELECT 1 FROM records WHERE site = ? AND birth = ? AND first = 1", (site, birth)
        ).fetchone()
        self._db.execute(
            "INSERT INTO records(site, epoch, seq, hash, kind, birth, first, raw) VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
            (site, epoch, record.seq, record.hash, record.kind, birth, int(known is None), record.raw),
        )
        for h, part in one.parts.items():
            self._db.execute("INSERT OR IGNORE INTO parts VALUES(?, ?, ?, ?)", (site, h, record.kind, part))
        if known is not None:
            return
        if one.held is not None:
            self._db.execute(
                "INSERT INTO quarantine(site, birth, epoch, seq, reason) VALUES(?, ?, ?, ?, ?)",
                (site, birth, epoch, record.seq, one.held),
            )
        else:
            self._effect(site, record, erasable)

    def _effect(self, site: str, record: Record, erasable: frozenset[str]) -> None:
        if record.kind != "part.erased":
            return
        for h in record.body["h"]:
            row = self._db.execute("SELECT kind FROM parts WHERE site = ? AND h = ?", (site, h)).fetchone()
            if row is not None and row[0] in erasable:
                self._db.execute("UPDATE parts SET bytes = NULL WHERE site = ? AND h = ?", (site, h))

    def newest_row(self, site: str) -> int:
        return int(self._db.execute("SELECT coalesce(max(id), 0) FROM records WHERE site = ?", (site,)).get)

    def lost_by(self, site: str, epoch: str, common: int) -> Iterator[tuple[str, bytes]]:
        """(birth, bytes), newest first, above `common` of `epoch` and of epochs met later; not what opens an epoch.

        Left out: births that had their effect at or below `common`, and later copies of births that are in it.
        """
        row = self._db.execute("SELECT met FROM epochs WHERE site = ? AND epoch = ?", (site, epoch)).fetchone()
        since = self.superseded(site, epoch) if row is None else row[0]
        rows = self._db.execute(
            "SELECT r.birth, r.raw FROM epochs e JOIN records r ON r.site = e.site AND r.epoch = e.epoch"
            " JOIN records f ON f.site = r.site AND f.birth = r.birth AND f.first = 1"
            " JOIN epochs y ON y.site = f.site AND y.epoch = f.epoch"
            " WHERE e.site = ?1 AND r.kind <> 'epoch.opened' AND e.met >= ?4 AND (r.epoch <> ?2 OR r.seq > ?3)"
            " AND (r.first = 1 OR y.met < ?4) ORDER BY e.met DESC, r.seq DESC",
            (site, epoch, common, since),
        )
        for birth, raw in rows:
            yield str(birth), bytes(raw)

    def superseded(self, site: str, epoch: str) -> int | None:
        """When an epoch that goes on from `epoch` was met; the site may have left that one before we met it."""
        rows = self._db.execute(
            "SELECT e.met, r.raw FROM epochs e JOIN records r ON r.site = e.site AND r.epoch = e.epoch AND r.seq = 1"
            " WHERE e.site = ? ORDER BY e.met",
            (site,),
        )
        for met, raw in cast(Iterable[tuple[int, bytes]], rows):
            if record.parse(raw).body.get("from") == epoch:
                return met
        return None

    def parts(self, site: str, named: Sequence[str]) -> dict[str, bytes]:
        """Of the parts `named`, those that are here."""
        found: dict[str, bytes] = {}
        for h in named:
            row = self._db.execute("SELECT bytes FROM parts WHERE site = ? AND h = ?", (site, h)).fetchone()
            if row is not None and row[0] is not None:
                found[h] = row[0]
        return found

    def quarantined(self) -> list[tuple[str, str, bytes]]:
        """Site, birth and bytes of what is held, in the order in which it came."""
        rows = self._db.execute(
            "SELECT q.site, q.birth, r.raw FROM quarantine q"
            " JOIN records r ON r.site = q.site AND r.birth = q.birth AND r.first = 1 ORDER BY r.id"
        )
        return cast(list[tuple[str, str, bytes]], rows.fetchall())

    def release(self, site: str, birth: str, record: Record, erasable: frozenset[str]) -> None:
        """What was held can be applied now."""
        with database.transaction(self._db):
            self._db.execute("DELETE FROM quarantine WHERE site = ? AND birth = ?", (site, birth))
            self._effect(site, record, erasable)

    def alarm(self, at: int, site: str, code: str, detail: str) -> None:
        self._db.execute("INSERT INTO alarms VALUES(?, ?, ?, ?)", (at, site, code, detail))

    def presence(self, at: int, site: str, online: bool, epoch: str, version: str) -> None:
        """A hint, never truth."""
        self._db.execute("INSERT OR REPLACE INTO presence VALUES(?, ?, ?, ?, ?)", (site, online, epoch, version, at))

    def has_file(self, site: str, h: str) -> bool:
        row = self._db.execute("SELECT 1 FROM files WHERE site = ? AND h = ? AND chunk IS NULL", (site, h)).fetchone()
        return row is not None

    def file_progress(self, site: str, h: str) -> FileProgress | None:
        row = self._db.execute(
            "SELECT size, chunk, missing FROM files WHERE site = ? AND h = ? AND chunk IS NOT NULL", (site, h)
        ).fetchone()
        return None if row is None else FileProgress(*row)

    def keep_file(self, site: str, h: str, size: int) -> None:
        """It is whole and durable."""
        self._db.execute("INSERT OR REPLACE INTO files VALUES(?, ?, ?, NULL, NULL)", (site, h, size))

    def keep_file_progress(self, site: str, h: str, size: int, chunk: int, missing: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO files VALUES(?, ?, ?, ?, ?)", (site, h, size, chunk, missing))

    def forget_file(self, site: str, h: str, *, whole_only: bool = False) -> None:
        whole = " AND chunk IS NULL" if whole_only else ""
        self._db.execute(f"DELETE FROM files WHERE site = ? AND h = ?{whole}", (site, h))

    def back_up(self, path: Path) -> None:
        """Copy everything to `path`; what is in the copy is durable from then on."""
        database.copy(self._db, path)
        self._db.execute("UPDATE epochs SET durable = upto WHERE durable <> upto")


def birth_text(birth: Birth) -> str:
    return f"{birth[0]}:{birth[1]}:{birth[2]}"
