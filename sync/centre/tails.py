"""Tails for forked sites (protocol page, section 5): what the centre holds and a restored site may have lost."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from sync.centre.store import Store
from sync.protocol import chunks, record, tail, topics
from sync.protocol.chunks import BadChunk, Chunk
from sync.protocol.messages import Need, Tail
from sync.wire import Letter

_MOST_BOOTS: Final = 4


@dataclass(frozen=True, slots=True)
class _Made:
    epoch: str
    common: int
    newest: int  # row of the newest record of the site when it was made
    offer: Tail
    stored: bytes


@dataclass(frozen=True, slots=True)
class _Shown:
    """What a process was told by its last FORK, asked under `epoch`: `marks` of the site's epochs then; `before`: what
    it knew when it opened that epoch, if it was a new one."""

    epoch: str
    before: dict[str, int]
    marks: dict[str, int]


class Tails:
    """One tail a site, kept until the site is of one mind with the centre again."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._made: dict[str, _Made] = {}
        self._shown: dict[str, dict[str, _Shown]] = {}  # by site and boot

    def offer(self, site: str, boot: str, epoch: str, common: int) -> Tail:
        """`boot`: the process that asks; see `missed`."""
        self._note(site, boot, _Shown(epoch, {}, self._store.marks(site)))
        return self._offer(site, epoch, common, lambda: self._store.lost_by(site, epoch, common))

    def missed(self, site: str, boot: str, epoch: str) -> Tail | None:
        """For a process that comes with a new epoch: what another machine with this identity delivered between the
        tail that it went on from and now. No later tail would bring it, since it stands in an epoch met before.
        """
        shown = self._shown.get(site, {}).get(boot)
        if shown is None:
            return None
        before = shown.before if shown.epoch == epoch else shown.marks
        marks = self._store.marks(site)
        if marks == before:
            return None
        offer = self._offer(site, epoch, 0, lambda: self._store.came_after(site, before))
        if not offer.n:  # what came is only written again
            return None
        self._note(site, boot, _Shown(epoch, before, marks))
        return offer

    def _note(self, site: str, boot: str, shown: _Shown) -> None:
        boots = self._shown.setdefault(site, {})
        boots.pop(boot, None)
        boots[boot] = shown
        if len(boots) > _MOST_BOOTS:
            del boots[next(iter(boots))]

    def _offer(self, site: str, epoch: str, common: int, rows: Callable[[], Iterator[tuple[str, bytes]]]) -> Tail:
        newest = self._store.newest_row(site)
        made = self._made.get(site)
        if made is None or (made.epoch, made.common, made.newest) != (epoch, common, newest):
            pieces = tail.newest_that_fit(self._pieces(site, rows()))
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
        """The bytes; not what a process was shown, which another machine's WELCOME does not change."""
        self._made.pop(site, None)

    def settle(self, site: str, boot: str) -> None:
        """It goes on in an epoch that is known here."""
        self._shown.get(site, {}).pop(boot, None)

    def leave(self, site: str) -> None:
        """Another worker serves it from now on."""
        self.forget(site)
        self._shown.pop(site, None)

    def _pieces(self, site: str, rows: Iterator[tuple[str, bytes]]) -> Iterator[bytes]:
        """Newest first. A birth that stands in several epochs counts where it stood first."""
        done: set[str] = set()
        for birth, raw in rows:
            if birth in done:
                continue
            done.add(birth)
            found = record.parse(raw)
            parts = self._store.parts(site, found.parts)
            gone = tuple(h for h in found.parts if h not in parts)
            yield tail.lines_of(tail.Entry(found, parts, gone))
