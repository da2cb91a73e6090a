"""Whole simulated days with faults, many of them, at closing most of all: every promise of the queue must hold.

Pure rules with a journal in memory, so that a thousand days take a minute or two; the referee judges every record.
"""

import random
import time
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any, Final

from edge.rules import commands as c
from edge.rules.queue_setup import MINUTE, PolicyName
from tests.edge.rules.crowd import Crowd, setup
from tests.edge.rules.desk import ZONE, Desk, green_rush

_POLICIES: Final[tuple[PolicyName, ...]] = ("vt", "vt", "vt", "fifo", "strict", "apq")
_WISHES: Final = 300  # of all roles, over a day
_FIRST: Final = date(2026, 1, 5)


class Day:
    """One day of a hall that is there for many days; `number` from 0. Days are random but for the seed."""

    def __init__(self, desk: Desk, crowd: Crowd, number: int) -> None:
        self.desk, self.crowd, self.random = desk, crowd, desk.random
        self.date = (_FIRST + timedelta(days=number)).isoformat()

    def run(self) -> None:
        self._at("08:30")
        policy = self.random.choice(_POLICIES)
        guard = self.random.choice([45, 20, 10]) * MINUTE
        self.crowd.busy = self.random.choice([0.3, 1.0, 3.0])
        self.desk.do(setup(policy, guard=guard), crash=self._fault(0.05))
        if not self.desk.state.setup_hash:  # cut off on its first day: `halld` configures at every start
            self.desk.do(setup(policy, guard=guard))
        self._insist(c.OpenDay(date=self.date))
        for n in range(_WISHES):
            self._pass_time()
            self._wish()
            if self.random.random() < 0.01:
                green_rush(self.desk, self.random.choice(["w1", "w2"]))
            if n % 40 == 0:
                self.desk.check()
            if self.random.random() < 0.004:
                self.desk.do(setup(policy, guard=guard, fewer=self.random.random() < 0.5))
        self._close()
        self.desk.check()

    def _wish(self) -> None:
        """Once; sometimes the caller asks again under the same id, sometimes as if it were new."""
        command = self.crowd.next(self.desk.state, self.desk.clock.ms)
        id = self.desk.ids.new("c")
        answer = self.desk.do(command, id=id, crash=self._fault(0.01))
        chance = self.random.random()
        if chance < 0.04 and answer is not None:
            before = len(self.desk.lines)
            if self.desk.do(command, id=id) != answer or len(self.desk.lines) != before:
                self.desk.broken.append(f"{self.date}: {command.do} asked twice was answered twice")
        elif chance < 0.08:
            self.desk.do(command)

    def _close(self) -> None:
        """Late in the day people still press; power fails; the clock may be back or a day on; somebody is forgotten."""
        forgotten = self.random.random() < 0.4
        for _ in range(30):
            self._pass_time()
            if self.random.random() < 0.5:
                self._wish()
            closed = self.desk.do(c.CloseDay(), crash=self._fault(0.2))
            if self.random.random() < 0.2:
                self.desk.clock.ms += self.random.choice([-3_600_000, 9 * 3_600_000])
            if closed is not None or not self.desk.state.open:
                break
            if not forgotten:
                self._finish_one()
        self._insist(c.CloseDay(abandon=True))
        self.desk.do(c.CallNext(window="w1"))
        self.desk.do(c.OpenDay(date=(_FIRST - timedelta(days=1)).isoformat()))
        if self.random.random() < 0.2:  # opened once more by mistake: its numbers go on
            self._insist(c.OpenDay(date=self.date))
            for _ in range(10):
                self._wish()
            self._insist(c.CloseDay(abandon=True))
        self.desk.keep_snapshot()
        self.desk.answers.clear()

    def _finish_one(self) -> None:
        for window in ("w1", "w2", "w3"):
            for ticket in list(self.desk.state.tickets.values()):
                if ticket.state == "held" and ticket.window == window:
                    self.desk.do(c.ResumeTicket(window=window, ticket=ticket.uid))
            self.desk.do(c.FinishService(window=window), crash=self._fault(0.05))

    def _insist(self, command: c.OpenDay | c.CloseDay) -> None:
        """Through crashes, under one id, until it is so."""
        id = self.desk.ids.new("c")
        wanted = isinstance(command, c.OpenDay)
        for _ in range(20):
            if self.desk.state.open == wanted:
                return
            self.desk.do(command, id=id, crash=self._fault(0.3))
        self.desk.broken.append(f"{self.date}: {command.do} never came true")

    def _pass_time(self) -> None:
        """Seconds or minutes, two on average; rarely a clock set by hand or by a late NTP answer."""
        quick = self.random.random() < 0.3
        self.desk.clock.ms += self.random.randrange(1, 8_000) if quick else self.random.randrange(1, 6 * MINUTE)
        if self.random.random() < 0.01:
            self.desk.clock.ms += self.random.choice([-2, -1, 1]) * self.random.randrange(90 * MINUTE)

    def _fault(self, chance: float) -> str:
        return self.random.choice(["before", "after"]) if self.random.random() < chance else ""

    def _at(self, local: str) -> None:
        moment = datetime.fromisoformat(f"{self.date}T{local}").replace(tzinfo=ZONE)
        self.desk.clock.ms = round(moment.timestamp() * 1000)


def simulate(days: int, seed: int) -> dict[str, Any]:
    """The verdict; `broken` is empty when every promise was kept. Weeks of 20 days, each in a new hall."""
    began = time.monotonic()
    broken: list[str] = []
    counted: Counter[str] = Counter()
    for week in range(-(-days // 20)):
        desk = Desk(seed * 1_000_003 + week)
        crowd = Crowd(random.Random(desk.seed + 2))
        for number in range(min(20, days - 20 * week)):
            Day(desk, crowd, number).run()
        broken += [f"hall {week}: {one}" for one in desk.broken[:20]]
        counted.update({"records": len(desk.lines), "calls": desk.referee.calls, "crashes": desk.crashes})
        counted.update({"tickets": len(desk.referee.given), "refusals": sum(desk.refused.values())})
    return {"days": days, "seed": seed, **counted, "seconds": round(time.monotonic() - began, 1), "broken": broken}
