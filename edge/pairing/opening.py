"""One opening of the hall for one machine: six digits, five minutes, one use, three tries."""

from collections.abc import Callable
from typing import Final, Literal

from edge.pairing.names import Holder

OPEN_SECONDS: Final = 300.0
AFTERWORD_SECONDS: Final = 300.0  # so long a machine that comes too late is told why
MOST_TRIES: Final = 3
DIGITS: Final = 6

State = Literal["open", "used", "expired", "tries", "withdrawn"]


class Opening:
    """`clock`: monotonic seconds. Every answer is of the moment it is asked for."""

    def __init__(self, holder: Holder, clock: Callable[[], float], random_bytes: Callable[[int], bytes]) -> None:
        self.holder = holder
        self.digits = f"{int.from_bytes(random_bytes(16), 'big') % 10**DIGITS:0{DIGITS}d}"
        self.left = MOST_TRIES
        self._clock = clock
        self._until = clock() + OPEN_SECONDS
        self._ended: Literal["used", "tries", "withdrawn"] | None = None

    @property
    def state(self) -> State:
        if self._ended is not None:
            return self._ended
        return "open" if self._clock() < self._until else "expired"

    @property
    def seconds_left(self) -> float:
        return max(self._until - self._clock(), 0.0) if self._ended is None else 0.0

    @property
    def is_forgotten(self) -> bool:
        return self._clock() >= self._until + AFTERWORD_SECONDS

    def wrong(self) -> None:
        """A machine proved other digits."""
        if self.state == "open":
            self.left -= 1
            if self.left == 0:
                self._ended = "tries"

    def used(self) -> None:
        self._ended = "used"

    def withdraw(self) -> None:
        if self.state == "open":
            self._ended = "withdrawn"
