"""The hall's own forecast in a simulated hall: it learns from the records of the days before, as it would there."""

from collections.abc import Sequence

from edge.rules.moment import Fact
from edge.rules.state import State
from edge.simulation.guests import Said
from edge.waiting.forecaster import Forecaster


class HallForecast:
    """For `waits.Foretelling`."""

    def __init__(self) -> None:
        self._forecaster = Forecaster()

    def heard(self, facts: Sequence[Fact], state: State, now_ms: int) -> None:
        for fact in facts:
            self._forecaster.note(fact, now_ms)

    def say(self, state: State, ticket: str, now_ms: int) -> Said | None:
        found = self._forecaster.present(state, now_ms).tickets.get(ticket)
        if found is None:
            return None
        return Said(
            expected=found.expected_ms,
            p50=found.p50_ms,
            p90=found.p90_ms,
            mean=found.mean_ms,
            spread=found.spread_ms,
        )
