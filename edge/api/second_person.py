"""The second signature of a counted thing: somebody else than who is signed in, by a PIN of their own."""

from collections.abc import Sequence
from typing import Final

from fastapi import Request

from edge.api.access import Caller
from edge.api.port import HallPort
from edge.api.routes_clerk import check_pin
from edge.api.sessions import PinHolder, WrongPin
from edge.rules.refusal import Refusal

_WRONG: Final = "second_pin"


async def second_person(request: Request, people: Sequence[PinHolder], pin: str, who: Caller) -> str:
    """Their id. Raises Refusal (a wrong PIN ends nobody's session), TooManyTries."""
    try:
        found = await check_pin(request, tuple(people), pin, f"second:{who.place}")
    except WrongPin:
        raise Refusal(_WRONG, who_can="clerk") from None
    return found.id


def witnesses(hall: HallPort, window: str) -> tuple[PinHolder, ...]:
    """Who works at this window, the shift leaders, and the messengers: whoever may have stood there."""
    site = hall.site
    clerks = tuple(clerk for clerk in site.clerks if window in clerk.windows)
    return (*clerks, *site.leads, *site.cases.messengers)


def messengers(hall: HallPort, unit: str) -> tuple[PinHolder, ...]:
    return tuple(each for each in hall.site.cases.messengers if each.unit == unit)
