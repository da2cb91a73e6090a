"""A fold over records: how long services take, who stays away, when windows rest, how wrong forecasts were."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from edge.rules import upcast
from edge.rules.forecasts import TicketForecast
from edge.rules.moment import Fact
from edge.rules.waits import Learned, Pace
from edge.rules.waits.learned import MINUTE
from edge.waiting.averages import PRIOR, Errors, Lengths, Share

WORKING_MS: Final = 45 * MINUTE  # a window that called somebody so lately is at work
DAY_MS: Final = 24 * 60 * MINUTE
_GREEN_DAY_MS: Final = 8.0 * 60 * MINUTE
_MISSED: Final = Pace.of(1.5 * MINUTE, 0.4)


@dataclass
class _Known:
    """A ticket of the day. `came`, `called`: ms of the learner's own clock; `told`: its forecast."""

    service: str
    came: int
    green: bool = False
    called: int = 0
    waiting: bool = True
    told: TicketForecast | None = None


@dataclass(frozen=True, slots=True)
class _Rest:
    """A planned absence of a window: time of day it began, and how long it took."""

    begins: int
    ms: int


class Learner:
    """`note` every record, in order, with a moment in ms that never jumps; `learned` at any time.

    It may begin anywhere in the journal: what it did not see it takes as usual.
    """

    def __init__(self) -> None:
        self._tickets: dict[str, _Known] = {}
        self._at_window: dict[str, tuple[str, str, int]] = {}  # ticket, service, called
        self._paces: dict[str, Lengths] = {}
        self._all = Lengths()
        self._missed = Lengths()
        self._walked = Share(0.0, 60.0 * MINUTE, kept=200.0 * 60 * MINUTE)
        self._cancelled = Share(0.0, 60.0 * MINUTE, kept=200.0 * 60 * MINUTE)
        self._greens: dict[str, Share] = {}
        self._shows = Share(9.0, 10.0)
        self._errors = Errors()
        self._rests: dict[str, _Rest] = {}
        self._resting: dict[str, int] = {}
        self._rested: set[str] = set()  # windows that had their rest today
        self._last_call: dict[str, int] = {}
        self._now = 0
        self._day_began = 0
        self._midnight: int | None = None  # wall clock, of the day of the last record
        self._folds: dict[str, Callable[[Fact, Any], None]] = {
            "day.opened": self._opened,
            "day.closed": self._closed,
            "ticket.issued": self._issued,
            "green.settled": self._settled,
            "ticket.forecast": self._told,
            "ticket.called": self._called,
            "ticket.missed": self._gone,
            "ticket.cancelled": self._given_back,
            "service.finished": self._left,
            "ticket.held": self._left,
            "ticket.returned": self._left,
            "ticket.transferred": self._left,
            "ticket.uncalled": self._uncalled,
            "ticket.advanced": self._advanced,
            "booking.checked_in": self._came,
            "booking.ended": self._stayed_away,
            "window.paused": self._paused,
            "window.resumed": self._resumed,
        }

    def note(self, fact: Fact, ms: int) -> None:
        self._now = max(self._now, ms)
        fold = self._folds.get(fact.kind)
        body = upcast.lift(fact.kind, fact.v, fact.body) if fold is not None else None
        if fold is not None and body is not None:
            fold(fact, body)

    def learned(self, now_ms: int) -> Learned:
        """`now_ms`: wall clock, for what is planned later today."""
        usual = self._all.pace(PRIOR)
        return Learned(
            paces={service: lengths.pace(usual) for service, lengths in self._paces.items()},
            pace=usual,
            walked=self._walked.value,
            missed=self._missed.pace(_MISSED).mean,
            cancelled=self._cancelled.value,
            greens={service: share.value for service, share in self._greens.items()},
            shows=self._shows.value,
            breaks=self._breaks(now_ms),
            working=frozenset(w for w, at in self._last_call.items() if self._now - at <= WORKING_MS),
            errors=self._errors.usual(),
        )

    def _breaks(self, now_ms: int) -> dict[str, tuple[int, int]]:
        if self._midnight is None:
            return {}
        found = {}
        for window, rest in self._rests.items():
            begins = self._midnight + rest.begins
            if window not in self._rested and now_ms < begins + rest.ms:
                found[window] = (begins, begins + rest.ms)
        return found

    # --- folds -------------------------------------------------------------------------------------------------------

    def _opened(self, fact: Fact, body: Any) -> None:
        self._clear()
        self._day_began = self._now
        self._midnight = midnight(fact.at)

    def _closed(self, fact: Fact, body: Any) -> None:
        length = self._now - self._day_began
        if self._day_began and MINUTE < length < DAY_MS:
            for share in self._greens.values():
                share.add(0.0, length)
        self._clear()

    def _clear(self) -> None:
        for known in (self._tickets, self._at_window, self._resting, self._last_call):
            known.clear()
        self._rested.clear()

    def _issued(self, fact: Fact, body: Any) -> None:
        self._tickets[fact.subject] = _Known(body.service, self._now)
        if body.klass == "green":
            self._green(fact.subject)

    def _settled(self, fact: Fact, body: Any) -> None:
        if body.klass == "green":
            self._green(fact.subject)

    def _green(self, uid: str) -> None:
        known = self._tickets.get(uid)
        if known is not None and not known.green:
            known.green = True
            self._greens.setdefault(known.service, Share(0.0, _GREEN_DAY_MS, kept=30 * _GREEN_DAY_MS)).add(1.0, 0.0)

    def _told(self, fact: Fact, body: Any) -> None:
        known = self._tickets.get(fact.subject)
        if known is not None:
            known.told = body

    def _called(self, fact: Fact, body: Any) -> None:
        self._last_call[body.window] = self._now
        known = self._tickets.get(fact.subject)
        if known is None or body.why == "recall":
            return
        self._at_window[body.window] = (fact.subject, known.service, self._now)
        if known.called:
            return
        known.called = self._now
        waited = self._now - known.came
        self._walked.add(0.0, waited)
        self._cancelled.add(0.0, waited)
        if known.told is not None and body.why != "out_of_turn":
            self._errors.add(waited, known.told.mean, known.told.spread)

    def _gone(self, fact: Fact, body: Any) -> None:
        seat = self._at_window.pop(body.window, None)
        if seat is not None:
            self._missed.add(self._now - seat[2])
            self._walked.add(1.0, 0.0)

    def _given_back(self, fact: Fact, body: Any) -> None:
        known = self._tickets.get(fact.subject)
        if known is not None and not known.called:
            self._cancelled.add(1.0, self._now - known.came)

    def _left(self, fact: Fact, body: Any) -> None:
        seat = self._at_window.pop(body.window, None)
        if seat is not None:
            self._turn(seat[1], self._now - seat[2])

    def _uncalled(self, fact: Fact, body: Any) -> None:
        self._at_window.pop(body.window, None)
        if fact.subject in self._tickets:
            self._tickets[fact.subject].called = 0

    def _advanced(self, fact: Fact, body: Any) -> None:
        known = self._tickets.get(fact.subject)
        if known is not None:
            known.service = body.service
        if body.stays and known is not None:
            self._at_window[body.window] = (fact.subject, body.service, self._now)

    def _turn(self, service: str, ms: int) -> None:
        self._all.add(ms)
        self._paces.setdefault(service, Lengths()).add(ms)

    def _came(self, fact: Fact, body: Any) -> None:
        self._shows.add(1.0)

    def _stayed_away(self, fact: Fact, body: Any) -> None:
        if body.why in ("no_show", "late"):
            self._shows.add(0.0)

    def _paused(self, fact: Fact, body: Any) -> None:
        if body.reason == "lunch":
            self._resting[fact.subject.removeprefix("window:")] = self._now

    def _resumed(self, fact: Fact, body: Any) -> None:
        window = fact.subject.removeprefix("window:")
        began = self._resting.pop(window, None)
        if began is not None:
            length = self._now - began
            self._rests[window] = _Rest(time_of_day(fact.at) - length, length)
            self._rested.add(window)


def time_of_day(at: str) -> int:
    """ms since local midnight of `2026-11-23T09:14:07.312+08:00`."""
    return ((int(at[11:13]) * 60 + int(at[14:16])) * 60 + int(at[17:19])) * 1000 + int(at[20:23])


def midnight(at: str) -> int | None:
    """Wall clock ms of the local midnight before it; None for a text that is no moment."""
    try:
        return round(datetime.fromisoformat(at).timestamp() * 1000) - time_of_day(at)
    except ValueError:
        return None
