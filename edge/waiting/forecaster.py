"""The present forecast: made again when the queue changed or a minute went by, and shown without jumps."""

from edge.rules.moment import Fact
from edge.rules.state import State
from edge.rules.waits import Forecast, Range, forecast, steadied
from edge.rules.waits.learned import MINUTE
from edge.waiting.learner import Learner

_Key = tuple[int, int]  # seq of the state, minute


class Forecaster:
    """Feed it every record (`note`), in order; ask at any time, but never from within a decision."""

    def __init__(self) -> None:
        self.learner = Learner()
        self._key: _Key = (-1, -1)
        self._now: Forecast = Forecast({}, {})
        self._shown: dict[str, Range] = {}
        self._capacity: object = None

    def note(self, fact: Fact, ms: int) -> None:
        """`ms`: moment of the record on a clock that never jumps."""
        self.learner.note(fact, ms)

    def present(self, state: State, now_ms: int) -> Forecast:
        """What the replay says now; the same object while neither the state nor the minute changed."""
        key = (state.seq, now_ms // MINUTE)
        if key != self._key:
            self._now = forecast(state, self.learner.learned(now_ms), now_ms)
            self._key = key
            self._steady(state)
        return self._now

    def wait(self, state: State, ticket: str, now_ms: int) -> Range | None:
        """As it may be shown: None for one who does not wait or whom no window serves."""
        self.present(state, now_ms)
        return self._shown.get(ticket)

    def service(self, state: State, service: str, now_ms: int) -> Range | None:
        """For a walk-in who would take a number now."""
        return self.present(state, now_ms).services.get(service)

    def __call__(self, state: State, ticket: str, now_ms: int) -> tuple[float, float] | None:
        """P50 and P90 of a ticket's wait from now, ms."""
        found = self.present(state, now_ms).tickets.get(ticket)
        return None if found is None else (found.p50_ms, found.p90_ms)

    def _steady(self, state: State) -> None:
        capacity = tuple((uid, w.clerk, w.paused, w.setup.services) for uid, w in state.windows.items())
        reason = capacity != self._capacity
        self._capacity = capacity
        self._shown = {
            uid: steadied(self._shown.get(uid), found, reason=reason) for uid, found in self._now.tickets.items()
        }
