"""Issuing: a number that is never used twice on a business date, and one open ticket a person and group.

A service group is the letter of its numbers: services that share a prefix share the counter.
"""

import re
from collections.abc import Iterable
from typing import Final, Literal

from edge.rules import busiest, look, queue
from edge.rules.codes import Code, refusal
from edge.rules.commands import Holder, IssueTicket
from edge.rules.moment import Fact, Moment
from edge.rules.policies import arrival
from edge.rules.queue_records import Channel, Ground, Klass
from edge.rules.records import Draft, Private, TicketIssued
from edge.rules.state import State, Ticket

NUMBERS: Final = "numbers"  # frozen while a number of today could not be read

_NUMBER: Final = re.compile(r"([A-Z]+)([0-9]+)")


def label(prefix: str, count: int) -> str:
    """`A001` … `A999`, `A1000`: wider, never wrapped."""
    return f"{prefix}{count:03d}"


def issue(state: State, command: IssueTicket, moment: Moment) -> list[Draft]:
    items = tuple(dict.fromkeys((command.service, *command.more)))
    for service in items:
        require_offered(state, service)
        require_issuing(state, service)
    if command.holder is not None:
        one_open_ticket(state, command.holder.ref, prefixes_of(state, items))
    arrived = arrival(state, moment.now_ms)
    made = made_ticket(state, moment, items=items, klass="walk_in", key=arrived, arrived=arrived, not_before=0)
    body = body_of(made, state, moment, channel=command.channel, place=command.place, declared=command.declared)
    return [draft(state, made.uid, body, moment, command.holder)]


def require_offered(state: State, service: str) -> None:
    """Raises Refusal: the day is not open, or no window serves `service` (an id) today."""
    look.open_day(state)
    if NUMBERS in state.frozen:
        raise refusal(Code.SUBJECT_FROZEN)
    if service not in state.services:
        raise refusal(Code.SERVICE_UNKNOWN)
    if not queue.windows_for(state, service):
        raise refusal(Code.SERVICE_NOT_OFFERED)


def require_issuing(state: State, service: str) -> None:
    if service in state.stopped:
        raise refusal(Code.ISSUING_STOPPED)


def prefixes_of(state: State, services: Iterable[str]) -> frozenset[str]:
    """The number groups of services; those taken out of the site's file have none."""
    return frozenset(state.services[service].prefix for service in services if service in state.services)


def one_open_ticket(state: State, person: str, prefixes: frozenset[str]) -> None:
    """Refuse where the person holds an open ticket for one of these groups, by its number or by what is left on it."""
    if not person:
        return
    for ticket in state.tickets.values():
        if ticket.person != person or ticket.state not in look.OPEN or ticket.uid in state.frozen:
            continue
        if prefixes & (prefixes_of(state, ticket.left) | {prefix_of(ticket)}):
            raise refusal(Code.PERSON_HAS_TICKET, number=ticket.number)


def prefix_of(ticket: Ticket) -> str:
    return _split(ticket.number)[0]


def made_ticket(
    state: State, moment: Moment, *, items: tuple[str, ...], klass: Klass, key: int, arrived: int, not_before: int
) -> Ticket:
    """A ticket as it would stand in the queue; nothing is changed yet."""
    service = state.services[items[0]]
    newest = max(state.counters.get(service.prefix, 0), moment.floors.ticket(state.date, service.prefix))
    return Ticket(
        uid=moment.new_id("t"),
        number=label(service.prefix, newest + 1),
        service=service.id,
        area=service.area,
        channel="kiosk",
        place="",
        key=key,
        ahead=0,
        person="",
        issued_at="",
        issued_seq=0,
        klass=klass,
        arrived=arrived,
        since=arrived,
        not_before=not_before,
        left=items,
    )


def body_of(
    ticket: Ticket,
    state: State,
    moment: Moment,
    *,
    channel: Channel,
    place: str,
    declared: Ground | Literal[""] = "",
    booking: str = "",
    person: str = "",
) -> TicketIssued:
    return TicketIssued(
        number=ticket.number,
        service=ticket.service,
        items=ticket.left,
        area=ticket.area,
        channel=channel,
        place=place,
        klass=ticket.klass,
        declared=declared,
        booking=booking,
        key=ticket.key,
        arrived=ticket.arrived,
        not_before=ticket.not_before,
        ahead=queue.ahead_of(state, ticket, moment.now_ms),
        person=person,
    )


def draft(state: State, uid: str, body: TicketIssued, moment: Moment, holder: Holder | None) -> Draft:
    return Draft(
        kind="ticket.issued",
        v=2,
        subject=uid,
        actor=moment.actor,
        body=body if holder is None else body.model_copy(update={"person": holder.ref}),
        business_date=state.date,
        private=_sealed(uid, holder),
    )


def issued(state: State, fact: Fact, body: TicketIssued) -> None:
    prefix, count = _split(body.number)
    state.counters[prefix] = max(state.counters.get(prefix, 0), int(count))  # two machines' days may have met
    busiest.count(state, prefix)
    state.last_key = max(state.last_key, body.arrived)
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
        klass=body.klass,
        declared=body.declared,
        booking=body.booking,
        arrived=body.arrived,
        since=body.arrived,
        not_before=body.not_before,
        left=body.items,
        holder_h=fact.parts[0] if fact.parts else "",
    )


def _sealed(uid: str, holder: Holder | None) -> Private | None:
    if holder is None:
        return None
    return Private(owner=uid, members={"name": holder.name, "id_number": holder.id_number})


def _split(number: str) -> tuple[str, str]:
    found = _NUMBER.fullmatch(number)
    if found is None:
        raise ValueError(f"not a ticket number: {number!r}")
    return found[1], found[2]
