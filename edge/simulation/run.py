"""Many days one after the other: every policy meets the same people."""

from dataclasses import dataclass

from edge.rules.queue_setup import QueueSetup
from edge.simulation.day import run_day
from edge.simulation.guests import Findings
from edge.simulation.hall import Hall, midnight, site_of
from edge.simulation.people import draw
from edge.simulation.scenario import Scenario
from edge.simulation.waits import Forecast


@dataclass(frozen=True, slots=True)
class Plan:
    """`load`: work that comes, of what the windows can do. `windows` counts where the scenario names none."""

    scenario: Scenario
    load: float
    windows: int
    days: int
    seed: int


def run(plan: Plan, queue: QueueSetup, forecast: Forecast | None = None) -> list[Findings]:
    """One Findings a day. One hall goes through all the days, as a real one does."""
    hall = Hall()
    hall.do(site_of(plan.scenario, plan.windows, queue), midnight(0))
    return [_one(hall, plan, day, forecast) for day in range(plan.days)]


def _one(hall: Hall, plan: Plan, day: int, forecast: Forecast | None) -> Findings:
    people = draw(plan.scenario, load=plan.load, windows=plan.windows, seed=plan.seed, day=day)
    return run_day(hall, plan.scenario, people, day=day, windows=plan.windows, forecast=forecast)
