"""The centre's side of feeds (protocol page, section 7): what each site lacks, as deltas or snapshots, signed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from sync.centre import handovers
from sync.centre.conflicts import CONFLICT, DISPUTED
from sync.centre.feed_store import FeedStore
from sync.centre.store import Admitted, birth_text
from sync.protocol import canonical, chunks, feeds, record, signing, topics
from sync.protocol.chunks import BadChunk, Chunk
from sync.protocol.feeds import FeedMark, Item
from sync.protocol.frames import pack
from sync.protocol.messages import Need
from sync.protocol.orders import OUTCOMES
from sync.protocol.record import Record
from sync.wire import Letter

LOST_MS: Final = 10_000  # a delta or snapshot under way so long without progress counts as lost
MOST_ASKED: Final = 1_048_576
_MOST_MADE: Final = 8


class Clock(Protocol):
    def now_ms(self) -> int: ...
    def up_ms(self) -> int: ...


@dataclass(frozen=True, slots=True)
class SigningKey:
    """`private`: raw Ed25519."""

    kid: str
    private: bytes

    def __repr__(self) -> str:
        return f"SigningKey({self.kid})"


@dataclass(frozen=True, slots=True)
class _Made:
    ver: int
    offer: Letter
    stored: bytes


@dataclass(slots=True)
class _UnderWay:
    """`told`: what the site had said when it was sent; `snapshot`: hash of its file, '' for a delta."""

    told: FeedMark
    since: int
    snapshot: str = ""


class Feeds:
    """Every call is one message in and some out. What sites said is kept in memory only, as their `cid` is."""

    def __init__(self, store: FeedStore, key: SigningKey, *, clock: Clock, region: str) -> None:
        self._store = store
        self._key = key
        self._clock = clock
        self._region = region
        self._told: dict[str, dict[str, FeedMark]] = {}
        self._under_way: dict[tuple[str, str], _UnderWay] = {}
        self._made: dict[tuple[str, str], _Made] = {}
        self._broadcast: dict[str, FeedMark] = {}
        self._change = -1

    # what the sites say ----------------------------------------------------------------------------------------------

    def on_hello(self, site: str, told: Mapping[str, Any], *, new: bool) -> list[Letter]:
        """After WELCOME. `new`: another connection than before: what was under way is lost."""
        if new:
            for key in [key for key in self._under_way if key[0] == site]:
                del self._under_way[key]
        said = feeds.marks_in(told)
        self._told[site] = {feed: said.get(feed, feeds.NOTHING) for feed in feeds.ALL}
        return self._answers(site, sorted(feeds.ALL))

    def on_marks(self, site: str, told: Mapping[str, Any]) -> list[Letter]:
        said = feeds.marks_in(told)
        self._told.setdefault(site, dict.fromkeys(feeds.ALL, feeds.NOTHING)).update(said)
        return self._answers(site, sorted(said))

    def on_need(self, site: str, need: Need) -> list[Letter]:
        """The chunks asked for; none of a snapshot that is not offered any more: MARKS brings the new one."""
        ways = ((feed, way) for (of, feed), way in self._under_way.items() if of == site)
        feed = next((feed for feed, way in ways if way.snapshot == need.hash), None)
        made = None if feed is None else self._made.get((feed, self._scope(feed, site)))
        if feed is None or made is None or record.digest(made.stored) != need.hash:
            return []
        self._under_way[site, feed].since = self._clock.up_ms()
        try:
            wanted = chunks.wanted(need.bitmap, chunks.count(len(made.stored), feeds.CHUNK))
        except BadChunk:
            return []
        place = topics.topic(site, topics.CHUNKS_DOWN)
        found = []
        for index in wanted[: MOST_ASKED // feeds.CHUNK]:
            data = made.stored[index * feeds.CHUNK : (index + 1) * feeds.CHUNK]
            found.append(Letter(place, chunks.pack(Chunk(need.hash, index, data))))
        return found

    def forget(self, site: str) -> None:
        self._told.pop(site, None)

    @property
    def was_changed(self) -> bool:
        """Somebody published or settled something since `news` was asked."""
        return self._store.change != self._change

    def news(self) -> list[Letter]:
        """What was published since the last call, and what was lost on the way. Retained heads after a start."""
        found: list[Letter] = []
        change = self._store.change
        fresh, self._change = change != self._change, change
        for feed in sorted(feeds.SHARED) if fresh else ():
            found += self._spread(feed)
        now = self._clock.up_ms()
        lost = {key for key, way in self._under_way.items() if now - way.since >= LOST_MS}
        for site in self._told:
            wanted = [feed for feed in sorted(feeds.OWN) if fresh or (site, feed) in lost]
            wanted += [feed for feed in sorted(feeds.SHARED) if (site, feed) in lost]
            found += self._answers(site, wanted)
        return found

    # what their records say ------------------------------------------------------------------------------------------

    def follow(self, site: str, admitted: Iterable[Admitted]) -> list[Letter]:
        """Records that passed every check, before they are committed: the same again changes nothing."""
        now, touched, noted = self._clock.now_ms(), False, dict[str, None]()
        for one in admitted:
            if one.held == CONFLICT:
                self._store.hold(site, birth_text(one.record.birth), one.record.raw, now)
            elif one.held is None:
                touched = self._follow(site, one.record, now) or touched
                noted |= self._note(site, one.record)
        found = self._answers(site, ["commands"]) if touched and site in self._told else []
        return [*found, *(letter for told in noted for letter in self._answers(told, [handovers.FEED]))]

    def _follow(self, site: str, one: Record, now: int) -> bool:
        if one.kind == "epoch.opened":
            self._store.settle_begun(site, now)
            return True
        if one.kind == DISPUTED:
            self._store.hold(site, birth_text(one.birth), one.raw, now)
        elif one.kind == "command.begun":
            if not self._is_ended(site, str(one.body["id"])):
                self._store.began(site, str(one.body["id"]))
        elif one.kind == "command.done" and one.body["outcome"] in OUTCOMES:
            self._store.ended(site, str(one.body["id"]), one.body["outcome"], str(one.body.get("why", "")), now)
            return True
        return False

    def _note(self, site: str, one: Record) -> dict[str, None]:
        """Sites that are here and have something new to hear of a handover; who writes sees no change of its own."""
        note = handovers.note_of(site, one)
        if note is None:
            return {}
        self._store.publish(handovers.FEED, note.scope, [note.item])
        return {note.scope: None} if note.scope in self._told else {}

    def _is_ended(self, site: str, command: str) -> bool:
        return any(one.id == command for one in self._store.outcomes(site))

    # what they lack --------------------------------------------------------------------------------------------------

    def _answers(self, site: str, names: Iterable[str]) -> list[Letter]:
        return [letter for feed in names if (letter := self._answer(site, feed)) is not None]

    def _answer(self, site: str, feed: str) -> Letter | None:
        told, scope = self._told[site][feed], self._scope(feed, site)
        ours = self._store.mark(feed, scope)
        if told == ours:
            self._under_way.pop((site, feed), None)
            return None
        way = self._under_way.get((site, feed))
        if way is not None and way.told == told and self._clock.up_ms() - way.since < LOST_MS:
            return None
        way = self._under_way[site, feed] = _UnderWay(told, self._clock.up_ms())
        delta = self._delta(feed, scope, told)
        if delta is not None:
            return Letter(topics.topic(site, topics.FEEDS_DOWN), delta)
        made = self._snapshot(feed, scope, ours)
        way.snapshot = record.digest(made.stored)
        return made.offer._replace(topic=topics.topic(site, topics.FEEDS_DOWN))

    def _delta(self, feed: str, scope: str, told: FeedMark) -> bytes | None:
        """From `told` as far as one message reaches; None when only a snapshot helps."""
        if not self._store.knows(feed, scope, told):
            return None
        reached, items = told, list[Item]()
        for mark, changes in self._store.versions_after(feed, scope, told.ver):
            more = feeds.joined((items, changes))
            if not feeds.fits_delta(more):
                break
            reached, items = mark, more
        if reached == told:
            return None
        message = {
            "m": "delta", "feed": feed, "scope": scope, "from": told.ver, "to": reached.ver,
            "items": items, "digest": reached.digest,
        }  # fmt: skip
        return self._signed(message)

    def _snapshot(self, feed: str, scope: str, ours: FeedMark) -> _Made:
        made = self._made.get((feed, scope))
        if made is None or made.ver != ours.ver:
            stored = feeds.pack_state(self._store.state(feed, scope))
            message = {
                "m": "offer", "feed": feed, "scope": scope, "ver": ours.ver, "digest": ours.digest,
                "hash": record.digest(stored), "size": len(stored), "chunk": feeds.CHUNK,
            }  # fmt: skip
            made = _Made(ours.ver, Letter("", self._signed(message)), stored)
            self._made[feed, scope] = made
            if len(self._made) > _MOST_MADE:
                del self._made[next(iter(self._made))]
        return made

    def _spread(self, feed: str) -> list[Letter]:
        """A shared feed to the whole region: the delta, then the retained head."""
        ours, before = self._store.mark(feed, self._region), self._broadcast.get(feed)
        if ours == before or ours.ver == 0:
            return []
        self._broadcast[feed] = ours
        place = topics.shared(feed, self._region)
        delta = None if before is None else self._delta(feed, self._region, before)
        head = {"m": "head", "feed": feed, "scope": self._region, "ver": ours.ver, "digest": ours.digest}
        found = [] if delta is None else [Letter(place, delta)]
        return [*found, Letter(place, self._signed(head), retain=True)]

    def _scope(self, feed: str, site: str) -> str:
        return self._region if feed in feeds.SHARED else site

    def _signed(self, message: Mapping[str, Any]) -> bytes:
        return pack(canonical.encode(signing.sign(message, key=self._key.kid, private=self._key.private)))
