"""What everybody in a simulated day shares: the clock, what is to happen, who waits, the windows, and the rules."""

import heapq
from collections.abc import Callable, Iterator, Sequence

from edge.rules.commands import Command
from edge.rules.moment import Fact
from edge.simulation.guests import Findings, Guest, Place
from edge.simulation.hall import Rules, midnight
from edge.simulation.judge import Judge
from edge.simulation.scenario import Scenario, clock_ms
from edge.simulation.waits import Foretelling


class Stage:
    """`now`, `opens`, `closes`: wall clock ms. `waiting`: by ticket, gone ones too; `places` by window."""

    def __init__(self, rules: Rules, scenario: Scenario, *, day: int, windows: int, waits: Foretelling) -> None:
        self.rules = rules
        self.scenario = scenario
        self.opens = midnight(day) + clock_ms(scenario.opens)
        self.closes = midnight(day) + clock_ms(scenario.closes)
        self.now = self.opens
        self.waiting: dict[str, Guest] = {}
        self.places = {
            desk.id: Place(desk.id, frozenset(scenario.served_at(desk)), since=self.opens)
            for desk in scenario.desks(windows)
        }
        self.waits = waits
        self.findings = Findings()
        self.judge = Judge(self.findings, rules.state.queue.bound)
        self._events: list[tuple[int, int, Callable[[], object]]] = []
        self._planned = 0

    def do(self, command: Command) -> Sequence[Fact]:
        """Raises Refusal."""
        facts = self.rules.do(command, self.now)
        self.waits.heard(facts, self.rules.state, self.now)
        return facts

    def later(self, delay: int, event: Callable[[], object]) -> None:
        """In `delay` ms; of two at the same moment, the one planned first."""
        self._planned += 1
        heapq.heappush(self._events, (self.now + delay, self._planned, event))

    def happenings(self) -> Iterator[Callable[[], object]]:
        """Everything planned, in order, `now` set to its moment; what is planned meanwhile too."""
        while self._events:
            self.now, _, event = heapq.heappop(self._events)
            yield event
