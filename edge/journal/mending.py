"""A journal that does not verify goes on in an epoch of its own, `broken` (sync.md section 5); it never starts empty.

Everything that still verifies is carried over; a record that does not is named by `record.broken` with its bytes. The
broken file is kept as it is in a folder beside. A journal that only ends too early goes on as a restored one: the
centre sends what was cut off.
"""

import os
import time
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import apsw
import structlog

from edge.journal import copies, erasing, new_epoch, schema
from edge.journal.appending import ACTOR, Moment
from edge.journal.backup import back_to_wal, put_in_place, start_fresh
from edge.journal.chain import BrokenRow, check_place, read_row
from edge.journal.epochs import LOST, RESTORED
from edge.journal.errors import JournalDamaged
from edge.journal.files import Lock
from edge.journal.new_epoch import Gap, Order
from edge.journal.sealing import PART_ERASED
from edge.journal.segments import copying, dropping, ledger
from edge.journal.skeleton import Content, Place, build
from edge.journal.store import Rows, Store, begin_epoch
from edge.journal.verify import verify
from sync.protocol.epochs import write_again
from sync.protocol.record import ZERO, Record, digest

BROKEN: Final = "record.broken"
_ASIDE: Final = "broken-"
_AT_ONCE: Final = 500
_RAW_KEPT: Final = 60_000  # of a broken record, in base64 far below what a record may hold
log = structlog.get_logger(__name__)


class Mended(NamedTuple):
    """`sound`: records before the first bad one; `carried`: good ones after it; `broken`: seqs of the bad ones.

    `aside` None: nothing else was bad than closed months, of which `months` came back from a copy.
    """

    sound: int
    carried: int
    broken: tuple[int, ...]
    aside: Path | None
    months: int = 0


class _Row(NamedTuple):
    """A record of the old file; `record` None: these bytes are none any more, or there are none."""

    seq: int
    raw: bytes
    record: Record | None


def mend_now(data: Path) -> Mended:
    """As `mend`, with the clock and the randomness of this machine."""
    return mend(data, None, time.strftime("%Y%m%d-%H%M%S"))


def mend(data: Path, order: Order | None, moment: str) -> Mended:
    """Put a journal in the place of the damaged one in `data`; halld must not run. `moment` names what is set aside.

    A closed month that is damaged or missing comes from a copy that this machine knows, where one has it whole.
    Raises JournalBusy; JournalDamaged when the file cannot be read as a journal at all, or is damaged in an epoch
    that was left or where the current one begins, or in a closed month that no copy has: then nothing has changed,
    and a backup has to be restored.
    """
    lock = Lock(data)
    try:
        old = schema.open_existing(data / schema.FILE, read_only=True)
        fresh = start_fresh(data)
        try:
            brought = _bring_months(data, old)
            if brought and (now := verify(data / schema.FILE)).good:
                return Mended(now.records, 0, (), None, brought)
            store, rows = _prefix(old, fresh)
            if order is None:
                order = Order(os.urandom(8).hex(), "broken", erasing.moment_of(store), "sha256")
            mended = _go_on(store, rows, order)
            dropping.say_again(store, order.moment)
            store.db.execute("COMMIT")
            store.db.pragma("journal_mode", "delete")  # one file, whole without a -wal beside it
            store.db.close()
        except apsw.Error as error:
            raise JournalDamaged(0, f"too little of the journal can be read: {error}") from error
        finally:
            old.close(True)
        if not verify(fresh, a_copy=True).good:
            raise JournalDamaged(0, "what could be read of the journal does not hold together")
        back_to_wal(fresh)
        aside = data / (_ASIDE + moment)
        put_in_place(fresh, data, aside)
        log.error("journal_mended", sound=mended[0], carried=mended[1], broken=mended[2][:16], kept_in=aside.name)
        return Mended(*mended, aside, brought)
    finally:
        lock.release()


def _bring_months(data: Path, old: apsw.Connection) -> int:
    """Closed months never change: what a copy has of them is what was here. How many had to come."""
    missing = [month for month in ledger.held_months(old) if not copying.is_whole(data, month)]
    lost = copying.bring(copies.folders(data), data, missing)
    if lost:
        first = lost[0].title.first
        base: Any = old.execute("SELECT base FROM epochs WHERE epoch = ?", (lost[0].title.epoch,)).get
        raise JournalDamaged(first - int(base or 0), "segment")
    return len(missing)


