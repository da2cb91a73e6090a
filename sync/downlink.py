"""Feeds as they come down (protocol page, section 7), in a task of their own: nothing that goes up waits for them."""

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, Protocol

import structlog

from sync.files_down import Download
from sync.files_up import Line
from sync.protocol import feeds, signing, topics
from sync.protocol.feeds import UNSURE, BadFeed, Delta, FeedMark, FeedMessage, HeadOf, Item, Snapshot
from sync.protocol.frames import BadPayload
from sync.protocol.messages import Marks
from sync.protocol.signing import NotSigned, Trusted
from sync.wire import Letter

SILENT_RTOS: Final = 3  # a snapshot that does not move for so long is asked for anew, by MARKS
_SHARED: Final = "he/1/all/d/"
log = structlog.get_logger(__name__)
Sleep = Callable[[float], Awaitable[None]]
Aside = Callable[..., Awaitable[Any]]
"""Runs a function with its arguments beside the event loop."""


class FeedsNotKept(Exception):
    """The disk did not take it, and nothing changed: the centre counts it as lost and says it again."""


class FeedSource(Protocol):
    """The site's store of feeds. Data and mark change in one transaction; readers never wait for it."""

    @property
    def region(self) -> str:
        """What the last WELCOME said, '' before the first."""

    async def meet_region(self, region: str) -> None:
        """Keep it; where it is another than before, the shared feeds are those of a foreign scope from now on."""

    async def marks(self) -> dict[str, FeedMark]:
        """Of every feed that is held; shared ones of a foreign scope as UNSURE."""

    async def apply(self, delta: Delta) -> FeedMark:
        """`since` is our version. The mark after it; UNSURE, and nothing changed, where the digest is another."""

    async def replace(self, offer: Snapshot, items: Mapping[str, Item], *, since: FeedMark) -> bool:
        """Switch the whole feed. False, and nothing changed: it moved on from `since`."""


