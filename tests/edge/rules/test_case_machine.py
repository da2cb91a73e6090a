"""Random days full of cases: two windows, each with its clerk, whatever they press in whatever order."""

from datetime import date
from itertools import pairwise

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from edge.rules import commands as c
from edge.rules.apply import apply
from edge.rules.codes import Code
from edge.rules.numbers import is_number
from edge.rules.parcel_records import Sheets
from edge.rules.refusal import Refusal
from edge.rules.state import State
from tests.edge.rules.conftest import APPLICANT, DAY, SETUP, Hall
from tests.edge.rules.test_cases import page

CLERKS = {"w1": "c01", "w2": "c02"}
WINDOWS = st.sampled_from(sorted(CLERKS))
HOW = st.sampled_from(["receive", "notice", "aside"])
NUMBERED = {"case.received": ("number", "receipt"), "case.noticed": ("notice",), "case.refused": ("notice",)}
MARKS = [
    {"material": "id-card", "state": "provided", "form": "paper", "originals": 1, "copies": 1},
    {"material": "id-card", "state": "missing", "form": "none"},
    {"material": "id-card", "state": "provided", "form": "scan"},
    {"material": "household-book", "state": "reused", "form": "reused"},
    {"material": "household-book", "state": "defect", "form": "paper", "defect": "no_seal"},
    {"material": "photo", "state": "defect", "form": "scan", "defect": "unclear"},
]


