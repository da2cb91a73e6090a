"""The one place where the hall changes: commands in order, decided on the newest state, visible once committed.

Two states: `_ahead` already has what was decided and is on its way to the disk, so the next command need not wait
for it; `state` has what is committed, and is all that anybody else ever sees.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

import structlog

from edge import snapshots
from edge.clock import Clock, Ids, iso
from edge.feed import Subscription
from edge.journal.errors import JournalFailed
from edge.rules.apply import apply, stamp
from edge.rules.books import NO_BOOKS, Books
from edge.rules.commands import Command
from edge.rules.decide import decide
from edge.rules.floors import NO_FLOORS
from edge.rules.moment import Decided, Moment
from edge.rules.records import Draft
from edge.rules.refusal import Refusal
from edge.rules.state import State
from sync.protocol.record import Record

SNAPSHOT_EVERY: Final = 2_000
BATCH: Final = 64  # commands looked up and decided between two looks at the journal
IN_FLIGHT: Final = 256  # decided commands that may wait for the disk
_PAGE: Final = 2_000
_PAGE_BYTES: Final = 8_000_000
_CODE: Final = re.compile(r"[A-Za-z0-9:._-]{1,80}")
# A mistake in one rule, or a draft that is no record, is its caller's failure, not the hall's: nothing has changed.
_MISTAKES: Final = (LookupError, ValueError, TypeError, AttributeError, ArithmeticError)

log = structlog.get_logger(__name__)


class JournalPort(Protocol):
    """What the engine asks of the journal. Every method raises JournalFailed when the disk does."""

    def submit(self, drafts: Sequence[Draft], *, cmd: str | None = None) -> asyncio.Future[tuple[Record, ...]]:
        """Queue now, in the order of the calls; done when durable. Raises TypeError, ValueError at once for
        drafts that can never be records. May put records of its own (keys) before them."""

    async def answer_to(self, cmd: str) -> Sequence[Record] | None:
        """Records of an accepted command, None or empty when there is none."""

    async def read(
        self, after: int, limit: int, max_bytes: int
    ) -> Sequence[tuple[Record, Mapping[str, Any], Sequence[str]]]:
        """Records from `after` + 1 on, with their parts; empty at the end."""

    async def load_snapshot(self) -> tuple[int, bytes] | None: ...

    async def save_snapshot(self, seq: int, data: bytes) -> None: ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command made, perhaps nothing. `repeated`: the command was accepted earlier under the same id."""

    records: tuple[Record, ...]
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class _Asked:
    command: Command
    id: str
    actor: str
    done: asyncio.Future[Answer]


@dataclass(frozen=True, slots=True)
class _Decided:
    """`commit` None: nothing to write, `outcome` is told once everything decided before it is committed."""

    asked: _Asked
    commit: asyncio.Future[tuple[Record, ...]] | None
    outcome: Answer | Exception | None


