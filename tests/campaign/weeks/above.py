"""The level above, with the complaints that came up the line: it urges, hands on, answers, and changes its mind."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Final

from pydantic import SecretStr

from edge.rules import commands as c
from edge.rules.about import About
from edge.rules.followup_commands import DirectComplaint
from edge.rules.followup_records import ComplaintMoved, ComplaintRegistered
from edge.rules.records import Body

_ACTS: Final = ("urge", "assign", "reply")


@dataclass
class Lying:
    risen: bool
    open: bool


@dataclass(frozen=True)
class Order:
    """An item of the decisions of one hall; `command` takes it back where nothing is ordered."""

    hall: str
    id: str
    rev: int
    command: c.Command


@dataclass
class Above:
    """`lying`: of every hall's complaints, as their records said last. `given`: orders, oldest first."""

    random: Random
    lying: dict[tuple[str, str], Lying] = field(default_factory=dict)
    given: list[Order] = field(default_factory=list)

    def learns(self, hall: str, uid: str, body: Body) -> None:
        if isinstance(body, ComplaintRegistered):
            self.lying[hall, uid] = Lying(False, True)
        if isinstance(body, ComplaintMoved):
            found = self.lying[hall, uid]
            found.risen = found.risen or body.step == "escalate"
            found.open = body.state not in ("replied", "revisited", "closed")

    def orders(self, today: str) -> Order | None:
        """Mostly about what has risen; sometimes about what is not its own, or long answered."""
        roll = self.random.random()
        if self.given and roll < 0.15:
            return self._changes(self.random.choice(self.given), today)
        wanted = [key for key, each in self.lying.items() if each.open and each.risen]
        if not wanted or roll < 0.35:
            wanted = [key for key, each in self.lying.items() if each.open or roll < 0.2]
        if not wanted:
            return None
        hall, uid = self.random.choice(wanted)
        risen = self.lying[hall, uid].risen
        act = self.random.choice(_ACTS) if risen or self.random.random() < 0.2 else "urge"
        return self._order(hall, f"k:{len(self.given) + 1}", 1, uid, act, today)

    def _changes(self, before: Order, today: str) -> Order | None:
        newest = [each for each in self.given if (each.hall, each.id) == (before.hall, before.id)][-1]
        rev, there = newest.rev + 1, isinstance(newest.command, DirectComplaint)
        if not isinstance(before.command, DirectComplaint):
            return None
        if there and self.random.random() < 0.4:
            gone = c.TakeBackDecision(about=_about(before.id, rev - 1))
            return self._gives(Order(before.hall, before.id, rev, gone))
        return self._order(before.hall, before.id, rev, before.command.complaint, self.random.choice(_ACTS), today)

    def _order(self, hall: str, id: str, rev: int, uid: str, act: str, today: str) -> Order:
        limit = (date.fromisoformat(today) + timedelta(days=self.random.randint(1, 6))).isoformat()
        told: Mapping[str, object] = {
            "about": _about(id, rev),
            "complaint": uid,
            "act": act,
            "to": "street-office" if act == "assign" else "",
            "due": limit if self.random.random() < 0.5 else "",
            "text": SecretStr("请按期办结") if act != "assign" else SecretStr(""),
        }
        return self._gives(Order(hall, id, rev, DirectComplaint.model_validate(told)))

    def _gives(self, order: Order) -> Order:
        self.given.append(order)
        return order


def _about(id: str, rev: int) -> About:
    return About(feed="decisions", id=id, rev=rev)
