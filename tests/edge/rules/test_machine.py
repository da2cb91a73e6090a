"""Random days: whatever people press in whatever order, the hall's promises hold."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from edge.rules import commands as c
from edge.rules.codes import Code
from edge.rules.refusal import Refusal
from edge.rules.state import State
from tests.edge.rules.conftest import DAY, SETUP, Hall

WINDOWS = st.sampled_from(["w1", "w2", "w9"])
LEVELS = st.sampled_from(["very_satisfied", "dissatisfied"])


class HallMachine(RuleBasedStateMachine):
    @initialize()
    def start(self):
        self.hall = Hall()
        self.hall.do(SETUP)
        self.hall.do(c.OpenDay(date=DAY))
        self.numbers: set[tuple[str, str]] = set()

    def act(self, command, actor="clerk:c01"):
        before = self.hall.state.model_copy(deep=True)
        drafts = self.tried(command, actor)
        if drafts is None:
            assert self.hall.state == before
            return
        for draft in drafts:
            if draft.kind == "ticket.issued":
                number = (self.hall.state.date, draft.body.number)
                assert number not in self.numbers
                self.numbers.add(number)
            if draft.kind == "ticket.called" and draft.body.call == 1:
                assert before.tickets[draft.subject].state == "waiting"
                earlier = [
                    t
                    for t in before.tickets.values()
                    if t.state == "waiting"
                    and t.service in before.windows[draft.body.window].setup.services
                    and t.key < before.tickets[draft.subject].key
                ]
                assert not earlier

    def tried(self, command, actor="clerk:c01"):
        """Drafts, or None when refused. Anything but a Refusal fails the machine."""
        try:
            return self.hall.do(command, actor)
        except Refusal as refused:
            Code(refused.code)
            return None

    @rule(
        service=st.sampled_from(["general", "social", "residence", "nowhere"]),
        person=st.sampled_from(["", "p1", "p2"]),
    )
    def issue(self, service, person):
        holder = c.Holder(ref=person, name="张测试", id_number="119999199001010012") if person else None
        self.act(c.IssueTicket(service=service, channel="kiosk", place="k1", holder=holder))

    @rule(
        verb=st.sampled_from([c.CallNext, c.Recall, c.MissTicket, c.StartService, c.FinishService, c.SignOut]),
        window=WINDOWS,
    )
    def press(self, verb, window):
        self.act(verb(window=window))

    @rule(window=WINDOWS, clerk=st.sampled_from(["c01", "c02", "c03"]))
    def sign_in(self, window, clerk):
        self.act(c.SignIn(window=window, clerk=clerk))

    @rule(window=st.sampled_from(["w1", "w2"]), level=LEVELS, wait=st.sampled_from([0, 20_000]))
    def rate(self, window, level, wait):
        self.hall.clock.ms += wait
        self.act(c.GiveRating(nonce=self.hall.state.windows[window].question, level=level), "pad:pad-1")

    @rule(window=st.sampled_from(["w1", "w2"]))
    def lapse(self, window):
        self.act(c.LapseRating(nonce=self.hall.state.windows[window].question))

    @rule(data=st.data(), job=st.sampled_from(["p:1", "p:2"]), end=st.sampled_from(["", "done", "unknown"]))
    def print(self, data, job, end):
        uid = data.draw(st.sampled_from(["t:none", *self.hall.state.tickets]))
        if end:
            self.act(c.EndPrint(ticket=uid, job=job, outcome=end))
        else:
            self.act(c.StartPrint(ticket=uid, job=job, printer="printer-1"))

    @rule(date=st.sampled_from(["2026-11-22", DAY, "2026-11-24"]))
    def close_and_open(self, date):
        self.act(c.CloseDay())
        self.act(c.OpenDay(date=date))

    @rule()
    def restart(self):
        self.act(c.StartBoot(boot="0" * 16, version="1"))
        assert not [t for t in self.hall.state.tickets.values() if t.print == "printing"]

    @rule(ms=st.integers(-3_600_000, 3_600_000))
    def clock_jumps(self, ms):
        self.hall.clock.ms += ms

    @invariant()
    def one_ticket_a_window_and_one_window_a_ticket(self):
        state = self.hall.state
        held = [window.ticket for window in state.windows.values() if window.ticket]
        assert len(held) == len(set(held))
        active = {t.uid: t.window for t in state.tickets.values() if t.state in ("called", "serving")}
        assert active == {w.ticket: uid for uid, w in state.windows.items() if w.ticket}

    @invariant()
    def one_open_ticket_a_person_and_letter(self):
        opened = [
            (t.person, t.number[0])
            for t in self.hall.state.tickets.values()
            if t.person and t.state in ("waiting", "called", "serving")
        ]
        assert len(opened) == len(set(opened))

    @invariant()
    def one_open_question_a_window(self):
        asked = [q.window for q in self.hall.state.questions.values() if q.state == "asked"]
        assert len(asked) == len(set(asked))

    def teardown(self):
        assert self.hall.replayed() == self.hall.state
        assert State.model_validate_json(self.hall.state.model_dump_json()) == self.hall.state


HallMachine.TestCase.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestHallMachine = HallMachine.TestCase
