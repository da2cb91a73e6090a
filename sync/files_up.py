"""Sealed files on their way up (protocol page, section 6): OFFER, the chunks that NEED asks for, HAVE.

Several files are under way at once, so that the line is not idle while the centre makes one durable. The centre asks;
this end only limits what is without PUBACK, and gives way to records.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from sync.protocol import chunks, topics
from sync.protocol.chunks import BadChunk, Chunk
from sync.protocol.messages import Have, Need, Offer
from sync.source import FileSource, WaitingFile
from sync.wire import Letter, Wire

CHUNK: Final = 65_536
MOST_UNTAKEN: Final = 1_048_576
AT_ONCE: Final = 4
_AT_A_TIME: Final = 16  # chunks read between two looks at what the centre says


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One connection as the files see it. `records_wait`: the centre lacks records; `wake`: there is room again."""

    wire: Wire
    cid: str
    now: Callable[[], int]
    rto: Callable[[], int]
    records_wait: Callable[[], bool]
    wake: Callable[[], None]


@dataclass(slots=True)
class _Upload:
    """`moved_ms`: when it was offered or last moved. `untaken`: chunks without PUBACK."""

    file: WaitingFile
    moved_ms: int = 0
    offered: bool = False
    asked: deque[int] = field(default_factory=deque)
    untaken: int = 0

    @property
    def is_quiet(self) -> bool:
        """Nothing of it is on its way: the centre's turn."""
        return not self.asked and not self.untaken

    @property
    def count(self) -> int:
        return chunks.count(self.file.size, CHUNK)


class FilesUp:
    """Lives as long as the uplink; `start` begins it anew for a connection or a restarted centre."""

    def __init__(self, source: FileSource, site: str, on_waiting: Callable[[int], None]) -> None:
        self._source = source
        self._site = site
        self._on_waiting = on_waiting
        self._under_way: dict[str, _Upload] = {}
        self._sent: dict[str, set[int]] = {}
        self._untaken_bytes = 0
        self._look = True
        self._upto = 0
        self._line: Line | None = None

    async def start(self, line: Line, centre: str) -> None:
        """The first WELCOME of a connection or of a restarted centre; `centre` is its id."""
        if line is not self._line:
            self._untaken_bytes = 0
        self._line = line
        self._under_way.clear()
        self._look = True
        await self._source.meet_centre(centre)

    async def work(self, upto: int) -> int | None:
        """Offer and send what is due; returns when to look again, None when only an answer can bring more.

        Offers only files named by records up to `upto`. Raises WireLost.
        """
        line = self._line
        if line is None:
            return None
        await self._refill(upto)
        for one in list(self._under_way.values()):
            if not one.offered or (one.is_quiet and line.now() - one.moved_ms >= line.rto()):
                self._offer(line, one)
        await self._send(line)
        return min((one.moved_ms + line.rto() for one in self._under_way.values() if one.is_quiet), default=None)

    async def on_need(self, need: Need) -> None:
        one = self._under_way.get(need.hash)
        if one is None or self._line is None:
            return
        try:
            wanted = chunks.wanted(need.bitmap, one.count)
        except BadChunk:
            return
        sent = self._sent.get(need.hash, set())
        if len(sent) == one.count and sent.intersection(wanted) and not await self._is_whole(one):
            return
        one.moved_ms = self._line.now()
        queued = set(one.asked)
        one.asked.extend(index for index in wanted if index not in queued)

    async def on_have(self, have: Have) -> None:
        if self._under_way.pop(have.hash, None) is not None:
            self._sent.pop(have.hash, None)
            await self._source.delivered(have.hash)
            self._look = True

    async def _refill(self, upto: int) -> None:
        if upto != self._upto:
            self._upto, self._look = upto, True
        if not self._look or len(self._under_way) == AT_ONCE:
            return
        for file in await self._source.waiting(upto, limit=AT_ONCE):
            if len(self._under_way) < AT_ONCE:
                self._under_way.setdefault(file.h, _Upload(file))
        self._look = False
        self._on_waiting(await self._source.count_waiting())

    def _offer(self, line: Line, one: _Upload) -> None:
        offer = Offer(cid=line.cid, hash=one.file.h, size=one.file.size, chunk=CHUNK)
        line.wire.send(Letter(topics.topic(self._site, topics.HELLO), offer.payload()))
        one.offered, one.moved_ms = True, line.now()

    async def _send(self, line: Line) -> None:
        for _ in range(_AT_A_TIME):
            one = next((one for one in self._under_way.values() if one.asked), None)
            if one is None or not self._has_room(line.records_wait()):
                return
            await self._send_chunk(line, one)
        line.wake()

    def _has_room(self, records_wait: bool) -> bool:
        return not self._untaken_bytes if records_wait else self._untaken_bytes + CHUNK <= MOST_UNTAKEN

    async def _send_chunk(self, line: Line, one: _Upload) -> None:
        h, index = one.file.h, one.asked.popleft()
        length = chunks.length(one.file.size, CHUNK, index)
        data = await self._source.read_at(h, index * CHUNK, length)
        if len(data) != length:
            await self._is_whole(one)
            return

        def taken() -> None:
            one.untaken -= 1
            one.moved_ms = line.now()
            if line is self._line:
                self._untaken_bytes -= length
                line.wake()

        letter = Letter(topics.topic(self._site, topics.CHUNKS_UP), chunks.pack(Chunk(h, index, data)))
        line.wire.send(letter, taken)
        one.untaken += 1
        one.moved_ms = line.now()
        self._untaken_bytes += length
        self._sent.setdefault(h, set()).add(index)

    async def _is_whole(self, one: _Upload) -> bool:
        """Whether our own copy is good; a rotten one goes no further."""
        h = one.file.h
        if await self._source.is_whole(h):
            return True
        self._under_way.pop(h, None)
        self._sent.pop(h, None)
        await self._source.broken(h)
        self._look = True
        return False
