"""What the journal has erased goes from its copies, too: now, or as soon as a copy can be reached again.

How far a copy has forgotten stands in the copy itself, as the place and hash of a record of the journal: a copy that
was put back, exchanged, or is of another history is never taken for a clean one. The mark is written when nothing that
went is left in its file, so a kill at any point costs a second look and no more.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple, Protocol

import apsw
import orjson
import structlog

from edge.journal import copies, file_rows, schema
from edge.journal.chain import BrokenRow, read_row
from edge.journal.errors import JournalBusy, JournalDamaged, JournalError
from edge.journal.file_folder import FileFolder
from edge.journal.files import Lock
from edge.journal.sealing import PART_ERASED
from edge.journal.segments import dropping
from edge.journal.store import Store, reading

LOOK_SECONDS: Final = 900.0
_MARK: Final = "forgotten"
_UNFINISHED: Final = f"{schema.FILE}-journal"  # SQLite's own, until a commit in a copy is whole or taken back
_FAR: Final = 10_000  # records that nobody has to look through again
_ROUNDS: Final = 20
_ASK_AGAIN_S: Final = 0.05
# Whatever a damaged copy makes of a row; never the end of a hall.
NOT_REACHED: Final = (JournalError, apsw.Error, OSError, ValueError, LookupError, TypeError)
Sleep = Callable[[float], Awaitable[None]]
log = structlog.get_logger(__name__)


class Reached(NamedTuple):
    """How far a journal was read: position and hash of a record, and how many digests it knew without a record."""

    pos: int
    hash: str
    gone: int = 0


class Due(NamedTuple):
    """What a copy has to forget. `since`: up to where it had forgotten all (None: it was never looked at); `upto`: how
    far this list goes."""

    hashes: tuple[str, ...]
    since: Reached | None
    upto: Reached

    @property
    def is_work(self) -> bool:
        return bool(self.hashes) or self.since is None or self.upto.pos - self.since.pos >= _FAR


class _Copied(Protocol):
    """What a Journal offers here."""

    async def forget_in_copies(self, hashes: Sequence[str] = ()) -> tuple[Path, ...]: ...


async def keep_copies_clean(journal: _Copied, sleep: Sleep = asyncio.sleep) -> None:
    """Until cancelled: at the start and then every quarter of an hour. A copy that is not reached is told once."""
    told: tuple[Path, ...] = ()
    while True:
        unreached = await journal.forget_in_copies()
        for path in unreached:
            if path not in told:
                log.warning("copy_not_looked_at", folder=path.parent.name)
        told = unreached
        await sleep(LOOK_SECONDS)


def forget_in_copies(data: Path, hashes: Iterable[str] = ()) -> tuple[Path, ...]:
    """Take what the journal in `data` has erased out of every copy that is known: set aside here, or a backup.

    `hashes` go even where the journal cannot be read for more. Those not reached are returned; they keep what they
    have until they are. The copies keep their records, so they verify and can be put back.
    """
    gone = tuple(hashes)
    unreached = []
    for folder in copies.folders(data):
        try:
            forget(data, folder, gone)
        except JournalBusy:
            log.info("copy_in_use", folder=folder.name)  # who uses it looks at the end what was erased meanwhile
        except NOT_REACHED as error:
            log.info("copy_not_reached", folder=folder.name, why=type(error).__name__)
            unreached.append(folder / schema.FILE)
    return tuple(unreached)


def forget(data: Path, folder: Path, hashes: Sequence[str] = ()) -> int:
    """In one copy; how many parts, pages and wraps went. A copy with nothing to forget is not written to.

    Raises JournalBusy while a backup is made there; JournalDamaged, JournalError, apsw.Error, OSError; what is not as
    it should be raises ValueError, LookupError or TypeError. Then it is not noted as done.
    """
    if copies.is_away(folder) or not (data / schema.FILE).is_file():
        raise FileNotFoundError(folder)
    went = 0
    for _ in range(_ROUNDS):
        if not _has_work(data, folder):
            return went
        with using(folder):
            if (folder / schema.FILE).exists():
                copies.clear_halves(folder)
                went += _forget(data, folder, hashes)
            else:
                copies.clear_first_half(folder)
    raise JournalError("more is erased all the time")


@contextmanager
def using(folder: Path, patience_s: float = 0.0) -> Iterator[None]:
    """Nobody else writes in the folder of a copy. Raises JournalBusy when somebody does after `patience_s`, OSError.

    Whoever was refused meanwhile goes without: look at what was erased when this has ended (`forget` does).
    """
    lock = _lock(folder, time.monotonic() + patience_s)
    try:
        yield
    finally:
        lock.release()


def _lock(folder: Path, until: float) -> Lock:
    while True:
        try:
            return Lock(folder)
        except JournalBusy:
            if time.monotonic() >= until:
                raise
            time.sleep(_ASK_AGAIN_S)


def is_behind(data: Path, folder: Path) -> bool:
    """Whether a copy still holds what the journal has erased. Raises as `forget`, and FileNotFoundError.

    One that was cut off while it forgot counts so unread: to read it would write in it.
    """
    if (folder / _UNFINISHED).exists():
        return True
    with reading(data / schema.FILE) as journal, reading(folder / schema.FILE) as copy:
        return any(_is_held(copy, h) for h in _due(journal, copy).hashes)


def _has_work(data: Path, folder: Path) -> bool:
    if copies.halves(folder) or not (folder / schema.FILE).exists():
        return bool(copies.halves(folder))
    try:
        with reading(data / schema.FILE) as journal, reading(folder / schema.FILE) as copy:
            return _due(journal, copy).is_work
    except NOT_REACHED:
        return True  # to be met again, and told


def _forget(data: Path, folder: Path, hashes: Sequence[str]) -> int:
    copy = Store(schema.open_existing(folder / schema.FILE))
    try:
        copy.db.pragma("synchronous", "EXTRA")  # without a WAL only this makes the end of a commit last
        try:
            with reading(data / schema.FILE) as journal:
                due = _due(journal, copy)
        except NOT_REACHED:
            _take_out(folder, copy, hashes)
            raise
        went = _take_out(folder, copy, due.hashes, is_new=due.since is None)
        copy.set_mark(_MARK, orjson.dumps(due.upto._asdict()))
        return went
    finally:
        copy.db.close(True)


def _take_out(folder: Path, copy: Store, hashes: Iterable[str], *, is_new: bool = False) -> int:
    """Gone from the file, its WAL and the pages beside when this returns."""
    wanted = sorted(hashes)
    here = [h for h in wanted if _is_held(copy, h)]
    also: list[str] = []
    if here:
        copy.db.execute("BEGIN IMMEDIATE")
        also = copy.erase(here)
        copy.db.executemany("INSERT OR IGNORE INTO gone VALUES(?)", ((h,) for h in also))
        copy.db.execute("COMMIT")
    if (wanted or is_new) and not empty_wal(copy):
        raise JournalError("somebody reads this copy")
    files = FileFolder(folder)
    for h in [*wanted, *file_rows.erased(copy.db)] if is_new else wanted:
        if files.has(h):
            files.remove(h)
    return len(also)


def empty_wal(store: Store) -> bool:
    """Deleted pages live on in the WAL until it is emptied (reliability_security.md section 5e). False: a reader
    beside us still needs it; ask again."""
    busy, _, _ = store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()[0]
    return not busy


def _is_held(copy: Store, h: str) -> bool:
    query = "SELECT 1 FROM parts WHERE h=?1 UNION ALL SELECT 1 FROM files WHERE h=?1 AND state<>'erased'"
    return copy.db.execute(query, (h,)).get is not None


def _due(journal: Store, copy: Store) -> Due:
    raw = copy.named_mark(_MARK)
    mark = None if raw is None else Reached(**orjson.loads(raw))
    since = mark if mark is not None and _stands_in(journal, mark) else None
    own = Reached(copy.head.pos, copy.head.hash)  # what was erased up to there it has erased itself
    after = max((one.pos for one in (since, own) if one is not None and _stands_in(journal, one)), default=0)
    found = set(_erased(journal, after))
    for month in journal.closed.dropped:  # the records of erasing went with their months, as all did that these named
        if month.sealed.title.last > after:
            found |= set(dropping.parts_named_in(copy, month.sealed.title))
    gone = [str(h) for (h,) in journal.db.execute("SELECT h FROM gone")]
    is_news = since is None or since.gone != len(gone)
    found |= {h for h in gone if is_news or _is_held(copy, h)}
    return Due(tuple(found), since, Reached(journal.head.pos, journal.head.hash, len(gone)))


def begin_anew(journal: Store) -> None:
    """In a copy that becomes the journal, within its transaction: what it forgot is not of the copies made of it."""
    journal.db.execute("DELETE FROM marks WHERE name=?", (_MARK,))


def _stands_in(journal: Store, place: Reached) -> bool:
    return journal.hash_of(place.pos) == place.hash


def _erased(journal: Store, after: int) -> Iterator[str]:
    """Digests that records of erasing above a position name. Raises JournalDamaged."""
    for pos, raw in journal.of_kinds(PART_ERASED, after=max(after, journal.closed.gone)):
        try:
            found = read_row(raw)
        except BrokenRow as error:
            raise JournalDamaged(pos - journal.base, error.why) from error
        if found.kind == PART_ERASED:
            yield from (str(h) for h in found.body["h"])
