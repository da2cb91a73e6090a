"""Who sits at a window only as long as something shows it: a live page, a request, a press, a record of their turn."""

from edge.clock import Clock
from edge.rules import look
from edge.rules.state import State


class Leases:
    """In memory only: a start gives everybody a whole lease. `seconds` 0: nobody ever lapses."""

    def __init__(self, clock: Clock, seconds: int) -> None:
        self._clock = clock
        self._seconds = seconds
        self._seen: dict[tuple[str, str], int] = {}

    def renew(self, window: str, clerk: str) -> None:
        self._seen[window, clerk] = self._clock.up_ms()

    def lapsed(self, state: State) -> list[tuple[str, str]]:
        """(window, clerk) of seats that nobody has renewed in time and where no citizen is."""
        if not self._seconds:
            return []
        now = self._clock.up_ms()
        seats = {(uid, window.clerk) for uid, window in state.windows.items() if window.clerk}
        self._seen = {seat: self._seen.get(seat, now) for seat in seats}
        return sorted(
            (uid, clerk)
            for (uid, clerk), seen in self._seen.items()
            if now - seen > self._seconds * 1000 and look.at_window(state, state.windows[uid]) is None
        )
