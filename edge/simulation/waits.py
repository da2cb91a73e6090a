"""What a guest could be told at the kiosk: the two usual guesses, and the hall's own forecast."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from edge.rules.moment import Fact
from edge.rules.queue import ahead_of
from edge.rules.state import State
from edge.simulation.guests import Estimates, Guest, Place, Said


class Forecast(Protocol):
    """A forecast as the hall makes it: it hears every record and is asked for one ticket."""

    def heard(self, facts: Sequence[Fact], state: State, now_ms: int) -> None:
        """The records of one command; `state` has them already."""

    def say(self, state: State, ticket: str, now_ms: int) -> Said | None:
        """None where it knows nothing of the ticket."""


class Foretelling:
    """The one place where a guest is told a wait. `mean`: ms of a turn, known exactly, the best they could have."""

    def __init__(self, mean: float, forecast: Forecast | None = None) -> None:
        self._mean = mean
        self._forecast = forecast
        self._last_wait = 0

    def heard(self, facts: Sequence[Fact], state: State, now_ms: int) -> None:
        if self._forecast is not None:
            self._forecast.heard(facts, state, now_ms)

    def called(self, guest: Guest, now_ms: int) -> None:
        self._last_wait = now_ms - guest.came

    def tell(self, guest: Guest, state: State, places: Iterable[Place], now_ms: int) -> Estimates:
        ahead = ahead_of(state, state.tickets[guest.ticket], now_ms)
        serving = [place for place in places if guest.service in place.services]
        working = [place for place in serving if place.works]
        free = sum(1 for place in working if place.state == "free")
        queue = 0.0 if free > ahead else (ahead - free + 1) * self._mean / (len(working) or len(serving) or 1)
        said = None if self._forecast is None else self._forecast.say(state, guest.ticket, now_ms)
        return Estimates(now_ms, self._last_wait, queue, said)
