"""What a guide (引导员) may do: take numbers for others, check in, declare and settle green, bring back, cancel."""

from fastapi import HTTPException, Request, Response

from edge.api import snapshots
from edge.api.access import Caller, allow
from edge.api.booking_desk import check_in as check_in_booking
from edge.api.port import HallPort
from edge.api.queue_schema import CheckedIn, CheckInRequest, GreenAct, GuideTicket, TicketAct
from edge.api.routes_clerk import check_pin, session_started
from edge.api.routes_public import Hall, Who
from edge.api.schema import GuideSnapshot, PinRequest, Session, TicketSnapshot
from edge.rules.commands import Command, IssueTicket
from edge.rules.queue_commands import CancelTicket, ReviveTicket, SettleGreen
from edge.rules.refusal import Refusal
from edge.site import Site


@allow("visitor", "clerk", "technician", "guide", "lead")
async def sign_in(asked: PinRequest, request: Request, response: Response, hall: Hall) -> Session:
    if not hall.site.guides:
        raise HTTPException(403, "this site names no guides")
    person = await check_pin(request, hall.site.guides, asked.pin, "guide")
    return session_started(request, response, "guide", "", person)


@allow("guide")
async def now(hall: Hall) -> GuideSnapshot:
    return snapshots.guide(hall.state, hall.site, hall.now_ms())


@allow("guide")
async def take_ticket(wanted: GuideTicket, hall: Hall, who: Who) -> TicketSnapshot:
    command = IssueTicket(
        service=wanted.service,
        more=wanted.more,
        channel="guide",
        place=printing_place(hall.site, who),
        declared=wanted.declared,
    )
    return await _done(hall, who, command, wanted.id)


@allow("guide")
async def check_in(wanted: CheckInRequest, hall: Hall, who: Who) -> CheckedIn:
    """By code or phone: a guide has no reader, and a card is not typed off."""
    if wanted.card or not (wanted.code or wanted.phone):
        raise HTTPException(422, "a code or the last four digits of a phone")
    place = printing_place(hall.site, who)
    return await check_in_booking(hall, wanted, None, channel="guide", place=place, actor=who.actor)


@allow("guide")
async def green(asked: GreenAct, hall: Hall, who: Who) -> TicketSnapshot:
    command = SettleGreen(ticket=asked.ticket, ground=asked.ground, holds=asked.holds)
    return await _done(hall, who, command, asked.id, asked.ticket)


@allow("guide")
async def revive(asked: TicketAct, hall: Hall, who: Who) -> TicketSnapshot:
    return await _done(hall, who, ReviveTicket(ticket=asked.ticket, by="guide"), asked.id, asked.ticket)


@allow("guide")
async def cancel(asked: TicketAct, hall: Hall, who: Who) -> TicketSnapshot:
    return await _done(hall, who, CancelTicket(ticket=asked.ticket, by="guide"), asked.id, asked.ticket)


def printing_place(site: Site, who: Caller) -> str:
    """The kiosk that prints this guide's numbers, '' where there is none."""
    own = next((guide.kiosk for guide in site.guides if guide.id == who.clerk), "")
    return own or next((kiosk.id for kiosk in site.kiosks), "")


async def _done(hall: HallPort, who: Caller, command: Command, id: str, ticket: str = "") -> TicketSnapshot:
    answer = await hall.execute(command, id=id, actor=who.actor)
    uid = next((record.subject for record in answer.records if record.subject in hall.state.tickets), ticket)
    if uid not in hall.state.tickets:
        raise Refusal("ticket_unknown")
    return snapshots.ticket(hall.state, hall.site, hall.state.tickets[uid], hall.now_ms())
