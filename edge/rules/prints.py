"""Printing as facts: started before the first byte; done, failed or unknown after; never guessed."""

from typing import Final

from edge.rules import look
from edge.rules.codes import Code, refusal
from edge.rules.commands import EndPrint, StartPrint
from edge.rules.moment import Fact, Moment
from edge.rules.records import Draft, PrintEnded, PrintStarted
from edge.rules.state import PrintState, State, Ticket

CUT_OFF: Final = "outcome_unknown"  # the device error code of a print that nobody saw end


def start(state: State, command: StartPrint, moment: Moment) -> list[Draft]:
    ticket = look.ticket(state, command.ticket)
    if ticket.print == "printing":
        raise refusal(Code.PRINT_RUNNING, number=ticket.number)
    body = PrintStarted(what="ticket", paper="", job=command.job, printer=command.printer, copy_no=ticket.copies + 1)
    return [
        Draft(
            kind="print.started",
            v=2,
            subject=ticket.uid,
            actor=moment.actor,
            body=body,
            business_date=state.date or None,
        )
    ]


def end(state: State, command: EndPrint, moment: Moment) -> list[Draft]:
    ticket = look.ticket(state, command.ticket)
    if ticket.print != "printing" or ticket.print_job != command.job:
        raise refusal(Code.PRINT_NOT_RUNNING)
    return [_ended(state, ticket, command.outcome, command.code, moment)]


def cut_off(state: State, moment: Moment) -> list[Draft]:
    """Prints started before a restart and never ended: nobody knows whether the paper came out."""
    running = [t for t in state.tickets.values() if t.print == "printing" and t.uid not in state.frozen]
    return [_ended(state, ticket, "unknown", CUT_OFF, moment) for ticket in running]


def started(state: State, fact: Fact, body: PrintStarted) -> None:
    ticket = state.tickets.get(fact.subject)
    if ticket is not None:
        ticket.print, ticket.print_job, ticket.print_code = "printing", body.job, ""
        ticket.copies = body.copy_no


def ended(state: State, fact: Fact, body: PrintEnded) -> None:
    ticket = state.tickets.get(fact.subject)
    if ticket is not None:
        ticket.print, ticket.print_code = _ENDS[fact.kind], body.code


_ENDS: Final[dict[str, PrintState]] = {
    "print.done": "done",
    "print.failed": "failed",
    "print.unknown": "unknown",
}


def _ended(state: State, ticket: Ticket, outcome: str, code: str, moment: Moment) -> Draft:
    return Draft(
        kind=f"print.{outcome}",
        subject=ticket.uid,
        actor=moment.actor,
        body=PrintEnded(job=ticket.print_job, code=code),
        business_date=state.date or None,
    )
