"""How a month leaves the live tables: sealed in a file, verified against the rows, named in the journal, then moved.

Until the journal names the file the rows are the truth; from that commit on the file is, whatever rows are still to be
moved. So a cut at any point leaves one of them whole, and the next run goes on from there. All but `seal` runs in the
journal's one writer.
"""

import os
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Final, NamedTuple, cast

from edge.journal import schema
from edge.journal.chain import BrokenRow, check_place, read_row
from edge.journal.errors import JournalDamaged
from edge.journal.keys import sync_folder
from edge.journal.new_epoch import read_gap
from edge.journal.segments import ledger
from edge.journal.segments.copying import make_folder
from edge.journal.segments.form import BadSegment, SegmentFile, Title, file_digest, write
from edge.journal.segments.ledger import Sealed
from edge.journal.store import Store, reading
from sync.protocol.record import ZERO, Record

OPEN_DAYS: Final = 10  # business days of the next month have to be that far before a month is closed
_LATE_DAYS: Final = 14
MOVED_AT_ONCE: Final = 250
_PART: Final = ".part"
_OPENED: Final = "day.opened"


class Stretch(NamedTuple):
    """Records of one month of one epoch, whose first seq is at position `base` + 1."""

    epoch: str
    base: int
    month: str
    first: int
    last: int


class _Opening(NamedTuple):
    pos: int
    date: str


def next_stretch(store: Store, safe: int) -> Stretch | None:
    """The oldest month that may be closed, if one may.

    Months are those of business days, so no clock says when one ended: a day of the next one is `OPEN_DAYS` far. All
    of it stands at or below `safe` (at the centre for 72 h and more) and below the newest good snapshot: a start reads
    none of it. An epoch that was left ends a month, too. None in gap mode.
    """
    if read_gap(store) is not None or (epoch := _epoch_after(store, store.closed.upto)) is None:
        return None
    base, name, end = epoch
    first = store.closed.upto + 1
    openings = list(_openings(store))
    own = [one for one in openings if first <= one.pos <= (end or store.head.pos)]
    if not own and end is None:
        return None
    month = own[0].date[:7] if own else _month_before(store, openings)
    later = next((one.pos for one in own if one.date[:7] > month), None)
    last = later - 1 if later is not None else end
    snapshot = store.snapshot()
    known = 0 if snapshot is None else store.pos_of(snapshot[0]) or 0
    if last is None or last < first or last > safe or last >= known or not _is_over(month, openings, OPEN_DAYS):
        return None
    return Stretch(name, base, month, first, last)


def overdue(store: Store) -> str | None:
    """The oldest month that still stands in the live table although it could be closed for weeks."""
    due = next_stretch(store, store.head.pos)
    late = due is not None and _is_over(due.month, list(_openings(store)), OPEN_DAYS + _LATE_DAYS)
    return due.month if due is not None and late else None


def _epoch_after(store: Store, pos: int) -> tuple[int, str, int | None] | None:
    """Base, name and last position (None: it goes on) of the epoch of the record behind a position."""
    rows = [(int(base), str(name)) for base, name in store.db.execute("SELECT base, epoch FROM epochs ORDER BY base")]
    for n, (base, name) in enumerate(rows):
        end = rows[n + 1][0] if n + 1 < len(rows) else None
        if base <= pos and (end is None or pos < end):
            return base, name, end
    return None


def _openings(store: Store) -> Iterator[_Opening]:
    for pos, _ in store.of_kinds(_OPENED, after=store.closed.upto):
        found = store.record_at(pos)
        if found is not None and found.kind == _OPENED:
            yield _Opening(pos, str(found.body["date"]))


def _month_before(store: Store, openings: list[_Opening]) -> str:
    """Of an epoch in which no day was opened."""
    if store.closed.newest is not None:
        return store.closed.newest.title.month
    return openings[0].date[:7] if openings else "0000-00"


def _is_over(month: str, openings: list[_Opening], days: int) -> bool:
    newest = max((one.date for one in openings), default="")
    if not newest or month == "0000-00":
        return bool(newest)
    begin = date.fromisoformat(f"{month}-01")
    next_month = (begin + timedelta(days=31)).replace(day=1)
    return date.fromisoformat(newest) >= next_month + timedelta(days=days)


