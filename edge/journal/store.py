"""The journal's tables as the writer thread uses them. Nothing here knows of asyncio; one thread only."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, cast

import apsw

from edge.journal import file_rows, schema
from edge.journal.chain import BrokenRow, check_place, read_row
from edge.journal.errors import JournalDamaged
from edge.journal.files import Head
from edge.journal.segments import ledger
from edge.journal.segments.form import BadSegment
from edge.journal.segments.shelf import Row, Shelf
from sync.protocol.record import ZERO, Record

_KEPT_SNAPSHOTS: Final = 3


class Rows(NamedTuple):
    """What one append writes: built completely before the first insert, so a refused append leaves nothing."""

    records: tuple[Record, ...]
    parts: Sequence["PartRow"] = ()
    keys: Sequence[tuple[str, str, bytes]] = ()  # kid, owner, wrapped for the site


class PartRow(NamedTuple):
    """`use`: `sealed` data, or the `wrap` of the key `kid` for the centre."""

    h: str
    kid: str
    use: Literal["sealed", "wrap"]
    blob: bytes


class Span(NamedTuple):
    """Records of one epoch that count: positions `base`+1 to `last` (None: to the head). `before`: how many precede."""

    base: int
    epoch: str
    last: int | None
    before: int


class Store:
    """One connection. `base`: position before seq 1 of the current epoch; `head` moves with each insert."""

    def __init__(self, db: apsw.Connection) -> None:
        self.db = db
        self.look_at_months()
        self.look_again()

    def look_again(self) -> None:
        """Read epoch, head and spans from the file: at the start, and when an epoch was opened or taken back."""
        self.base, self.epoch, self.site = self._one(
            "SELECT base, epoch, site FROM epochs ORDER BY base DESC LIMIT 1", "no epoch is written down"
        )
        pos, digest = self._one("SELECT pos, hash FROM head", "the head is not written down")
        self.head = Head(pos, self.epoch, digest)
        self.spans = self._spans()
        if self.closed.upto and self._seen_of_months() != (self.closed.upto, self.closed.gone):
            self.look_at_months()

    def look_at_months(self) -> None:
        """Read which months are closed from the file: when one was, or was dropped, or that was taken back."""
        held, dropped = ledger.held_months(self.db), ledger.dropped_months(self.db)
        self.closed = Shelf(ledger.folder_of(self.db), held, dropped)

    def _seen_of_months(self) -> tuple[int, int]:
        return ledger.sealed_up_to(self.db), ledger.dropped_up_to(self.db)

    def _spans(self) -> tuple[Span, ...]:
        lasts: dict[int, int] = {}
        if self.db.execute("SELECT 1 FROM sqlite_schema WHERE name='spans'").get:
            lasts = dict(cast(list[tuple[int, int]], self.db.execute("SELECT base, last FROM spans").fetchall()))
        found, before = [], 0
        rows = self.db.execute("SELECT base, epoch FROM epochs ORDER BY base").fetchall()
        for base, epoch in cast(list[tuple[int, str]], rows):
            last = None if base == self.base else lasts.get(base, base)
            if last is None or last > base:
                found.append(Span(base, epoch, last, before))
                before += (last or base) - base
        return tuple(found)

    @property
    def next_seq(self) -> int:
        after: int = self.head.pos - self.base
        return after + 1

    @property
    def floor(self) -> int:
        """Oldest seq of this epoch that is still held."""
        below: int = self.closed.gone - self.base
        return max(below, 0) + 1

    # --- writing: inside a transaction ---------------------------------------------------------------------------

    def insert(self, rows: Rows) -> None:
        self.db.executemany("INSERT INTO keys VALUES(?,?,?)", rows.keys)
        self.db.executemany("INSERT INTO parts VALUES(?,?,?,?)", rows.parts)
        first = self.head.pos + 1
        self.db.executemany(
            "INSERT INTO records VALUES(?,?,?)",
            ((pos, made.cmd, made.raw) for pos, made in enumerate(rows.records, first)),
        )
        for pos, made in enumerate(rows.records, first):
            file_rows.note(self.db, pos, made)
        if not rows.records:
            return
        self.head = Head(self.head.pos + len(rows.records), self.epoch, rows.records[-1].hash)
        self.db.execute("UPDATE head SET pos=?, hash=?", (self.head.pos, self.head.hash))

    def erase(self, hashes: Sequence[str]) -> list[str]:
        """Delete parts, then the keys that nothing sealed needs any more; all digests that are gone now.

        Files only change their state: their bytes go once this is committed.
        """
        query = "SELECT kid FROM parts WHERE h=?1 UNION SELECT kid FROM files WHERE h=?1"
        kids = {kid for h in hashes for (kid,) in self.db.execute(query, (h,))}
        self.db.executemany("DELETE FROM parts WHERE h=?", ((h,) for h in hashes))
        self.db.executemany("UPDATE files SET state='erased' WHERE h=?", ((h,) for h in hashes))
        gone = list(hashes)
        for kid in sorted(kids):
            if not self._needed(kid):
                gone += [h for (h,) in self.db.execute("DELETE FROM parts WHERE kid=? RETURNING h", (kid,))]
                self.db.execute("DELETE FROM keys WHERE kid=?", (kid,))
        self.db.executemany("DELETE FROM closed_parts WHERE h=?", ((h,) for h in gone))
        return gone

    def _needed(self, kid: str) -> bool:
        query = """SELECT 1 FROM parts WHERE kid=?1 AND use='sealed'
                   UNION ALL SELECT 1 FROM files WHERE kid=?1 AND state<>'erased' LIMIT 1"""
        return self._value(query, kid) is not None

    def note_files(self) -> None:
        """Rows for files that records name and an earlier release did not note."""
        for pos in file_rows.unnoted(self.db):
            found = self.record_at(pos)
            if found is not None:
                file_rows.note(self.db, pos, found)
        file_rows.noted_up_to(self.db, self.head.pos)

    def save_mark(self, value: bytes) -> None:
        self.set_mark("centre", value)

    def set_mark(self, name: str, value: bytes) -> None:
        self.db.execute("INSERT OR REPLACE INTO marks VALUES(?,?)", (name, value))

    def save_snapshot(self, place: int, data: bytes) -> None:
        """Raises ValueError for a place that is not in the journal."""
        pos = self.pos_of(place)
        anchor = None if pos is None else self.record_at(pos)
        if anchor is None:
            raise ValueError(f"no record {place} to take a snapshot at")
        row = (pos, snapshot_digest(anchor.hash, data), data)
        self.db.execute("INSERT OR REPLACE INTO snapshots VALUES(?,?,?)", row)
        self.db.execute(
            "DELETE FROM snapshots WHERE pos NOT IN (SELECT pos FROM snapshots ORDER BY pos DESC LIMIT ?)",
            (_KEPT_SNAPSHOTS,),
        )

    # --- reading -------------------------------------------------------------------------------------------------

    def records(self, after: int, limit: int = -1) -> Iterator[Record]:
        """Records of this epoch from seq `after`+1 on, or the oldest that is held, each checked against its hash.

        Raises JournalDamaged.
        """
        expected = max(self.base + after, self.closed.gone)  # a negative `after` reaches into earlier epochs
        try:
            for pos, raw in self.rows(expected, limit):
                expected += 1
                if pos != expected:
                    raise JournalDamaged(expected - self.base, "deleted")
                yield self._read(pos - self.base, raw)
        except (apsw.CorruptError, apsw.NotADBError) as error:
            raise JournalDamaged(expected + 1 - self.base, "unreadable") from error

    def rows(self, after: int, limit: int = -1) -> Iterator[Row]:
        """(position, stored bytes) above a position, from closed months and from the table; unchecked.

        Raises JournalDamaged where a closed month cannot be read.
        """
        after = max(after, self.closed.gone)
        if after < self.closed.upto:
            last = self.closed.upto if limit < 0 else min(self.closed.upto, after + limit)
            yield from self._from_months(self.closed.rows(after + 1, last))
            limit, after = (limit if limit < 0 else limit - (last - after)), last
        query = "SELECT pos, raw FROM records WHERE pos > ? ORDER BY pos LIMIT ?"
        yield from cast(Iterator[Row], self.db.execute(query, (after, limit)))

    def of_kinds(self, *kinds: str, after: int = 0) -> Iterator[Row]:
        """(position, stored bytes) of all above a position that may be of these kinds: the caller looks closer."""
        yield from self._from_months(self.closed.of_kinds(kinds, after + 1, self.closed.upto))
        says = " OR ".join(["instr(raw, CAST(? AS BLOB)) > 0"] * len(kinds))
        texts = [f'"kind":"{kind}"' for kind in kinds]
        query = f"SELECT pos, raw FROM records WHERE pos > ? AND ({says}) ORDER BY pos"
        yield from cast(Iterator[Row], self.db.execute(query, (max(after, self.closed.upto), *texts)))

    def saying(self, text: str) -> Iterator[Row]:
        """(position, stored bytes) of all with this text somewhere."""
        yield from self._from_months(self.closed.saying(text))
        query = "SELECT pos, raw FROM records WHERE pos > ? AND instr(raw, CAST(? AS BLOB)) > 0 ORDER BY pos"
        yield from cast(Iterator[Row], self.db.execute(query, (self.closed.upto, text)))

    def _from_months(self, rows: Iterator[Row]) -> Iterator[Row]:
        try:
            yield from rows
        except BadSegment as error:
            raise JournalDamaged(error.pos - self.base, "segment") from error

    def history(self, after: int, limit: int = -1) -> Iterator[tuple[int, Record]]:
        """What happened, each birth once, counted over all epochs from 1: (place, record) above place `after`.

        Months that were dropped keep their places.
        """
        for span in self.spans:
            first = max(span.base, span.base + after - span.before, self.closed.gone)
            last = self.head.pos if span.last is None else span.last
            if first >= last:
                continue
            room = last - first if limit < 0 else min(limit, last - first)
            place = span.before + first - span.base
            for found in self.records(first - self.base, room):
                place += 1
                yield place, found
            if limit >= 0 and (limit := limit - room) == 0:
                return

    @property
    def places(self) -> int:
        """Place of the newest record."""
        last: int = self.head.pos - self.base
        return self.spans[-1].before + last

    def pos_of(self, place: int) -> int | None:
        """Position of the record at a place of `history`."""
        for span in reversed(self.spans):
            if place > span.before:
                pos = span.base + place - span.before
                return pos if pos <= (self.head.pos if span.last is None else span.last) else None
        return None

    def place_of(self, pos: int) -> int | None:
        """Its place in `history`; None for a record that a later epoch wrote again."""
        for span in self.spans:
            if span.base < pos <= (self.head.pos if span.last is None else span.last):
                return span.before + pos - span.base
        return None

    def record_at(self, pos: int) -> Record | None:
        """None behind the head, and in a month that was dropped."""
        return None if pos <= self.closed.gone else next(self.records(pos - 1 - self.base, 1), None)

    def epochs(self) -> set[str]:
        return {epoch for (epoch,) in self.db.execute("SELECT epoch FROM epochs")}

    def record(self, seq: int) -> Record | None:
        return self.record_at(self.base + seq)

    def of_command(self, cmd: str) -> tuple[Record, ...]:
        query = "SELECT pos, raw FROM records WHERE cmd=? ORDER BY pos"
        rows = cast(list[Row], self.db.execute(query, (cmd,)).fetchall())
        found = (self._read(pos - self.base, raw) for pos, raw in rows if self._counts(pos))
        return (*self._closed_of_command(cmd), *found)

    def _closed_of_command(self, cmd: str) -> Iterator[Record]:
        for pos in ledger.of_command(self.db, cmd) if self.closed.months else ():
            found = self.record_at(pos) if self._counts(pos) else None
            if found is not None and found.cmd == cmd:
                yield found

    def _counts(self, pos: int) -> bool:
        return self.place_of(pos) is not None

    def hash_at(self, seq: int) -> str | None:
        """ZERO at 0, also right below the floor; None where nothing is known."""
        return ZERO if seq == 0 else self.hash_of(self.base + seq) if seq > 0 else None

    def hash_of(self, pos: int) -> str | None:
        """Of the record at a position; of those that were dropped only the last is known."""
        newest = self.closed.dropped[-1].sealed.title if self.closed.dropped else None
        if newest is not None and pos == newest.last:
            return newest.tail
        found = self.record_at(pos) if 0 < pos <= self.head.pos else None
        return None if found is None else found.hash

    def part(self, h: str) -> bytes | None:
        blob: bytes | None = self._value("SELECT blob FROM parts WHERE h=?", h)
        return blob

    def key(self, kid: str) -> bytes | None:
        wrapped: bytes | None = self._value("SELECT wrapped FROM keys WHERE kid=?", kid)
        return wrapped

    def key_of(self, owner: str) -> tuple[str, bytes] | None:
        query = "SELECT kid, wrapped FROM keys WHERE owner=? ORDER BY rowid DESC LIMIT 1"
        row: tuple[str, bytes] | None = self.db.execute(query, (owner,)).fetchone()
        return row

    def mark(self) -> bytes | None:
        return self.named_mark("centre")

    def named_mark(self, name: str) -> bytes | None:
        value: bytes | None = self._value("SELECT value FROM marks WHERE name=?", name)
        return value

    def snapshot(self) -> tuple[int, bytes] | None:
        """The newest snapshot that verifies and whose record still counts, with its place in the history."""
        query = "SELECT pos, digest, data FROM snapshots WHERE pos <= ? ORDER BY pos DESC"
        rows: list[Any] = self.db.execute(query, (self.head.pos,)).fetchall()
        for pos, digest, data in rows:
            place = self.place_of(pos)
            try:
                anchor = None if place is None else self.record_at(pos)
            except JournalDamaged:
                continue
            if place is not None and anchor is not None and snapshot_digest(anchor.hash, data) == digest:
                return place, data
        return None

    def check_tail(self, after: int) -> None:
        """Verify the chain from seq `after` to the head. Raises JournalDamaged naming the first bad record."""
        after = max(after, self.floor - 1)
        prev, last = self.hash_at(after) or ZERO, after
        for found in self.records(after):
            try:
                check_place(found, seq=last + 1, epoch=self.epoch, prev=prev, site=self.site)
            except BrokenRow as error:
                raise JournalDamaged(last + 1, error.why) from error
            prev, last = found.hash, last + 1
        if last + 1 != self.next_seq:
            raise JournalDamaged(last + 1, "cut")
        if prev != self.head.hash:
            raise JournalDamaged(last, "swapped")

    def _read(self, seq: int, raw: bytes) -> Record:
        try:
            return read_row(raw)
        except BrokenRow as error:
            raise JournalDamaged(seq, error.why) from error

    def _one(self, query: str, missing: str) -> tuple[Any, ...]:
        row: tuple[Any, ...] | None = self.db.execute(query).fetchone()
        if row is None:
            raise JournalDamaged(0, missing)
        return row

    def _value(self, query: str, name: str) -> Any:
        return self.db.execute(query, (name,)).get


@contextmanager
def reading(file: Path) -> Iterator[Store]:
    """One view of a journal file, however long it takes, beside a running halld: a month may be closed meanwhile.

    Raises FileNotFoundError, JournalDamaged, JournalError.
    """
    if not file.is_file():
        raise FileNotFoundError(file)
    db = schema.open_existing(file, read_only=True)
    try:
        db.execute("BEGIN")
        yield Store(db)
    finally:
        db.close(True)


def snapshot_digest(anchor: str, data: bytes) -> str:
    """Binds a snapshot to the record hash it stands on."""
    return hashlib.sha256(anchor.encode() + b"\n" + data).hexdigest()


def begin_epoch(db: apsw.Connection, base: int, epoch: str, site: str, opened: Record) -> None:
    """Write record 1 of an epoch after position `base`, inside the caller's transaction."""
    db.execute("INSERT INTO epochs VALUES(?,?,?)", (base, epoch, site))
    db.execute("INSERT INTO records VALUES(?,?,?)", (base + 1, opened.cmd, opened.raw))
    db.execute("INSERT OR REPLACE INTO head VALUES(1,?,?)", (base + 1, opened.hash))
