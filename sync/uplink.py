"""The site's end of the link: connects, talks, and tries again for ever."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from random import Random
from typing import Final

from sync.broker_url import Tls
from sync.conversation import Conversation, Sleep
from sync.downlink import Downlink
from sync.files_up import FilesUp
from sync.greeting import Introduction
from sync.healing import Healing
from sync.link_state import LinkBoard, LinkState, Listener
from sync.mqtt import MqttDial
from sync.pace import Pace
from sync.protocol import topics
from sync.protocol.record import ZERO
from sync.source import Clock, EpochSource, FileSource, JournalSource, Mark
from sync.telemetry import AGAIN_S, EVERY_S, Telemetry
from sync.window import Window
from sync.wire import Dial, Letter, WireLost

ASIDE: Final = "aside"  # sync.link_state: what ended the connection


def _free_bytes() -> int:
    return shutil.disk_usage(".").free


class Uplink:
    """Ships `source` to the centre behind the broker at `url`. `cap`: longest pause between tries, seconds.

    `boot`: 16 hex digits, new for each start of the program. `files`: sealed files that its records
    name, shipped behind them.
    `epochs`: heals forks; without it they are only shown. `feeds`: what comes down. `measure`: what the site knows of
    itself besides the line, by names of sync.telemetry; None sends no telemetry. `dial` and `sleep` are replaced
    by tests only.
    """

    def __init__(
        self,
        source: JournalSource,
        url: str,
        *,
        clock: Clock,
        random: Random,
        boot: str,
        version: str,
        cap: float = 5.0,
        tls: Tls | None = None,
        files: FileSource | None = None,
        epochs: EpochSource | None = None,
        feeds: Downlink | None = None,
        measure: Callable[[], Mapping[str, int]] | None = None,
        free: Callable[[], int] = _free_bytes,
        dial: Dial | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._source = source
        self._clock = clock
        self._random = random
        self._introduction = Introduction(clock, boot, version, free)
        self._dial: Dial = dial or MqttDial(url, source.site, tls)
        self._sleep = sleep
        self._pace = Pace(cap)
        self._window = Window()
        self._board = LinkBoard()
        self._files: FilesUp | None = None
        if files is not None:
            self._files = FilesUp(files, source.site, lambda waiting: self._board.change(files=waiting))
        self._healing = None if epochs is None else Healing(source, epochs, self._board)
        self._feeds = feeds
        self.telemetry = (
            None if measure is None else Telemetry(lambda: {**measure(), **self._of_the_line()}, clock.up_ms)
        )
        self._conversation: Conversation | None = None
        self._centre_offset_ms: int | None = None
        self._link_up = asyncio.Event()
        self._line = asyncio.Lock()
        self._wanted_by_others = 0

    @property
    def state(self) -> LinkState:
        return self._board.state

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with each new state, in the event loop; returns what ends this."""
        return self._board.subscribe(listener)

    def link_up(self) -> None:
        """The network came back: do not wait for the end of the pause."""
        self._link_up.set()

    @asynccontextmanager
    async def aside(self) -> AsyncIterator[None]:
        """No connection of ours until the end of the block: a broker gives one certificate one. Nothing is lost."""
        self._wanted_by_others += 1
        try:
            if self._conversation is not None:
                self._conversation.end(WireLost(ASIDE))
            async with self._line:
                self._board.change(online=False, last_error=ASIDE)
                yield
        finally:
            self._wanted_by_others -= 1
            self.link_up()

    def centre_now_ms(self) -> int | None:
        """Centre time, ms since 1970; None before the first WELCOME of this start."""
        offset = None if self._conversation is None else self._conversation.centre_offset_ms
        offset = self._centre_offset_ms if offset is None else offset
        return None if offset is None else self._clock.up_ms() + offset

    async def run(self) -> None:
        """Until cancelled. Only a journal that cannot be read ends it with an error."""
        kept = await self._source.load_mark()
        mark = kept if kept is not None and kept.epoch == self._source.epoch else self._nothing_yet()
        self._board.acknowledged(mark, self._source.epoch, self._source.next_seq - 1, self._clock.up_ms())
        watching = asyncio.create_task(self._watch())
        talking = asyncio.create_task(self._connect_for_ever(mark))
        measuring = asyncio.create_task(self._measure_for_ever())
        try:
            done, _ = await asyncio.wait({watching, talking}, return_when=asyncio.FIRST_COMPLETED)
            for ended in done:
                ended.result()
        finally:
            for task in (watching, talking, measuring):
                task.cancel()
            await asyncio.gather(watching, talking, measuring, return_exceptions=True)

    def _nothing_yet(self) -> Mark:
        return Mark(self._source.epoch, 0, ZERO, 0)

    async def _watch(self) -> None:
        while True:
            newest = self._source.next_seq - 1
            self._board.committed(self._source.epoch, newest, self._clock.up_ms())
            if self._conversation is not None:
                self._conversation.wake()
            await self._source.wait_beyond(newest)

    async def _measure_for_ever(self) -> None:
        """Whatever it costs or breaks, records go on: nobody waits for this task.

        What was noted goes out at the first quiet moment, a message each time; the next look does not wait for it.
        """
        looked: int | None = None
        while self.telemetry is not None:
            now = self._clock.up_ms()
            if looked is None or now - looked >= EVERY_S * 1000:
                looked = now
                self.telemetry.look()
            if self._conversation is not None:
                with suppress(WireLost):  # whoever talks notices it, too
                    self._conversation.tell(self.telemetry)
            rest = EVERY_S - (now - looked) / 1000
            await self._sleep(min(AGAIN_S, rest) if len(self.telemetry) else rest)

    def _of_the_line(self) -> dict[str, int]:
        state = self._board.state
        waits = 0 if state.oldest_ms is None else self._clock.up_ms() - state.oldest_ms
        found = {"link.pending": state.pending, "link.oldest": waits // 1000, "link.held": state.held}
        found |= {"files.waiting": state.files, "journal.next": self._source.next_seq}
        return found if state.rtt_ms is None else found | {"link.rtt": state.rtt_ms}

    async def _connect_for_ever(self, mark: Mark) -> None:
        while True:
            self._link_up.clear()
            async with self._line:
                if mark.epoch != self._source.epoch:
                    mark = self._nothing_yet()
                try:
                    mark = await self._connect(mark)
                except WireLost as lost:
                    self._board.change(online=False, last_error=lost.code)
            await self._pause(self._pace.pause_s(self._random))

    async def _connect(self, mark: Mark) -> Mark:
        """One connection from CONNECT to its end; returns what it learned. Raises WireLost if there was none."""
        cid = f"{self._random.getrandbits(64):016x}"
        presence = topics.topic(self._source.site, topics.PRESENCE)
        absent = Letter(presence, self._introduction.birth(self._source, cid, online=False), 1, True)
        answers = topics.topic(self._source.site, topics.ANSWERS)
        wanted = [(answers, 0), (topics.topic(self._source.site, topics.CHUNKS_DOWN), 1)]
        wire = await self._dial(
            subscriptions=wanted + ([] if self._feeds is None else self._feeds.subscriptions()), will=absent
        )
        conversation = self._conversation = Conversation(
            self._source,
            wire,
            cid,
            mark,
            introduction=self._introduction,
            pace=self._pace,
            window=self._window,
            board=self._board,
            sleep=self._sleep,
            files=self._files,
            healing=self._healing,
            feeds=self._feeds,
        )
        if self._wanted_by_others:
            conversation.end(WireLost(ASIDE))
        try:
            wire.send(Letter(presence, self._introduction.birth(self._source, cid, online=True), 1, True))
            await conversation.run()
        except WireLost as lost:
            self._note_end(lost)
        finally:
            self._conversation = None
            self._board.change(online=False)
            if conversation.centre_offset_ms is not None:
                self._centre_offset_ms = conversation.centre_offset_ms
            await wire.close(absent)
        return conversation.mark

    def _note_end(self, lost: WireLost) -> None:
        if len(self._window):
            self._window.given_up()
        self._board.change(online=False, last_error=lost.code)

    async def _pause(self, seconds: float) -> None:
        timer = asyncio.ensure_future(self._sleep(seconds))
        called = asyncio.create_task(self._link_up.wait())
        try:
            await asyncio.wait({timer, called}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            timer.cancel()
            called.cancel()
