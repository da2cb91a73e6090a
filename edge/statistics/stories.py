"""Records of a day -> what happened to every ticket and in every turn. Nothing is counted here."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from edge.rules import upcast
from edge.statistics.moments import Moments, hour
from sync.protocol.record import Record

Fate = Literal["open", "served", "missed", "cancelled", "expired"]


@dataclass
class Turn:
    """One call at a window and what came of it. Moments in ms; `hour` of the call; `rating`: a word, '' = not asked.

    `guided`: ms during which somebody of a department was waited for; no part of the service.
    """

    window: str
    clerk: str
    item: str
    hour: int
    called: int
    out_of_turn: bool = False
    passed: int = 0
    recalls: int = 0
    started: int | None = None
    ended: int | None = None
    missed: bool = False
    rating: str = ""
    guided: int = 0


@dataclass
class Story:
    """A ticket. `came`, `first_call`: ms; `told`: P50 and P90 at issue."""

    klass: str
    item: str
    hour: int
    came: int
    first_call: int | None = None
    first: Turn | None = None
    fate: Fate = "open"
    told: tuple[int, int] | None = None
    turns: list[Turn] = field(default_factory=list)


@dataclass
class Seat:
    """A window's day: spans in ms. `opened` None = not yet; `since` of a pause or None."""

    opened: int | None = None
    shut: int | None = None
    last: int = 0
    paused_since: int | None = None
    paused: int = 0
    first_call: str = ""
    last_call: str = ""


