"""The business day: opened and closed by records, never by midnight."""

from datetime import date

from edge.rules import (
    abandoned,
    bookings,
    cases,
    complaints,
    copies,
    dossiers,
    handovers,
    look,
    numbers,
    parcels,
    ratings,
    tasks,
    tickets,
)
from edge.rules.codes import Code, refusal
from edge.rules.commands import CloseDay, OpenDay
from edge.rules.moment import Fact, Moment
from edge.rules.records import DayClosed, DayOpened, Draft
from edge.rules.state import State


def open_(state: State, command: OpenDay, moment: Moment) -> list[Draft]:
    """The same date may be opened again: its numbers go on where they stopped."""
    if state.open:
        raise refusal(Code.DAY_ALREADY_OPEN)
    if not _is_date(command.date):
        raise refusal(Code.DAY_NO_DATE)
    if command.date < state.date:
        raise refusal(Code.DAY_EARLIER, last=state.date)
    opened = _draft("day.opened", DayOpened(date=command.date, closes=command.closes), moment)
    return [opened.model_copy(update={"v": 2}), *complaints.overdue(state, command.date, moment)]


def close(state: State, command: CloseDay, moment: Moment) -> list[Draft]:
    """Gives up whoever still waits and cases nobody came back for; a citizen being served is never cut off."""
    day = look.open_day(state)
    tickets = [t for t in state.tickets.values() if t.uid not in state.frozen]
    under_way = [t for t in tickets if t.state in ("serving", "held")]
    if under_way and not command.abandon:
        raise refusal(Code.DAY_IN_SERVICE, windows=", ".join(sorted({t.window for t in under_way})))
    expired = sorted(t.uid for t in tickets if t.state in ("waiting", "called"))
    return [
        *(draft for ticket in under_way for draft in abandoned.drafts(state, ticket, moment)),
        *bookings.close_day(state, moment),
        *cases.lapse(state, moment),
        *dossiers.end_of_day(state, moment),
        _draft("day.closed", DayClosed(date=day, expired=tuple(expired)), moment),
    ]


def opened(state: State, fact: Fact, body: DayOpened) -> None:
    if body.date != state.date:
        state.counters.clear()
        state.case_counters.clear()
        state.given.clear()
        state.last_key = 0
        state.frozen -= {tickets.NUMBERS, numbers.CASE_NUMBERS}
        state.frozen = {subject for subject in state.frozen if not subject.startswith("service:")}
        bookings.begin_day(state, body.date)
        ratings.begin_day(state, body.date)
        tasks.begin_day(state)
        parcels.begin_day(state, body.date)
        complaints.begin_day(state, body.date)
        copies.begin_day(state)
    state.date, state.open, state.closes = body.date, True, body.closes
    state.stopped.clear()


def closed(state: State, fact: Fact, body: DayClosed) -> None:
    """Only what outlives a day stays: counters (the date may open again), questions, cases not ended."""
    state.open = False
    state.frozen -= set(state.tickets)
    state.tickets.clear()
    cases.end_day(state)
    handovers.end_day(state)
    state.calls.clear()
    for window in state.windows.values():
        window.ticket, window.paused, window.until = "", "", 0
        window.owed, window.owed_before = 0, 0


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _draft(kind: str, body: DayOpened | DayClosed, moment: Moment) -> Draft:
    return Draft(kind=kind, subject=f"day:{body.date}", actor=moment.actor, body=body, business_date=body.date)
