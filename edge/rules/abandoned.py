"""A turn that nobody ended before the day turned: it ends without an end, and counts in no service time."""

from edge.rules import case_look, cases, guidance, look
from edge.rules.case_records import CaseSetAside
from edge.rules.moment import Fact, Moment
from edge.rules.queue_records import ServiceAbandoned
from edge.rules.records import Draft
from edge.rules.state import State, Ticket


def drafts(state: State, ticket: Ticket, moment: Moment) -> list[Draft]:
    """Of a ticket served or put aside. A case still in hand is set aside first: its applicant will ask for it."""
    body = ServiceAbandoned.model_validate({"window": ticket.window, "service": ticket.turn, "was": ticket.state})
    ended = Draft(kind="service.abandoned", subject=ticket.uid, actor=moment.actor, body=body, business_date=state.date)
    over = [*guidance.over(state, ticket, moment), ended]
    case = case_look.open_in(state, ticket)
    if case is None:
        return over
    aside = CaseSetAside(why="closing_time", window=case.window, clerk=case.clerk)
    return [cases.draft_of(state, "case.set_aside", case.uid, aside, moment), *over]


def abandoned(state: State, fact: Fact, body: ServiceAbandoned) -> None:
    ticket = state.tickets.get(fact.subject)
    if ticket is not None:
        ticket.state = "expired"
        look.off_the_board(state, ticket.uid)
    if body.window in state.windows and state.windows[body.window].ticket == fact.subject:
        state.windows[body.window].ticket = ""
