"""Reads a journal file from the first record to the last and says whether anything was changed. Writes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import apsw

from edge.journal import schema
from edge.journal.chain import BrokenRow, check_place, read_row
from edge.journal.errors import JournalDamaged
from edge.journal.files import Head, read_note
from edge.journal.sealing import PART_ERASED
from edge.journal.store import Store, snapshot_digest
from sync.protocol.record import ZERO, Record, digest

_ROWS: Final = "SELECT pos, cmd, raw FROM records ORDER BY pos"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`records` that verify, `head` the hash of the last of them. `first_bad`: seq and a word of chain.Why.

    `snapshots_ok`: every snapshot kept fits its digest and its place; a bad one costs time at the next start, no data.
    """

    records: int
    head: str
    first_bad: tuple[int, str] | None
    snapshots_ok: bool

    @property
    def good(self) -> bool:
        return self.first_bad is None


def verify(path: Path, *, a_copy: bool = False) -> Verdict:
    """Check hash, chain, place, command index, parts, head and the note of the head; works beside a running halld.

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
        return Verdict(check.count, check.prev, first_bad, check.snapshots_ok())
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

    def run(self) -> tuple[int, str] | None:
        store = Store(self.db)
        epochs = {base: (epoch, site) for base, epoch, site in self.db.execute("SELECT * FROM epochs")}
        erased: set[str] = set()
        try:
            for pos, cmd, raw in self.db.execute(_ROWS):
                if self.pos in epochs:
                    self.epoch, site = epochs[self.pos]
                    self.seq, self.prev = 0, ZERO
                if pos != self.pos + 1:
                    return self.seq + 1, "deleted"
                found = self._row(store, site, cmd, raw)
                if found.kind == PART_ERASED:
                    erased.update(found.body["h"])
                self.count, self.pos, self.seq, self.prev = self.count + 1, pos, self.seq + 1, found.hash
        except BrokenRow as error:
            return self.seq + 1, error.why
        except (apsw.CorruptError, apsw.NotADBError):
            return self.seq + 1, "unreadable"
        return self._end(store, erased)

    def _row(self, store: Store, site: str, cmd: str | None, raw: bytes) -> Record:
        found = read_row(raw)
        check_place(found, seq=self.seq + 1, epoch=self.epoch, prev=self.prev, site=site)
        if found.cmd != cmd:
            raise BrokenRow("cmd")
        for h in found.parts:
            blob = store.part(h)
            if blob is None:
                self.missing.setdefault(h, self.seq + 1)
            elif digest(blob) != h:
                raise BrokenRow("part")
        return found

    def _end(self, store: Store, erased: set[str]) -> tuple[int, str] | None:
        if self.db.execute("SELECT 1 FROM sqlite_schema WHERE name='gone'").get:
            erased |= {h for (h,) in self.db.execute("SELECT h FROM gone")}
        lost = sorted(seq for h, seq in self.missing.items() if h not in erased)
        if lost:
            return lost[0], "part"
        if self.pos < store.head.pos:
            return self.seq + 1, "cut"
        if self.prev != store.head.hash:
            return self.seq, "swapped"
        return None

    def snapshots_ok(self) -> bool:
        return all(self._snapshots())

    def _snapshots(self) -> Iterator[bool]:
        query = "SELECT s.digest, s.data, r.raw FROM snapshots s LEFT JOIN records r USING (pos)"
        for kept, data, raw in self.db.execute(query):
            try:
                yield raw is not None and snapshot_digest(read_row(raw).hash, data) == kept
            except BrokenRow:
                yield False