class CaseMachine(RuleBasedStateMachine):
    @initialize()
    def start(self):
        self.hall = Hall()
        self.hall.do(SETUP)
        self.hall.do(c.OpenDay(date=DAY))
        self.numbers: set[str] = set()
        for window in CLERKS:
            self.next_citizen(window)
            self.act(window, c.OpenCase(window=window, item="permit", applicant=APPLICANT))

    def act(self, window, command):
        before = self.hall.state.model_copy(deep=True)
        try:
            drafts = self.hall.do(command, f"clerk:{CLERKS[window]}")
        except Refusal as refused:
            Code(refused.code)
            assert self.hall.state == before
            return
        for draft in drafts:
            if draft.subject in before.cases and not draft.kind.startswith("print."):
                assert before.cases[draft.subject].state in ("draft", "aside", "noticed")
            for member in NUMBERED.get(draft.kind, ()):
                number = getattr(draft.body, member)
                assert is_number(number)
                assert number not in self.numbers
                self.numbers.add(number)

    def cases_at(self, window):
        """The draft in this window's hands three times out of four, else any."""
        cases = self.hall.state.cases
        here = [uid for uid, case in cases.items() if case.window == window and case.state == "draft"]
        return st.sampled_from(here * 3 + ["case:none", *cases])

    @rule(window=WINDOWS)
    def next_citizen(self, window):
        for command in (
            c.FinishService(window=window),
            c.IssueTicket(service="general", channel="kiosk", place="k1"),
            c.SignIn(window=window, clerk=CLERKS[window]),
            c.CallNext(window=window),
            c.StartService(window=window),
        ):
            self.act(window, command)

    @rule(window=WINDOWS, item=st.sampled_from(["permit", "stamp"]))
    def open_case(self, window, item):
        self.act(window, c.OpenCase(window=window, item=item, applicant=APPLICANT))

    @rule(window=WINDOWS, data=st.data(), marks=st.lists(st.sampled_from(MARKS), min_size=1, max_size=4))
    def mark(self, window, data, marks):
        case = data.draw(self.cases_at(window))
        for mark in marks:
            self.act(window, c.MarkMaterial.model_validate({"window": window, "case": case} | mark))

    @rule(window=WINDOWS, data=st.data(), h=st.sampled_from("ab"), material=st.sampled_from(["id-card", "photo"]))
    def pages(self, window, data, h, material):
        case = data.draw(self.cases_at(window))
        self.act(window, page(case, h * 64, material, window=window))
        self.act(window, c.DropPage(window=window, case=case, h="a" * 64))

    @rule(
        window=WINDOWS, item=st.sampled_from(["permit", "stamp"]), how=st.sampled_from(["receive", "notice", "aside"])
    )
    def whole_case(self, window, item, how):
        """What mostly happens, so that it happens often here, too."""
        self.act(window, c.OpenCase(window=window, item=item, applicant=APPLICANT))
        for uid in [uid for uid, case in self.hall.state.cases.items() if case.state == "draft"]:
            given = {"window": window, "case": uid}
            if how == "receive":
                self.act(window, c.MarkMaterial.model_validate(given | MARKS[0]))
                self.act(window, c.MarkMaterial.model_validate(given | MARKS[3]))
                self.act(window, c.ReceiveCase(**given))
            elif how == "notice":
                self.act(window, c.GiveNotice(**given))
            else:
                self.act(window, c.SetCaseAside(**given, why="system_trouble"))

    @rule(window=WINDOWS, data=st.data(), unit=st.sampled_from(["", "unit-1"]))
    def precheck(self, window, data, unit):
        given = self.hall.state.case_counters.copy()
        self.act(window, c.PrecheckCase(window=window, case=data.draw(self.cases_at(window)), unit=unit))
        assert self.hall.state.case_counters == given

    @rule(window=WINDOWS, data=st.data(), waybill=st.sampled_from(["EMS-0001", "EMS-0002", "EMS-0003"]))
    def post(self, window, data, waybill):
        line = Sheets(material="id-card", sheets=1)
        self.act(
            window,
            c.SignParcel(
                window=window,
                waybill=waybill,
                courier="ems",
                item="permit",
                listed=(line,),
                counted=(),
                witness=data.draw(st.sampled_from(["l01", "l01", "l01", "c01", ""])),
            ),
        )
        parcels = ["parcel:none", *self.hall.state.parcels]
        case = data.draw(self.cases_at(window))
        self.act(window, c.MatchParcel(window=window, parcel=data.draw(st.sampled_from(parcels)), case=case))

    @rule(window=WINDOWS, call=st.booleans())
    def guidance(self, window, call):
        asked = c.CallGuidance(window=window, unit="unit-1")
        self.act(window, asked if call else c.EndGuidance(window=window, outcome="came"))

    @rule(window=WINDOWS, data=st.data())
    def end(self, window, data):
        given = {"window": window, "case": data.draw(self.cases_at(window))}
        ends = [
            c.ReceiveCase(**given),
            c.GiveNotice(**given),
            c.RefuseCase(**given, reason="duplicate"),
            c.SetCaseAside(**given, why="closing_time"),
            c.DropCase(**given, why="mistake"),
        ]
        self.act(window, data.draw(st.sampled_from(ends)))

    @rule(window=WINDOWS, data=st.data())
    def take_up(self, window, data):
        self.act(window, c.TakeUpCase(window=window, case=data.draw(st.sampled_from([*self.hall.state.cases, "no"]))))

    @precondition(lambda self: any(case.papers for case in self.hall.state.cases.values()))
    @rule(data=st.data(), job=st.sampled_from(["p:3", "p:4"]), end=st.booleans())
    def print(self, data, job, end):
        papers = [(uid, each) for uid, case in self.hall.state.cases.items() for each in case.papers.values()]
        uid, paper = data.draw(st.sampled_from(papers))
        if end:
            self.act("w1", c.EndPrint(case=uid, job=paper.print_job, outcome="done"))
        else:
            self.act("w1", c.StartPrint(what=paper.what, case=uid, paper=paper.number, job=job, printer="printer-1"))

    @rule(days=st.sampled_from([1, 1, 100]))
    def next_day(self, days):
        for window in CLERKS:
            self.whole_case(window, "permit", "aside")
            self.act(window, c.FinishService(window=window))
        self.act("w1", c.CloseDay())
        if not self.hall.state.open:
            assert {case.state for case in self.hall.state.cases.values()} <= {"aside", "noticed"}
            later = f"2026-12-{len(self.hall.records) % 28 + 1:02}" if days == 1 else "2027-06-01"
            self.act("w1", c.OpenDay(date=max(later, self.hall.state.date)))
            for window in CLERKS:
                self.next_citizen(window)

    @rule()
    def crash(self):
        state = State()
        for record in self.hall.records:
            apply(state, record)
        assert state == self.hall.state
        self.act("w1", c.StartBoot(boot="0" * 16, version="1"))
        papers = [paper for case in self.hall.state.cases.values() for paper in case.papers.values()]
        assert not [paper for paper in papers if paper.print == "printing"]

    @rule(hours=st.integers(-5, 30))
    def clock_jumps(self, hours):
        self.hall.clock.ms += hours * 3_600_000

    @invariant()
    def one_draft_a_turn_and_only_in_a_running_one(self):
        state = self.hall.state
        turns = [case.turn for case in state.cases.values() if case.state == "draft"]
        assert len(turns) == len(set(turns))
        assert set(turns) <= {t.turn for t in state.tickets.values() if t.state == "serving"}

    @invariant()
    def a_parcel_is_in_one_place_and_signed_for_once(self):
        cases = self.hall.state.cases.values()
        found = [parcel.uid for case in cases for parcel in case.parcels] + list(self.hall.state.parcels)
        assert len(found) == len(set(found))
        signed = [record.body for record in self.hall.records if record.kind == "parcel.signed"]
        for waybill in {each.waybill for each in signed}:
            days = [date.fromisoformat(each.date) for each in signed if each.waybill == waybill]
            assert all((later - earlier).days > 90 for earlier, later in pairwise(days))

    @invariant()
    def somebody_is_waited_for_only_during_a_turn(self):
        waiting = [t for t in self.hall.state.tickets.values() if t.guidance is not None]
        assert all(t.state == "serving" for t in waiting)

    @invariant()
    def what_is_received_is_complete(self):
        for case in self.hall.state.cases.values():
            if case.received is not None:
                here = {each.material for each in case.received.marks if each.state in ("provided", "reused")}
                assert {each.material for each in case.materials if each.mandatory} <= here
                assert case.limit_days is None or case.received.due > case.received.received

    @invariant()
    def a_second_notice_is_marked(self):
        for case in self.hall.state.cases.values():
            lists = [notice for notice in case.notices if notice.points]
            assert [notice.differs for notice in lists] == [n > 0 for n in range(len(lists))]
            assert len({notice.digest for notice in lists}) == len(lists)

    def teardown(self):
        assert self.hall.replayed() == self.hall.state
        assert State.model_validate_json(self.hall.state.model_dump_json()) == self.hall.state


CaseMachine.TestCase.settings = settings(
    max_examples=50, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestCaseMachine = CaseMachine.TestCase
