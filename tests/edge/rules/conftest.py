"""A small hall in memory: rules alone, no journal. Records are what drafts become."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from pydantic import BaseModel

from edge.clock import Ids, iso
from edge.rules.apply import apply
from edge.rules.books import ItemFacts
from edge.rules.case_commands import Applicant, MarkMaterial, OpenCase
from edge.rules.case_records import Requirement
from edge.rules.codes import Code
from edge.rules.commands import (
    CallNext,
    Command,
    ConfigureSite,
    FinishService,
    Holder,
    IssueTicket,
    OpenDay,
    SignIn,
    StartService,
)
from edge.rules.copy_setup import CopySetup
from edge.rules.deadlines import Calendar, Hours, Session
from edge.rules.decide import decide
from edge.rules.delegation import Delegation, FlowSetup
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

ZONE = ZoneInfo("Asia/Shanghai")
APPLICANT = Applicant(name="张测试", id_number="119999199001010012", phone="13000000000")
_MATERIALS = (
    Requirement(material="id-card", mandatory=True, originals=1, copies=1),
    Requirement(material="household-book", mandatory=True, originals=1, copies=0, reusable=True),
    Requirement(material="photo", mandatory=False, originals=2, copies=0),
)
ITEMS = {
    "permit": ItemFacts("permit", "promised", 5, _MATERIALS, ("counter", "mail")),
    "stamp": ItemFacts("stamp", "instant", None, (), ("counter",)),
}


DELEGATION = Delegation(
    number="D-1", item="stamp", unit="unit-1", seal="seal-unit-1", first="2026-11-01", last="2026-11-26"
)
COPIES = CopySetup(
    person=6, ticket=2, hall=20, most=5, printers=(("k1", "office-1"), ("k2", "office-2")), area="business"
)
FLOW = FlowSetup(follows=True, place="S042", delegations=(DELEGATION,))


@dataclass(frozen=True)
class Books:
    """A small catalogue and the calendar of 2026 around one day off and one worked Sunday."""

    items: Mapping[str, ItemFacts] = field(default_factory=lambda: ITEMS)
    catalogue_version: str = "ab" * 32
    calendar: Calendar = field(
        default_factory=lambda: Calendar(
            holidays=frozenset({date(2026, 11, 25)}),
            working_weekend_days=frozenset({date(2026, 11, 29)}),
            years=frozenset({2026}),
        )
    )
    hours: Hours = field(default_factory=lambda: Hours((Session(time(9), time(12)), Session(time(14), time(17, 30)))))
    region: str = "119999"
    site_number: str = "042"
    node: str = "01"
    flow: FlowSetup = FLOW
    copies: CopySetup = COPIES

    def item(self, id: str) -> ItemFacts | None:
        return self.items.get(id)


BOOKS = Books()


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
    books: Books = BOOKS
    ids: Ids = field(init=False)

    def __post_init__(self) -> None:
        self.ids = Ids(self.clock, random.Random(7).randbytes)

    def do(self, command: Command, actor: str = "clerk:c01") -> list[Draft]:
        self.clock.ms += 1
        moment = Moment(self.clock.ms, iso(self.clock.ms, ZONE), self.ids.new, actor, self.books)
        drafts = decide(self.state, command, moment)
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
            at=iso(self.clock.ms, ZONE),
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

    def refused(self, command: Command, actor: str = "clerk:c01") -> Refusal:
        """The refusal of `command`; checks that it changed nothing."""
        before = self.state.model_copy(deep=True)
        with pytest.raises(Refusal) as refused:
            self.do(command, actor)
        assert self.state == before
        assert refused.value.code in set(Code)
        return refused.value

    def issue(self, service: str = "general", person: str = "") -> str:
        holder = Holder(ref=person, name="张测试", id_number="119999199001010012") if person else None
        drafts = self.do(IssueTicket(service=service, channel="kiosk", place="k1", holder=holder))
        return drafts[0].subject

    def serve(self, window: str = "w1", clerk: str = "c01") -> str:
        """A ticket in service at the window, its clerk signed in."""
        uid = self.issue()
        self.do(SignIn(window=window, clerk=clerk), f"clerk:{clerk}")
        self.do(CallNext(window=window), f"clerk:{clerk}")
        self.do(StartService(window=window), f"clerk:{clerk}")
        return uid

    def open_case(self, item: str = "permit", window: str = "w1", clerk: str = "c01") -> str:
        opened = self.do(OpenCase(window=window, item=item, applicant=APPLICANT), f"clerk:{clerk}")
        return opened[0].subject

    def mark(self, case: str, material: str, **changes: object) -> list[Draft]:
        given = {"state": "provided", "form": "paper", "originals": 2, "copies": 1} | changes
        return self.do(MarkMaterial.model_validate({"window": "w1", "case": case, "material": material} | given))

    def complete(self, case: str) -> None:
        """Mark everything mandatory as brought."""
        self.mark(case, "id-card")
        self.mark(case, "household-book", state="reused", form="reused", originals=0, copies=0)

    def finish(self, window: str = "w1") -> None:
        self.do(FinishService(window=window))

    def at(self, local: str) -> None:
        """Set the clock to the hall's wall time, `2026-11-23T17:29`."""
        self.clock.ms = round(datetime.fromisoformat(local).replace(tzinfo=ZONE).timestamp() * 1000) - 1

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
