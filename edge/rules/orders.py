"""Commands of the centre as the journal knows them: begun and done, so that none is acted on twice (sync.md section 7).

Nothing in the hall's state changes; the command ids of these two are the memory.
"""

from typing import Literal

from edge.rules.body import Body
from edge.rules.command import Command
from edge.rules.moment import Moment
from edge.rules.records import Draft
from edge.rules.state import State

OrderOutcome = Literal["done", "failed", "refused", "unknown"]


class BeginOrder(Command):
    """Before the first act of a command whose effect is `once`."""

    do: Literal["order.begin"] = "order.begin"
    order: str


class EndOrder(Command):
    """`why`: `signature`, `site`, `expired`, `unknown` of a refused one; a code of what went wrong."""

    do: Literal["order.end"] = "order.end"
    order: str
    outcome: OrderOutcome
    why: str = ""


class CommandBegun(Body):
    """subject `site`."""

    id: str


class CommandDone(Body):
    """subject `site`."""

    id: str
    outcome: OrderOutcome
    why: str


def begin(state: State, command: BeginOrder, moment: Moment) -> list[Draft]:
    body = CommandBegun(id=command.order)
    return [Draft(kind="command.begun", subject="site", actor=moment.actor, body=body)]


def end(state: State, command: EndOrder, moment: Moment) -> list[Draft]:
    body = CommandDone(id=command.order, outcome=command.outcome, why=command.why)
    return [Draft(kind="command.done", subject="site", actor=moment.actor, body=body)]
