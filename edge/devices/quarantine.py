"""A driver that keeps failing by its own fault is tried seldom, so that starting it costs the others nothing.

Own fault: a mistake in it, a crash, a hang it had to be killed for, too much memory. A device that is away, silent or
out of paper is none, however often.
"""

from collections import deque
from collections.abc import Callable
from typing import Final

from drivers.errors import DeviceError, DriverFault, Quarantined

FAULTS: Final = 5
WITHIN_SECONDS: Final = 120.0
RETRY_SECONDS: Final = 300.0


class Quarantine:
    """Of one device. It ends when the driver has run `WITHIN_SECONDS` without a fault of its own."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._faults: deque[float] = deque(maxlen=FAULTS)
        self._shut = False

    def judged(self, error: DeviceError, ran: float) -> DeviceError:
        """The error to report: Quarantined in the place of one fault too many. `ran`: seconds since it was opened."""
        if not isinstance(error, DriverFault):
            return error
        now = self._clock()
        if ran > WITHIN_SECONDS:
            self._shut = False
            self._faults.clear()
        self._faults.append(now)
        if len(self._faults) == FAULTS and now - self._faults[0] <= WITHIN_SECONDS:
            self._shut = True
        return Quarantined(error.detail) if self._shut else error
