"""What people and metrics may know about the link at any moment."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from sync.source import Mark

_REMEMBERED: Final = 256


@dataclass(frozen=True, slots=True)
class LinkState:
    """`online`: the centre answers. `pending`: committed records it has not acknowledged.

    `oldest_ms`: when the oldest of these was seen, on the monotonic clock (`up_ms`); None when nothing is pending.
    `acked`, `durable`: seqs of `epoch`. `held`: records the centre keeps in quarantine, `bad` the newest
    of them as (epoch, seq, reason). `last_error` codes: those of the wire (`unreachable`, `refused`, `timeout`,
    `not_granted`, `closed`, `version`, `broker_unknown`, `broker_name`, `broker_expired`, `own_expired`,
    `own_revoked`, `own_unknown`, `own_unusable`), `aside` (given up for a check of the broker), `no_welcome`,
    `no_ack`, `chain`, `fork`, `record_broken`, `part_broken`, `refused_<why>`; '' when all is well. `fork`,
    `record_broken` and `part_broken` need a new epoch or an erasure: the stream stands still, everything is kept.
    `hole`: first and last seq that the centre lacks and the site no longer holds. `files`: sealed files of records
    that the centre has not; they never hold a record up.
    `credit`: batches that the centre takes unacknowledged; `rtt_ms`: smoothed time to its answers, None before one.
    `twin`: another machine speaks to the centre with this site's identity; nothing is lost, a person must act.
    """

    online: bool = False
    pending: int = 0
    oldest_ms: int | None = None
    acked: int = 0
    durable: int = 0
    held: int = 0
    bad: tuple[tuple[str, int, str], ...] = ()
    last_error: str = ""
    hole: tuple[int, int] | None = None
    files: int = 0
    credit: int = 0
    rtt_ms: int | None = None
    twin: bool = False
    epoch: str = ""


Listener = Callable[[LinkState], None]


class LinkBoard:
    """Holds the newest state and tells those who asked, only when something changed."""

    def __init__(self) -> None:
        self.state = LinkState()
        self._listeners: list[Listener] = []
        self._seen: deque[tuple[int, int]] = deque()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` at each change, in the event loop; returns what ends this."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def change(self, **members: Any) -> None:
        state = replace(self.state, **members)
        if state == self.state:
            return
        self.state = state
        for listener in tuple(self._listeners):
            listener(state)

    def committed(self, epoch: str, newest: int, now_ms: int) -> None:
        """The journal reaches up to `newest` of `epoch`, the one it writes."""
        self._follow(epoch, newest, now_ms)
        if newest > self.state.acked and len(self._seen) < _REMEMBERED:
            self._seen.append((newest, now_ms))
        self._tell(epoch, self.state.acked, self.state.durable, newest, now_ms)

    def acknowledged(self, mark: Mark, epoch: str, newest: int, now_ms: int) -> None:
        """The centre holds `mark`; lower than before when it was restored. One of an earlier epoch says nothing."""
        self._follow(epoch, newest, now_ms)
        if mark.epoch != epoch:
            return
        while self._seen and self._seen[0][0] <= mark.upto:
            self._seen.popleft()
        self._tell(epoch, mark.upto, mark.durable, newest, now_ms)

    def _follow(self, epoch: str, newest: int, now_ms: int) -> None:
        """In a new epoch the centre holds nothing yet; what waited in the old one waits since then."""
        if epoch == self.state.epoch:
            return
        self._seen = deque([(newest, now_ms if self.state.oldest_ms is None else self.state.oldest_ms)])
        self._tell(epoch, 0, 0, newest, now_ms)

    def _tell(self, epoch: str, acked: int, durable: int, newest: int, now_ms: int) -> None:
        pending = max(newest - acked, 0)
        if pending and not self._seen:
            self._seen.append((newest, now_ms))
        oldest = self._seen[0][1] if pending else None
        self.change(epoch=epoch, acked=acked, durable=durable, pending=pending, oldest_ms=oldest)
