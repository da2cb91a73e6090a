"""A small hall in memory: rules alone, no journal. Records are what drafts become."""

import random
from dataclasses import dataclass, field

import pytest
from pydantic import BaseModel

from edge.clock import Ids
from edge.rules.apply import apply
from edge.rules.codes import Code
from edge.rules.commands import Command, ConfigureSite, Holder, IssueTicket, OpenDay
from edge.rules.decide import decide
from edge.rules.moment import Decided, Moment
from edge.rules.records import Draft, ServiceSetup, WindowSetup
from edge.rules.refusal import Refusal
from edge.rules.state import State

DAY = "2026-11-23"
SETUP = ConfigureSite(
    hash="0" * 64,
    windows=(
        WindowSetup(id="w1", area="a", services=("general", "social", "residence")),
        WindowSetup(id="w2", area="a", services=("general", "social")),
    ),
    services=(
        ServiceSetup(id="general", prefix="A", area="a"),
        ServiceSetup(id="social", prefix="B", area="a"),
        ServiceSetup(id="residence", prefix="C", area="a"),
        ServiceSetup(id="nowhere", prefix="D", area="a"),
    ),
    recalls=2,
    rating_seconds=15,
    clerks=("c01", "c02"),
)


class UnknownBody(BaseModel):
    surprise: int = 1


@dataclass
class TickingClock:
    ms: int = 1_795_395_600_000

    def now_ms(self) -> int:
        return self.ms

    def up_ms(self) -> int:
        return self.ms


@dataclass
class Hall:
    """Runs commands through decide and apply, and keeps the records."""

    state: State = field(default_factory=State)
    clock: TickingClock = field(default_factory=TickingClock)
    records: list[Decided] = field(default_factory=list)
    ids: Ids = field(init=False)

    def __post_init__(self) -> None:
        self.ids = Ids(self.clock, random.Random(7).randbytes)

    def do(self, command: Command, actor: str = "clerk:c01") -> list[Draft]:
        self.clock.ms += 1
        drafts = decide(self.state, command, Moment(self.clock.ms, f"at-{self.clock.ms}", self.ids.new, actor))
        for draft in drafts:
            self.fold(draft)
        return drafts

    def fold(self, draft: Draft) -> None:
        parts = ("a" * 63 + str(len(self.records) % 10),) if draft.private else ()
        record = Decided(
            seq=len(self.records) + 1,
            kind=draft.kind,
            v=draft.v,
            subject=draft.subject,
            actor=draft.actor,
            at=f"at-{self.clock.ms}",
            body=draft.body,
            parts=parts,
        )
        self.records.append(record)
        apply(self.state, record)

    def fold_unknown(self, kind: str, subject: str, version: int = 1) -> None:
        """A record of a later release, as the journal holds it."""
        record = Decided(len(self.records) + 1, kind, version, subject, "x", "at", UnknownBody())
        self.records.append(record)
        apply(self.state, record)

    def refused(self, command: Command) -> Refusal:
        """The refusal of `command`; checks that it changed nothing."""
        before = self.state.model_copy(deep=True)
        with pytest.raises(Refusal) as refused:
            self.do(command)
        assert self.state == before
        assert refused.value.code in set(Code)
        return refused.value

    def issue(self, service: str = "general", person: str = "") -> str:
        holder = Holder(ref=person, name="张测试", id_number="119999199001010012") if person else None
        drafts = self.do(IssueTicket(service=service, channel="kiosk", place="k1", holder=holder))
        return drafts[0].subject

    def replayed(self) -> State:
        state = State()
        for record in self.records:
            apply(state, record)
        return state


@pytest.fixture
def new_hall() -> Hall:
    return Hall()


@pytest.fixture
def hall() -> Hall:
    """Configured and open."""
    hall = Hall()
    hall.do(SETUP)
    hall.do(OpenDay(date=DAY))
    return hall
