"""Being shown a person's data is itself a record, and only the window that serves the person is shown it."""

from edge.rules import case_look, look
from edge.rules.codes import Code, refusal
from edge.rules.commands import DisclosePart
from edge.rules.moment import Fact, Moment
from edge.rules.records import Draft, PartDisclosed
from edge.rules.state import State


def disclose(state: State, command: DisclosePart, moment: Moment) -> list[Draft]:
    subject = _of_case(state, command, moment) if command.case else _of_ticket(state, command)
    body = PartDisclosed(h=command.h, purpose=command.purpose, window=command.window)
    return [
        Draft(
            kind="part.disclosed",
            subject=subject,
            actor=moment.actor,
            body=body,
            business_date=state.date or None,
        )
    ]


def disclosed(state: State, fact: Fact, body: PartDisclosed) -> None:
    """Nothing in the state changes: the record is for the audit."""


def _of_ticket(state: State, command: DisclosePart) -> str:
    look.window(state, command.window)
    ticket = look.ticket(state, command.ticket)
    if not command.h or command.h != ticket.holder_h:
        raise refusal(Code.PART_UNKNOWN)
    if ticket.window != command.window or ticket.state not in look.AT_WINDOW:
        raise refusal(Code.PART_NOT_AT_WINDOW)
    return ticket.uid


def _of_case(state: State, command: DisclosePart, moment: Moment) -> str:
    """The applicant of the draft in the clerk's hands, one of its pages, or what is held of him and was used."""
    case = case_look.in_hand(state, command.window, command.case, moment)
    held = {each.h for each in case.held.values() if each.used}
    if not command.h or (command.h != case.applicant_h and command.h not in {*case.pages, *held}):
        raise refusal(Code.PART_UNKNOWN)
    return case.uid
