"""One hall in memory: rules, a journal of JSON lines, power cuts and replay; the judge sees what is committed."""

import json
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from pydantic import SecretStr

from edge.clock import iso
from edge.rules import supervision, waiters
from edge.rules.apply import apply
from edge.rules.codes import Code
from edge.rules.commands import Command
from edge.rules.moment import Decided, Moment
from edge.rules.records import Draft, Private
from edge.rules.refusal import Refusal
from tests.campaign.weeks.places import HallBooks
from tests.campaign.weeks.referee import Referee
from tests.edge.rules.desk import ZONE, Desk, Kept


@dataclass
class SimHall(Desk):
    """`judge` sees what is committed. `sent`: lines that went to the centre. A repeated command is counted."""

    name: str = ""
    judge: Referee = field(default_factory=lambda: Referee.__new__(Referee))
    books: HallBooks = field(default_factory=lambda: HallBooks.__new__(HallBooks))
    actor: str = "system"
    online: bool = True
    sent: int = 0
    repeated: int = 0
    applicants: dict[str, str] = field(default_factory=dict)  # of each case, what its sealed part says

    def ask(self, command: Command, actor: str, *, id: str = "", crash: str = "") -> tuple[Draft, ...] | None:
        """None for a refusal. Now and then the caller asks again under the same id: the answer must be the same."""
        self.actor = actor
        id = id or self.ids.new("c")
        answer = self.do(command, id=id, crash=crash)
        if answer is not None and self.random.random() < 0.05:
            self.repeated += 1
            lines = len(self.lines)
            if self.do(command, id=id) != answer or len(self.lines) != lines:
                self.judge.broken.append(f"{self.name}: {command.do} asked twice was answered twice")  # type: ignore[attr-defined]
        return answer

    def compare(self) -> None:
        now = self.clock.ms
        waiting = [
            (each.dossier.uid, each.ticket.uid, now - each.since, alarm.since, each.told)
            for each, alarm in zip(waiters.waiters(self.state), self._said_of_waiters(), strict=True)
        ]
        self.judge.compare(self.name, self.state.model_dump(mode="json"), now, waiting)

    def _said_of_waiters(self) -> list[supervision.Alarm]:
        """In the order in which they stand on the lead's page."""
        found = supervision.alarms(self.state, self._moment())
        return [each for each in found if each.kind in ("citizen_waits", "citizen_to_call")]

    @property
    def broken(self) -> list[str]:
        return self.judge.broken

    def _commit(self, drafts: list[Draft]) -> None:
        at = iso(self.clock.ms, ZONE)
        for draft in drafts:
            seq = len(self.lines) + 1
            h = "" if draft.private is None else sha256(f"{self.name}:{seq}".encode()).hexdigest()
            parts = (h,) if h else ()
            record = Decided(seq, draft.kind, draft.v, draft.subject, draft.actor, at, draft.body, parts)
            body = draft.body.model_dump_json()
            self.lines.append(Kept(record, body))
            apply(self.state, record)
            told = {} if draft.private is None else _opened(draft.private)
            if draft.kind == "case.opened":
                self.applicants[draft.subject] = told["id_number"]
            self.judge.see(
                self.name, draft.kind, draft.subject, draft.actor, json.loads(body), at, self.clock.ms, told, h
            )
        self.judge.command_ended(self.name, {draft.kind for draft in drafts})

    def _refused(self, command: Command, refused: Refusal, before: object) -> None:
        Code(refused.code)
        self.judge.saw_refusal(self.name, str(getattr(command, "do", "")), refused.code, str(refused.values))
        if before is not None and self._image() != before:
            self.judge.broken.append(f"{self.name}: a refused command changed the state ({refused.code})")

    def _moment(self) -> Moment:
        return Moment(self.clock.ms, iso(self.clock.ms, ZONE), self.ids.new, self.actor, self.books)


def _opened(private: Private) -> dict[str, Any]:
    """What lies sealed beside a record, for the judge only."""
    return {
        name: value.get_secret_value() if isinstance(value, SecretStr) else value
        for name, value in private.members.items()
    }
