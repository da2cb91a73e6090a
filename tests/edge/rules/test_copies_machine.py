"""Random days of prints, ends, kills, grants and clocks that go back: never more pages than promised, charged once."""

from collections import Counter

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from edge.rules import commands as c
from edge.rules import copies
from edge.rules.copy_commands import EndCopies, GrantCopies, ReserveCopies
from edge.rules.refusal import Refusal
from edge.rules.state import State
from tests.edge.rules.conftest import COPIES, SETUP, Hall

ACCOUNTS = st.sampled_from(["1" * 64, "2" * 64, "t:A", "t:B"])
KIOSKS = st.sampled_from(["k1", "k2", "k3"])
DAYS = ("2026-11-23", "2026-11-24", "2026-11-26")
HOURS = 3_600_000


class CopiesMachine(RuleBasedStateMachine):
    """The referee counts from the records alone, by date and account, in its own way."""

    @initialize()
    def start(self):
        self.hall = Hall()
        self.hall.do(SETUP)
        self.hall.do(c.OpenDay(date=DAYS[0]))
        self.jobs = 0

    def tried(self, command, actor):
        before = self.hall.state.model_copy(deep=True)
        try:
            return self.hall.do(command, actor)
        except Refusal:
            assert self.hall.state == before
            return []

    @rule(account=ACCOUNTS, kiosk=KIOSKS, pages=st.integers(1, 6), own=st.booleans())
    def reserve(self, account, kiosk, pages, own):
        self.jobs += 1
        by, kind = ("ticket" if account.startswith("t:") else "card"), ("own" if own else "guide")
        wish = ReserveCopies(kiosk=kiosk, kind=kind, pages=pages, account=account, by=by, job=f"p:{self.jobs}")
        self.tried(wish, f"kiosk:{kiosk}")

    @rule(
        data=st.data(),
        outcome=st.sampled_from(["done", "failed", "unknown"]),
        came=st.integers(0, 7),
        unsure=st.integers(0, 7),
    )
    def end(self, data, outcome, came, unsure):
        """Of any print, also of one that ended long ago."""
        seen = [record.subject for record in self.hall.records if record.kind == "copy.reserved"]
        uid = data.draw(st.sampled_from([*seen, "copy:none"]))
        self.tried(EndCopies(copy_id=uid, outcome=outcome, came=came, unsure=unsure), "job:printing")

    @rule()
    def kill(self):
        """And start again from what is on disk."""
        self.hall.state = self.hall.replayed()
        self.hall.do(c.StartBoot(boot="0" * 16, version="1"), "system")

    @rule(pages=st.integers(1, 4))
    def grant_to_the_hall(self, pages):
        self.tried(GrantCopies(pages=pages, why="other"), "lead:l01")

    @rule(date=st.sampled_from(DAYS))
    def turn(self, date):
        """The next day, the same again, or one that is over: a clock that went back."""
        if self.hall.state.open:
            self.tried(c.CloseDay(), "system")
        self.tried(c.OpenDay(date=date), "system")

    @rule(hours=st.integers(-48, 48))
    def clock_is_set(self, hours):
        self.hall.clock.ms = max(1, self.hall.clock.ms + hours * HOURS)

    @invariant()
    def nobody_and_no_hall_has_more_than_was_promised(self):
        charged, paper, granted = Counter(), Counter(), Counter()
        reserved, over = {}, set()
        for record in self.hall.records:
            body = record.body
            if record.kind == "copy.granted":
                granted[body.date] += body.pages
            elif record.kind == "copy.reserved":
                reserved[record.subject] = body
                charged[body.date, body.account] += body.pages
                paper[body.date] += body.pages
            elif record.kind.startswith("copy."):
                assert record.subject not in over, "two ends"
                over.add(record.subject)
                begun = reserved[record.subject]
                assert body.date == begun.date
                charged[begun.date, begun.account] -= begun.pages - body.came
                paper[begun.date] -= begun.pages - body.came - body.unsure
            self.within(charged, paper, granted)

    def within(self, charged, paper, granted):
        for (_, account), pages in charged.items():
            assert 0 <= pages <= (COPIES.ticket if account.startswith("t:") else COPIES.person)
        for date, pages in paper.items():
            assert 0 <= pages <= COPIES.hall + granted[date]

    @invariant()
    def no_kiosk_prints_two_at_once(self):
        running = Counter(each.kiosk for each in self.hall.state.copies.values() if each.print == "printing")
        assert all(n == 1 for n in running.values())

    @invariant()
    def what_is_left_is_never_less_than_nothing(self):
        assert copies.left_in_hall(self.hall.state, COPIES) >= 0

    def teardown(self):
        assert self.hall.replayed() == self.hall.state
        assert State.model_validate_json(self.hall.state.model_dump_json()) == self.hall.state


CopiesMachine.TestCase.settings = settings(
    max_examples=40, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestCopiesMachine = CopiesMachine.TestCase
