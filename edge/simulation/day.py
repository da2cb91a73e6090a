"""One day in a simulated hall: everything that people do becomes a command, at its moment, of the hall's own rules.

What happens is decided by the rules; who is there and what they want by `people`. Nothing here picks a ticket.
"""

from collections.abc import Sequence

from edge.rules.commands import CloseDay, OpenDay
from edge.rules.queue_commands import AdvanceBookings
from edge.simulation.desks import Desks
from edge.simulation.guests import Findings
from edge.simulation.hall import Rules, date_of
from edge.simulation.people import Person, mean_length
from edge.simulation.scenario import Scenario
from edge.simulation.stage import Stage
from edge.simulation.visitors import Visitors
from edge.simulation.waits import Forecast, Foretelling


def run_day(
    rules: Rules,
    scenario: Scenario,
    people: Sequence[Person],
    *,
    day: int,
    windows: int,
    forecast: Forecast | None = None,
) -> Findings:
    """From opening until the last citizen has left; the day is closed again then.

    `rules` know the site already (`hall.site_of`). Raises Refusal where they refuse what a hall must be able to do,
    KeyError where they call a ticket that does not wait.
    """
    waits = Foretelling(mean_length(scenario), forecast)
    stage = Stage(rules, scenario, day=day, windows=windows, waits=waits)
    visitors = Visitors(stage, date_of(day))
    desks = Desks(stage, visitors.missed)
    stage.do(OpenDay(date=date_of(day), closes=stage.closes))
    for desk in scenario.desks(windows):
        desks.staff(desk)
    for person in people:
        visitors.expect(person)
    stage.later(scenario.length, lambda: stage.do(AdvanceBookings()))
    for happening in stage.happenings():
        happening()
        desks.work()
        if stage.waiting:
            stage.judge.looked_round(stage.places.values(), stage.waiting.values())
    stage.do(CloseDay())
    for guest in stage.waiting.values():
        guest.fate = "expired"
    return stage.findings
