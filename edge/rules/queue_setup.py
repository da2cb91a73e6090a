"""How a hall queues: the policy and its times. Part of `site.configured`, so the journal says by what it decided."""

from typing import Final, Literal

from pydantic import Field

from edge.rules.body import Body

PolicyName = Literal["vt", "fifo", "strict", "apq"]
MINUTE: Final = 60_000


class QueueSetup(Body):
    """Milliseconds throughout (domain 3.2). `vt` is the default: virtual time with the age guard.

    `green`, `appointment`: how much earlier than its own moment such a ticket counts. `early`: before its slot by more,
    an appointment is called only when the window would idle. Checked in up to `grace` after the slot it is on time, up
    to `late` it keeps half, later it lapses. `guard`: who waits longer gets every second call of each window that may
    serve him. `revive`: a missed ticket may come back once so long, and then counts from `revive_bonus` before now.
    `undo`: so long after a call it can be taken back. `weights`: apq, for green, appointment and walk-in.
    """

    policy: PolicyName = "vt"
    green: int = Field(default=40 * MINUTE, ge=0)
    appointment: int = Field(default=13 * MINUTE, ge=0)
    early: int = Field(default=5 * MINUTE, ge=0)
    grace: int = Field(default=10 * MINUTE, ge=0)
    late: int = Field(default=30 * MINUTE, ge=0)
    guard: int = Field(default=45 * MINUTE, ge=0)
    returns: int = Field(default=2, ge=0)
    revive: int = Field(default=30 * MINUTE, ge=0)
    revive_bonus: int = Field(default=5 * MINUTE, ge=0)
    undo: int = Field(default=10_000, ge=0)
    weights: tuple[int, int, int] = (4, 2, 1)
    out_of_turn: bool = True

    @property
    def bound(self) -> int:
        """Nobody is overtaken by somebody who came later by more than this, among those whom one window may serve."""
        return max(self.green, self.appointment + self.grace)
