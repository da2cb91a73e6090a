"""What a kiosk may do: read a card or a code, take a ticket, check in. Always at its own place."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from fastapi import HTTPException, Request, Response

from drivers.errors import Unsupported
from edge.api import snapshots
from edge.api.access import Caller, allow
from edge.api.booking_desk import check_in as check_in_booking
from edge.api.cards import LONGEST_READ, CardDesk
from edge.api.port import HallPort
from edge.api.queue_schema import CheckedIn, CheckInRequest, CodeRequest, CodeText
from edge.api.routes_public import Hall, Who
from edge.api.schema import CardRequest, MaskedHolder, TicketRequest, TicketSnapshot
from edge.rules.commands import Holder, IssueTicket
from edge.rules.refusal import Refusal

_T = TypeVar("_T")


@allow("kiosk")
async def read_card(place: str, asked: CardRequest, request: Request, who: Who) -> MaskedHolder:
    own_place(place, who)
    return await while_connected(request, _desk(request).read(place, asked.seconds))


@allow("kiosk")
async def end_card(place: str, request: Request, who: Who) -> Response:
    own_place(place, who)
    await _desk(request).end(place)
    return Response(status_code=204)


@allow("kiosk")
async def take_ticket(place: str, wanted: TicketRequest, request: Request, hall: Hall, who: Who) -> TicketSnapshot:
    own_place(place, who)
    desk = _desk(request)
    holder = desk.holder(place, wanted.card, wanted.id) if wanted.card else None
    uid = await _issue(hall, wanted, holder, who)
    desk.spend(place, wanted.card, wanted.id)
    return snapshots.ticket(hall.state, hall.site, hall.state.tickets[uid], hall.now_ms())


@allow("kiosk")
async def read_code(place: str, asked: CodeRequest, request: Request, hall: Hall, who: Who) -> CodeText:
    own_place(place, who)
    scanner = next((kiosk.scanner for kiosk in hall.site.kiosks if kiosk.id == place), None)
    if scanner is None:
        raise Unsupported("this kiosk has no scanner")
    seconds = min(max(asked.seconds, 0.0), LONGEST_READ)
    return CodeText(text=await while_connected(request, hall.read_code(scanner, seconds)))


@allow("kiosk")
async def check_in(place: str, wanted: CheckInRequest, request: Request, hall: Hall, who: Who) -> CheckedIn:
    """The card stays for a second try, which a late booking needs; the ticket ends it."""
    own_place(place, who)
    if sum(map(bool, (wanted.card, wanted.code, wanted.phone))) != 1:
        raise HTTPException(422, "exactly one of card, code and phone")
    desk = _desk(request)
    holder = desk.holder(place, wanted.card, wanted.id) if wanted.card else None
    checked = await check_in_booking(hall, wanted, holder, channel="kiosk", place=place, actor=who.actor)
    desk.spend(place, wanted.card, wanted.id)
    return checked


async def _issue(hall: HallPort, wanted: TicketRequest, holder: Holder | None, who: Caller) -> str:
    command = IssueTicket(
        service=wanted.service,
        more=wanted.more,
        channel="kiosk",
        place=who.place,
        declared=wanted.declared,
        holder=holder,
    )
    answer = await hall.execute(command, id=wanted.id, actor=who.actor)
    uid = next((record.subject for record in answer.records if record.kind == "ticket.issued"), "")
    if uid not in hall.state.tickets:
        raise Refusal("ticket_unknown")
    return uid


def own_place(place: str, who: Caller) -> None:
    """A kiosk acts for nobody but itself."""
    if place != who.place:
        raise HTTPException(403, "another place")


def _desk(request: Request) -> CardDesk:
    found: CardDesk = request.app.state.cards
    return found


async def while_connected(request: Request, work: Coroutine[Any, Any, _T]) -> _T:
    """Do `work` unless the asker goes away: then cancel it and wait until it has stopped."""
    working = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise HTTPException(499, "the asker went away")
    finally:
        working.cancel()
        leaving.cancel()
        await asyncio.wait({working, leaving})


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
