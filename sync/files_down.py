"""One file on its way down (protocol page, section 6): asked for in bitmaps of at most 1 MiB, kept in memory."""

from typing import Generic, Protocol, TypeVar

from sync.protocol import chunks, record, tail, topics
from sync.protocol.chunks import BadChunk
from sync.protocol.messages import Have, Need
from sync.wire import Letter, Wire


class Offered(Protocol):
    """A file that the centre offers: a tail, or a snapshot of a feed."""

    @property
    def hash(self) -> str: ...

    @property
    def size(self) -> int: ...

    @property
    def chunk(self) -> int: ...


File = TypeVar("File", bound=Offered)


class Download(Generic[File]):
    """Outlives a connection: what came need not travel again."""

    def __init__(self, offer: File, site: str) -> None:
        self.offer = offer
        self.moved_ms = self.came_ms = 0  # asked for or arrived; arrived
        self._site = site
        self._of = chunks.count(offer.size, offer.chunk)
        self._missing = set(range(self._of))
        self._asked: set[int] = set()
        self._bytes = bytearray(offer.size)

    @property
    def is_whole(self) -> bool:
        return not self._missing

    def content(self) -> bytes | None:
        """The stored bytes; None when they are not those that the hash names."""
        found = bytes(self._bytes)
        return found if record.digest(found) == self.offer.hash else None

    def ask(self, wire: Wire, cid: str, now_ms: int) -> None:
        """NEED for the next chunks; whatever was asked for before counts as lost. Raises WireLost."""
        most = max(tail.MOST_ASKED // self.offer.chunk, 1)
        self._asked = set(sorted(self._missing)[:most])
        self.moved_ms = now_ms
        self.came_ms = self.came_ms or now_ms
        need = Need(cid=cid, hash=self.offer.hash, bitmap=chunks.bitmap(self._asked, self._of))
        wire.send(Letter(topics.topic(self._site, topics.HELLO), need.payload()))

    def take(self, payload: bytes, now_ms: int) -> bool:
        """A chunk; True when more should be asked for now."""
        try:
            chunk = chunks.read(payload)
        except BadChunk:
            return False
        if chunk.h != self.offer.hash or chunk.index not in self._missing:
            return False
        if len(chunk.data) != chunks.length(self.offer.size, self.offer.chunk, chunk.index):
            return False
        start = chunk.index * self.offer.chunk
        self._bytes[start : start + len(chunk.data)] = chunk.data
        self._missing.discard(chunk.index)
        self._asked.discard(chunk.index)
        self.moved_ms = self.came_ms = now_ms
        return bool(self._missing) and not self._asked

    def thank(self, wire: Wire, cid: str) -> None:
        """HAVE. Raises WireLost."""
        wire.send(Letter(topics.topic(self._site, topics.HELLO), Have(cid=cid, hash=self.offer.hash).payload()))
