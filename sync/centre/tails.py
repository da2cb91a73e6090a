"""Tails for forked sites (protocol page, section 5): what the centre holds and a restored site may have lost."""

from collections.abc import Iterator
from dataclasses import dataclass

from sync.centre.store import Store
from sync.protocol import chunks, record, tail, topics
from sync.protocol.chunks import BadChunk, Chunk
from sync.protocol.messages import Need, Tail
from sync.wire import Letter


@dataclass(frozen=True, slots=True)
class _Made:
    epoch: str
    common: int
    newest: int  # row of the newest record of the site when it was made
    offer: Tail
    stored: bytes


class Tails:
    """One tail a site, kept until the site is of one mind with the centre again."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._made: dict[str, _Made] = {}

    def offer(self, site: str, epoch: str, common: int) -> Tail:
        newest = self._store.newest_row(site)
        made = self._made.get(site)
        if made is None or (made.epoch, made.common, made.newest) != (epoch, common, newest):
            pieces = tail.newest_that_fit(self._pieces(site, epoch, common))
            stored = tail.pack(pieces)
            offer = Tail(hash=record.digest(stored), size=len(stored), chunk=tail.CHUNK, n=len(pieces))
            made = self._made[site] = _Made(epoch, common, newest, offer, stored)
        return made.offer

    def send(self, site: str, need: Need) -> list[Letter]:
        """The chunks that are asked for; none when the tail is another by now: HELLO brings the new one."""
        made = self._made.get(site)
        if made is None or made.offer.hash != need.hash:
            return []
        offer = made.offer
        try:
            wanted = chunks.wanted(need.bitmap, chunks.count(offer.size, offer.chunk))
        except BadChunk:
            return []
        place = topics.topic(site, topics.CHUNKS_DOWN)
        found = []
        for index in wanted[: tail.MOST_ASKED // offer.chunk]:
            start = index * offer.chunk
            data = made.stored[start : start + offer.chunk]
            found.append(Letter(place, chunks.pack(Chunk(offer.hash, index, data))))
        return found

    def forget(self, site: str) -> None:
        self._made.pop(site, None)

    def _pieces(self, site: str, epoch: str, common: int) -> Iterator[bytes]:
        """Newest first. A birth that stands in several epochs counts where it stood first."""
        done: set[str] = set()
        for birth, raw in self._store.lost_by(site, epoch, common):
            if birth in done:
                continue
            done.add(birth)
            found = record.parse(raw)
            parts = self._store.parts(site, found.parts)
            gone = tuple(h for h in found.parts if h not in parts)
            yield tail.lines_of(tail.Entry(found, parts, gone))
