"""The journal as the rest of the hall sees it: append, read, snapshots, parts. Nothing here waits in the event loop."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import orjson
import structlog

from edge.clock import Clock, Ids, iso
from edge.journal import appending, centre_wraps, erasing, forgetting, new_epoch, sealed_files, sealing
from edge.journal.appending import ACTOR, Entry, Moment, Order
from edge.journal.beside import with_parts
from edge.journal.epochs import Epochs
from edge.journal.errors import GapMode
from edge.journal.file_folder import DiskUsed, FileFolder, disk_used
from edge.journal.files import HeadNote, Lock
from edge.journal.history import Append, History
from edge.journal.keys import KeyRing
from edge.journal.opening import Birth, Opened, open_journal
from edge.journal.reserve import Reserve
from edge.journal.sealed_files import SealedFile, SealedFiles
from edge.journal.segments import dropping
from edge.journal.segments.dropping import Allowed
from edge.journal.segments.ledger import Sealed
from edge.journal.skeleton import check_code, content_of, shipped_size
from edge.journal.store import Store
from edge.journal.writer import Reach, Writer
from edge.rules.records import Draft
from sync.protocol.epochs import Why
from sync.protocol.record import Alg, Record
from sync.source import Mark, Stored

T = TypeVar("T")
log = structlog.get_logger(__name__)


class Journal:
    """Use `await Journal.open(...)`. After JournalFailed every call raises it: end the process.

    `site`, `epoch`: who writes and in which epoch. Fits sync.source.JournalSource.
    """

    def __init__(
        self,
        opened: Opened,
        *,
        boot: str,
        clock: Clock,
        zone: ZoneInfo,
        random_bytes: Callable[[int], bytes],
        keys: KeyRing,
        alg: Alg,
        files: FileFolder,
        folder: Path,
        reserve: Reserve,
    ) -> None:
        self._folder = folder
        self.site = opened.store.site
        self.epoch = opened.store.epoch
        self._boot, self._clock, self._zone, self._alg = boot, clock, zone, alg
        self._random_bytes, self._keys = random_bytes, keys
        self._ids = Ids(clock, random_bytes)
        self._next_seq, self._floor = opened.store.next_seq, opened.store.floor
        gap = new_epoch.read_gap(opened.store)
        places = opened.store.places
        self._grown = asyncio.Event()
        self._at_copies = asyncio.Lock()
        self._lock: Lock = opened.lock
        self._note: HeadNote = opened.note
        self.reserve = reserve
        self._writer = Writer(
            opened.store, opened.note, asyncio.get_running_loop(), self._on_commit, make_room=reserve.release
        )
        self.files = SealedFiles(self._writer, files, keys, self.site, self._fresh, self._system_order)
        self.epochs = Epochs(self._writer, gap, self._epoch_order, self.files, files)
        self.history = History(self._writer, self.epoch, places, self._prepare)

    @classmethod
    async def open(
        cls,
        folder: Path,
        *,
        site: str,
        boot: str,
        clock: Clock,
        zone: ZoneInfo,
        random_bytes: Callable[[int], bytes],
        keys: KeyRing,
        alg: Alg = "sha256",
        disk: DiskUsed = disk_used,
    ) -> "Journal":
        """Lock, check, and at the first boot create the journal. `boot`: 16 hex digits of this start.

        `disk`: share of the disk in use; from 0.9 on no file is sealed. Files that no record names go after a day.
        Raises JournalBusy; JournalDamaged naming the first bad record (the file is left as it is); JournalError.
        """
        moment = Moment(iso(clock.now_ms(), zone), clock.up_ms(), boot)
        birth = Birth(site, moment, alg, random_bytes)
        reserve = Reserve(folder, disk)
        if folder.exists():
            await asyncio.to_thread(reserve.look)  # opening may need the room
        opened = await asyncio.to_thread(open_journal, folder, birth)
        files = FileFolder(folder, disk)
        try:
            await asyncio.to_thread(sealed_files.tidy, opened.store, files, clock.now_ms())
        except BaseException:
            opened.abandon()
            raise
        return cls(
            opened,
            boot=boot,
            clock=clock,
            zone=zone,
            random_bytes=random_bytes,
            keys=keys,
            alg=alg,
            files=files,
            folder=folder,
            reserve=reserve,
        )

    # --- appending -----------------------------------------------------------------------------------------------

    def submit(self, drafts: Sequence[Draft], *, cmd: str | None = None) -> asyncio.Future[tuple[Record, ...]]:
        """Queue one append now; order of calls = order of records. The future resolves after the group's fsync.

        The result is one record a draft, in order; a `key.issued` that had to precede one is in the journal only.
        A `cmd` the journal already knows writes nothing and resolves to its first records.
        Raises FreeText, TypeError, NotCanonical at once; the future may raise RecordTooBig, JournalFailed.
        """
        return self._writer.submit(self._prepare(drafts, cmd), writes=True)

    async def append(self, drafts: Sequence[Draft], *, cmd: str | None = None) -> tuple[Record, ...]:
        """`submit` and wait. A cancelled wait does not take the append back."""
        return await self.submit(drafts, cmd=cmd)

    async def erase(self, hashes: Sequence[str], why: str, *, actor: str) -> Record:
        """Commit `part.erased`; delete parts and files, with keys that nothing needs any more; then empty the WAL.

        `why`: term, law, broken. When parts may go is the caller's to know (sync.md section 2, Erasing).
        """
        if why not in erasing.WHYS:
            raise ValueError(f"why is one of {', '.join(erasing.WHYS)}")
        check_code("actor", actor)
        if self.epochs.gap is not None and why == "term":
            raise GapMode(
                "this journal was restored; parts are erased by term once the centre has told what is missing"
            )
        moment = self._moment()
        made = await self._writer.submit(lambda store: erasing.write(store, hashes, why, actor, moment), writes=True)
        await self.empty_wal()
        gone = [str(h) for h in made.body["h"]]
        await self.files.remove_erased(gone)
        for path in await self.forget_in_copies(gone):
            log.error("not_erased_in_a_copy", folder=path.parent.name)
        return made

    async def forget_in_copies(self, hashes: Sequence[str] = ()) -> tuple[Path, ...]:
        """What was erased, and `hashes`, goes from every copy that can be reached; the files of the others."""
        async with self._at_copies:
            return await asyncio.to_thread(forgetting.forget_in_copies, self._folder, hashes)

    async def drop_month(self, allowed: Allowed) -> Sealed | None:
        """Commit `month.dropped` for the oldest closed month, if that may be; what idles beside it is erased first."""
        month = await self._read(lambda store: dropping.ripe(store, allowed))
        if month is None:
            return None
        if idle := await self._read(lambda store: dropping.idle(store, month)):
            await self.erase(idle, "term", actor=ACTOR)
        moment = self._moment()
        return await self._writer.submit(lambda store: dropping.drop(store, allowed, moment), writes=True)

    async def wrap_for_centre(self) -> None:
        """Keys from before the enrolment are wrapped for the centre now; nothing while the journal is restored."""
        last: str | None = ""
        while last is not None and self._keys.centre is not None and self.epochs.gap is None:
            order, after = self._system_order(), last
            last = await self._writer.submit(
                lambda store, order=order, after=after: centre_wraps.wrap_some(store, self._keys, order, after),  # type: ignore[misc]
                writes=True,
            )

    async def note(self, work: Callable[[Store], T]) -> T:
        """Run `work` as one write: what the journal notes of itself, such as what is safe at the centre; no record."""
        return await self._writer.submit(work, writes=True)

    async def empty_wal(self) -> bool:
        """Nothing deleted is left in the WAL. False: somebody reads beside us; the next start does it, or ask again."""
        return await self._read(forgetting.empty_wal)

    def begin_history(self) -> History:
        """The history as it is now: what was decided on the one before is not written any more."""
        self.history = History(self._writer, self.epoch, self.history.head, self._prepare)
        return self.history

    # --- reading -------------------------------------------------------------------------------------------------

    @property
    def next_seq(self) -> int:
        """Seq that the next record will get; everything below is committed."""
        return self._next_seq

    @property
    def fence(self) -> int:
        """Grows with every record over all epochs: who starts later has the higher one."""
        return self._note.pos + 1

    @property
    def floor(self) -> int:
        """Oldest seq still held: above 1 once months of this epoch were dropped."""
        return self._floor

    @property
    def commits(self) -> int:
        """Transactions since the start; fewer than appends when they were grouped."""
        return self._writer.commits

    async def answer_to(self, cmd: str) -> tuple[Record, ...] | None:
        """What `append` answered to this command id, also after a crash; None = not accepted."""
        return await self._read(lambda store: appending.answer(store, cmd))

    async def read(self, after: int, limit: int = 64, max_bytes: int = 262_144) -> list[Stored]:
        """Records above `after` with the parts they name; at least one if there is one. Raises JournalDamaged."""

        def work(store: Store) -> list[Stored]:
            found: list[Stored] = []
            room = max_bytes
            for record in store.records(after, limit):
                stored = with_parts(store, record)
                room -= shipped_size(record, stored.parts.values())
                if found and room < 0:
                    break
                found.append(stored)
            return found

        return await self._read(work)

    async def hash_at(self, seq: int) -> str | None:
        """Hash of a record, ZERO at 0, None beyond the head."""
        return await self._read(lambda store: store.hash_at(seq))

    async def wait_beyond(self, seq: int) -> None:
        """Return when a record above `seq` is committed, or a new epoch is. Raises JournalFailed when none will be."""
        epoch = self.epoch
        while self.epoch == epoch and self._next_seq - 1 <= seq:
            self._writer.check()
            await self._grown.wait()

    async def save_mark(self, mark: Mark) -> None:
        await self._writer.submit(lambda store: store.save_mark(orjson.dumps(mark._asdict())), writes=True)

    async def load_mark(self) -> Mark | None:
        raw = await self._read(lambda store: store.mark())
        return None if raw is None else Mark(**orjson.loads(raw))

    async def load_snapshot(self) -> tuple[int, bytes] | None:
        """The newest snapshot whose digest fits it and its place in the chain; a bad one is passed over."""
        return await self._read(lambda store: store.snapshot())

    async def save_snapshot(self, seq: int, data: bytes) -> None:
        """Keep what the records up to `seq` add up to. Raises ValueError for a seq not committed."""
        await self._writer.submit(lambda store: store.save_snapshot(seq, data), writes=True)

    async def open_part(self, record: Record, h: str) -> dict[str, Any]:
        """Unseal. Raises PartGone, CannotOpen. Reading a person's data is itself a record: the caller writes it."""
        return await self._read(lambda store: sealing.open_part(store, self._keys, record, h))

    async def seal_file(self, owner: str, data: bytes) -> SealedFile:
        """Seal with the owner's key (issued and committed if new) and keep it, durable before this returns.

        A `page.captured` must name it soon. Raises DiskFull (code `disk_full`), FileNotKept, FileTooBig, FreeText.
        """
        return await self.files.seal(owner, data)

    async def open_file(self, named: Record | str) -> bytes:
        """Unseal the file that a `page.captured` (or the one known by the digest) names. Raises PartGone, CannotOpen.

        Reading a person's data is itself a record: the caller writes it.
        """
        return await self.files.open(named)

    async def file_bytes(self, h: str) -> bytes:
        """The stored bytes, sealed, as they are. Raises PartGone, FileNotKept."""
        return await self.files.stored_bytes(h)

    async def close(self) -> None:
        """Commit what is queued and close. Safe to call again and after a failure."""
        await self._writer.stop()
        self._note.close()
        self._lock.release()

    # --- within --------------------------------------------------------------------------------------------------

    def _prepare(self, drafts: Sequence[Draft], cmd: str | None) -> Append:
        if cmd is not None:
            check_code("cmd", cmd)
        order = Order([self._entry(draft) for draft in drafts], cmd, self._moment(), self._alg)
        return lambda store: appending.write(store, self._keys, order) if order.entries else ()

    async def _read(self, work: Callable[[Store], T]) -> T:
        return await self._writer.submit(work, writes=False)

    def _entry(self, draft: Draft) -> Entry:
        content = content_of(draft)
        if draft.private is None:
            return Entry(content)
        return Entry(content, draft.private, self._fresh())

    def _fresh(self) -> sealing.Fresh:
        return appending.fresh(self._ids, self._random_bytes)

    def _system_order(self, *entries: Entry) -> Order:
        return Order(entries, None, self._moment(), self._alg)

    def _moment(self) -> Moment:
        return Moment(iso(self._clock.now_ms(), self._zone), self._clock.up_ms(), self._boot)

    def _epoch_order(self, why: Why) -> new_epoch.Order:
        return new_epoch.Order(self._random_bytes(8).hex(), why, self._moment(), self._alg)

    def _on_commit(self, reach: Reach | None) -> None:
        if reach is not None and (reach.epoch, reach.next_seq) == (self.epoch, self._next_seq):
            return
        if reach is not None:
            self.epoch, self._next_seq, self._floor = reach.epoch, reach.next_seq, reach.floor
        self.history.grew(None if reach is None else reach.place)
        self._grown.set()
        self._grown.clear()
