"""Two sites and a centre that carries between them, whoever presses what in whatever order, over any number of days."""

import random
from datetime import date, datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from edge.clock import Ids
from edge.rules import commands as c
from edge.rules.about import About
from edge.rules.apply import apply
from edge.rules.case_commands import TakeUpCase
from edge.rules.codes import _WAY_OUT, Code
from edge.rules.dossier_commands import Person
from edge.rules.handover_records import RESULT, sheet_hash
from edge.rules.refusal import Refusal
from edge.rules.state import State
from tests.edge.rules.conftest import APPLICANT, BOOKS
from tests.edge.rules.test_case_story import site

PLACES = st.sampled_from(["S042", "S043"])
ACTS = st.sampled_from(
    [
        "accept",
        "lack",
        "supply",
        "suspend",
        "resume",
        "forward",
        "arrive",
        "reject",
        "verify",
        "register",
        "shelve",
        "return",
        "withdraw",
    ]
)
SAID = st.sampled_from(["accept", "lack", "suspend", "resume", "withdraw", "granted", "granted", "denied"])
DELIVERABLE = frozenset({"ready", "unclaimed"})
LAST = date(2026, 12, 20)


class FlowMachine(RuleBasedStateMachine):
    @initialize()
    def start(self):
        self.halls = {place: site(place) for place in ("S042", "S043")}
        for n, hall in enumerate(self.halls.values()):
            hall.ids = Ids(hall.clock, random.Random(n).randbytes)
        self.sheets = {}  # what was ever received, by case and material
        self.delivered = []
        self.rev = 0
        for n, place in enumerate(("S042", "S043", "S042", "S043")):
            self.take(place, "S043" if n < 2 else "S042")

    def do(self, place, command, actor=""):
        hall = self.halls[place]
        before = hall.state.model_dump_json()
        drafts, refused = [], None
        try:
            drafts = hall.do(command, actor or self.clerk(place))
        except Refusal as why:
            refused = why
        if refused is not None:
            assert _WAY_OUT[Code(refused.code)] == (refused.who_can, refused.instead)
            assert hall.state.model_dump_json() == before
        for draft in drafts:
            if draft.kind == "result.delivered":
                self.delivered.append(draft.subject)
        return drafts

    def clerk(self, place):
        return "clerk:c01" if place == "S042" else "clerk:c02"

    def next_citizen(self, place):
        me = self.clerk(place).removeprefix("clerk:")
        for command in (
            c.FinishService(window="w1"),
            c.IssueTicket(service="general", channel="kiosk", place="k1"),
            c.SignIn(window="w1", clerk=me),
            c.CallNext(window="w1"),
            c.StartService(window="w1"),
        ):
            self.do(place, command)

    @rule(place=PLACES, pickup=PLACES)
    def take(self, place, pickup):
        self.next_citizen(place)
        hall, me = self.halls[place], self.clerk(place)
        if not hall.state.open:
            return
        (opened,) = hall.do(c.OpenCase(window="w1", item="permit", applicant=APPLICANT), me)
        uid = f"{opened.subject}"
        for material in ("id-card", "household-book"):
            hall.do(
                c.MarkMaterial(
                    window="w1", case=uid, material=material, state="provided", form="paper", originals=2, copies=1
                ),
                me,
            )
        hall.do(c.ReceiveCase(window="w1", case=uid, pickup=pickup), me)
        self.sheets |= {(uid, material): 3 for material in ("id-card", "household-book")}
        assert self.do(place, TakeUpCase(window="w1", case=uid)) == []

    def case_of(self, place, data):
        cases = sorted(self.halls[place].state.dossiers)
        return data.draw(st.sampled_from([*cases, "case:none"]))

    @rule(place=PLACES, data=st.data(), act=ACTS)
    def step(self, place, data, act):
        uid = self.case_of(place, data)
        before = self.stage(place, uid)
        if act == "register":
            self.do(place, c.RegisterResult(window="w1", case=uid))
        else:
            self.do(place, c.StepCase(window="w1", case=uid, act=act, reason="other", unit="unit-1"))
        assert before not in ("forwarded", "stayed") or self.stage(place, uid) == before

    @rule(place=PLACES, data=st.data(), steps=st.integers(1, 8))
    def go_on(self, place, data, steps):
        """The usual way, some steps of it: random presses alone hardly ever reach a result."""
        uid = self.case_of(place, data)
        for _ in range(steps):
            self.next_step(place, uid)

    def next_step(self, place, uid):
        hall = self.halls[place]
        stage, dossier = self.stage(place, uid), hall.state.dossiers.get(uid)
        self.rev += 1
        about = About(feed="decisions", id=uid, rev=self.rev)
        act = {"received": "forward", "decided": "arrive", "arrived": "verify", "supplement": "supply"}.get(stage)
        if act:
            self.do(place, c.StepCase(window="w1", case=uid, act=act, unit="unit-1"))
        elif stage == "forwarded":
            self.do(place, c.RecordDecision(about=about, case=uid, said="granted", unit="unit-1"), "centre:feed")
        elif stage == "verified":
            self.do(place, c.RegisterResult(window="w1", case=uid))
        elif stage == "registered" and dossier.pickup == place:
            self.do(place, c.StepCase(window="w1", case=uid, act="shelve"))
        elif stage == "registered":
            self.do(place, c.SealBatch(window="w1", what="results", to=dossier.pickup, cases=(uid,)))
        elif stage == "moving":
            batch = hall.state.batches[dossier.batch]
            take = c.TakeInBatch(window="w1", batch=batch.uid, sheet=batch.sheet, counted=batch.sheet.lines)
            if self.do(batch.sheet.to, take):
                self.tell(place, batch.uid, batch.sheet.hash, batch.sheet.lines)
        elif stage == "ready":
            self.give(place, uid, "agent", "id_card_and_authority")

    @rule(place=PLACES, data=st.data(), said=SAID)
    def centre(self, place, data, said):
        uid = self.case_of(place, data)
        self.rev += 1
        about = About(feed="decisions", id=uid, rev=self.rev)
        command = c.RecordDecision(about=about, case=uid, said=said, unit="unit-1", reason="other")
        if self.do(place, command, "centre:feed"):
            assert self.do(place, command, "centre:feed") == []

    @rule(place=PLACES, data=st.data(), to=st.sampled_from(["unit-1", "S042", "S043"]), results=st.booleans())
    def seal(self, place, data, to, results):
        cases = (self.case_of(place, data),)
        self.do(place, c.SealBatch(window="w1", what="results" if results else "materials", to=to, cases=cases))

    @rule(place=PLACES, data=st.data(), short=st.integers(0, 2), signer=st.sampled_from(["u77", "c01", "c02"]))
    def sign(self, place, data, short, signer):
        batch = self.batch_of(place, data)
        if batch is not None:
            counted = self.counted(batch.sheet, short)
            self.do(place, c.SignBatch(window="w1", batch=batch.uid, signer=signer, counted=counted))

    @rule(frm=PLACES, at=PLACES, data=st.data(), short=st.integers(0, 1), altered=st.sampled_from(["", "to", "hash"]))
    def carry(self, frm, at, data, short, altered):
        """Papers travel; where they go wrong, or are changed on the way, nobody may deliver by them."""
        batch = self.batch_of(frm, data)
        if batch is None or batch.incoming:
            return
        sheet = batch.sheet if not altered else batch.sheet.model_copy(update={altered: "S042"})
        counted = self.counted(sheet, short)
        took = self.do(at, c.TakeInBatch(window="w1", batch=batch.uid, sheet=sheet, counted=counted))
        if took:
            assert sheet.to == at != frm
            s = sheet
            assert s.hash == sheet_hash(s.number, s.what, s.frm, s.to, s.lines, s.passengers)
            self.tell(frm, batch.uid, s.hash, counted)

    def tell(self, frm, uid, digest, counted):
        about = About(feed="handovers", id=uid, rev=1)
        note = c.NoteBatch(about=about, batch=uid, hash=digest, signer="c09", counted=counted)
        self.do(frm, note, "centre:feed")
        assert self.do(frm, note, "centre:feed") == []

    @rule(place=PLACES, data=st.data(), outcome=st.sampled_from(["found_there", "lost"]))
    def settle(self, place, data, outcome):
        batch = self.batch_of(place, data)
        if batch is None or not batch.differences or batch.sheet.what == "results":
            return
        each = batch.differences[0]
        self.do(
            place,
            c.SettleDifference(
                window="w1", batch=batch.uid, case=each.case, material=each.material, outcome=outcome, witness="u78"
            ),
        )

    @rule(
        place=PLACES, data=st.data(), agent=st.booleans(), proof=st.sampled_from(["id_card", "id_card_and_authority"])
    )
    def deliver(self, place, data, agent, proof):
        uid = self.case_of(place, data)
        before = self.stage(place, uid)
        if self.give(place, uid, "agent" if agent else "applicant", proof):
            assert before in DELIVERABLE
            assert (proof == "id_card_and_authority") == agent

    def give(self, place, uid, who, proof):
        person = Person(name="测试", id_number="119999199001010020")
        command = c.DeliverResult(window="w1", case=uid, way="counter", collector=who, proof=proof, person=person)
        given = self.do(place, command)
        assert not given or self.do(place, command) == []
        return given

    @rule(place=PLACES)
    def next_day(self, place):
        self.do(place, c.FinishService(window="w1"))
        hall = self.halls[place]
        today = date.fromisoformat(hall.state.date)
        if today >= LAST:
            return
        self.do(place, c.CloseDay())
        hall.at(f"{today + timedelta(days=1)}T09:00")
        self.do(place, c.OpenDay(date=(today + timedelta(days=1)).isoformat()))
        self.next_citizen(place)

    def stage(self, place, uid):
        dossier = self.halls[place].state.dossiers.get(uid)
        return None if dossier is None else dossier.stage

    def batch_of(self, place, data):
        batches = self.halls[place].state.batches
        return batches[data.draw(st.sampled_from(sorted(batches)))] if batches else None

    def counted(self, sheet, short):
        lines = [line.model_copy(update={"sheets": line.sheets - short}) for line in sheet.lines[:1]]
        return tuple(line for line in (*lines, *sheet.lines[1:]) if line.sheets > 0)

    @invariant()
    def a_result_is_in_one_place_and_given_once(self):
        assert len(self.delivered) == len(set(self.delivered))
        cases = {uid for hall in self.halls.values() for uid in hall.state.dossiers}
        for uid in cases:
            assert sum(self.stage(place, uid) in DELIVERABLE for place in self.halls) <= 1
            if uid in self.delivered:
                assert all(self.stage(place, uid) not in DELIVERABLE for place in self.halls)

    @invariant()
    def every_sheet_is_accounted_for(self):
        for hall in self.halls.values():
            for dossier in hall.state.dossiers.values():
                for material, held in dossier.holdings.items():
                    assert min(held.here, held.on_way, held.there, held.lost) >= 0
                    assert held.here + held.on_way + held.there + held.lost == self.sheets[dossier.uid, material]
        on_way = {}
        for hall in self.halls.values():
            for dossier in hall.state.dossiers.values():
                for material, held in dossier.holdings.items():
                    if held.on_way:
                        on_way[dossier.uid, material] = held.on_way
        for hall in self.halls.values():
            for batch in hall.state.batches.values():
                for line in batch.sheet.lines:
                    if line.material != RESULT and not batch.is_over:
                        on_way.pop((line.case, line.material), None)
        assert on_way == {}  # what is on its way is named by a batch that is still open

    @invariant()
    def due_dates_are_those_of_a_calendar_on_the_wall(self):
        for hall in self.halls.values():
            for dossier in hall.state.dossiers.values():
                if dossier.due:
                    assert dossier.due == _due(dossier)

    def teardown(self):
        for hall in getattr(self, "halls", {}).values():
            replayed = State()
            for record in hall.records:
                apply(replayed, record)
            assert replayed == hall.state
            assert State.model_validate_json(hall.state.model_dump_json()) == hall.state


def _due(dossier):
    """Day by day with pencil and calendar, without the code of deadlines."""
    calendar = BOOKS.calendar
    off = {day.isoformat() for day in calendar.holidays}
    worked = {day.isoformat() for day in calendar.working_weekend_days}
    stood = set()
    for stop in dossier.stops:
        day = stop.first
        while stop.last and day <= stop.last:
            stood.add(day)
            day = (date.fromisoformat(day) + timedelta(days=1)).isoformat()
    day, left = datetime.fromisoformat(dossier.received).date(), dossier.limit_days
    while left:
        day += timedelta(days=1)
        text = day.isoformat()
        works = text in worked or (day.strftime("%a") not in ("Sat", "Sun") and text not in off)
        left -= works and text not in stood
    return day.isoformat()


TestFlow = FlowMachine.TestCase
TestFlow.settings = settings(
    max_examples=25, stateful_step_count=60, deadline=None, suppress_health_check=list(HealthCheck)
)
