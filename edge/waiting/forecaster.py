"""The present forecast: made again when the queue changed or a minute went by, and shown without jumps."""

from typing import Final

from edge.rules.moment import Fact
from edge.rules.state import State
from edge.rules.waits import Forecast, Range, forecast, steadied
from edge.rules.waits.learned import MINUTE
from edge.waiting.learner import Learner

_Key = tuple[int, int]  # seq of the state, minute
FRESH_MS: Final = 5_000  # so old a forecast still does for a screen


class Forecaster:
    """Feed it every record (`note`), in order; ask at any time, but never from within a decision."""

    def __init__(self) -> None:
        self.learner = Learner()
        self._key: _Key = (-1, -1)
        self._now: Forecast = Forecast({}, {})
        self._shown: dict[str, Range] = {}
        self._capacity: object = None
        self._made = 0

    def note(self, fact: Fact, ms: int) -> None:
        """`ms`: moment of the record on a clock that never jumps."""
        self.learner.note(fact, ms)

    def present(self, state: State, now_ms: int) -> Forecast:
        """What the replay says now; the same object while neither the state nor the minute changed."""
        key = (state.seq, now_ms // MINUTE)
        if key != self._key:
            self._now = forecast(state, self.learner.learned(now_ms), now_ms)
            self._key, self._made = key, now_ms
            self._steady(state)
        return self._now

    def wait(self, state: State, ticket: str, now_ms: int) -> Range | None:
        """As it may be shown: None for one who does not wait or whom no window serves."""
        if ticket not in self._shown or not self._fresh(now_ms):
            self.present(state, now_ms)
        return self._shown.get(ticket)

    def service(self, state: State, service: str, now_ms: int) -> Range | None:
        """For a walk-in who would take a number now."""
        now = self._now if self._fresh(now_ms) else self.present(state, now_ms)
        return now.services.get(service)

    def _fresh(self, now_ms: int) -> bool:
        return 0 <= now_ms - self._made < FRESH_MS

    def _steady(self, state: State) -> None:
        capacity = tuple((uid, w.clerk, w.paused, w.setup.services) for uid, w in state.windows.items())
        reason = capacity != self._capacity
        self._capacity = capacity
        self._shown = {
            uid: steadied(self._shown.get(uid), found, reason=reason) for uid, found in self._now.tickets.items()
        }
