"""A desk that commits in memory and may be struck by anything: crashes before or after a commit, a clock that jumps.

It keeps what a disk would keep (records as JSON, answers by command id, a snapshot) and loses what a process loses.
Every committed record goes to the referee.
"""

import json
import random
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from edge.clock import Ids, iso
from edge.rules.apply import apply
from edge.rules.codes import Code
from edge.rules.commands import CallNext, Command, FinishService, IssueTicket, SettleGreen
from edge.rules.decide import decide
from edge.rules.moment import Decided, Moment
from edge.rules.records import Draft
from edge.rules.refusal import Refusal
from edge.rules.state import State
from tests.edge.rules.referee import Referee

ZONE = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Kept:
    """A line of the journal: its body is JSON, as on a disk."""

    record: Decided
    body: str

    def read(self) -> Decided:
        return Decided(
            self.record.seq,
            self.record.kind,
            self.record.v,
            self.record.subject,
            self.record.actor,
            self.record.at,
            json.loads(self.body),
            self.record.parts,
        )


@dataclass
class Clock:
    ms: int = 1_795_395_600_000

    def now_ms(self) -> int:
        return self.ms

    def up_ms(self) -> int:
        return self.ms


@dataclass
class Desk:
    """`strict`: compare the whole state around every refusal, not only around some."""

    seed: int
    strict: bool = False
    state: State = field(default_factory=State)
    clock: Clock = field(default_factory=Clock)
    referee: Referee = field(default_factory=Referee)
    lines: list[Kept] = field(default_factory=list)
    answers: dict[str, tuple[Draft, ...]] = field(default_factory=dict)
    snapshot: tuple[int, str] | None = None
    refused: dict[str, int] = field(default_factory=dict)
    crashes: int = 0

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.ids = Ids(self.clock, random.Random(self.seed + 1).randbytes)

    @property
    def broken(self) -> list[str]:
        return self.referee.broken

    def do(self, command: Command, *, id: str = "", crash: str = "") -> tuple[Draft, ...] | None:
        """What was answered, None for a refusal. `crash`: `before` the commit (nothing happened) or `after` it."""
        id = id or self.ids.new("c")
        if id in self.answers:
            return self.answers[id]
        before = self._image() if self.strict or self.random.random() < 0.05 else None
        try:
            drafts = decide(self.state, command, self._moment())
        except Refusal as refused:
            self._refused(command, refused, before)
            return None
        if before is not None and self._image() != before:
            self.broken.append(f"{command.do} changed the state before it was decided")
        if crash == "before":
            self.restart()
            return None
        self._commit(drafts)
        self.answers[id] = tuple(drafts)
        if crash:
            self.restart()
        return self.answers[id]

    def restart(self) -> None:
        """Only what was kept comes back; it must be what was there."""
        self.crashes += 1
        before = self._image()
        kept = self.snapshot
        self.state = State() if kept is None else State.model_validate_json(kept[1])
        for line in self.lines[self.state.seq :]:
            apply(self.state, line.read())
        if self._image() != before:
            self.broken.append(f"after {len(self.lines)} records a restart brought back another state")

    def keep_snapshot(self) -> None:
        self.snapshot = self.state.seq, self.state.model_dump_json()

    def check(self) -> None:
        self.referee.compare(self.state)

    def _commit(self, drafts: list[Draft]) -> None:
        for draft in drafts:
            record = Decided(
                len(self.lines) + 1,
                draft.kind,
                draft.v,
                draft.subject,
                draft.actor,
                iso(self.clock.ms, ZONE),
                draft.body,
            )
            body = draft.body.model_dump_json()
            self.lines.append(Kept(record, body))
            apply(self.state, record)
            self.referee.see(draft.kind, draft.subject, json.loads(body), self.clock.ms)

    def _refused(self, command: Command, refused: Refusal, before: str | None) -> None:
        Code(refused.code)
        self.refused[refused.code] = self.refused.get(refused.code, 0) + 1
        if before is not None and self._image() != before:
            self.broken.append(f"{command.do} was refused ({refused.code}) and changed the state")
        if isinstance(command, CallNext) and refused.code == Code.NOBODY_WAITING:
            self.referee.nobody(command.window, self.clock.ms)

    def _moment(self) -> Moment:
        return Moment(self.clock.ms, iso(self.clock.ms, ZONE), self.ids.new, "clerk:c01")

    def _image(self) -> Any:
        state = self.state.model_dump(mode="json")
        for name in ("frozen", "taken_in"):  # sets have no order
            state[name] = sorted(state[name])
        return state


def green_rush(desk: Desk, window: str, service: str = "general") -> None:
    """Three green tickets in a row and a window that calls three times: where people wait too long, the guard acts."""
    for _ in range(3):
        desk.clock.ms += 900
        issued = desk.do(IssueTicket(service=service, channel="guide", place="g1"))
        if issued:
            desk.do(SettleGreen(ticket=issued[0].subject, ground="elderly", holds=True))
    for _ in range(3):
        desk.do(CallNext(window=window))
        desk.clock.ms += 60_000
        desk.do(FinishService(window=window))
