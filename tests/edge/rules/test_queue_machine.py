"""Random wishes of every role in any order, stale ones, the same twice, crashes and a clock that jumps: after every
step the referee has found nothing, and what was kept brings back what was there.
"""

import random

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from edge.rules import commands as c
from edge.rules.queue_setup import MINUTE
from tests.edge.rules.crowd import SERVICES, Crowd, setup
from tests.edge.rules.desk import Desk, green_rush

POLICIES = st.sampled_from(["vt", "vt", "fifo", "strict", "apq"])
FAULTS = st.sampled_from(["", "", "", "", "before", "after"])


class QueueMachine(RuleBasedStateMachine):
    @initialize(policy=POLICIES, guard=st.sampled_from([2, 45]), seed=st.integers(0, 2**20))
    def begin(self, policy, guard, seed):
        self.desk = Desk(seed, strict=True)
        self.crowd = Crowd(random.Random(seed + 2))
        self.policy, self.guard = policy, guard * MINUTE
        self.days = 0
        self.desk.do(setup(policy, guard=self.guard))
        self.desk.do(c.OpenDay(date="2026-11-23"))

    @rule(fault=FAULTS, wait=st.sampled_from([1, 4_000, 90_000, 20 * MINUTE]))
    def wish(self, fault, wait):
        self.desk.clock.ms += wait
        self.desk.do(self.crowd.next(self.desk.state, self.desk.clock.ms), crash=fault)

    @rule(times=st.integers(2, 3))
    def ask_again(self, times):
        command, id = self.crowd.next(self.desk.state, self.desk.clock.ms), self.desk.ids.new("c")
        first = self.desk.do(command, id=id)
        written = len(self.desk.lines)
        for _ in range(times if first is not None else 0):
            assert self.desk.do(command, id=id) == first
        assert len(self.desk.lines) == written

    @rule(service=st.sampled_from(SERVICES), many=st.integers(1, 4))
    def people_come(self, service, many):
        for _ in range(many):
            self.desk.clock.ms += 700
            self.desk.do(c.IssueTicket(service=service, channel="kiosk", place="k1"))

    @rule(window=st.sampled_from(["w1", "w2", "w3"]))
    def serve_one(self, window):
        self.desk.do(c.CallNext(window=window))
        self.desk.clock.ms += 3 * MINUTE
        self.desk.do(c.FinishService(window=window))

    @rule(window=st.sampled_from(["w1", "w2"]))
    def green_people_come(self, window):
        green_rush(self.desk, window)

    @rule(ms=st.integers(-90 * MINUTE, 90 * MINUTE))
    def clock_jumps(self, ms):
        self.desk.clock.ms += ms

    @rule(fewer=st.booleans())
    def file_changes(self, fewer):
        self.desk.do(setup(self.policy, guard=self.guard, fewer=fewer))

    @rule(abandon=st.booleans(), next_day=st.booleans(), fault=FAULTS)
    def day_turns(self, abandon, next_day, fault):
        self.desk.do(c.CloseDay(abandon=abandon), crash=fault)
        self.days += next_day
        self.desk.do(c.OpenDay(date=f"2026-11-{23 + min(self.days, 7)}"), crash=fault)
        self.desk.keep_snapshot()

    @invariant()
    def every_promise_is_kept(self):
        self.desk.check()
        assert self.desk.broken == []

    def teardown(self):
        self.desk.restart()
        assert self.desk.broken == []


QueueMachine.TestCase.settings = settings(
    max_examples=25, stateful_step_count=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestQueueMachine = QueueMachine.TestCase