# --- the file: in a thread of its own, beside the running journal ----------------------------------------------------


def seal(data: Path, stretch: Stretch) -> Sealed:
    """Write the month's file, durable, and read it back against the rows. The journal does not name it yet.

    Raises JournalDamaged (nothing that does not verify is sealed), BadSegment, OSError.
    """
    with reading(data / schema.FILE) as store:
        title = _title(store, stretch)
        folder = make_folder(data)
        for leftover in folder.glob(f"*{_PART}"):
            leftover.unlink()
        part = folder / f"{stretch.epoch}-{stretch.month}{_PART}"
        written = write(part, title, _checked(store, stretch, title.prev))
        sealed = Sealed(title, written.digest, written.size)
        part.rename(folder / sealed.name)
        sync_folder(folder)
        _read_back(store, folder / sealed.name, sealed)
        return sealed


def _title(store: Store, stretch: Stretch) -> Title:
    prev = ZERO if stretch.first == stretch.base + 1 else store.hash_of(stretch.first - 1)
    tail = store.record_at(stretch.last)
    if tail is None or prev is None:
        raise JournalDamaged(stretch.last - stretch.base, "cut")
    return Title(store.site, stretch.epoch, stretch.month, stretch.first, stretch.last, prev, tail.hash)


def _checked(store: Store, stretch: Stretch, prev: str) -> Iterator[Record]:
    expected = stretch.first
    for pos, raw in store.rows(stretch.first - 1, stretch.last - stretch.first + 1):
        seq = expected - stretch.base
        try:
            if pos != expected:
                raise BrokenRow("deleted")
            found = read_row(raw)
            check_place(found, seq=seq, epoch=stretch.epoch, prev=prev, site=store.site)
        except BrokenRow as error:
            raise JournalDamaged(seq, error.why) from error
        yield found
        prev, expected = found.hash, expected + 1


def _read_back(store: Store, path: Path, sealed: Sealed) -> None:
    """What the disk gives, not what memory still holds of it. Raises BadSegment; then the file is gone."""
    try:
        _forget_pages(path)
        title = sealed.title
        file = SegmentFile(path, title)
        rows = store.rows(title.first - 1, sealed.records)
        for (pos, raw), (_, kept) in zip(rows, file.rows(title.first, title.last), strict=True):
            if raw != kept:
                raise BadSegment(pos, "other bytes than were written")
        if file_digest(path) != sealed.digest:
            raise BadSegment(title.first, "other bytes than were written")
    except (BadSegment, ValueError):
        path.unlink(missing_ok=True)
        raise


def _forget_pages(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)


# --- in the writer ---------------------------------------------------------------------------------------------------


def commit(store: Store, sealed: Sealed) -> bool:
    """Name the file in the journal, in the open transaction. False: the journal has changed meanwhile."""
    title = sealed.title
    tail = store.record_at(title.last)
    if read_gap(store) is not None or title.first != store.closed.upto + 1 or tail is None or tail.hash != title.tail:
        return False
    ledger.add(store.db, sealed)
    store.look_at_months()
    return True


def move_some(store: Store, count: int = MOVED_AT_ONCE) -> int:
    """Delete rows whose month is sealed, in the open transaction; what must be found of them is noted. How many.

    What is noted comes from the file: one that no longer gives it (BadSegment) leaves its rows where they are.
    """
    query = "SELECT pos FROM records WHERE pos <= ? ORDER BY pos LIMIT ?"
    rows = [cast(int, pos) for (pos,) in store.db.execute(query, (store.closed.upto, count))]
    if rows:
        ledger.note(store.db, store.closed.rows(rows[0], rows[-1]))
        store.db.execute("DELETE FROM records WHERE pos <= ?", (rows[-1],))
    return len(rows)


def drop_twins(data: Path, sealed: Sealed) -> None:
    """Files of the same month that a run before left without naming them."""
    title = sealed.title
    for path in (data / ledger.FOLDER).glob(f"{title.epoch}-{title.month}-*"):
        if path.name != sealed.name:
            path.unlink()