class Stories:
    """`note` the day's records in order. Kinds it does not need pass by."""

    def __init__(self) -> None:
        self.tickets: dict[str, Story] = {}
        self.seats: dict[str, Seat] = {}
        self.bookings: dict[str, int] = {}
        self.opened = ""
        self.closed = ""
        self.seq = 0
        self.moments = Moments()
        self._turns: dict[str, Turn] = {}  # `s:…` -> turn
        self._now = 0
        self._folds: dict[str, Callable[[Record, Any], None]] = {
            "day.opened": self._day_opened,
            "day.closed": self._day_closed,
            "ticket.issued": self._issued,
            "green.settled": self._settled,
            "ticket.forecast": self._told,
            "ticket.called": self._called,
            "ticket.uncalled": self._uncalled,
            "ticket.missed": self._missed,
            "ticket.revived": self._revived,
            "ticket.cancelled": self._cancelled,
            "ticket.held": self._put_by,
            "ticket.resumed": self._resumed_turn,
            "ticket.returned": self._put_by,
            "ticket.transferred": self._put_by,
            "service.started": self._started,
            "service.finished": self._finished,
            "guidance.ended": self._guided,
            "rating.given": self._rated,
            "rating.lapsed": self._unrated,
            "window.paused": self._paused,
            "window.resumed": self._resumed,
            "clerk.signed_in": self._signed_in,
            "clerk.taken_over": self._signed_in,
            "clerk.signed_out": self._signed_out,
            "clerk.lapsed": self._signed_out,
            "booking.checked_in": self._came,
            "booking.ended": self._booking_ended,
        }

    def note(self, record: Record) -> None:
        self.seq, self._now = record.seq, self.moments.of(record)
        fold = self._folds.get(record.kind)
        body = upcast.lift(record.kind, record.v, record.body) if fold is not None else None
        if fold is not None and body is not None:
            fold(record, body)

    # --- the day -----------------------------------------------------------------------------------------------------

    def _day_opened(self, record: Record, body: Any) -> None:
        self.opened, self.closed = self.opened or record.at, ""

    def _day_closed(self, record: Record, body: Any) -> None:
        self.closed = record.at
        for uid in body.expired:
            if uid in self.tickets:
                self.tickets[uid].fate = "expired"
        for seat in self.seats.values():
            self._end_pause(seat)
            if seat.opened is not None and seat.shut is None:
                seat.shut = seat.last

    # --- tickets -----------------------------------------------------------------------------------------------------

    def _issued(self, record: Record, body: Any) -> None:
        self.tickets[record.subject] = Story(body.klass, body.service, hour(record.at), self._now)

    def _settled(self, record: Record, body: Any) -> None:
        if story := self.tickets.get(record.subject):
            story.klass = body.klass

    def _told(self, record: Record, body: Any) -> None:
        if story := self.tickets.get(record.subject):
            story.told = (body.p50, body.p90)

    def _called(self, record: Record, body: Any) -> None:
        seat = self._seat(body.window)
        story = self.tickets.get(record.subject)
        if story is None:
            return
        if body.why == "recall":
            if story.turns:
                story.turns[-1].recalls += 1
            return
        seat.first_call, seat.last_call = seat.first_call or record.at, record.at
        out = body.why == "out_of_turn"
        turn = Turn(body.window, body.clerk, story.item, hour(record.at), self._now, out, body.ahead if out else 0)
        story.turns.append(turn)
        if story.first_call is None:
            story.first_call, story.first = self._now, turn

    def _uncalled(self, record: Record, body: Any) -> None:
        """As if it had not been called."""
        self._seat(body.window)
        story = self.tickets.get(record.subject)
        if story is not None and story.turns:
            turn = story.turns.pop()
            if story.first is turn:
                story.first_call, story.first = None, None

    def _missed(self, record: Record, body: Any) -> None:
        self._seat(body.window)
        if story := self.tickets.get(record.subject):
            story.fate = "missed"
            if story.turns:
                story.turns[-1].missed, story.turns[-1].ended = True, self._now

    def _revived(self, record: Record, body: Any) -> None:
        if story := self.tickets.get(record.subject):
            story.fate = "open"

    def _cancelled(self, record: Record, body: Any) -> None:
        if story := self.tickets.get(record.subject):
            story.fate = "cancelled"

    # --- turns -------------------------------------------------------------------------------------------------------

    def _put_by(self, record: Record, body: Any) -> None:
        """Held, sent back or sent on: this stay at the window is over, the ticket is not."""
        self._seat(body.window)
        story = self.tickets.get(record.subject)
        if story is None:
            return
        if story.turns and story.turns[-1].ended is None:
            story.turns[-1].ended = self._now
        if record.kind == "ticket.transferred":
            story.item = body.service

    def _resumed_turn(self, record: Record, body: Any) -> None:
        self._seat(body.window)
        story = self.tickets.get(record.subject)
        if story is not None and story.turns:
            before = story.turns[-1]
            turn = Turn(body.window, before.clerk, before.item, hour(record.at), self._now, started=self._now)
            turn.recalls = -1  # no call of its own
            story.turns.append(turn)

    def _started(self, record: Record, body: Any) -> None:
        self._seat(body.window)
        story = self.tickets.get(record.subject)
        if story is None:
            return
        turn = story.turns[-1] if story.turns else None
        if turn is None or turn.ended is not None:  # the next item of the ticket, at the same window
            turn = Turn(body.window, body.clerk, body.item, hour(record.at), self._now, recalls=-1)
            story.turns.append(turn)
        turn.started, turn.item, turn.clerk = self._now, body.item, body.clerk
        self._turns[body.service] = turn

    def _finished(self, record: Record, body: Any) -> None:
        self._seat(body.window)
        story = self.tickets.get(record.subject)
        if story is None:
            return
        story.fate = "served"
        if story.turns:
            story.turns[-1].ended = self._now
            self._turns.setdefault(body.service, story.turns[-1])

    def _guided(self, record: Record, body: Any) -> None:
        """The clock of the service stood still."""
        story = self.tickets.get(record.subject)
        if story is not None and story.turns:
            story.turns[-1].guided += body.took

    def _rated(self, record: Record, body: Any) -> None:
        if turn := self._turns.get(record.subject):
            turn.rating = body.level

    def _unrated(self, record: Record, body: Any) -> None:
        turn = self._turns.get(record.subject)
        if turn is not None and not turn.rating:
            turn.rating = "lapsed"

    # --- windows -----------------------------------------------------------------------------------------------------

    def _seat(self, window: str) -> Seat:
        """Something happened there: it is open."""
        seat = self.seats.setdefault(window, Seat())
        seat.opened = self._now if seat.opened is None else seat.opened
        seat.last, seat.shut = self._now, None
        return seat

    def _of(self, record: Record) -> str:
        return record.subject.removeprefix("window:")

    def _signed_in(self, record: Record, body: Any) -> None:
        self._seat(self._of(record))

    def _signed_out(self, record: Record, body: Any) -> None:
        seat = self.seats.get(self._of(record))
        if seat is not None and seat.opened is not None:
            self._end_pause(seat)
            seat.shut = seat.last = self._now

    def _paused(self, record: Record, body: Any) -> None:
        seat = self._seat(self._of(record))
        if seat.paused_since is None:
            seat.paused_since = self._now

    def _resumed(self, record: Record, body: Any) -> None:
        self._end_pause(self._seat(self._of(record)))

    def _end_pause(self, seat: Seat) -> None:
        if seat.paused_since is not None:
            seat.last = max(seat.last, self._now)
            seat.paused += max(0, self._now - seat.paused_since)
            seat.paused_since = None

    # --- bookings ----------------------------------------------------------------------------------------------------

    def _came(self, record: Record, body: Any) -> None:
        self._count(body.punctuality)

    def _booking_ended(self, record: Record, body: Any) -> None:
        self._count("lapsed_late" if body.why == "late" else body.why)

    def _count(self, what: str) -> None:
        self.bookings[what] = self.bookings.get(what, 0) + 1


def told(records: Iterable[Record]) -> Stories:
    stories = Stories()
    for record in records:
        stories.note(record)
    return stories
