"""The centre and the deciding units behind it: they know what came up the line, and speak when they like."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from edge.rules import commands as c
from edge.rules.about import About
from tests.campaign.weeks.above import Above
from tests.campaign.weeks.hall import SimHall
from tests.campaign.weeks.sharing import answer

ACTOR: Final = "centre"
_USUAL: Final = {
    "forwarded": ("accept", "lack", "suspend", "suspend", "granted", "granted", "granted", "denied", "withdraw"),
    "stayed": ("resume", "resume", "resume", "withdraw"),
    "received": ("accept", "lack"),
    "accepted": ("lack",),
}
_ANY: Final = ("accept", "lack", "suspend", "resume", "withdraw", "granted", "denied")


@dataclass
class Word:
    hall: str
    id: str
    rev: int
    command: c.Command
    told: bool = False


@dataclass
class Centre:
    """`stages`: of each case, as the records that arrived say. Words go down in order, whenever the line is there."""

    random: Random
    stages: dict[tuple[str, str], str] = field(default_factory=dict)
    words: dict[str, list[Word]] = field(default_factory=dict)
    taken: dict[str, Mapping[str, Any]] = field(default_factory=dict)  # batches that another hall has counted in
    facts: dict[tuple[str, int], tuple[str, str]] = field(default_factory=dict)  # hall, seq
    counts: dict[str, int] = field(default_factory=dict)
    awaited: set[tuple[str, str]] = field(default_factory=set)  # somebody sits in the hall until they are decided
    above: Above = field(default_factory=lambda: Above(Random()))

    def __post_init__(self) -> None:
        self.above.random = self.random

    def hears(self, hall: SimHall, today: str) -> None:
        """What the hall wrote since: in order, each once; the line may bring the last few again."""
        start = max(0, hall.sent - self.random.choice([0, 0, 3]))
        for line in hall.lines[start:]:
            record = line.record
            fact = (record.kind, line.body)
            if self.facts.setdefault((hall.name, record.seq), fact) != fact:
                hall.broken.append(f"{hall.name}: the centre holds another record {record.seq}")
            if record.seq > hall.sent:
                self._learn(hall.name, record.kind, record.subject, record.body, today)
        hall.sent = len(hall.lines)

    def _learn(self, hall: str, kind: str, subject: str, body: Any, today: str) -> None:
        if kind == "case.opened":
            self._answers(hall, subject, body.item, 1, today)
        elif kind.startswith("complaint."):
            self.above.learns(hall, subject, body)
        elif kind == "decision.awaited":
            self.awaited.add((hall, subject))
        elif kind == "case.received" and body.follows:
            self.stages[hall, subject] = "received"
        elif kind == "case.stepped":
            self.stages[hall, subject] = body.stage
            if body.stage == "closed":
                del self.stages[hall, subject]
        elif kind == "case.decided":
            self.stages[hall, subject] = "decided"
        elif kind == "batch.received" and body.sheet is not None:
            self.taken[subject] = {"body": body, "noted": False}

    def speaks(self, today: str) -> None:
        """One unit says something of a case as it last heard of it; or corrects an earlier word, or takes one back."""
        if not self.stages:
            return
        waiting = [key for key in sorted(self.awaited) if self.stages.get(key) in ("forwarded", "stayed")]
        hurry = waiting and self.random.random() < 0.6
        hall, case = self.random.choice(waiting if hurry else list(self.stages))
        stage = self.stages[hall, case]
        roll = self.random.random()
        said = self.words.get(hall, [])
        if roll < 0.03 and said:
            self._say_again(hall, self.random.choice(said), today)
        elif roll < 0.1 and stage in ("forwarded", "stayed", "supplement"):
            self._task(hall, case)
        elif roll < 0.13:
            self._say(hall, case, self.random.choice(_ANY), stage, today)
        elif stage in _USUAL and (stage not in ("received", "accepted") or roll < 0.2):
            self._say(hall, case, self.random.choice(_USUAL[stage]), stage, today)

    def orders(self, today: str) -> None:
        """The level above says something of a complaint."""
        order = self.above.orders(today)
        if order is not None:
            self._word(order.hall, order.id, order.rev, order.command)

    def corrects(self, hall: str, case: str, item: str, today: str) -> None:
        """The library has looked again, perhaps long after the case is over."""
        self._answers(hall, case, item, 1 + max(self.counts.get(f"r:{case}", 0), 1), today)

    def _answers(self, hall: str, case: str, item: str, rev: int, today: str) -> None:
        found = answer(self.random, case, item, rev, today)
        if found is not None:
            self.counts[f"r:{case}"] = rev
            self._word(hall, found.about.id, rev, found)

    def _say(self, hall: str, case: str, said: str, stage: str, today: str) -> None:
        id = f"{case}.{self._next(case):04}"
        saw = stage if self.random.random() < 0.6 else ""
        date = today if self.random.random() < 0.8 else ""
        told = {"case": case, "said": said, "unit": "unit-a", "reason": "other", "saw": saw, "date": date}
        self._word(hall, id, 1, c.RecordDecision.model_validate(told | {"about": _about(id, 1)}))

    def _say_again(self, hall: str, word: Word, today: str) -> None:
        rev = 1 + max(each.rev for each in self.words[hall] if each.id == word.id)
        if not isinstance(word.command, c.RecordDecision):
            return
        if self.random.random() < 0.3:
            self._word(hall, word.id, rev, c.TakeBackDecision(about=_about(word.id, rev - 1)))
            return
        told = word.command.model_dump() | {"said": self.random.choice(_ANY), "about": _about(word.id, rev), "saw": ""}
        self._word(hall, word.id, rev, c.RecordDecision.model_validate(told))

    def _task(self, hall: str, case: str) -> None:
        id = f"{case}.t{self._next(case):04}"
        told = {
            "about": _about(id, 1), "case": case, "task": self.random.choice(["visit", "tax"]), "unit": "unit-b",
            "mode": "parallel", "status": self.random.choice(["running", "done"]),
        }  # fmt: skip
        self._word(hall, id, 1, c.RecordTask.model_validate(told))

    def notes(self, sealed: Mapping[str, tuple[str, Any]]) -> None:
        """`sealed`: hall and sheet by batch. What one hall counted in, the other one is told."""
        for batch, taken in self.taken.items():
            if taken["noted"] or batch not in sealed:
                continue
            taken["noted"] = True  # type: ignore[index]
            hall, sheet = sealed[batch]
            told = {(each.case, each.material): each.counted for each in taken["body"].differences}
            counted = [
                line.model_copy(update={"sheets": told.get((line.case, line.material), line.sheets)})
                for line in sheet.lines
            ]
            note = c.NoteBatch(
                about=_about(f"note.{batch}", 1), batch=batch, hash=sheet.hash, signer=taken["body"].signer,
                counted=tuple(line for line in counted if line.sheets),
            )  # fmt: skip
            self._word(hall, f"note.{batch}", 1, note)

    def _next(self, case: str) -> int:
        self.counts[case] = self.counts.get(case, 0) + 1
        return self.counts[case]

    def _word(self, hall: str, id: str, rev: int, command: c.Command) -> None:
        self.words.setdefault(hall, []).append(Word(hall, id, rev, command))


def _about(id: str, rev: int) -> About:
    return About(feed="decisions", id=id, rev=rev)
