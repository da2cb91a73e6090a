"""One connection's talk with the centre (protocol page, section 4): HELLO, marks, batches and every retry."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final

from sync import batching
from sync.downlink import Downlink
from sync.files_up import FilesUp, Line
from sync.greeting import Introduction
from sync.healing import Healing
from sync.link_state import LinkBoard
from sync.pace import Pace
from sync.protocol import frames, messages, topics
from sync.protocol.messages import MAX_CREDIT, MAX_RECORDS, Ack, Fork, Have, MarkMessage, Nack, NackHello, Need, Welcome
from sync.protocol.record import ZERO
from sync.source import JournalSource, Mark
from sync.telemetry import Telemetry
from sync.window import Window
from sync.wire import Letter, Wire, WireLost

ASK_WHEN_IDLE_MS: Final = 300_000
ASK_AT_NO_CREDIT_MS: Final = 30_000
SAVE_EVERY_MS: Final = 1_000
Sleep = Callable[[float], Awaitable[None]]


class GivenUp(WireLost):
    """The wire stands but the centre does not answer on it: `no_welcome` or `no_ack`."""


class Conversation:
    """`mark` is what the centre holds as far as this connection knows; it outlives the connection in the uplink."""

    def __init__(
        self,
        source: JournalSource,
        wire: Wire,
        cid: str,
        mark: Mark,
        *,
        introduction: Introduction,
        pace: Pace,
        window: Window,
        board: LinkBoard,
        sleep: Sleep,
        files: FilesUp | None = None,
        healing: Healing | None = None,
        feeds: Downlink | None = None,
    ) -> None:
        self.mark = mark
        self.centre_offset_ms: int | None = None
        self._source = source
        self._wire = wire
        self._cid = cid
        self._introduction = introduction
        self._pace = pace
        self._window = window
        self._board = board
        self._sleep = sleep
        self._files = files
        self._healing = healing
        self._feeds = feeds
        self._line = Line(
            wire=wire,
            cid=cid,
            now=introduction.clock.up_ms,
            rto=lambda: pace.rto_ms,
            records_wait=lambda: self.mark.upto < source.next_seq - 1,
            wake=self.wake,
        )
        self._inbox: deque[Letter | WireLost] = deque()
        self._woken = asyncio.Event()
        self._credit = 0
        self._may_go_down = True
        self._centre = ""
        self._welcomed = False
        self._stuck = ""  # why no batch may go out although the centre answers
        self._disputed: int | None = None
        self._agreed: tuple[str, int, str] | None = None  # the newest place at which our own chain was seen to agree
        self._disputed_at: int | None = None
        self._saved: Mark | None = None
        self._saved_at = 0
        self._sent_upto = mark.upto
        self._unmoved_since: int | None = None
        self._ask_at = self._now
        self._asked_at = 0
        self._unanswered_since: int | None = None
        self._unknown_at: int | None = None
        self._again: tuple[int, int] | None = None

    @property
    def _now(self) -> int:
        return self._introduction.clock.up_ms()

    def wake(self) -> None:
        """Something outside changed: new records, or the time has come."""
        self._woken.set()

    def tell(self, telemetry: Telemetry) -> None:
        """Measurements go out where no record waits for the line, the newest of now; a lost one is lost.

        Raises WireLost.
        """
        if not self._welcomed or self._stuck or self.mark.upto < self._source.next_seq - 1:
            return
        telemetry.look()
        if items := telemetry.take():
            said = messages.Telemetry(cid=self._cid, dropped=telemetry.dropped, items=items)
            self._wire.send(Letter(topics.topic(self._source.site, topics.TELEMETRY), said.payload(), 0))

    def end(self, why: WireLost) -> None:
        """At the next step, as if the line were lost."""
        self._inbox.append(why)
        self._woken.set()

    async def run(self) -> None:
        """Talk until the connection ends: raises WireLost, or GivenUp."""
        self._window.open()
        receiving = asyncio.create_task(self._receive())
        following = self._follow_feeds()
        try:
            while True:
                self._follow_epoch()
                await self._read_inbox()
                await self._stream()
                until = await self._mind_the_time()
                if self._healing is not None:
                    until = min(until, self._healing.work(self._line) or until)
                await self._rest(min(until, await self._ship_files() or until))
        finally:
            receiving.cancel()
            if following is not None:
                following.cancel()

    def _follow_feeds(self) -> "asyncio.Task[None] | None":
        if self._feeds is None:
            return None
        self._feeds.start()
        following = asyncio.create_task(self._feeds.run(self._line))
        following.add_done_callback(self._feeds_ended)
        return following

    def _feeds_ended(self, task: "asyncio.Task[None]") -> None:
        """Only the wire ends it; whatever else does, uploads must not go on as if feeds came."""
        if task.cancelled():
            return
        error = task.exception()
        self.end(error if isinstance(error, WireLost) else WireLost("feeds", type(error).__name__))

    def _follow_epoch(self) -> None:
        """The journal opened a new epoch: HELLO under it, on the same connection."""
        if self.mark.epoch == self._source.epoch:
            return
        self.mark = Mark(self._source.epoch, 0, ZERO, 0)
        self._may_go_down, self._welcomed, self._stuck, self._disputed = True, False, "", None
        self._window.forget()
        self._sent_upto = 0
        self._unmoved_since = None
        self._ask_at = self._now

    async def _receive(self) -> None:
        try:
            while True:
                self._inbox.append(await self._wire.receive())
                self._woken.set()
        except WireLost as lost:
            self._inbox.append(lost)
            self._woken.set()

    async def _rest(self, until_ms: int) -> None:
        alarm = asyncio.create_task(self._ring(max(until_ms - self._now, 1) / 1000))
        try:
            await self._woken.wait()
        finally:
            alarm.cancel()
        self._woken.clear()

    async def _ring(self, seconds: float) -> None:
        await self._sleep(seconds)
        self._woken.set()

    # what the centre says --------------------------------------------------------------------------------------------

    async def _read_inbox(self) -> None:
        while self._inbox:
            letter = self._inbox.popleft()
            if isinstance(letter, WireLost):
                raise letter
            if letter.topic == topics.topic(self._source.site, topics.ANSWERS):
                await self._read(letter.payload)
            elif self._feeds is not None and self._feeds.take(letter):
                pass
            elif letter.topic == topics.topic(self._source.site, topics.CHUNKS_DOWN):
                await self._take_chunk(letter)
            self._follow_epoch()

    async def _read(self, payload: bytes) -> None:
        try:
            message = messages.read(payload)
        except frames.BadPayload:
            return  # no sense in it: as good as lost, and losing an answer is harmless
        if message is None or message.cid != self._cid:
            return
        if isinstance(message, MarkMessage | Fork) and message.epoch != self._source.epoch:
            return
        match message:
            case Welcome():
                await self._on_welcome(message)
            case Ack():
                await self._on_mark(message)
            case Nack():
                await self._on_nack(message)
            case NackHello():
                self._on_unknown_here()
            case Fork():
                await self._on_fork(message)
            case Need() if self._files is not None:
                await self._files.on_need(message)
            case Have() if self._files is not None:
                await self._files.on_have(message)

    async def _on_welcome(self, welcome: Welcome) -> None:
        now = self._now
        self._pace.heard_after(now - welcome.up)
        self.centre_offset_ms = welcome.now - (welcome.up + now) // 2
        self._unanswered_since = None
        self._ask_at = now + ASK_WHEN_IDLE_MS
        self._welcomed = True
        if self._feeds is not None:
            self._feeds.welcome(welcome.region)
        if self._stuck in ("fork", "hello"):
            self._stuck = ""
        if self._may_go_down or welcome.centre != self._centre:  # put back while we were idle: it told nobody
            self._may_go_down, self._centre = False, welcome.centre
            self._start_over(welcome)
            if self._files is not None:
                await self._files.start(self._line, welcome.centre)
        if welcome.upto < self._source.floor - 1:
            self._board.change(hole=(welcome.upto + 1, self._source.floor - 1))
        await self._on_mark(welcome)
        if self._healing is not None:
            await self._healing.on_welcome(welcome, agrees=self._stuck != "chain")
            if self._source.epoch != welcome.epoch:
                return
        if not self._stuck:
            self._board.change(online=True, last_error="")
        oldest = self._window.oldest_ms
        if oldest is not None and now - oldest >= self._pace.rto_ms:
            self._send_again()
        if self.mark.upto >= self._source.next_seq - 1:
            self._pace.acknowledged()

    def _start_over(self, mark: MarkMessage) -> None:
        self.mark = Mark(self._source.epoch, mark.upto, mark.chain, mark.durable)
        self._window.forget()
        self._sent_upto = mark.upto
        self._unmoved_since = None

    async def _on_mark(self, mark: MarkMessage) -> None:
        self._credit = mark.credit
        if mark.credit == 0:
            self._ask_at = min(self._ask_at, self._asked_at + ASK_AT_NO_CREDIT_MS)
        self._board.change(held=mark.held, bad=mark.bad, credit=mark.credit, rtt_ms=self._pace.rtt_ms)
        if not await self._agrees(mark):
            return
        moved = mark.upto > self.mark.upto
        durable = max(mark.durable, self.mark.durable)
        if moved:
            self.mark = Mark(self._source.epoch, mark.upto, mark.chain, durable)
            self._on_progress(mark.upto)
        else:
            self.mark = self.mark._replace(durable=durable)
        if self._must_save():
            await self._source.save_mark(self.mark)
            self._saved, self._saved_at = self.mark, self._now
        self._board.acknowledged(self.mark, self._source.epoch, self._source.next_seq - 1, self._now)

    def _must_save(self) -> bool:
        """Not at every ACK of a long drain: each costs an fsync, and after a crash WELCOME says it again."""
        saved, mark = self._saved, self.mark
        if saved is None or saved.epoch != mark.epoch or mark.upto < saved.upto or mark.durable < saved.durable:
            return True
        rested = mark.upto >= self._source.next_seq - 1 or self._now - self._saved_at >= SAVE_EVERY_MS
        return mark != saved and rested

    def _on_progress(self, upto: int) -> None:
        now = self._now
        sent_at = self._window.acknowledged(upto)
        if sent_at is not None:
            self._pace.heard_after(now - sent_at)
        self._pace.acknowledged()
        self._sent_upto = max(self._sent_upto, upto)
        if not self._stuck:
            self._board.change(last_error="")
        self._unmoved_since = now if len(self._window) else None
        if self._unanswered_since is None and self._credit:
            self._ask_at = now + ASK_WHEN_IDLE_MS

    async def _agrees(self, mark: MarkMessage) -> bool:
        """Whether our own chain says the same at the mark; if not, HELLO shows the centre our head there."""
        if mark.upto < self._source.floor - 1:
            return True  # we hold nothing there to compare
        place = (mark.epoch, mark.upto, mark.chain)
        if place == self._agreed or await self._source.hash_at(mark.upto) == mark.chain:
            if self._stuck == "chain":
                self._stuck = ""
            self._disputed = None
            self._agreed = place
            return True
        self._dispute(mark.upto)
        return False

    def _dispute(self, seq: int) -> None:
        now, rto = self._now, self._pace.rto_ms
        soon_again = self._disputed_at is not None and now - self._disputed_at < rto
        self._disputed, self._disputed_at = seq, now
        self._stop("chain")
        self._ask_at = now + rto if soon_again else now

    async def _on_nack(self, nack: Nack) -> None:
        self._board.change(last_error="" if nack.why == "gap" else f"refused_{nack.why}")
        await self._on_mark(nack)
        if self._stuck:
            return
        if nack.why == "chain":
            if not await self._own_fault():
                self._dispute(self.mark.upto)
        elif nack.why == "gap":
            self._send_again()
        elif not await self._own_fault() and self._send_again():
            self._window.one_record_only()

    async def _own_fault(self) -> bool:
        """Look at our own record just above the mark; a broken one stops the stream, and nothing is thrown away."""
        above = await self._source.read(self.mark.upto, 1)
        if not above:
            return False
        fault = batching.fault_of(above[0])
        before = await self._source.hash_at(above[0].record.seq - 1)
        if fault is None and before is not None and before != above[0].record.prev:
            fault = "record_broken"
        if fault is not None:
            self._stop(fault)
        return fault is not None

    def _send_again(self) -> bool:
        """Everything above the mark goes out again, for one seq at most once an RTO."""
        now, seq = self._now, self.mark.upto + 1
        if self._again is not None and self._again[0] == seq and now - self._again[1] < self._pace.rto_ms:
            return False
        self._again = (seq, now)
        self._window.forget()
        self._sent_upto = self.mark.upto
        return True

    def _on_unknown_here(self) -> None:
        """The centre was started again: what is out was not taken, and its mark may have gone down."""
        now = self._now
        if self._stuck == "hello":
            return
        soon_again = self._unknown_at is not None and now - self._unknown_at < self._pace.rto_ms
        self._unknown_at = now
        self._may_go_down = True
        if not self._stuck:
            self._stuck = "hello"
        self._window.forget()
        self._unmoved_since = None
        self._ask_at = self._asked_at + self._pace.rto_ms if soon_again else now

    async def _on_fork(self, fork: Fork) -> None:
        """No batch goes out and nothing is dropped. Asked again, since an old HELLO may have been judged late."""
        first = self._stuck != "fork"
        self._unanswered_since = None
        self._stop("fork")
        now = self._now
        if self._healing is None:
            self._ask_at = now + (self._pace.rto_ms if first else ASK_WHEN_IDLE_MS)
        elif pause := self._healing.pause_until(now):
            self._ask_at = pause
        else:
            self._ask_at = now + ASK_WHEN_IDLE_MS
            if not await self._healing.on_fork(fork, self._line):
                self._ask_at = now + self._pace.rto_ms

    async def _take_chunk(self, letter: Letter) -> None:
        if self._feeds is not None and self._feeds.take_chunk(letter):
            return
        if self._healing is not None and not await self._healing.on_chunk(letter.payload, self._line):
            self._ask_at = self._now

    def _stop(self, why: str) -> None:
        self._stuck = why
        self._window.forget()
        self._sent_upto = self.mark.upto
        self._unmoved_since = None
        self._board.change(online=True, last_error=why)

    # what the site says ----------------------------------------------------------------------------------------------

    async def _stream(self) -> None:
        while self._welcomed and not self._stuck and len(self._window) < min(self._credit, MAX_CREDIT):
            after = max(self._sent_upto, self._source.floor - 1)
            if after >= self._source.next_seq - 1:
                return
            stored = await self._source.read(after, MAX_RECORDS, self._window.limit)
            if not stored:
                return
            batch = batching.assemble(self._cid, stored, self._window.limit)
            self._wire.send(Letter(topics.topic(self._source.site, topics.JOURNAL), batch.payload))
            self._window.sent(batch.last, self._now)
            self._sent_upto = batch.last
            if self._unmoved_since is None:
                self._unmoved_since = self._now

    async def _ship_files(self) -> int | None:
        """Returns when to look again; None when only an answer, a PUBACK or a new mark can bring more."""
        if self._files is None or not self._welcomed or self._stuck in ("fork", "hello") or not self._credit:
            return None
        return await self._files.work(self.mark.upto)

    async def _say_hello(self) -> None:
        now = self._now
        told = {} if self._feeds is None else await self._feeds.told()
        hello = await self._introduction.hello(self._source, self._cid, self._disputed, told)
        self._wire.send(Letter(topics.topic(self._source.site, topics.HELLO), hello.payload()))
        self._asked_at = now
        self._ask_at = now + self._pace.rto_ms
        if self._unanswered_since is None:
            self._unanswered_since = now

    async def _mind_the_time(self) -> int:
        """Do what is due; returns when to look again. Raises GivenUp."""
        now, rto = self._now, self._pace.rto_ms
        if self._unanswered_since is not None and now - self._unanswered_since >= 3 * rto:
            raise GivenUp("no_welcome")
        if self._unmoved_since is not None and now - self._unmoved_since >= 2 * rto:
            raise GivenUp("no_ack")
        silent = self._unmoved_since is not None and now - self._unmoved_since >= rto
        if now >= self._ask_at or (silent and now - self._asked_at >= rto):
            await self._say_hello()
        return min(self._deadlines(rto))

    def _deadlines(self, rto: int) -> list[int]:
        found = [self._ask_at]
        if self._unanswered_since is not None:
            found.append(self._unanswered_since + 3 * rto)
        if self._unmoved_since is not None:
            found += [self._unmoved_since + 2 * rto, max(self._unmoved_since, self._asked_at) + rto]
        return found
