"""`apply(state, record)`: fold one record into the state. It only copies; every value was decided before."""

from collections.abc import Callable
from typing import Any, Final

from edge.rules import (
    abandoned,
    bookings,
    case_ends,
    case_pages,
    case_queries,
    cases,
    clerks,
    comings,
    complaints,
    copies,
    days,
    disclosures,
    disputes,
    dossiers,
    foretelling,
    guidance,
    handovers,
    issuing,
    notes,
    numbers,
    papers_ledger,
    parcels,
    pauses,
    prints,
    ratings,
    results,
    reuse,
    site,
    supplements,
    tasks,
    tickets,
    turns,
    upcast,
    waiters,
    windows,
)
from edge.rules.case_state import Case
from edge.rules.moment import Fact
from edge.rules.state import State

Fold = Callable[[State, Fact, Any], None]

FOLDS: Final[dict[str, Fold]] = {
    "boot.started": site.started,
    "site.configured": site.configured,
    "day.opened": days.opened,
    "day.closed": days.closed,
    "ticket.issued": tickets.issued,
    "ticket.called": windows.called,
    "ticket.missed": windows.missed,
    "ticket.uncalled": turns.uncalled,
    "ticket.revived": comings.revived,
    "ticket.held": turns.held,
    "ticket.resumed": turns.resumed,
    "ticket.returned": turns.returned,
    "ticket.transferred": turns.transferred,
    "ticket.advanced": turns.advanced,
    "ticket.cancelled": comings.cancelled,
    "service.abandoned": abandoned.abandoned,
    "ticket.forecast": foretelling.told,
    "green.settled": comings.settled,
    "guidance.called": guidance.was_called,
    "guidance.ended": guidance.ended,
    "window.paused": pauses.was_paused,
    "window.resumed": pauses.was_resumed,
    "clerk.taken_over": clerks.taken_over,
    "clerk.lapsed": clerks.lapsed,
    "issuing.stopped": issuing.stopped,
    "issuing.resumed": issuing.resumed,
    "booking.mirrored": bookings.mirrored,
    "booking.checked_in": bookings.checked_in,
    "booking.ended": bookings.ended,
    "service.started": windows.started,
    "service.finished": windows.finished,
    "rating.asked": ratings.asked,
    "rating.given": ratings.given,
    "rating.added": ratings.added,
    "rating.lapsed": ratings.lapsed,
    "task.opened": tasks.opened,
    "task.moved": tasks.moved,
    "complaint.registered": complaints.registered,
    "complaint.moved": complaints.moved,
    "complaint.shown": complaints.shown,
    "note.shown": notes.shown,
    "clerk.signed_in": clerks.signed_in,
    "clerk.signed_out": clerks.signed_out,
    "print.started": prints.started,
    "print.done": prints.ended,
    "print.failed": prints.ended,
    "print.unknown": prints.ended,
    "part.disclosed": disclosures.disclosed,
    "case.opened": cases.opened,
    "case.marked": cases.marked,
    "page.captured": case_pages.captured,
    "page.dropped": case_pages.dropped,
    "case.received": case_ends.received,
    "case.noticed": case_ends.noticed,
    "case.prechecked": case_ends.prechecked,
    "reuse.offered": reuse.offered,
    "reuse.used": reuse.was_used,
    "reuse.declined": reuse.declined,
    "case.refused": case_ends.refused,
    "case.set_aside": cases.was_set_aside,
    "case.taken_up": cases.taken_up,
    "case.dropped": cases.dropped,
    "case.stepped": dossiers.was_stepped,
    "supplement.noticed": supplements.was_noticed,
    "case.decided": dossiers.decided,
    "case.tasked": dossiers.tasked,
    "decision.awaited": waiters.began,
    "decision.disputed": disputes.disputed,
    "dispute.settled": disputes.settled,
    "result.registered": results.registered,
    "result.delivered": results.delivered,
    "case.shown": case_queries.shown,
    "batch.sealed": handovers.sealed,
    "batch.received": handovers.received,
    "batch.settled": handovers.settled,
    "parcel.expected": parcels.was_expected,
    "parcel.signed": parcels.signed,
    "parcel.matched": parcels.matched,
    "copy.reserved": copies.reserved,
    "copy.done": copies.ended,
    "copy.failed": copies.ended,
    "copy.unknown": copies.ended,
    "copy.granted": copies.granted,
    "paper.stocked": papers_ledger.stocked,
    "paper.used": papers_ledger.used,
    "paper.spoiled": papers_ledger.spoiled,
}


def apply(state: State, fact: Fact) -> None:
    """Change `state` by one record. A record this release cannot read freezes its subject and nothing else."""
    state.seq = fact.seq
    if fact.kind in upcast.BESIDE:
        return
    body = upcast.lift(fact.kind, fact.v, fact.body)
    if body is None:
        _freeze(state, fact)
    elif fact.subject not in state.frozen:
        FOLDS[fact.kind](state, fact, body)


_FREEZES: Final = (
    "t:",
    "s:",
    "window:",
    "case:",
    "b:",
    "service:",
    "task:",
    "complaint:",
    "batch:",
    "paper:",
    "parcel:",
    "copy:",
)


def _freeze(state: State, fact: Fact) -> None:
    """The site and its days stay usable: a hall that cannot open because of one record is no hall."""
    if fact.subject.startswith(_FREEZES):
        state.frozen.add(fact.subject)
    if fact.kind == "ticket.issued":  # its number may be any: none can be given safely before the next day
        state.frozen.add(tickets.NUMBERS)
    if fact.kind.startswith("copy."):  # its pages may be any: none is given before the next day
        state.frozen.add(copies.PAGES)
    if fact.kind in case_ends.NUMBERED | {
        "complaint.registered",
        "batch.sealed",
        "result.registered",
        "supplement.noticed",
    }:
        state.frozen.add(numbers.CASE_NUMBERS)


def stamp(state: State, fact: Fact) -> None:
    """Put what only the commit knew (seq, time, part digests) on a record already folded as a guess."""
    state.seq = fact.seq
    ticket = state.tickets.get(fact.subject)
    if fact.kind == "ticket.issued" and ticket is not None:
        ticket.issued_at, ticket.issued_seq = fact.at, fact.seq
        ticket.holder_h = fact.parts[0] if fact.parts else ""
    if fact.kind == "ticket.called":
        for line in state.calls:
            if line.ticket == fact.subject:
                line.at, line.seq = fact.at, fact.seq
    if fact.kind == "booking.mirrored" and fact.subject in state.bookings:
        state.bookings[fact.subject].holder_h = fact.parts[0] if fact.parts else ""
    case = state.cases.get(fact.subject)
    if case is not None:
        _stamp_case(case, fact)
    dossier = state.dossiers.get(fact.subject)
    if fact.kind == "case.opened" and dossier is not None:
        dossier.opened_seq, dossier.applicant_h = fact.seq, fact.parts[0] if fact.parts else ""
    complaint = state.complaints.get(fact.subject)
    if complaint is not None:
        complaints.stamp(complaint, fact)


def _stamp_case(case: Case, fact: Fact) -> None:
    if fact.kind == "case.opened":
        case.opened_at, case.opened_seq = fact.at, fact.seq
        case.applicant_h = fact.parts[0] if fact.parts else ""
    if fact.kind == "reuse.offered":
        reuse.stamp(case, fact)
    if fact.kind == "case.refused" and case.notices:
        case.notices[-1].seq = fact.seq
        case.notices[-1].text_h = fact.parts[0] if fact.parts else ""
