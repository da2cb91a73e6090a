"""How long sealed data stays at the site: what is ripe to be erased by term, judged by the centre's clock alone.

A part may go when `durable` has passed its record and 72 h of centre time have gone by since (sync.md section 2); how
much longer each class stays is the site's configuration. When `durable` passed what is stamped: positions with the
centre time at which they were known to be safe, a few a day, kept in the journal over restarts.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple, cast
from zoneinfo import ZoneInfo

import apsw
import orjson
import structlog

from edge.journal import erasing, schema
from edge.journal.chain import BrokenRow, read_row
from edge.journal.errors import GapMode, JournalDamaged
from edge.journal.journal import Journal
from edge.journal.sealing import KEY_ISSUED
from edge.journal.segments import ledger
from edge.journal.store import Store, reading
from sync.protocol.record import Record
from sync.source import Mark

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
LEAST_DAYS: Final = 3
LOOK_SECONDS: Final = 3600.0
_SPACING_MS: Final = 6 * HOUR_MS
_AT_ONCE: Final = 200
_MARK: Final = "safe_since"
_SUBJECT: Final = re.compile(rb'"subject":"(case:[^"]+)"')
_SEALED: Final = '"sealed":['
log = structlog.get_logger(__name__)

Sleep = Callable[[float], Awaitable[None]]


class Terms(NamedTuple):
    """Milliseconds of centre time, none under 72 h. `cases` counts from the last record of the case, `bookings` from
    the day of the booking, `scans` from when the centre has the page, `tickets` from its record."""

    tickets: int
    bookings: int
    cases: int
    scans: int
    zone: ZoneInfo


class Stamp(NamedTuple):
    """Everything up to position `pos` was safe at the centre at `ms` of its clock."""

    pos: int
    ms: int


class Safe(NamedTuple):
    """Oldest first. `files`: pages up to that position were all at the centre."""

    records: tuple[Stamp, ...] = ()
    files: tuple[Stamp, ...] = ()


async def keep_terms(
    journal: Journal, data: Path, terms: Terms, centre_now: Callable[[], int | None], sleep: Sleep = asyncio.sleep
) -> None:
    """Until cancelled: once an hour what is ripe goes. Nothing while the centre's time is not known, or in gap mode."""
    while True:
        now = centre_now()
        if now is not None and journal.epochs.gap is None:
            await erase_ripe(journal, data, terms, now)
        await sleep(LOOK_SECONDS)


async def erase_ripe(journal: Journal, data: Path, terms: Terms, now_ms: int) -> int:
    """One look; how many parts and pages went. `now_ms`: centre time."""
    safe = await journal.note(lambda store: stamp(store, now_ms, max(terms[:4])))
    try:
        found = await asyncio.to_thread(ripe, data / schema.FILE, safe, terms, now_ms)
    except (JournalDamaged, apsw.Error, ValueError, OverflowError) as error:
        # A bad record is told to whoever reads it next; a centre's time beyond all calendars stops no hall.
        log.error("retention_not_looked_at", why=str(error))
        return 0
    for start in range(0, len(found), _AT_ONCE):
        try:
            await journal.erase(found[start : start + _AT_ONCE], "term", actor="system:halld")
        except GapMode:
            return start  # a fork was found meanwhile
    if found:
        log.info("erased_by_term", count=len(found))
    else:
        await journal.empty_wal()  # a reader may have been beside us when something was erased
    return len(found)


def stamp(store: Store, now_ms: int, longest_ms: int) -> Safe:
    """Note what is safe at the centre now. What a restored centre may have lost is not safe any more."""
    safe = _read(store)
    kept = store.mark()
    mark = None if kept is None else Mark(**orjson.loads(kept))
    reached = store.base + mark.durable if mark is not None and mark.epoch == store.epoch else None
    waits = store.db.execute("SELECT min(pos) FROM files WHERE state='waits'").get
    level = store.head.pos if waits is None else int(cast(int, waits)) - 1
    records = safe.records if reached is None else _stamped(safe.records, reached, now_ms, longest_ms)
    files = _stamped(safe.files, level, now_ms, longest_ms)
    if (records, files) != safe:
        store.set_mark(_MARK, orjson.dumps({"records": [*map(list, records)], "files": [*map(list, files)]}))
    return Safe(records, files)


def stamped(store: Store) -> Safe:
    """As it was noted last."""
    return _read(store)


