"""The wait a ticket was told at its issue: computed beside the rules, kept as a record, so that a reprint says the same
and anybody can measure later how honest it was.
"""

from typing import Final, Literal

from pydantic import Field

from edge.rules.body import Body
from edge.rules.command import Command


class TicketForecast(Body):
    """subject the ticket. Milliseconds from its issue: `p50` and `p90` are what the person is told as a range.

    `mean`, `spread`: the forecast before it was corrected by recent errors, from which those errors are learned.
    """

    p50: int = Field(ge=0)
    p90: int = Field(ge=0)
    mean: int = Field(ge=0)
    spread: int = Field(ge=0)


class NoteForecast(Command):
    do: Literal["ticket.forecast"] = "ticket.forecast"
    ticket: str
    p50: int
    p90: int
    mean: int
    spread: int


FORECAST_KINDS: Final[dict[tuple[str, int], type[Body]]] = {("ticket.forecast", 1): TicketForecast}
