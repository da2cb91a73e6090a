"""What a guest could be told at the kiosk: the two usual guesses, and the hall's own forecast."""

from collections.abc import Callable, Iterable

from edge.rules.queue import ahead_of
from edge.rules.state import State
from edge.simulation.guests import Estimates, Guest, Place

# P50 and P90 of the wait of a ticket from now on, ms; None where it says nothing.
Forecast = Callable[[State, str, int], tuple[float, float] | None]


def no_forecast(state: State, ticket: str, now_ms: int) -> None:
    return None


class Foretelling:
    """`mean`: ms of a turn, known exactly: the guesses get the best they could have."""

    def __init__(self, mean: float, forecast: Forecast = no_forecast) -> None:
        self._mean = mean
        self._forecast = forecast
        self._last_wait = 0

    def called(self, guest: Guest, now_ms: int) -> None:
        self._last_wait = now_ms - guest.came

    def tell(self, guest: Guest, state: State, places: Iterable[Place], now_ms: int) -> Estimates:
        ahead = ahead_of(state, state.tickets[guest.ticket], now_ms)
        serving = [place for place in places if guest.service in place.services]
        working = [place for place in serving if place.works]
        free = sum(1 for place in working if place.state == "free")
        queue = 0.0 if free > ahead else (ahead - free + 1) * self._mean / (len(working) or len(serving) or 1)
        said = self._forecast(state, guest.ticket, now_ms)
        p50, p90 = said if said is not None else (None, None)
        return Estimates(now_ms, last_served=self._last_wait, queue_length=queue, p50=p50, p90=p90)
