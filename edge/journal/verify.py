"""Reads a journal file from the first record to the last and says whether anything was changed. Writes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, cast

import apsw

from edge.journal import schema
from edge.journal.chain import BrokenRow, check_place, read_row
from edge.journal.errors import JournalDamaged
from edge.journal.files import Head, read_note
from edge.journal.sealing import PART_ERASED
from edge.journal.segments import dropping, ledger
from edge.journal.segments.dropping import Gone
from edge.journal.segments.form import BadSegment, file_digest
from edge.journal.segments.ledger import Sealed
from edge.journal.store import Store, snapshot_digest
from sync.protocol.record import ZERO, Record, digest

_ROWS: Final = "SELECT pos, cmd, raw FROM records WHERE pos > ? ORDER BY pos"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`records` that verify, `head` the hash of the last of them. `first_bad`: seq and a word of chain.Why.

    `snapshots_ok`: every snapshot kept fits its digest and its place; a bad one costs time at the next start, no data.
    `months`: how many months of them are closed, in files of their own. `dropped`: months before the first of them that
    were given up, oldest first; on the digest of the last of these the chain stands.
    """

    records: int
    head: str
    first_bad: tuple[int, str] | None
    snapshots_ok: bool
    months: int = 0
    dropped: tuple[Gone, ...] = ()

    @property
    def good(self) -> bool:
        return self.first_bad is None


def verify(path: Path, *, a_copy: bool = False) -> Verdict:
    """Check hash, chain, place, command index, parts, head and the note of the head; works beside a running halld.

    Closed months and the table are one chain; of each month's file every byte counts.

    `a_copy`: the note of the head that lies in the same folder, if one does, is another journal's.
    Raises JournalDamaged when the file is no journal at all, FileNotFoundError.
    """
    if not path.is_file():
        raise FileNotFoundError(path)
    note = None if a_copy else read_note(path.parent)  # before the view: a later one may speak of a record after it
    db = schema.open_existing(path, read_only=True)
    try:
        db.execute("BEGIN")  # one view of the file, however long this takes
        check = _Check(db)
        first_bad = check.run() or _check_note(note, check)
        gone = () if first_bad else tuple(dropping.told(check.store))
        return Verdict(check.count, check.prev, first_bad, check.snapshots_ok(), len(check.store.closed.months), gone)
    except (apsw.CorruptError, apsw.NotADBError) as error:
        raise JournalDamaged(0, f"the file cannot be read: {error}") from error
    finally:
        db.close(True)


def _check_note(note: Head | None, check: "_Check") -> tuple[int, str] | None:
    if note is not None and note.epoch == check.epoch and note.pos > check.pos:
        return check.seq + 1, "cut"
    return None


@dataclass
class _Check:
    db: apsw.Connection
    count: int = 0
    pos: int = 0
    seq: int = 0
    prev: str = ZERO
    epoch: str = ""
    missing: dict[str, int] = field(default_factory=dict)  # part not found -> seq of the record that names it
    erased: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.store = Store(self.db)
        self.site = ""
        self._epochs = {base: (epoch, site) for base, epoch, site in self.db.execute("SELECT * FROM epochs")}
        self._said = {one.said: one for one in self.store.closed.dropped if one.said > self.store.closed.gone}
        self._stand_on_dropped()

    def _stand_on_dropped(self) -> None:
        """The chain begins behind the months that were given up."""
        if self.store.closed.dropped:
            title = self.store.closed.dropped[-1].sealed.title
            base = max(base for base in self._epochs if base < title.last)
            self.epoch, self.site = self._epochs[base]
            self.pos, self.seq, self.prev = title.last, title.last - base, title.tail
            self._epochs = {one: named for one, named in self._epochs.items() if one >= title.last}

    def run(self) -> tuple[int, str] | None:
        try:
            for month in self.store.closed.months:
                self._month(month)
            for pos, cmd, raw in self.db.execute(_ROWS, (self.store.closed.upto,)):
                found = self._look(pos, raw)
                if found.cmd != cmd:
                    raise BrokenRow("cmd")
                self._take(found)
        except BrokenRow as error:
            return self.seq + 1, error.why
        except (apsw.CorruptError, apsw.NotADBError):
            return self.seq + 1, "unreadable"
        return self._end()

    def _month(self, month: Sealed) -> None:
        """Where its file is not the one that was sealed and no record shows it, its first record is the bad one."""
        self._enter_epoch()
        first = self.seq
        try:
            for pos, raw in self.store.closed.rows(month.title.first, month.title.last):
                found = self._look(pos, raw)
                if found.cmd is not None and not ledger.has_command(self.db, found.cmd, pos):
                    raise BrokenRow("cmd")
                self._take(found)
            if self.prev != month.title.tail or file_digest(self.store.closed.folder / month.name) != month.digest:
                self.count, self.seq = self.count - (self.seq - first), first
                raise BrokenRow("segment")
        except (BadSegment, OSError) as error:
            raise BrokenRow("segment") from error

    def _enter_epoch(self) -> None:
        if self.pos in self._epochs:
            self.epoch, self.site = self._epochs.pop(self.pos)
            self.seq, self.prev = 0, ZERO

    def _look(self, pos: int, raw: bytes) -> Record:
        self._enter_epoch()
        if pos != self.pos + 1:
            raise BrokenRow("deleted")
        found = read_row(raw)
        check_place(found, seq=self.seq + 1, epoch=self.epoch, prev=self.prev, site=self.site)
        if pos in self._said and not dropping.says(found, self._said[pos]):
            raise BrokenRow("dropped")
        return found

    def _take(self, found: Record) -> None:
        for h in found.parts:
            blob = self.store.part(h)
            if blob is None:
                self.missing.setdefault(h, self.seq + 1)
            elif digest(blob) != h:
                raise BrokenRow("part")
        if found.kind == PART_ERASED:
            self.erased.update(found.body["h"])
        self.count, self.pos, self.seq, self.prev = self.count + 1, self.pos + 1, self.seq + 1, found.hash

    def _end(self) -> tuple[int, str] | None:
        if self.db.execute("SELECT 1 FROM sqlite_schema WHERE name='gone'").get:
            self.erased |= {h for (h,) in self.db.execute("SELECT h FROM gone")}
        lost = sorted(seq for h, seq in self.missing.items() if h not in self.erased)
        if lost:
            return lost[0], "part"
        if self.pos < self.store.head.pos:
            return self.seq + 1, "cut"
        if self.prev != self.store.head.hash:
            return self.seq, "swapped"
        return None

    def snapshots_ok(self) -> bool:
        return all(self._snapshots())

    def _snapshots(self) -> Iterator[bool]:
        query = "SELECT pos, digest, data FROM snapshots"
        for pos, kept, data in cast(list[tuple[int, str, bytes]], self.db.execute(query).fetchall()):
            try:
                anchor = self.store.record_at(pos)
            except JournalDamaged:
                anchor = None
            yield anchor is not None and snapshot_digest(anchor.hash, data) == kept