class Engine:
    """Build, `restore`, then keep `run` running; `execute` from anywhere in the same event loop.

    `books` may be replaced at any time: the next decision looks things up in the new ones, and so
    may `floors`: numbers at or below them are not given.
    """

    def __init__(
        self, journal: JournalPort, *, clock: Clock, ids: Ids, zone: ZoneInfo, books: Books = NO_BOOKS
    ) -> None:
        self.state = State()
        self.books = books
        self.floors = NO_FLOORS
        self._ahead = State()
        self._journal = journal
        self._clock = clock
        self._ids = ids
        self._zone = zone
        self._inbox: asyncio.Queue[_Asked] = asyncio.Queue()
        self._in_flight: asyncio.Queue[_Decided] = asyncio.Queue(IN_FLIGHT)
        self._running: dict[str, asyncio.Future[Answer]] = {}
        self._readers: set[Subscription] = set()
        self._snapshot_seq = 0
        self._stopped = False

    async def restore(self) -> None:
        """Last snapshot that this release can read, then the records after it. Raises JournalFailed, JournalDamaged."""
        kept = await self._journal.load_snapshot()
        state = (snapshots.read(kept[1]) if kept else None) or State()
        self._snapshot_seq = state.seq
        while page := await self._journal.read(state.seq, _PAGE, _PAGE_BYTES):
            for record, _, _ in page:
                _apply_merged(state, record)
        self.state = state
        self._ahead = state.model_copy(deep=True)

    async def run(self) -> None:
        """Work until cancelled. Raises JournalFailed: the process must end and start from what is on disk."""
        failure: JournalFailed | None = None
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._decide_all())
                group.create_task(self._publish_all(group))
        except* JournalFailed as failed:
            failure = _first(failed)
        finally:
            self._stop()
        if failure is not None:
            raise failure

    async def execute(self, command: Command, *, id: str, actor: str) -> Answer:
        """Decide, commit, answer. Raises Refusal (nothing changed), JournalFailed (nobody knows; ask again).

        The same `id` answers the same again for ever; cancelling the wait changes nothing about the decision.
        """
        if not _CODE.fullmatch(id) or not _CODE.fullmatch(actor):
            raise ValueError("a command's id and actor are codes")
        if self._stopped:
            raise JournalFailed("the engine has stopped")
        running = self._running.get(id)
        if running is not None:
            return replace(await asyncio.shield(running), repeated=True)
        done = self._running[id] = asyncio.get_running_loop().create_future()
        done.add_done_callback(_heard)
        self._inbox.put_nowait(_Asked(command, id, actor, done))
        return await asyncio.shield(done)

    def subscribe(self) -> Subscription:
        return Subscription(self._readers.add, self._readers.discard)

    # --- deciding ---------------------------------------------------------------------------------------------------

    async def _decide_all(self) -> None:
        while True:
            batch = [await self._inbox.get()]
            while len(batch) < BATCH and not self._inbox.empty():
                batch.append(self._inbox.get_nowait())
            earlier = await asyncio.gather(*(self._journal.answer_to(asked.id) for asked in batch))
            for asked, records in zip(batch, earlier, strict=True):
                if records:
                    decided = _Decided(asked, None, Answer(tuple(records), repeated=True))
                else:
                    decided = self._decide(asked)
                await self._in_flight.put(decided)

    def _decide(self, asked: _Asked) -> _Decided:
        now = self._clock.now_ms()
        moment = Moment(now, iso(now, self._zone), self._ids.new, asked.actor, self.books, self.floors)
        try:
            drafts = decide(self._ahead, asked.command, moment)
            if not drafts:
                return _Decided(asked, None, Answer(()))
            commit = self._journal.submit(drafts, cmd=asked.id)
        except Refusal as refused:
            return _Decided(asked, None, refused)
        except _MISTAKES as mistake:
            log.error("rule_failed", command=type(asked.command).__name__, exc_info=mistake)
            return _Decided(asked, None, mistake)
        for draft in drafts:
            apply(self._ahead, self._guess(draft, moment))
        return _Decided(asked, commit, None)

    def _guess(self, draft: Draft, moment: Moment) -> Decided:
        return Decided(
            seq=self._ahead.seq + 1,
            kind=draft.kind,
            v=draft.v,
            subject=draft.subject,
            actor=draft.actor,
            at=moment.at,
            body=draft.body,
        )

    # --- committed --------------------------------------------------------------------------------------------------

    async def _publish_all(self, group: asyncio.TaskGroup) -> None:
        while True:
            decided = await self._in_flight.get()
            outcome = decided.outcome
            if decided.commit is not None:
                records = await decided.commit
                self._fold(records)
                outcome = Answer(records)
                self._keep_snapshot(records, group)
            self._answer(decided.asked, outcome)

    def _fold(self, records: tuple[Record, ...]) -> None:
        for record in records:
            apply(self.state, record)
            stamp(self._ahead, record)
        for reader in self._readers:
            reader.tell(records)

    def _keep_snapshot(self, records: tuple[Record, ...], group: asyncio.TaskGroup) -> None:
        day_ended = any(record.kind == "day.closed" for record in records)
        if not day_ended and self.state.seq - self._snapshot_seq < SNAPSHOT_EVERY:
            return
        data = snapshots.write(self.state)
        # Verified at the end of a day, when little is open; in the middle of one the hall must not wait for it.
        if day_ended and snapshots.read(data) != self.state:
            log.error("snapshot_not_kept", seq=self.state.seq)
            return
        self._snapshot_seq = self.state.seq
        group.create_task(self._journal.save_snapshot(self.state.seq, data))

    def _answer(self, asked: _Asked, outcome: Answer | Exception | None) -> None:
        self._running.pop(asked.id, None)
        if isinstance(outcome, Answer):
            asked.done.set_result(outcome)
        elif outcome is not None:
            asked.done.set_exception(outcome)

    def _stop(self) -> None:
        self._stopped = True
        for done in self._running.values():
            if not done.done():
                done.set_exception(JournalFailed("the engine stopped before this was committed"))
        self._running.clear()


def _apply_merged(state: State, record: Record) -> None:
    """A record that was decided on another history than the one it stands in now (sync.md section 5) may not fit."""
    try:
        apply(state, record)
    except _MISTAKES as mistake:
        log.error("record_does_not_fit", seq=record.seq, kind=record.kind, exc_info=mistake)
        state.frozen.add(record.subject)


def _heard(done: asyncio.Future[Answer]) -> None:
    """A caller that went away must not leave an exception nobody looked at."""
    if not done.cancelled():
        done.exception()


def _first(group: BaseExceptionGroup[JournalFailed]) -> JournalFailed:
    error = group.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error
