"""What is held of applicants: what the base library answers to an opened case, and what clerks do with it."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Final

from pydantic import SecretStr

from edge.rules import commands as c
from edge.rules import reuse
from edge.rules.about import About
from edge.rules.case_commands import Applicant
from edge.rules.reuse_commands import DeclineHeld, EarlierCase, OfferEarlier, OfferHeld, UseHeld
from edge.rules.reuse_records import HeldLine
from tests.campaign.weeks.hall import SimHall
from tests.campaign.weeks.places import ITEMS

Asked = tuple[c.Command, str]
APPLICANTS: Final = tuple(
    Applicant(name=f"张测试{n}", id_number=f"11999919900101{n:04}", phone="13000000000") for n in range(1, 7)
)
_WHY: Final = ("wrong", "outdated", "unwilling")


def answer(random: Random, case: str, item: str, rev: int, today: str) -> OfferHeld | None:
    """What the library holds: some of it old, of a form that the catalogue does not ask for, or about to run out."""
    if not ITEMS[item].reuse or random.random() < 0.2:
        return None
    lines = []
    for what in [*ITEMS[item].reuse, "photo", "never-asked"]:
        if random.random() < 0.7:
            issued = "" if random.random() < 0.1 else _day(today, -random.randint(0, 16))
            until = _day(today, random.choice([-1, 0, 0, 1, 1, 4, 9])) if random.random() < 0.6 else ""
            source = "base" if random.random() < 0.85 else "case"
            lines.append(HeldLine.model_validate({"what": what, "source": source, "issued": issued, "until": until}))
    values = {line.what: SecretStr(f"测试路 {line.what}") for line in lines if random.random() < 0.5}
    about = About(feed="decisions", id=f"r:{case}", rev=rev)
    return OfferHeld(about=about, case=case, origin="base-1", lines=tuple(lines), values=values)


class Sharing:
    """At one hall's windows."""

    def __init__(self, hall: SimHall) -> None:
        self.hall, self.random = hall, hall.random

    def applies(self, window: str, item: str) -> c.OpenCase:
        return c.OpenCase(window=window, item=item, applicant=self.random.choice(APPLICANTS))

    def shared(self, window: str, case: str, mine: str) -> Iterator[Asked]:
        """With the draft open: an earlier case is named, what is held is used, declined, looked at; also wrongly."""
        if self.random.random() < 0.3:
            yield self._names_earlier(window, case), mine
        known = self.hall.state.cases.get(case)
        for what in [*(known.held if known else ()), "household"]:
            roll = self.random.random()
            if roll < 0.6:
                yield UseHeld(window=window, case=case, what=what), mine
            if 0.5 < roll < 0.75:
                told = {"window": window, "case": case, "what": what, "why": self.random.choice(_WHY)}
                yield DeclineHeld.model_validate(told), mine
            if roll < 0.3 and known and what in known.held and known.held[what].h:
                h = known.held[what].h
                yield c.DisclosePart(case=case, h=h, purpose="fill_case", window=window), mine
        if known and self.random.random() < 0.15 and (shown := [each.h for each in known.held.values() if each.h]):
            yield c.DisclosePart(case=case, h=self.random.choice(shown), purpose="fill_case", window=window), mine

    def _names_earlier(self, window: str, case: str) -> OfferEarlier:
        """As the API does: the records of the case are read, the two applicants compared."""
        opened = {line.record.subject: line for line in self.hall.lines if line.record.kind == "case.opened"}
        received = [line for line in self.hall.lines if line.record.kind == "case.received"]
        found, people = None, self.hall.applicants
        own = [line for line in received if people.get(line.record.subject) == people.get(case)]
        if received:
            line = self.random.choice(own if own and self.random.random() < 0.7 else received)
            earlier = reuse.told_by(opened[line.record.subject].read(), line.read())
            if earlier is not None and people.get(line.record.subject) == people.get(case, ""):
                found = EarlierCase(number=earlier.number, day=earlier.day, materials=earlier.materials)
        return OfferEarlier(window=window, case=case, found=found)


def _day(today: str, days: int) -> str:
    return (date.fromisoformat(today) + timedelta(days=days)).isoformat()