def reach(stamps: Iterable[Stamp], before_ms: int) -> int:
    """Everything up to this position was safe at `before_ms`; 0: nothing was."""
    return max((one.pos for one in stamps if one.ms <= before_ms), default=0)


def ripe(file: Path, safe: Safe, terms: Terms, now_ms: int) -> list[str]:
    """Digests of parts and pages that may go. Reads beside the running journal. Raises JournalDamaged."""
    with reading(file) as store:
        pages = _ripe_pages(store, min(reach(stamps, now_ms - terms.scans) for stamps in safe))
        return pages + _ripe_parts(store, safe, terms, now_ms)


def _ripe_pages(store: Store, upto: int) -> list[str]:
    rows = store.db.execute("SELECT h FROM files WHERE state='there' AND pos <= ? ORDER BY pos", (upto,)).fetchall()
    return [str(h) for (h,) in rows]


def _ripe_parts(store: Store, safe: Safe, terms: Terms, now_ms: int) -> list[str]:
    least = reach(safe.records, now_ms - LEAST_DAYS * DAY_MS)
    found = [(pos, one) for pos, one in _sealing(store, least) if any(erasing.is_here(store, h) for h in one.parts)]
    quiet = reach(safe.records, now_ms - terms.cases)
    lasts = _last_of_cases(store) if any(pos <= quiet and _is_case(one) for pos, one in found) else {}
    old = reach(safe.records, now_ms - terms.tickets)
    today = datetime.fromtimestamp((now_ms - terms.bookings) / 1000, terms.zone).date().isoformat()

    def is_ripe(pos: int, one: Record) -> bool:
        if one.kind == "ticket.issued":
            return pos <= old
        if one.kind == "booking.mirrored":
            return str(one.body["date"]) < today
        return max(pos, lasts.get(one.subject, 0)) <= quiet

    return [h for pos, one in found if is_ripe(pos, one) for h in one.parts if erasing.is_here(store, h)]


def _is_case(one: Record) -> bool:
    return str(one.subject).startswith("case:")


def _sealing(store: Store, upto: int) -> Iterator[tuple[int, Record]]:
    """Records that count, up to a position, with parts beside them."""
    for pos in ledger.naming_parts(store.db, upto):
        found = _of_closed_month(store, pos)
        if found is not None and found.kind != KEY_ISSUED:  # a wrap goes with its key
            yield pos, found
    query = "SELECT pos, raw FROM records WHERE pos <= ? AND instr(raw, CAST(? AS BLOB)) > 0 ORDER BY pos"
    for pos, raw in store.db.execute(query, (upto, _SEALED)):
        if store.place_of(pos) is None:
            continue
        try:
            yield pos, read_row(raw)
        except BrokenRow as error:
            raise JournalDamaged(pos - store.base, error.why) from error


def _of_closed_month(store: Store, pos: int) -> Record | None:
    """None for one that a later epoch wrote again. A month that cannot be read keeps its parts, and no other's."""
    try:
        return None if store.place_of(pos) is None else store.record_at(pos)
    except JournalDamaged as error:
        log.error("closed_month_not_read", pos=pos, why=str(error))
        return None


def _last_of_cases(store: Store) -> dict[str, int]:
    """Subject of each case -> position of its newest record."""
    query = "SELECT pos, raw FROM records WHERE instr(raw, CAST(? AS BLOB)) > 0 ORDER BY pos"
    lasts = ledger.last_of_cases(store.db)
    for pos, raw in store.db.execute(query, ('"subject":"case:',)):
        subject = _SUBJECT.search(raw)
        if subject is not None:
            lasts[subject[1].decode()] = pos
    return lasts


def _stamped(stamps: Sequence[Stamp], pos: int, now_ms: int, longest_ms: int) -> tuple[Stamp, ...]:
    kept = [one for one in stamps if one.pos <= pos and one.ms <= now_ms]
    if not kept or (pos > kept[-1].pos and now_ms - kept[-1].ms >= _SPACING_MS):
        kept.append(Stamp(pos, now_ms))
    while len(kept) > 1 and kept[1].ms <= now_ms - longest_ms:
        del kept[0]  # the one after it says as much
    return tuple(kept)


def _read(store: Store) -> Safe:
    raw = store.named_mark(_MARK)
    if raw is None:
        return Safe()
    kept = orjson.loads(raw)
    return Safe(*(tuple(Stamp(*one) for one in kept[name]) for name in Safe._fields))
