"""Printing as facts: started before the first byte; done, failed or unknown after; never guessed.

What is printed is a ticket, a paper of a case (its receipt, a notice), or the slip of a complaint.
"""

from collections.abc import Iterator
from typing import Final

from edge.rules import case_look, complaints, look
from edge.rules.case_paper import CasePaper
from edge.rules.codes import Code, refusal
from edge.rules.commands import EndPrint, StartPrint
from edge.rules.followup_state import Complaint
from edge.rules.moment import Fact, Moment
from edge.rules.records import Draft, PrintEnded, PrintStarted
from edge.rules.state import PrintState, State, Ticket

Printed = Ticket | CasePaper | Complaint
CUT_OFF: Final = "outcome_unknown"  # the device error code of a print that nobody saw end
SEEN: Final = "seen_by_person"  # code of a print.done by which a person answers an unknown print: it did come out


def start(state: State, command: StartPrint, moment: Moment) -> list[Draft]:
    """Who starts to print a case's paper is shown its applicant: this record says so, no other is written."""
    subject: str
    printed: Printed
    if command.what == "ticket":
        subject, printed = command.ticket, look.ticket(state, command.ticket)
    elif command.what == "complaint":
        subject, printed = command.complaint, complaints.known(state, command.complaint)
    else:
        subject, printed = command.case, _paper(state, command)
    if printed.print == "printing":
        raise refusal(Code.PRINT_RUNNING, number=printed.number)
    body = PrintStarted(
        what=command.what,
        paper=command.paper if command.what in ("receipt", "notice") else "",
        job=command.job,
        printer=command.printer,
        copy_no=printed.copies + 1,
    )
    return [
        Draft(
            kind="print.started",
            v=2,
            subject=subject,
            actor=moment.actor,
            body=body,
            business_date=state.date or None,
        )
    ]


def end(state: State, command: EndPrint, moment: Moment) -> list[Draft]:
    """A running print ends as its printer says; an unknown one is done when a person has seen the paper."""
    subject: str
    printed: Printed | None
    if command.case:
        subject, printed = command.case, _running(_papers(state, command.case), command.job)
    elif command.complaint:
        subject, printed = command.complaint, complaints.known(state, command.complaint)
    else:
        subject, printed = command.ticket, look.ticket(state, command.ticket)
    awaited = "unknown" if (command.outcome, command.code) == ("done", SEEN) else "printing"
    if printed is None or printed.print != awaited or printed.print_job != command.job:
        raise refusal(Code.PRINT_NOT_RUNNING)
    return [_ended(state, subject, command.job, command.outcome, command.code, moment)]


def cut_off(state: State, moment: Moment) -> list[Draft]:
    """Prints started before a restart and never ended: nobody knows whether the paper came out."""
    return [
        _ended(state, subject, printed.print_job, "unknown", CUT_OFF, moment)
        for subject, printed in _all(state)
        if printed.print == "printing" and subject not in state.frozen
    ]


def started(state: State, fact: Fact, body: PrintStarted) -> None:
    printed: Printed | None
    if body.what == "ticket":
        printed = state.tickets.get(fact.subject)
    elif body.what == "complaint":
        printed = state.complaints.get(fact.subject)
    else:
        printed = next((each for each in _kept(state, fact.subject) if each.number == body.paper), None)
    if printed is not None:
        printed.print, printed.print_job, printed.print_code = "printing", body.job, ""
        printed.copies = body.copy_no


def ended(state: State, fact: Fact, body: PrintEnded) -> None:
    printed: Printed | None = state.tickets.get(fact.subject) or state.complaints.get(fact.subject)
    if printed is None:
        printed = _running(_kept(state, fact.subject), body.job)
    if printed is not None:
        printed.print, printed.print_code = _ENDS[fact.kind], body.code


_ENDS: Final[dict[str, PrintState]] = {
    "print.done": "done",
    "print.failed": "failed",
    "print.unknown": "unknown",
}


def _paper(state: State, command: StartPrint) -> CasePaper:
    papers = _papers(state, command.case)
    found = next((each for each in papers if each.number == command.paper), None)
    if found is None or found.what != command.what:
        raise refusal(Code.PAPER_UNKNOWN)
    return found


def _papers(state: State, uid: str) -> list[CasePaper]:
    """Those of a case and, after its receipt, of its dossier, which outlives it."""
    if uid not in state.dossiers or uid in state.frozen:
        case_look.known(state, uid)
    return _kept(state, uid)


def _kept(state: State, uid: str) -> list[CasePaper]:
    found = (state.cases.get(uid), state.dossiers.get(uid))
    return [paper for each in found if each is not None for paper in each.papers.values()]


def _running(papers: list[CasePaper], job: str) -> CasePaper | None:
    return next((paper for paper in papers if paper.print_job == job), None)


def _all(state: State) -> Iterator[tuple[str, Printed]]:
    yield from state.tickets.items()
    yield from state.complaints.items()
    for uid in dict.fromkeys((*state.cases, *state.dossiers)):
        for paper in _kept(state, uid):
            yield uid, paper


def _ended(state: State, subject: str, job: str, outcome: str, code: str, moment: Moment) -> Draft:
    return Draft(
        kind=f"print.{outcome}",
        subject=subject,
        actor=moment.actor,
        body=PrintEnded(job=job, code=code),
        business_date=state.date or None,
    )
