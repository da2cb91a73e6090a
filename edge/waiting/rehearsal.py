"""The forecaster in a simulated hall: it hears what the journal would hold, and is measured by what then comes."""

from collections.abc import Sequence

from edge.rules.forecasts import TicketForecast
from edge.rules.moment import Decided, Fact
from edge.rules.state import State
from edge.simulation.guests import Said
from edge.waiting.forecaster import Forecaster


class Rehearsal:
    """Fits edge.simulation.waits.Forecast."""

    def __init__(self) -> None:
        self._forecaster = Forecaster()

    def heard(self, facts: Sequence[Fact], state: State, now_ms: int) -> None:
        for fact in facts:
            self._forecaster.note(fact, now_ms)

    def say(self, state: State, ticket: str, now_ms: int) -> Said | None:
        """As at issue: what is said is noted, so that its error is learned from when the ticket is called."""
        found = self._forecaster.present(state, now_ms).tickets.get(ticket)
        if found is None:
            return None
        body = TicketForecast(p50=found.p50_ms, p90=found.p90_ms, mean=found.mean_ms, spread=found.spread_ms)
        told = Decided(state.seq, "ticket.forecast", 1, ticket, "sim", state.tickets[ticket].issued_at, body)
        self._forecaster.note(told, now_ms)
        return Said(expected=found.expected_ms, p50=found.p50_ms, p90=found.p90_ms)
