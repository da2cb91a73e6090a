"""Random days of ratings, tasks and complaints by anybody: once each, by who may, and folded again alike."""

from collections import Counter

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from pydantic import SecretStr

from edge.rules import commands as c
from edge.rules import complaints, tasks
from edge.rules.refusal import Refusal
from edge.rules.roles import PERMITTED, role_of
from edge.rules.state import State
from tests.edge.rules.conftest import DAY, SETUP, Hall
from tests.edge.rules.test_complaints import register
from tests.edge.rules.test_complaints import step as complaint_step
from tests.edge.rules.test_tasks import step as task_step

ACTORS = st.sampled_from(["clerk:c01", "clerk:c02", "lead:l01", "kiosk:k1", "pad:pad-1", "centre:street", "system"])
LEVELS = st.sampled_from(["very_satisfied", "dissatisfied", "very_dissatisfied"])


class FollowupMachine(RuleBasedStateMachine):
    @initialize()
    def start(self):
        self.hall = Hall()
        self.hall.do(SETUP)
        self.hall.do(c.OpenDay(date=DAY))
        self.serve()

    def act(self, command, actor):
        """A refusal changes nothing; what is accepted, the table allows."""
        before = self.hall.state.model_copy(deep=True)
        code = self.tried(command, actor)
        allowed = role_of(actor) in PERMITTED[type(command)]
        assert (code == "not_your_role") == (not allowed)
        assert not code or self.hall.state == before

    def tried(self, command, actor):
        """'' or the code of the refusal."""
        try:
            self.hall.do(command, actor)
        except Refusal as refused:
            return refused.code
        return ""

    @rule()
    def serve(self):
        self.hall.serve()
        self.hall.finish()

    @rule(data=st.data(), level=LEVELS, by=st.sampled_from(["pad", "kiosk", "code"]), actor=ACTORS)
    def rate(self, data, level, by, actor):
        nonce = data.draw(st.sampled_from([*self.hall.state.questions, "r:none"]))
        self.act(c.GiveRating(nonce=nonce, level=level, by=by, reasons=("took_long",)), actor)

    @rule(data=st.data(), level=LEVELS, actor=ACTORS)
    def rate_again(self, data, level, actor):
        nonce = data.draw(st.sampled_from([*self.hall.state.questions, "r:none"]))
        self.act(c.AddRating(nonce=nonce, level=level, reasons=("attitude",)), actor)

    @rule(data=st.data(), kind=st.sampled_from(list(tasks.STEPS)), actor=ACTORS)
    def task(self, data, kind, actor):
        self.act(task_step(kind, data.draw(st.sampled_from([*self.hall.state.tasks, "task:none"]))), actor)

    @rule(actor=ACTORS)
    def complain(self, actor):
        self.act(register(text=SecretStr("排队太久")), actor)

    @rule(data=st.data(), kind=st.sampled_from(list(complaints.STEPS)), actor=ACTORS)
    def complaint(self, data, kind, actor):
        uid = data.draw(st.sampled_from([*self.hall.state.complaints, "complaint:none"]))
        self.act(complaint_step(kind, uid), actor)

    @invariant()
    def every_service_is_rated_at_most_once(self):
        count = Counter((record.kind, record.subject) for record in self.hall.records)
        assert all(n == 1 for (kind, _), n in count.items() if kind in ("rating.given", "rating.added"))
        turns = [record.body.turn for record in self.hall.records if record.kind == "task.opened"]
        assert len(turns) == len(set(turns))

    def teardown(self):
        assert self.hall.replayed() == self.hall.state
        assert State.model_validate_json(self.hall.state.model_dump_json()) == self.hall.state


FollowupMachine.TestCase.settings = settings(
    max_examples=30, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestFollowupMachine = FollowupMachine.TestCase
