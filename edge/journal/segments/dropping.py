"""How a closed month goes when its records have been kept for long enough: said in a record, and then its file.

What remains is its row with the digests, on which the next month stands, and `month.dropped`: when, and by which rule.
The oldest goes first, and only when nothing sealed is left that it names.
"""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import orjson

from edge.journal import appending, schema
from edge.journal.appending import ACTOR, Entry, Moment, Order
from edge.journal.keys import KEY_BYTES, KeyRing, sync_folder
from edge.journal.new_epoch import read_gap
from edge.journal.segments import ledger
from edge.journal.segments.form import Title
from edge.journal.segments.ledger import Dropped, Sealed
from edge.journal.skeleton import Content
from edge.journal.store import Store, reading
from sync.protocol.record import Record, named_parts

KIND: Final = "month.dropped"
_NO_KEY: Final = KeyRing(bytes(KEY_BYTES))  # nothing is sealed here


class Kept(NamedTuple):
    """How many whole months records stay after the one of their business days; days are those of `zone`."""

    months: int
    zone: ZoneInfo


class Allowed(NamedTuple):
    """`today`: by the centre's clock; everything up to position `safe` has been at the centre for 72 h."""

    today: date
    months: int
    safe: int

    @classmethod
    def at(cls, now_ms: int, kept: Kept, safe: int) -> "Allowed":
        return cls(datetime.fromtimestamp(now_ms / 1000, kept.zone).date(), kept.months, safe)


class Gone(NamedTuple):
    """A dropped month; `first`, `last`: seq; `kept`: for so many months. `at`: of its record, "" if that went, too."""

    month: str
    epoch: str
    first: int
    last: int
    digest: str
    kept: int
    at: str


def ripe(store: Store, allowed: Allowed) -> Sealed | None:
    """The oldest month that is held, if its time is over and nothing needs it. None in gap mode."""
    if read_gap(store) is not None or not store.closed.months:
        return None
    month = store.closed.months[0]
    last = month.title.last
    over = first_day_without(month.title.month, allowed.months) <= allowed.today
    return month if over and last <= allowed.safe and not _is_needed(store, last) else None


