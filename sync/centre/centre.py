"""The centre's answers. Every call is messages in and messages out; nothing here waits or needs a timer."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from sync.centre import intake
from sync.centre.boots import Boots
from sync.centre.feed_store import FEEDS_NOT_KEPT
from sync.centre.feeds import Feeds
from sync.centre.files import Arrivals
from sync.centre.shards import Change, LeaseLost, shard_of
from sync.centre.sql import NotKept, Unreachable
from sync.centre.store import Position, Store
from sync.centre.tails import Tails
from sync.protocol import frames, messages, names, record, topics
from sync.protocol.messages import (
    MAX_CREDIT,
    MAX_RECORDS,
    Ack,
    Batch,
    Birth,
    Fork,
    Have,
    Hello,
    Marks,
    Message,
    Nack,
    NackHello,
    Need,
    Offer,
    Welcome,
)
from sync.protocol.record import ZERO, BadRecord, Record
from sync.wire import Letter

LEAST_FREE_BYTES: Final = 64 * 1024 * 1024
STARVED_MS: Final = 30_000
_NOWHERE: Final = Position(0, ZERO, 0, False)
_UNDER_A_CID: Final = ("marks", "offer", "need", "have")  # compared: what a site sends may not even be hashable


class Clock(Protocol):
    def now_ms(self) -> int: ...
    def up_ms(self) -> int: ...


@dataclass(slots=True)
class Session:
    """The newest HELLO of a site; kept in memory only, so a restarted centre knows no cid."""

    cid: str
    epoch: str
    floor: int
    before_floor: str | None
    welcomed: bool = False
    forked: bool = False
    told: tuple[int, int] = (0, 0)


class Centre:
    """`erasable`: kinds whose parts the centre's own retention rule lets go when the site says `part.erased`.

    `feeds`: what is published to the sites; None publishes nothing.
    """

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        region: str,
        free: Callable[[], int],
        verdict: Callable[[Record], str | None],
        erasable: frozenset[str] = frozenset(),
        feeds: Feeds | None = None,
    ) -> None:
        self._feeds = feeds
        self._store = store
        self._clock = clock
        self._region = region
        self._free = free
        self._verdict = verdict
        self._erasable = erasable
        self._sessions: dict[str, Session] = {}
        self._boots = Boots()
        self._arrivals = Arrivals(store, store.files, clock)
        self._tails = Tails(store)
        self._starved_until = 0
        self._owed: Counter[str] | None = None  # ACKs by site that wait for a common commit; None: each has its own
        self._told = (-1, -1)  # credit, copies of the database: what news() last looked at
        self._reconsider(store.shards.held)

    def handle(self, letter: Letter) -> list[Letter]:
        """Answer one message. Topics that are not a site's own, and sites of other workers, are ignored."""
        try:
            return self._take_letter(letter)
        except Unreachable:
            pass
        except (NotKept, *FEEDS_NOT_KEPT, OSError):  # nothing is said: the site asks again
            self._starved_until = self._clock.up_ms() + STARVED_MS
        return []

    def handle_all(self, letters: Sequence[Letter]) -> list[Letter]:
        """As `handle` for each in turn, with one commit for all of them; the answers follow it.

        A site hears as many ACKs as it sent batches, each with the last mark: it may count them.
        Where the disk does not take all of it, nothing of it was kept, and each is taken alone.
        """
        if len(letters) > 1:
            self._owed = Counter()
            try:
                with self._store.together():
                    found = [answer for letter in letters for answer in self._take_letter(letter)]
                    owed, self._owed = self._owed, None
                    return found + [ack for site, count in owed.items() for ack in [self._acknowledged(site)] * count]
            except (NotKept, *FEEDS_NOT_KEPT, OSError):
                pass
            finally:
                self._owed = None
        return [answer for letter in letters for answer in self.handle(letter)]

    def _take_letter(self, letter: Letter) -> list[Letter]:
        place = topics.place(letter.topic)
        if place is None or not self._store.shards.mine(place.site):
            return []
        try:
            return self._dispatch(place, letter)
        except LeaseLost:  # whoever has it now will be asked again
            self._forget(place.site)
            return []

    def beat(self) -> Change:
        """Renew what this worker serves; the talks of sites that it lost, or has again, begin anew with HELLO."""
        try:
            change = self._store.shards.beat()
            moved = change.gained | change.lost
            if moved:
                for site in [site for site in self._sessions if shard_of(site) in moved]:
                    self._forget(site)
                self._reconsider(change.gained)
            return change
        except NotKept:
            return Change(frozenset(), frozenset())

    def _forget(self, site: str) -> None:
        self._sessions.pop(site, None)
        self._owe_nothing(site)
        self._arrivals.forget(site)
        self._tails.leave(site)
        if self._feeds is not None:
            self._feeds.forget(site)

    def _dispatch(self, place: topics.Place, letter: Letter) -> list[Letter]:
        if place.tail == topics.HELLO:
            return self._on_hello_topic(place.site, letter.payload)
        if place.tail == topics.JOURNAL:
            return self._on_journal_topic(place.site, letter.payload)
        if place.tail == topics.CHUNKS_UP:
            return self._on_chunk(place.site, letter.payload)
        if place.tail == topics.TELEMETRY:
            return self._on_telemetry(place.site, letter.payload)
        if place.tail == topics.PRESENCE:
            self._on_presence(place.site, letter.payload)
        return []

    def news(self) -> list[Letter]:
        """An ACK to each site whose credit or durable changed since it was last told."""
        credit, found = self._credit(), []
        try:
            self._store.leave_no_traces()
            changed = (credit, self._store.copies())
            if changed == self._told:
                return self._published()
            for site, session in self._sessions.items():
                durable = (self._store.position(site, session.epoch) or _NOWHERE).durable
                if session.welcomed and session.told != (credit, durable):
                    found.append(self._to(site, Ack(cid=session.cid, **self._mark(site, session))))
            self._told = changed
        except NotKept:
            pass  # told the next time
        return found + self._published()

    def _published(self) -> list[Letter]:
        """What the feeds have for the sites; a conflict that a person settled is released."""
        if self._feeds is None:
            return []
        try:
            if self._feeds.was_changed:
                self._reconsider(self._store.shards.held)
            return self._feeds.news()
        except (NotKept, *FEEDS_NOT_KEPT):  # the next look finds it
            return []

    # HELLO -----------------------------------------------------------------------------------------------------------

    def _on_hello_topic(self, site: str, payload: bytes) -> list[Letter]:
        try:
            data = frames.unpack(payload, frames.MAX_OTHER)
            message = messages.from_object(data)
        except frames.BadPayload:
            return []
        if isinstance(message, Hello) and message.site == site:
            return self._on_hello(site, message)
        if isinstance(message, Offer) and self._is_current(site, message.cid):
            return self._on_offer(site, message)
        if isinstance(message, Need | Have) and self._is_forked(site, message.cid):
            return self._tails.send(site, message) if isinstance(message, Need) else []
        if self._feeds is not None and isinstance(message, Marks) and self._is_current(site, message.cid):
            return self._feeds.on_marks(site, message.feeds)
        if self._feeds is not None and isinstance(message, Need) and self._is_current(site, message.cid):
            return self._feeds.on_need(site, message)
        if data.get("m") in _UNDER_A_CID and not self._is_current(site, data.get("cid")):
            return self._unknown(site, data)
        return []

    def _on_hello(self, site: str, hello: Hello) -> list[Letter]:
        before = self._sessions.get(site)
        answer = self._answer(site, hello)
        found = [self._to(site, answer)]
        if self._feeds is not None and isinstance(answer, Welcome):
            found += self._feeds.on_hello(site, hello.feeds, new=before is None or before.cid != hello.cid)
        return found

    def _answer(self, site: str, hello: Hello) -> Message:
        if self._boots.take_turns(site, hello.boot):
            self._store.alarm(self._clock.now_ms(), site, "two_boots", "two machines have one identity")
        heads = dict(hello.heads)
        session = Session(hello.cid, hello.epoch, hello.floor, heads.get(hello.floor - 1))
        before = self._sessions.get(site)
        self._sessions[site] = session
        self._owe_nothing(site)
        if before is None or before.cid != hello.cid:
            self._arrivals.start_over(site)
        position = self._store.position(site, hello.epoch)
        fork = self._fork(site, hello, position)
        if fork is not None:
            session.forked = True
            return fork
        session.welcomed = True
        self._tails.forget(site)
        if position is not None:
            self._tails.settle(site, hello.boot)
        return Welcome(
            cid=hello.cid,
            centre=self._store.id,
            region=self._region,
            now=self._clock.now_ms(),
            up=hello.up,
            **self._mark(site, session),
        )

    def _fork(self, site: str, hello: Hello, position: Position | None) -> Fork | None:
        """What the centre has and the site has not. `position` None: an epoch that was never met here."""
        held = position
        if held is None:
            left = self._store.superseded(site, hello.epoch) is not None
            held = _NOWHERE._replace(closed=left)
        agreed = self._agreed(site, hello, held)
        lost = held.closed or hello.next - 1 < held.upto
        if lost or any(seq <= held.upto and agreed.get(seq) is False for seq, _ in hello.heads):
            common = max((seq for seq, same in agreed.items() if same), default=0)
            found = self._tails.offer(site, hello.boot, hello.epoch, common)
            return Fork(cid=hello.cid, epoch=hello.epoch, common=common, upto=held.upto, tail=found)
        missed = self._tails.missed(site, hello.boot, hello.epoch) if position is None else None
        return None if missed is None else Fork(cid=hello.cid, epoch=hello.epoch, common=0, upto=0, tail=missed)

    def _agreed(self, site: str, hello: Hello, position: Position) -> dict[int, bool]:
        """By seq of a head at or below the mark: whether its hash is ours; nothing where we hold none (a hole)."""
        found = {}
        for seq, claimed in hello.heads:
            ours = self._store.hash_at(site, hello.epoch, seq) if seq <= position.upto else None
            if ours is not None:
                found[seq] = ours == claimed
        return found

    # batches ---------------------------------------------------------------------------------------------------------

    def _on_journal_topic(self, site: str, payload: bytes) -> list[Letter]:
        session = self._sessions.get(site)
        data: Mapping[str, Any] = {}
        try:
            data = frames.unpack(payload, frames.MAX_BATCH)
            batch = messages.from_object(data)
            if not isinstance(batch, Batch):
                return []
            if len(batch.records) > MAX_RECORDS:
                raise frames.BadPayload("size", f"more than {MAX_RECORDS} records")
        except frames.BadPayload as error:
            if session is not None and session.welcomed and data.get("cid", session.cid) == session.cid:
                return [self._refuse(site, session, error.why, error.detail)]
            return self._unknown(site, data)
        if session is None or not self._is_current(site, batch.cid):
            return self._unknown(site, data)
        return self._take(site, session, batch)

    def _take(self, site: str, session: Session, batch: Batch) -> list[Letter]:
        found = intake.examine(batch, self._ground(site, session))
        down: list[Letter] = []
        if found.admitted:
            try:
                down = [] if self._feeds is None else self._feeds.follow(site, found.admitted)
                self._store.apply(self._clock.now_ms(), site, session.epoch, found.admitted, found.hole, self._erasable)
            except (NotKept, *FEEDS_NOT_KEPT) as error:
                if isinstance(error, Unreachable) or self._owed is not None:
                    raise
                self._starved_until = self._clock.up_ms() + STARVED_MS
                return [self._acknowledged(site)]
        if found.refusal is not None:
            return [self._refuse(site, session, found.refusal.why, found.refusal.detail), *down]
        if self._owed is not None:
            self._owed[site] += 1
            return down
        return [self._acknowledged(site), *down]

    def _owe_nothing(self, site: str) -> None:
        """What its batches were sent under is over."""
        if self._owed is not None:
            self._owed.pop(site, None)

    def _acknowledged(self, site: str) -> Letter:
        session = self._sessions[site]
        return self._to(site, Ack(cid=session.cid, **self._mark(site, session)))

    def _ground(self, site: str, session: Session) -> intake.Ground:
        position = self._store.position(site, session.epoch) or _NOWHERE
        return intake.Ground(
            site=site,
            epoch=session.epoch,
            upto=position.upto,
            chain=position.chain,
            floor=session.floor,
            before_floor=session.before_floor,
            hash_at=lambda seq: self._store.hash_at(site, session.epoch, seq),
            verdict=self._verdict,
        )

    def _refuse(self, site: str, session: Session, why: str, text: str) -> Letter:
        return self._to(site, Nack(cid=session.cid, why=why, text=text, **self._mark(site, session)))

    def _is_current(self, site: str, cid: Any) -> bool:
        session = self._sessions.get(site)
        if session is None or session.cid != cid or not session.welcomed:
            return False
        position = self._store.position(site, session.epoch)
        return position is None or not position.closed

    def _is_forked(self, site: str, cid: str) -> bool:
        session = self._sessions.get(site)
        return session is not None and session.cid == cid and session.forked

    def _unknown(self, site: str, data: Mapping[str, Any]) -> list[Letter]:
        cid = data.get("cid")
        return [self._to(site, NackHello(cid=cid))] if names.is_hex16(cid) else []

    # files -----------------------------------------------------------------------------------------------------------

    def _on_offer(self, site: str, offer: Offer) -> list[Letter]:
        found = self._arrivals.on_offer(site, offer, may_ask=self._credit() > 0)
        return [self._to(site, message) for message in found]

    def _on_chunk(self, site: str, payload: bytes) -> list[Letter]:
        session = self._sessions.get(site)
        if session is None or not session.welcomed:
            return []
        found = self._arrivals.on_chunk(site, payload, session.cid, may_ask=self._credit() > 0)
        return [self._to(site, message) for message in found]

    # the rest --------------------------------------------------------------------------------------------------------

    def _on_telemetry(self, site: str, payload: bytes) -> list[Letter]:
        try:
            message = messages.from_object(frames.unpack(payload, frames.MAX_OTHER, fractions=True))
        except frames.BadPayload:
            return []
        if not isinstance(message, messages.Telemetry):
            return []
        if not self._is_current(site, message.cid):
            return self._unknown(site, {"cid": message.cid})
        self._store.keep_telemetry(self._clock.now_ms(), site, message.dropped, message.items)
        return []

    def _on_presence(self, site: str, payload: bytes) -> None:
        try:
            message = messages.read(payload)
        except frames.BadPayload:
            return
        if isinstance(message, Birth):
            self._store.presence(self._clock.now_ms(), site, message.online, message.epoch, message.version)

    def _mark(self, site: str, session: Session) -> dict[str, Any]:
        position = self._store.position(site, session.epoch) or _NOWHERE
        credit = self._credit()
        session.told = (credit, position.durable)
        return {
            "epoch": session.epoch,
            "upto": position.upto,
            "chain": position.chain,
            "durable": position.durable,
            "credit": credit,
            "held": self._store.held(site),
            "bad": self._store.newest_bad(site),
        }

    def _credit(self) -> int:
        starved = self._clock.up_ms() < self._starved_until or self._free() < LEAST_FREE_BYTES
        return 0 if starved else MAX_CREDIT

    def _reconsider(self, shards: frozenset[int]) -> None:
        """After an upgrade: apply what can be applied now, in order."""
        for site, birth, raw in self._store.quarantined(shards):
            try:
                found = record.parse(raw)
            except BadRecord:
                continue  # it verified when it came; the disk is failing, and the report says so
            if self._verdict(found) is None:
                self._store.release(site, birth, found, self._erasable)

    @staticmethod
    def _to(site: str, message: Message) -> Letter:
        return Letter(topics.topic(site, topics.ANSWERS), message.payload(), qos=0)