class Downlink:
    """Lives as long as the uplink. `trusted`: the centre's keys; without one everything is ignored.

    `ignored` counts what was not the centre's word or not for this site, by reason: for people who look after it.
    """

    def __init__(
        self,
        source: FeedSource,
        site: str,
        trusted: Trusted,
        *,
        sleep: Sleep = asyncio.sleep,
        aside: Aside = asyncio.to_thread,
    ) -> None:
        self.ignored: Counter[str] = Counter()
        self._source = source
        self._site = site
        self._trusted = trusted
        self._sleep = sleep
        self._aside = aside
        self._inbox: deque[Letter] = deque()
        self._woken = asyncio.Event()
        self._welcomed = ""
        self._downloads: dict[str, Download[Snapshot]] = {}
        self._since: dict[str, FeedMark] = {}

    # what the conversation asks --------------------------------------------------------------------------------------

    def subscriptions(self) -> list[tuple[str, int]]:
        return [(topics.topic(self._site, topics.FEEDS_DOWN), 1), (topics.shared("+", self._source.region or "+"), 1)]

    async def told(self) -> dict[str, Any]:
        """`feeds` of HELLO."""
        return {feed: mark.told() for feed, mark in (await self._source.marks()).items()}

    def start(self) -> None:
        """A new connection: what was on its way on the last one is lost."""
        self._inbox.clear()
        self._welcomed = ""

    def welcome(self, region: str) -> None:
        self._welcomed = region
        self._woken.set()

    def take(self, letter: Letter) -> bool:
        """True when it is the downlink's; it never waits."""
        own = letter.topic == topics.topic(self._site, topics.FEEDS_DOWN)
        if not own and not letter.topic.startswith(_SHARED):
            return False
        self._inbox.append(letter)
        self._woken.set()
        return True

    def take_chunk(self, letter: Letter) -> bool:
        """True when it is of a snapshot that is under way."""
        wanted = any(letter.payload.startswith(bytes.fromhex(one.offer.hash)) for one in self._downloads.values())
        if wanted:
            self._inbox.append(letter)
            self._woken.set()
        return wanted

    # the task --------------------------------------------------------------------------------------------------------

    async def run(self, line: Line) -> None:
        """Until the connection ends: raises WireLost."""
        while True:
            try:
                if self._welcomed and self._welcomed != self._source.region:
                    await self._move(line)
                while self._inbox:
                    await self._read(self._inbox.popleft(), line)
            except FeedsNotKept as error:
                self._ignore("disk")
                log.error("feed_not_kept", why=str(error))
            await self._rest(await self._mind_downloads(line), line)

    async def _move(self, line: Line) -> None:
        known = bool(self._source.region)
        await self._source.meet_region(self._welcomed)
        if known:
            marks = await self._source.marks()
            self._say({feed: UNSURE for feed in marks if feed in feeds.SHARED}, line)

    async def _read(self, letter: Letter, line: Line) -> None:
        if letter.topic == topics.topic(self._site, topics.CHUNKS_DOWN):
            await self._on_chunk(letter.payload, line)
            return
        try:
            found = feeds.read(letter.payload)
        except BadPayload as error:
            self._ignore(error.why)
            return
        if found is None or not self._is_ours(*found, letter.topic):
            return
        message = found[0]
        mark = (await self._source.marks()).get(message.feed, feeds.NOTHING)
        match message:
            case Delta():
                await self._on_delta(message, mark, line)
            case HeadOf():
                if FeedMark(message.ver, message.digest) != mark:
                    self._say({message.feed: mark}, line)
            case Snapshot():
                await self._on_snapshot(message, mark, line)

    def _is_ours(self, message: FeedMessage, data: Mapping[str, Any], topic: str) -> bool:
        try:
            signing.verify(data, self._trusted)
        except NotSigned:
            self._ignore("signature")
            return False
        shared = message.feed in feeds.SHARED
        if not self._welcomed and shared:
            return False  # whose region it is nobody knows yet; HELLO asks for all of it anyway
        if message.scope != (self._welcomed if shared else self._site):
            self._ignore("scope")
            return False
        return shared or not topic.startswith(_SHARED)

    async def _on_delta(self, delta: Delta, mark: FeedMark, line: Line) -> None:
        if delta.to <= mark.ver:
            return
        if delta.since == mark.ver and mark != UNSURE:
            mark = await self._source.apply(delta)
            if mark == UNSURE:
                self._ignore("digest")
            else:
                self._downloads.pop(delta.feed, None)
        self._say({delta.feed: mark}, line)

    async def _on_snapshot(self, offer: Snapshot, mark: FeedMark, line: Line) -> None:
        if FeedMark(offer.ver, offer.digest) == mark:
            return
        known = self._downloads.get(offer.feed)
        if known is None or known.offer.hash != offer.hash:
            known = self._downloads[offer.feed] = Download(offer, self._site)
        self._since[offer.feed] = mark
        await self._go_on(known, line)

    async def _on_chunk(self, payload: bytes, line: Line) -> None:
        for download in list(self._downloads.values()):
            if download.take(payload, line.now()) or download.is_whole:
                await self._go_on(download, line)

    async def _go_on(self, download: Download[Snapshot], line: Line) -> None:
        offer = download.offer
        if not download.is_whole:
            download.ask(line.wire, line.cid, line.now())
            return
        del self._downloads[offer.feed]
        content = download.content()
        items = None if content is None else await self._aside(_items_of, content, offer)
        if items is None:
            self._ignore("snapshot")
        else:
            download.thank(line.wire, line.cid)
            await self._source.replace(offer, items, since=self._since[offer.feed])
        self._say({offer.feed: (await self._source.marks()).get(offer.feed, feeds.NOTHING)}, line)

    async def _mind_downloads(self, line: Line) -> int | None:
        """Ask again for what does not come; returns when to look again."""
        now, rto, found = line.now(), line.rto(), list[int]()
        marks = await self._source.marks() if self._downloads else {}
        for feed, download in list(self._downloads.items()):
            if now - download.came_ms >= SILENT_RTOS * rto:
                del self._downloads[feed]
                self._say({feed: marks.get(feed, feeds.NOTHING)}, line)
                continue
            if now - download.moved_ms >= rto:
                download.ask(line.wire, line.cid, now)
            found.append(download.moved_ms + rto)
        return min(found, default=None)

    async def _rest(self, until_ms: int | None, line: Line) -> None:
        alarm = None if until_ms is None else asyncio.create_task(self._ring(max(until_ms - line.now(), 1) / 1000))
        try:
            await self._woken.wait()
        finally:
            if alarm is not None:
                alarm.cancel()
        self._woken.clear()

    async def _ring(self, seconds: float) -> None:
        await self._sleep(seconds)
        self._woken.set()

    def _say(self, marks: Mapping[str, FeedMark], line: Line) -> None:
        if marks:
            told = Marks(cid=line.cid, feeds={feed: mark.told() for feed, mark in marks.items()})
            line.wire.send(Letter(topics.topic(self._site, topics.HELLO), told.payload()))

    def _ignore(self, why: str) -> None:
        self.ignored[why] += 1
        log.warning("feed_ignored", why=why, times=self.ignored[why])


def _items_of(content: bytes, offer: Snapshot) -> dict[str, Item] | None:
    """None where they are not the state that the offer names."""
    try:
        items: dict[str, Item] = dict(feeds.read_state(content))
    except BadFeed:
        return None
    return items if feeds.digest(items) == offer.digest else None