def first_day_without(month: str, kept: int) -> date:
    """When the records of `month` may go."""
    year, number = map(int, month.split("-"))
    months = year * 12 + number + kept
    return date(months // 12, months % 12 + 1, 1)


def _is_needed(store: Store, last: int) -> bool:
    query = """
        SELECT EXISTS (SELECT 1 FROM records WHERE pos <= ?1)
            OR EXISTS (SELECT 1 FROM files WHERE pos <= ?1 AND state NOT IN ('erased', 'broken'))
            OR EXISTS (SELECT 1 FROM closed_parts c JOIN parts p USING (h) WHERE c.pos <= ?1 AND (p.use = 'sealed'
                OR EXISTS (SELECT 1 FROM parts q WHERE q.kid = p.kid AND q.use = 'sealed')
                OR EXISTS (SELECT 1 FROM files f WHERE f.kid = p.kid AND f.state NOT IN ('erased', 'broken'))))"""
    return bool(store.db.execute(query, (last,)).get)


def idle(store: Store, month: Sealed) -> list[str]:
    """Digests that a ripe month names and nobody reads: wraps of keys that seal nothing, pages whose copy is rotten."""
    query = """SELECT c.h FROM closed_parts c JOIN parts p USING (h) WHERE c.pos <= ?1
               UNION SELECT h FROM files WHERE pos <= ?1 AND state = 'broken'"""
    return [str(h) for (h,) in store.db.execute(query, (month.title.last,))]


def drop(store: Store, allowed: Allowed, moment: Moment) -> Sealed | None:
    """Write `month.dropped` for the month that is `ripe`, in the open transaction: with it its file is read no more."""
    month = ripe(store, allowed)
    if month is None or idle(store, month):
        return None
    last = month.title.last
    ledger.drop(store.db, last, _say(store, month, allowed.months, moment), allowed.months)
    for table in ("closed_cases", "closed_parts", "snapshots"):
        store.db.execute(f"DELETE FROM {table} WHERE pos <= ?", (last,))
    store.look_at_months()
    return month


def say_again(store: Store, moment: Moment) -> None:
    """In a journal that was mended, within its transaction: each month's record where it stands now, or anew."""
    for one in store.closed.dropped:
        if one.said <= store.closed.gone:
            continue
        found = next((pos for pos, _ in store.of_kinds(KIND) if _is_of(store, pos, one)), None)
        if found is None:
            found = _say(store, one.sealed, one.kept, moment)
        ledger.said_elsewhere(store.db, one.sealed.title.last, found)


def _is_of(store: Store, pos: int, one: Dropped) -> bool:
    found = store.record_at(pos)
    return found is not None and says(found, one)


def _say(store: Store, month: Sealed, kept: int, moment: Moment) -> int:
    """Position of the record."""
    entry = Entry(Content(KIND, f"month:{month.title.month}", ACTOR, 1, _body(store, month, kept)))
    appending.write(store, _NO_KEY, Order([entry], None, moment, "sha256"))
    return store.head.pos


def _body(store: Store, month: Sealed, kept: int) -> dict[str, Any]:
    title = month.title
    base = _base_of(store, title.epoch)
    named = {"month": title.month, "epoch": title.epoch, "first": title.first - base, "last": title.last - base}
    return named | {"tail": title.tail, "digest": month.digest, "why": "term", "months": kept}


def _base_of(store: Store, epoch: str) -> int:
    base: Any = store.db.execute("SELECT base FROM epochs WHERE epoch = ?", (epoch,)).get
    return int(base)


def says(found: Record, gone: Dropped) -> bool:
    """Whether this is the record of that month."""
    body, title = found.body, gone.sealed.title
    told = (body.get("month"), body.get("epoch"), body.get("tail"), body.get("digest"))
    return found.kind == KIND and told == (title.month, title.epoch, title.tail, gone.sealed.digest)


def told(store: Store) -> Iterator[Gone]:
    """Every month that was dropped, oldest first. Raises JournalDamaged."""
    for one in store.closed.dropped:
        title = one.sealed.title
        base = _base_of(store, title.epoch)
        found = store.record_at(one.said)
        at = "" if found is None else found.at
        yield Gone(title.month, title.epoch, title.first - base, title.last - base, one.sealed.digest, one.kept, at)


def told_in(file: Path) -> list[Gone]:
    """As `told`, of a journal file. Raises FileNotFoundError, JournalDamaged, JournalError."""
    with reading(file) as store:
        return list(told(store))


def remove_files(data: Path) -> None:
    """Of months that were dropped, whatever lies there of them. Raises JournalDamaged, OSError."""
    with reading(data / schema.FILE) as store:
        titles = [one.sealed.title for one in store.closed.dropped]
        held = {one.name for one in store.closed.months}
    folder = data / ledger.FOLDER
    files = {path for title in titles for path in folder.glob(f"{title.epoch}-{title.month}-*")}
    files = {path for path in files if path.name not in held}
    for path in files:
        path.unlink()
    if files:
        sync_folder(folder)


def parts_named_in(store: Store, dropped: Title) -> list[str]:
    """Digests of parts and pages that are here although another copy of this journal has dropped the month that names
    them: none where this journal has another history. It may end within the month."""
    ends_within = store.head.pos < dropped.last and store.epoch == dropped.epoch
    if not ends_within and store.hash_of(dropped.last) != dropped.tail:
        return []
    query = """SELECT c.h FROM closed_parts c JOIN parts p USING (h) WHERE c.pos <= ?1
               UNION SELECT h FROM files WHERE pos <= ?1 AND state <> 'erased'"""
    found = {str(h) for (h,) in store.db.execute(query, (dropped.last,))}
    for _, raw in store.db.execute("SELECT pos, raw FROM records WHERE pos <= ?", (dropped.last,)):
        found |= {h for h in named_parts(orjson.loads(raw)) if store.part(h) is not None}
    return sorted(found)
