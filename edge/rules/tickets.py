"""Issuing: a number that is never used twice on a business date, and one open ticket a person and group.

A service group is the letter of its numbers: services that share a prefix share the counter.
"""

import re
from typing import Final

from edge.rules import look, queue
from edge.rules.codes import Code, refusal
from edge.rules.commands import Holder, IssueTicket
from edge.rules.moment import Fact, Moment
from edge.rules.records import Draft, Private, TicketIssued
from edge.rules.state import State, Ticket

NUMBERS: Final = "numbers"  # frozen while a number of today could not be read

_NUMBER: Final = re.compile(r"([A-Z]+)([0-9]+)")


def label(prefix: str, count: int) -> str:
    """`A001` … `A999`, `A1000`: wider, never wrapped."""
    return f"{prefix}{count:03d}"


def issue(state: State, command: IssueTicket, moment: Moment) -> list[Draft]:
    date = look.open_day(state)
    if NUMBERS in state.frozen:
        raise refusal(Code.SUBJECT_FROZEN)
    service = state.services.get(command.service)
    if service is None:
        raise refusal(Code.SERVICE_UNKNOWN)
    if not queue.windows_for(state, service.id):
        raise refusal(Code.SERVICE_NOT_OFFERED)
    _one_open_ticket(state, command.holder, service.prefix)
    uid = moment.new_id("t")
    newest = max(state.counters.get(service.prefix, 0), moment.floors.ticket(date, service.prefix))
    key = queue.walk_in_key(state, moment.now_ms)
    body = TicketIssued(
        number=label(service.prefix, newest + 1),
        service=service.id,
        area=service.area,
        channel=command.channel,
        place=command.place,
        key=key,
        ahead=queue.ahead_of(state, service.id, key),
        person=command.holder.ref if command.holder else "",
    )
    return [
        Draft(
            kind="ticket.issued",
            subject=uid,
            actor=moment.actor,
            body=body,
            business_date=date,
            private=_sealed(uid, command.holder),
        )
    ]


def issued(state: State, fact: Fact, body: TicketIssued) -> None:
    prefix, count = _split(body.number)
    state.counters[prefix] = max(state.counters.get(prefix, 0), int(count))  # two machines' days may have met
    state.last_key = max(state.last_key, body.key)
    state.tickets[fact.subject] = Ticket(
        uid=fact.subject,
        number=body.number,
        service=body.service,
        area=body.area,
        channel=body.channel,
        place=body.place,
        key=body.key,
        ahead=body.ahead,
        person=body.person,
        issued_at=fact.at,
        issued_seq=fact.seq,
        holder_h=fact.parts[0] if fact.parts else "",
    )


def _one_open_ticket(state: State, holder: Holder | None, prefix: str) -> None:
    if holder is None:
        return
    for ticket in state.tickets.values():
        held = ticket.person == holder.ref and ticket.state in look.OPEN and ticket.uid not in state.frozen
        if held and _split(ticket.number)[0] == prefix:
            raise refusal(Code.PERSON_HAS_TICKET, number=ticket.number)


def _sealed(uid: str, holder: Holder | None) -> Private | None:
    if holder is None:
        return None
    return Private(owner=uid, members={"name": holder.name, "id_number": holder.id_number})


def _split(number: str) -> tuple[str, str]:
    found = _NUMBER.fullmatch(number)
    if found is None:
        raise ValueError(f"not a ticket number: {number!r}")
    return found[1], found[2]
