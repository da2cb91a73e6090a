"""What is held of the applicant already, at the window that serves him: found, used, shown, declined."""

import hmac

from fastapi import Request

from edge.api import case_snapshots
from edge.api.access import allow
from edge.api.case_schema import CaseSnapshot, DeclineRequest, EarlierRequest, HeldAct, HeldValue
from edge.api.port import HallPort
from edge.api.routes_case import disclose, do_at_window
from edge.api.routes_clerk import own_window
from edge.api.routes_public import Hall, Who
from edge.rules.case_state import Case
from edge.rules.codes import Code, refusal
from edge.rules.reuse_commands import DeclineHeld, EarlierCase, OfferEarlier, UseHeld
from edge.rules.reuse_state import Earlier


@allow("clerk")
async def earlier(window: str, asked: EarlierRequest, request: Request, hall: Hall, who: Who) -> CaseSnapshot:
    """The two applicants are compared here and shown to nobody; another person's case is as unknown as none."""
    own_window(window, who)
    case, found = case_snapshots.in_turn(hall.state, window), await hall.earlier_case(asked.number)
    told = None
    if case is not None and found is not None and await _is_same(hall, case, found):
        told = EarlierCase(number=found.number, day=found.day, materials=found.materials)
    command = OfferEarlier(window=window, case=asked.case, found=told)
    return await do_at_window(command, window, asked.id, request, hall, who)


@allow("clerk")
async def use(window: str, asked: HeldAct, request: Request, hall: Hall, who: Who) -> CaseSnapshot:
    command = UseHeld(window=window, case=asked.case, what=asked.what)
    return await do_at_window(command, window, asked.id, request, hall, who)


@allow("clerk")
async def decline(window: str, asked: DeclineRequest, request: Request, hall: Hall, who: Who) -> CaseSnapshot:
    command = DeclineHeld(window=window, case=asked.case, what=asked.what, why=asked.why)
    return await do_at_window(command, window, asked.id, request, hall, who)


@allow("clerk")
async def value(window: str, what: str, request: Request, hall: Hall, who: Who) -> HeldValue:
    """The record that it was shown comes before it is shown."""
    own_window(window, who)
    case = case_snapshots.in_turn(hall.state, window)
    held = case.held.get(what) if case is not None else None
    if case is None or held is None or not held.h:
        raise refusal(Code.PART_UNKNOWN)
    await disclose(case.uid, held.h, window, request, hall, who)
    try:
        values = (await hall.opened(held.seq, held.h)).get("values", {})
    except LookupError:
        raise refusal(Code.PART_UNKNOWN) from None
    if what not in values:
        raise refusal(Code.PART_UNKNOWN)
    return HeldValue(value=str(values[what]))


async def _is_same(hall: HallPort, case: Case, found: Earlier) -> bool:
    """False, too, where the earlier applicant's data has been erased."""
    try:
        now, then = await hall.applicant(case.uid), await hall.opened(found.seq, found.h)
    except LookupError:
        return False
    numbers = [str(each.get("id_number", "")).strip().upper().encode() for each in (now, then)]
    return len(numbers[0]) > 1 and hmac.compare_digest(*numbers)
