"""A new epoch in the journal's own transaction (sync.md section 5), and whether numbers must keep a gap."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

import orjson

from edge.journal import file_rows
from edge.journal.appending import ACTOR, Moment
from edge.journal.sealing import KEY_ISSUED, PART_ERASED
from edge.journal.skeleton import Content, Place, build
from edge.journal.store import PartRow, Rows, Store, begin_epoch
from sync.protocol.epochs import OPENED, Why, opened_body, write_again
from sync.protocol.record import ZERO, Alg, Record
from sync.source import Mark, Stored

_GAP: Final = "gap"
_MARK_OF: Final = "centre:"


class Order(NamedTuple):
    """What a new epoch needs from outside; `epoch`: 16 hex digits, fresh."""

    epoch: str
    why: Why
    moment: Moment
    alg: Alg


def open_epoch(
    store: Store, order: Order, common: int, tail: Sequence[Stored], file_is_here: Callable[[str], bool]
) -> None:
    """Continue above `common` of the current epoch: the tail first, then what this journal holds above it."""
    keep = {span.base: span.last for span in store.spans if span.last is not None}
    if common > 0:
        keep[store.base] = store.base + common
    _begin(store, order, common, tail, keep)
    file_rows.not_here(store.db, [one.record for one in tail], file_is_here)


def offer_again(store: Store, order: Order) -> bool:
    """The centre lost all of the current epoch: earlier ones may lack their end there, too. True when one may.

    What an earlier epoch said that was not durable at the centre is written again, with everything after it.
    """
    keep: dict[int, int] = {}
    for span in store.spans[:-1]:
        mark = _mark_of(store, span.epoch)
        durable = span.base + (0 if mark is None else mark.durable)
        last = span.last or span.base
        if durable < last:
            if durable > span.base:
                keep[span.base] = durable
            _begin(store, order, 0, (), keep)
            return True
        keep[span.base] = last
    return False


def _begin(store: Store, order: Order, common: int, tail: Sequence[Stored], keep: dict[int, int]) -> None:
    chain = store.hash_at(common) or ZERO
    own = [found for place, found in store.history(0) if not _is_kept(store, place, keep)]
    held = {found.birth for place, found in store.history(0) if _is_kept(store, place, keep)} if tail else set()
    first = first_record(store, order, common, chain)
    written = list(write_again(first, [one.record for one in tail], own, held))
    parts, gone = _tail_parts(store, [one for one in tail if one.record.birth not in held])
    _keep_mark(store)
    base = store.head.pos
    store.db.execute("DELETE FROM spans")
    store.db.executemany("INSERT INTO spans VALUES(?,?)", keep.items())
    begin_epoch(store.db, base, order.epoch, store.site, first)
    store.look_again()
    store.db.executemany("INSERT OR IGNORE INTO gone VALUES(?)", ((h,) for h in gone))
    store.insert(Rows(tuple(one.again for one in written), parts))
    replay_erasures(store, (one.again for one in written))


def replay_erasures(store: Store, records: Iterable[Record]) -> None:
    """What a `part.erased` names is not read again, wherever its bytes came back from."""
    for found in records:
        if found.kind == PART_ERASED:
            store.erase([str(h) for h in found.body["h"]])


def _is_kept(store: Store, place: int, keep: dict[int, int]) -> bool:
    pos = store.pos_of(place)
    return pos is not None and any(base < pos <= last for base, last in keep.items())


def first_record(store: Store, order: Order, common: int, chain: str) -> Record:
    """`epoch.opened` of a new epoch that goes on above `common`, whose hash is `chain`, of the current one."""
    body = opened_body(order.why, left=store.epoch, common=common, chain=chain)
    place = Place(
        site=store.site,
        epoch=order.epoch,
        seq=1,
        prev=ZERO,
        at=order.moment.at,
        up=order.moment.up,
        boot=order.moment.boot,
        alg=order.alg,
        cmd=None,
    )
    return build(place, Content(OPENED, "site", ACTOR, 1, body), [])


def _tail_parts(store: Store, tail: Sequence[Stored]) -> tuple[list[PartRow], set[str]]:
    """Parts that came with the tail and are to be stored, and those that will never be."""
    erased = _erased(store)
    parts: dict[str, PartRow] = {}
    gone: set[str] = set()
    for record, blobs, _ in tail:
        for kid, use, h in _named(record):
            if store.part(h) is not None or h in parts:
                continue
            if h in blobs and h not in erased:
                parts[h] = PartRow(h, kid, use, blobs[h])
            else:
                gone.add(h)
    return list(parts.values()), gone


def _named(record: Record) -> Iterable[tuple[str, Literal["sealed", "wrap"], str]]:
    for entry in record.data.get("sealed", ()):
        yield str(entry["kid"]), "sealed", str(entry["h"])
    if record.kind == KEY_ISSUED:
        for entry in record.body.get("wrapped", ()):
            yield str(record.body["kid"]), "wrap", str(entry["h"])


def _erased(store: Store) -> set[str]:
    """By a record that counts; or known without one, since a restore put an older copy in the place of the record."""
    named = {str(h) for _, found in store.history(0) if found.kind == PART_ERASED for h in found.body["h"]}
    return named | {str(h) for (h,) in store.db.execute("SELECT h FROM gone")}


# --- marks of epochs that were left, and the gap ---------------------------------------------------------------------


def _keep_mark(store: Store) -> None:
    kept = store.mark()
    if kept is not None and Mark(**orjson.loads(kept)).epoch == store.epoch:
        store.set_mark(_MARK_OF + store.epoch, kept)


def _mark_of(store: Store, epoch: str) -> Mark | None:
    kept = store.named_mark(_MARK_OF + epoch)
    return None if kept is None else Mark(**orjson.loads(kept))


class Gap(NamedTuple):
    """Why numbers keep a distance: `restored` from an image, `fork` found, or a `lost` tail until `date` is over.

    `tickets`, `cases`: the least numbers of `date`, by prefix and letter; '' date: not fixed yet.
    """

    why: str
    date: str = ""
    tickets: Mapping[str, int] = MappingProxyType({})
    cases: Mapping[str, int] = MappingProxyType({})


def read_gap(store: Store) -> Gap | None:
    kept = store.named_mark(_GAP)
    return None if kept is None else Gap(**orjson.loads(kept))


def write_gap(store: Store, gap: Gap | None) -> None:
    if gap is None:
        store.db.execute("DELETE FROM marks WHERE name=?", (_GAP,))
    else:
        store.set_mark(_GAP, orjson.dumps(gap._asdict() | {"tickets": dict(gap.tickets), "cases": dict(gap.cases)}))
