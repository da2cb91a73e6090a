"""What was held of applicants already: offered, used, declined, by a second list of what the catalogue lets be used.

Knows records as JSON, what each person's papers said when they were opened, and what the centre sent; nothing of ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

Body = Mapping[str, Any]
_KNOWN_DAYS: Final = 90


@dataclass
class Line:
    """`open`: nobody relies on it now, so that the next use is a new one."""

    source: str
    origin: str
    until: str
    h: str
    open: bool = True
    used: bool = False
    declined: bool = False


@dataclass
class Kept:
    """Of one case. `sealed_h`: the digest of its applicant; `reusable`: what may be marked as reused."""

    item: str
    person: str
    sealed_h: str
    reusable: frozenset[str]
    lines: dict[str, Line] = field(default_factory=dict)
    over: bool = False


@dataclass
class Ended:
    """A case that was received: whose it was, when, and what was really brought of what may be used again."""

    person: str
    day: str
    brought: frozenset[str]


class Held:
    """`rules`: by item and by what, `sources` and `days` as the catalogue has them."""

    def __init__(self, rules: Mapping[str, Mapping[str, Body]], broken: list[str]) -> None:
        self._rules, self.broken = rules, broken
        self.cases: dict[tuple[str, str], Kept] = {}
        self.ended: dict[tuple[str, str], Ended] = {}  # hall, number
        self.answers: dict[tuple[str, str, int], list[Body]] = {}  # hall, item, revision: what the centre sent
        self.used = self.from_earlier = self.declined = 0

    def see(self, hall: str, kind: str, subject: str, actor: str, body: Body, sealed: Body, h: str, today: str) -> None:
        if kind == "case.opened":
            reusable = frozenset(each["material"] for each in body["materials"] if each["reusable"])
            self.cases[hall, subject] = Kept(body["item"], sealed["id_number"], h, reusable)
            return
        handle = getattr(self, "_" + kind.replace(".", "_"), None)
        kept = self.cases.get((hall, subject))
        if handle is None or (kept is None and kind == "part.disclosed"):
            return
        if kept is None:
            return self.says(hall, f"{subject}: {kind}, and no such case was opened here")
        handle(hall, subject, kept, actor, body, h, today)

    def says(self, hall: str, what: str) -> None:
        self.broken.append(f"{hall}: {what}")

    def _reuse_offered(self, hall: str, case: str, kept: Kept, actor: str, body: Body, h: str, today: str) -> None:
        if kept.over:
            self.says(hall, f"{case} is over and was offered something")
        told = {each["what"]: (each["source"], each["issued"], each["until"]) for each in body["lines"]}
        if body["about"] is None:
            wanted = self._of_earlier(hall, case, kept, body["origin"], today)
        else:
            sent = self.answers.get((hall, body["about"]["id"], body["about"]["rev"]), [])
            wanted = self._usable(kept.item, sent, today)
        if told != wanted or not told:
            self.says(hall, f"{case} was offered {told}, by the list {wanted}")
        for what, (source, _, until) in told.items():
            before = kept.lines.get(what)
            kept.lines[what] = Line(source, body["origin"], until, h)
            if before is not None:
                now = kept.lines[what]
                now.open, now.used, now.declined = before.open, before.used, before.declined

    def _of_earlier(self, hall: str, case: str, kept: Kept, number: str, today: str) -> dict[str, tuple[str, str, str]]:
        ended = self.ended.get((hall, number))
        if ended is None or ended.person != kept.person:
            self.says(hall, f"{case}: {number} was offered, a case of {ended and ended.person} to {kept.person}")
            return {}
        if ended.day < _later(today, -_KNOWN_DAYS):
            self.says(hall, f"{case}: {number} of {ended.day} was offered on {today}")
        self.from_earlier += 1
        lines = [{"what": what, "source": "case", "issued": ended.day, "until": ""} for what in ended.brought]
        return self._usable(kept.item, lines, today)

    def _usable(self, item: str, lines: list[Body], today: str) -> dict[str, tuple[str, str, str]]:
        found = {}
        for each in lines:
            rule = self._rules[item].get(each["what"])
            if rule is None or each["source"] not in rule["sources"]:
                continue
            until = each["until"]
            if rule["days"] is not None:
                oldest = _later(each["issued"], rule["days"]) if each["issued"] else "0001-01-01"
                until = min(until or oldest, oldest)
            if not until or until >= today:
                found[each["what"]] = (each["source"], each["issued"], until)
        return found

    def _reuse_used(self, hall: str, case: str, kept: Kept, actor: str, body: Body, h: str, today: str) -> None:
        line = kept.lines.get(body["what"])
        if line is None or kept.over:
            return self.says(hall, f"{case}: {body['what']} was used and not held, or the case is over")
        if (body["source"], body["origin"], body["until"], body["h"]) != (line.source, line.origin, line.until, line.h):
            self.says(hall, f"{case}: the use of {body['what']} names another source than was offered")
        if line.declined or (line.until and line.until < today):
            self.says(hall, f"{case}: {body['what']} was used on {today}, it held until {line.until}")
        if not line.open:
            self.says(hall, f"{case}: the use of {body['what']} was recorded twice")
        if (body["date"], f"clerk:{body['clerk']}") != (today, actor):
            self.says(hall, f"{case}: the use of {body['what']} by {actor} on {today} says {body['clerk']}")
        line.open, line.used = False, True
        self.used += 1

    def _reuse_declined(self, hall: str, case: str, kept: Kept, actor: str, body: Body, h: str, today: str) -> None:
        line = kept.lines.get(body["what"])
        if line is None or kept.over:
            return self.says(hall, f"{case}: {body['what']} was declined and not held")
        line.declined, line.open, line.used = True, True, False
        self.declined += 1

    def _case_marked(self, hall: str, case: str, kept: Kept, actor: str, body: Body, h: str, today: str) -> None:
        line = kept.lines.get(body["material"])
        if body["state"] == "reused" and (line is None or line.open) and line is not None:
            self.says(hall, f"{case}: {body['material']} is marked as reused, and no use is recorded")
        if body["state"] != "reused" and line is not None:
            line.open = True

    def _case_received(self, hall: str, case: str, kept: Kept, actor: str, body: Body, h: str, today: str) -> None:
        for mark in body["marks"]:
            line = kept.lines.get(mark["material"])
            if mark["state"] != "reused":
                continue
            if line is None and mark["material"] not in kept.reusable:
                self.says(hall, f"{case} was received with {mark['material']} reused, which nobody holds")
            if line is not None and (line.declined or not line.used or (line.until and line.until < today)):
                self.says(hall, f"{case} was received on {today} with {mark['material']}, held until {line.until}")
        brought = {mark["material"] for mark in body["marks"] if mark["state"] == "provided"}
        self.ended[hall, body["number"]] = Ended(kept.person, today, frozenset(brought & kept.reusable))
        kept.over = True

    def _case_refused(self, hall: str, case: str, kept: Kept, actor: str, body: Body, h: str, today: str) -> None:
        kept.over = True

    _case_dropped = _case_refused

    def _part_disclosed(self, hall: str, case: str, kept: Kept, actor: str, body: Body, h: str, today: str) -> None:
        used = {line.h for line in kept.lines.values() if line.used and line.h}
        if body["h"] not in used | {kept.sealed_h}:
            self.says(hall, f"{case}: a value was shown to {actor} that is not this case's, or was not used")

    def compare(self, hall: str, state: Body) -> None:
        for uid, case in state["cases"].items():
            kept = self.cases[hall, uid]
            there = {what: (each["until"], each["used"], bool(each["declined"])) for what, each in case["held"].items()}
            here = {what: (line.until, line.used, line.declined) for what, line in kept.lines.items()}
            if there != here:
                self.says(hall, f"{uid} holds {there}, on the list {here}")


def _later(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
