"""What a clerk may do with turns beyond the plain five: put aside, send back or on, call out of turn, settle, pause."""

from fastapi import HTTPException

from edge.api import snapshots
from edge.api.access import Caller, allow
from edge.api.port import HallPort
from edge.api.queue_schema import (
    CallAct,
    GreenAct,
    GuidanceCallAct,
    GuidanceEndAct,
    PauseAct,
    ReturnAct,
    TicketAct,
    TransferAct,
)
from edge.api.routes_public import Hall, Who
from edge.api.schema import Outcome
from edge.rules.commands import Command
from edge.rules.queue_commands import (
    CallGuidance,
    CallTicket,
    EndGuidance,
    PauseWindow,
    ResumeTicket,
    ReturnTicket,
    ReviveTicket,
    SettleGreen,
    TransferTicket,
)


@allow("clerk")
async def resume(window: str, asked: TicketAct, hall: Hall, who: Who) -> Outcome:
    return await done(hall, who, window, ResumeTicket(window=window, ticket=asked.ticket), asked.id)


@allow("clerk")
async def revive(window: str, asked: TicketAct, hall: Hall, who: Who) -> Outcome:
    return await done(hall, who, window, ReviveTicket(ticket=asked.ticket, by="clerk"), asked.id)


@allow("clerk")
async def give_back(window: str, asked: ReturnAct, hall: Hall, who: Who) -> Outcome:
    return await done(hall, who, window, ReturnTicket(window=window, reason=asked.reason), asked.id)


@allow("clerk")
async def transfer(window: str, asked: TransferAct, hall: Hall, who: Who) -> Outcome:
    command = TransferTicket(window=window, service=asked.service, to=asked.to, reason=asked.reason)
    return await done(hall, who, window, command, asked.id)


@allow("clerk")
async def call(window: str, asked: CallAct, hall: Hall, who: Who) -> Outcome:
    command = CallTicket(window=window, number=asked.number, reason=asked.reason)
    return await done(hall, who, window, command, asked.id)


@allow("clerk")
async def green(window: str, asked: GreenAct, hall: Hall, who: Who) -> Outcome:
    command = SettleGreen(ticket=asked.ticket, ground=asked.ground, holds=asked.holds)
    return await done(hall, who, window, command, asked.id)


@allow("clerk")
async def pause(window: str, asked: PauseAct, hall: Hall, who: Who) -> Outcome:
    return await done(hall, who, window, PauseWindow(window=window, reason=asked.reason, until=asked.until), asked.id)


@allow("clerk")
async def call_guidance(window: str, asked: GuidanceCallAct, hall: Hall, who: Who) -> Outcome:
    """指导: the clock of the service stands still until it is recorded how it ended."""
    known_unit(hall, asked.unit)
    return await done(hall, who, window, CallGuidance(window=window, unit=asked.unit), asked.id)


@allow("clerk")
async def end_guidance(window: str, asked: GuidanceEndAct, hall: Hall, who: Who) -> Outcome:
    return await done(hall, who, window, EndGuidance(window=window, outcome=asked.outcome), asked.id)


def known_unit(hall: HallPort, unit: str) -> None:
    """Pages choose from a list; raises HTTPException for any other."""
    if unit not in hall.catalogue.units():
        raise HTTPException(422, "no such unit")


async def done(hall: HallPort, who: Caller, window: str, command: Command, id: str) -> Outcome:
    """Execute at the caller's own window; the ticket that the records moved, as it is now."""
    if window != who.place:
        raise HTTPException(403, "another window")
    answer = await hall.execute(command, id=id, actor=who.actor)
    moved = next((hall.state.tickets[r.subject] for r in answer.records if r.subject in hall.state.tickets), None)
    return Outcome(
        seq=answer.records[-1].seq if answer.records else hall.state.seq,
        ticket=snapshots.ticket(hall.state, hall.site, moved, hall.now_ms()) if moved else None,
    )
