"""Section `queue` of the site's file: who is called next, and the hall's times."""

from typing import Annotated, Final, Literal

from pydantic import Field

from edge.rules.queue_setup import MINUTE, PolicyName, QueueSetup
from edge.site_sections.form import Section


class Weights(Section):
    """How fast a class gathers priority while it waits; only the policy `apq` reads it."""

    green: int = Field(default=4, ge=1, le=100)
    appointment: int = Field(default=2, ge=1, le=100)
    walk_in: int = Field(default=1, ge=1, le=100)


Minutes = Annotated[int, Field(ge=0, le=480)]
_RULES: Final = QueueSetup()


class Queue(Section):
    """Who is called next, and the hall's times; what each one does stands at edge.rules.queue_setup.QueueSetup.

    `lease_seconds`: a clerk whose browser is gone so long is signed out, 0 = never. `days`: on which days the hall
    opens by itself; a manager may always open it. `stop_issuing`: no more numbers for a service once who came now
    would not be served before closing (`forecast`), or only when the manager says so. `service_minutes`: what a
    service takes until the hall has seen enough of them. `restored_gap`: how far numbers stay at least from
    those that a machine may have given after its last backup; twice what the busiest day needed where that is more.
    """

    recalls: int = Field(default=3, ge=0, le=20)
    rating_seconds: int = Field(default=15, ge=1, le=600)
    policy: PolicyName = "vt"
    green_minutes: Minutes = _RULES.green // MINUTE
    appointment_minutes: Minutes = _RULES.appointment // MINUTE
    early_minutes: Minutes = _RULES.early // MINUTE
    grace_minutes: Minutes = _RULES.grace // MINUTE
    late_minutes: Minutes = _RULES.late // MINUTE
    guard_minutes: Minutes = _RULES.guard // MINUTE
    returns: int = Field(default=_RULES.returns, ge=0, le=20)
    revive_minutes: Minutes = _RULES.revive // MINUTE
    revive_bonus_minutes: Minutes = _RULES.revive_bonus // MINUTE
    undo_seconds: int = Field(default=_RULES.undo // 1000, ge=0, le=600)
    weights: Weights = Weights()
    out_of_turn: bool = True
    lease_seconds: int = Field(default=60, ge=0, le=86_400)
    days: Literal["every_day", "working_days"] = "every_day"
    stop_issuing: Literal["forecast", "manager"] = "forecast"
    service_minutes: int = Field(default=8, ge=1, le=240)
    restored_gap: Annotated[int, Field(ge=1, le=100_000)] = 500

    @property
    def setup(self) -> QueueSetup:
        """What of it the rules decide by, in milliseconds."""
        return QueueSetup(
            policy=self.policy,
            green=self.green_minutes * MINUTE,
            appointment=self.appointment_minutes * MINUTE,
            early=self.early_minutes * MINUTE,
            grace=self.grace_minutes * MINUTE,
            late=self.late_minutes * MINUTE,
            guard=self.guard_minutes * MINUTE,
            returns=self.returns,
            revive=self.revive_minutes * MINUTE,
            revive_bonus=self.revive_bonus_minutes * MINUTE,
            undo=self.undo_seconds * 1000,
            weights=(self.weights.green, self.weights.appointment, self.weights.walk_in),
            out_of_turn=self.out_of_turn,
        )