def _prefix(old: apsw.Connection, path: Path) -> tuple[Store, list[_Row]]:
    """A new file with all that verifies up to the first bad record, in an open transaction; and the rows after it."""
    db = schema.create(path)
    rows = list(old.execute("SELECT base, epoch, site FROM epochs ORDER BY base"))
    db.executemany("INSERT INTO epochs VALUES(?,?,?)", rows)
    bases = {int(base): (str(epoch), str(site)) for base, epoch, site in rows}
    newest = max(bases)
    pos, seq, prev, epoch, site = 0, 0, ZERO, "", ""
    for month in ledger.sealed_months(old):
        ledger.add(db, month)
        title = month.title
        pos, prev, epoch, site = title.last, title.tail, title.epoch, title.site
        seq = pos - next(base for base, known in bases.items() if known[0] == epoch)
    for gone in ledger.dropped_months(old):
        ledger.drop(db, gone.sealed.title.last, gone.said, gone.kept)
    for pos_of, raw in _rows_from(old, pos):
        if pos in bases:
            (epoch, site), seq, prev = bases[pos], 0, ZERO
        try:
            if pos_of != pos + 1:
                raise BrokenRow("deleted")
            found = read_row(raw)
            check_place(found, seq=seq + 1, epoch=epoch, prev=prev, site=site)
        except BrokenRow as error:
            if pos <= newest:
                raise JournalDamaged(seq + 1, error.why) from error
            break
        db.execute("INSERT INTO records VALUES(?,?,?)", (pos_of, found.cmd, raw))
        pos, seq, prev = pos_of, seq + 1, found.hash
    if pos <= newest:
        raise JournalDamaged(seq + 1, "cut")
    db.execute("INSERT INTO head VALUES(1,?,?)", (pos, prev))
    _copy_beside(old, db, pos)
    store = Store(db)
    ledger.note(db, (row for month in store.closed.months for row in store.rows(month.title.first - 1, month.records)))
    return store, list(_after(old, newest, pos))


def _copy_beside(old: apsw.Connection, db: apsw.Connection, upto: int) -> None:
    """Parts that are still what names them, keys, marks, spans and snapshots; a table goes as far as it can be read."""
    there = {name for (name,) in old.execute("SELECT name FROM sqlite_schema WHERE type='table'")}
    for table in ("parts", "keys", "marks", "spans", "gone", "files", "snapshots"):
        if table not in there:
            continue
        try:
            for row in old.execute(f"SELECT * FROM {table}"):
                if table == "parts" and digest(row[3]) != row[0]:
                    continue
                if table == "snapshots" and row[0] > upto:
                    continue
                db.execute(f"INSERT OR IGNORE INTO {table} VALUES({','.join('?' * len(row))})", row)
        except (apsw.CorruptError, apsw.IOError) as error:
            log.error("not_all_of_it_can_be_read", table=table, why=str(error))


def _rows_from(old: apsw.Connection, after: int) -> Iterator[tuple[int, bytes]]:
    """As far as the file can be read."""
    try:
        yield from old.execute("SELECT pos, raw FROM records WHERE pos > ? ORDER BY pos", (after,))
    except (apsw.CorruptError, apsw.IOError):
        return


def _after(old: apsw.Connection, base: int, pos: int) -> Iterator[_Row]:
    """What stands behind the first good stretch, up to the head that the file remembers; gaps as rows without bytes."""
    last: Any = old.execute("SELECT pos FROM head").get
    raws = dict(_rows_from(old, pos))
    for one in range(pos + 1, max(int(last or 0), max(raws, default=0)) + 1):
        raw = raws.get(one, b"")
        try:
            found = read_row(raw)
            good = found.data["seq"] == one - base
        except (BrokenRow, KeyError):
            good = False
        yield _Row(one - base, raw, found if good else None)


def _go_on(store: Store, rows: list[_Row], order: Order) -> tuple[int, int, tuple[int, ...]]:
    """The epoch `broken` above the last good record; or, where only the end is missing, the state of a restored one."""
    sound = store.next_seq - 1
    if not any(row.record for row in rows):
        _forget_missing(store, order.moment)
        new_epoch.write_gap(store, Gap(RESTORED))
        return sound, 0, tuple(row.seq for row in rows)
    old_epoch, site = store.epoch, store.site
    first = new_epoch.first_record(store, order, sound, store.head.hash)
    made, births = [first], {found.birth for _, found in store.history(0)}
    broken: list[int] = []
    for row in rows:
        if row.record is None:
            broken.append(row.seq)
            body = {"epoch": old_epoch, "seq": row.seq, "raw": b64encode(row.raw[:_RAW_KEPT]).decode()}
            made.append(_said(body, site, made[-1], order))
        else:
            again = [one.again for one in write_again(made[-1], (), [row.record], births)]
            births.add(row.record.birth)
            made += again
    base = store.head.pos
    store.db.execute("INSERT OR REPLACE INTO spans VALUES(?,?)", (store.base, base))
    begin_epoch(store.db, base, order.epoch, site, first)
    store.look_again()
    store.insert(Rows(tuple(made[1:])))
    _forget_missing(store, order.moment)
    new_epoch.write_gap(store, Gap(LOST))
    return sound, len(made) - 1 - len(broken), tuple(broken)


def _said(body: dict[str, Any], site: str, before: Record, order: Order) -> Record:
    place = Place(
        site=site,
        epoch=order.epoch,
        seq=int(before.data["seq"]) + 1,
        prev=before.hash,
        at=order.moment.at,
        up=order.moment.up,
        boot=order.moment.boot,
        alg=order.alg,
        cmd=None,
    )
    return build(place, Content(BROKEN, "site", ACTOR, 1, body), [])


def _forget_missing(store: Store, moment: Moment) -> None:
    """Parts that no longer are what names them: `part.erased` (`broken`) says that they are gone."""
    gone = {str(h) for (h,) in store.db.execute("SELECT h FROM gone")}
    named: set[str] = set()
    for _, found in store.history(0):
        named |= set(found.parts)
        gone |= {str(h) for h in found.body["h"]} if found.kind == PART_ERASED else set()
    missing = [h for h in sorted(named - gone) if store.part(h) is None]
    for start in range(0, len(missing), _AT_ONCE):
        erasing.write(store, missing[start : start + _AT_ONCE], "broken", ACTOR, moment)
