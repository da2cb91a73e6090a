"""Who may decide what on the spot, with which seal; and the hall's settings for cases under way. Data, never code."""

from datetime import date
from typing import Final

from pydantic import Field

from edge.rules.body import Body


class Delegation(Body):
    """授权: `unit` lets this hall decide `item` with `seal`, from `first` to `last` (ISO dates, both included)."""

    number: str
    item: str
    unit: str
    seal: str
    first: str
    last: str

    def covers(self, item: str, day: str) -> bool:
        return item == self.item and self.first <= day <= self.last


class FlowSetup(Body):
    """`place`: this site's code, as a pickup site is named. `reminders`: days after which an uncollected result is
    told again. `yellow_share` per cent and `yellow_days` of the limit that are left when the light turns yellow.
    `unclaimed_days` after which a result counts as not fetched, 0 = never.
    `follows`: cases stay with the hall after their receipt; without it they end there, on the day.
    """

    follows: bool = False
    place: str = ""
    reminders: tuple[int, ...] = (7, 30, 90)
    unclaimed_days: int = Field(default=180, ge=0)
    yellow_share: int = Field(default=20, ge=0, le=100)
    yellow_days: int = Field(default=1, ge=0)
    delegations: tuple[Delegation, ...] = ()

    def delegation(self, item: str, day: str) -> Delegation | None:
        """The one that counts on `day`: the newest, where two overlap."""
        found = [each for each in self.delegations if each.covers(item, day)]
        return max(found, key=lambda each: (each.first, each.number), default=None)


NO_FLOW: Final = FlowSetup()


def days_between(earlier: str, later: str) -> int:
    return (date.fromisoformat(later) - date.fromisoformat(earlier)).days
