"""What a shift leader must see to: what is due, and what only a person can settle.

Read off the state each time, so that nothing here can drift from what happened.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from edge.rules import (
    case_ends,
    complaints,
    deadlines,
    delegation,
    disputes,
    dossiers,
    limits,
    parts,
    supplements,
    tasks,
    waiters,
)
from edge.rules.books import Books
from edge.rules.moment import Moment
from edge.rules.state import State

DueKind = Literal["case", "part", "task", "complaint"]
AlarmKind = Literal[
    "notice_differs",
    "supplement_differs",
    "word_disputed",
    "batch_difference",
    "paper_difference",
    "material_lost",
    "result_unclaimed",
    "complaint_urged",
    "record_unread",
    "calendar_missing",
    "citizen_waits",
    "citizen_to_call",
]
_LIGHTS: Final[dict[deadlines.Light, limits.Pace]] = {"red": "overdue", "yellow": "soon", "green": "in_time"}
_URGENCY: Final[dict[limits.Pace, int]] = {"overdue": 0, "soon": 1, "unknown": 2, "in_time": 3}


@dataclass(frozen=True, slots=True)
class Due:
    """`number` as people say it; a task's is its ticket's, '' where not known. `state`: word of a stage or step.

    `unit`: the department whose part of a case it is; its `uid` is case and part, joined by `#`.
    `left`: working days after today, the due day included; negative: so many too late; None where no calendar tells.
    """

    kind: DueKind
    uid: str
    number: str
    state: str
    due: str
    pace: limits.Pace
    left: int | None
    window: str = ""
    item: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Alarm:
    """`number` of what it is about; `n`: how many sheets, days or records; `since` a date or moment, '' not known.

    `said`: the word of the centre that is in dispute; `about`: the case or complaint that it is about.
    """

    kind: AlarmKind
    subject: str
    number: str
    n: int = 0
    window: str = ""
    since: str = ""
    said: str = ""
    about: str = ""


def due(state: State, moment: Moment) -> list[Due]:
    """Everything with a clock that runs, the most urgent first."""
    today = limits.today(state, moment)
    found = [
        *_cases(state, today, moment),
        *_parts(state, today, moment),
        *_tasks(state, today, moment),
        *_complaints(state, today, moment),
    ]
    return sorted(found, key=lambda each: (_URGENCY[each.pace], each.due or "9999", each.uid))


def alarms(state: State, moment: Moment) -> list[Alarm]:
    return [
        *_waiters(state),
        *_notices(state),
        *_supplements(state),
        *_disputes(state),
        *_batches(state),
        *_papers(state),
        *_lost(state),
        *_unclaimed(state, moment.books),
        *_urged(state),
        *_unread(state),
        *_calendar(state, moment),
    ]


def _cases(state: State, today: str, moment: Moment) -> Iterator[Due]:
    for dossier in state.dossiers.values():
        light = dossiers.light(dossier, date.fromisoformat(today), moment.books)
        if light is None or dossier.stage == "withdrawn":
            continue
        case = state.cases.get(dossier.uid)
        yield Due(
            kind="case",
            uid=dossier.uid,
            number=dossier.number,
            state=dossier.stage,
            due=dossier.due,
            pace=_LIGHTS[light],
            left=_left(today, dossier.due, moment.books),
            window=case.window if case else "",
            item=dossier.item,
        )


def _parts(state: State, today: str, moment: Moment) -> Iterator[Due]:
    """Departments' parts that run, each by its own limit."""
    for dossier in state.dossiers.values():
        for task in dossier.tasks.values():
            light = parts.light(dossier, task, date.fromisoformat(today), moment.books)
            if light is None or dossier.stage == "withdrawn":
                continue
            due_on = parts.due(dossier, task, moment.books)
            yield Due(
                kind="part",
                uid=f"{dossier.uid}#{task.task}",
                number=dossier.number,
                state=task.mode,
                due=due_on,
                pace=_LIGHTS[light],
                left=_left(today, due_on, moment.books),
                item=dossier.item,
                unit=task.unit,
            )


def _tasks(state: State, today: str, moment: Moment) -> Iterator[Due]:
    for task in state.tasks.values():
        if task.state in tasks.UNDER_WAY:
            yield Due(
                kind="task",
                uid=task.uid,
                number=task.number,
                state=task.state,
                due=task.due,
                pace=_pace(state, task.due, today, moment),
                left=_left(today, task.due, moment.books),
                window=task.window,
            )


def _complaints(state: State, today: str, moment: Moment) -> Iterator[Due]:
    for each in state.complaints.values():
        if each.state in complaints.UNDER_WAY:
            yield Due(
                kind="complaint",
                uid=each.uid,
                number=each.number,
                state=each.state,
                due=each.due,
                pace=_pace(state, each.due, today, moment),
                left=_left(today, each.due, moment.books),
                window=each.target if each.about == "window" else "",
            )


def _waiters(state: State) -> Iterator[Alarm]:
    """Who waits in the hall for a unit, and for whom its word is there; `number` of the ticket."""
    for each in waiters.waiters(state):
        at = each.dossier.waiting.at if each.dossier.waiting else ""
        kind: AlarmKind = "citizen_to_call" if each.told else "citizen_waits"
        yield Alarm(kind, each.dossier.uid, each.ticket.number, window=each.ticket.window, since=at)


def _notices(state: State) -> Iterator[Alarm]:
    for case, notice in case_ends.differing(state):
        yield Alarm("notice_differs", case.uid, notice.number, notice.added, notice.window, notice.given_at)


def _supplements(state: State) -> Iterator[Alarm]:
    for dossier, each in supplements.differing(state):
        yield Alarm("supplement_differs", dossier.uid, each.number, each.added, since=each.at)


def _disputes(state: State) -> Iterator[Alarm]:
    """`subject` is what settles it; `number` the case's or complaint's, or its uid where the hall knows none."""
    for each in disputes.open_ones(state):
        known = state.dossiers.get(each.case) or state.complaints.get(each.case)
        number = known.number if known else each.case
        item, said = disputes.key(each.told.about), each.told.said
        yield Alarm("word_disputed", item, number, since=each.told.at, said=said, about=each.case)


def _batches(state: State) -> Iterator[Alarm]:
    for batch in state.batches.values():
        if batch.differences:
            yield Alarm(
                "batch_difference",
                batch.uid,
                batch.sheet.number,
                len(batch.differences),
                since=batch.signed_at or batch.sealed_at,
            )


def _papers(state: State) -> Iterator[Alarm]:
    """Every serial that came is used, spoiled or in stock; where it is not, somebody must count the sheets."""
    for stock in state.stocks.values():
        off = stock.came - stock.used - stock.spoiled - stock.left
        if off:
            yield Alarm("paper_difference", f"paper:{stock.kind}", stock.kind, abs(off))


def _lost(state: State) -> Iterator[Alarm]:
    for dossier in state.dossiers.values():
        lost = sum(holding.lost for holding in dossier.holdings.values())
        if lost:
            yield Alarm("material_lost", dossier.uid, dossier.number, lost)


def _unclaimed(state: State, books: Books) -> Iterator[Alarm]:
    """As soon as the first reminder is due, whether or not the day was closed since."""
    first = min(books.flow.reminders, default=None)
    for dossier in state.dossiers.values():
        if dossier.stage != "ready" or not dossier.ready or not state.date or first is None:
            continue
        waited = delegation.days_between(dossier.ready, state.date)
        if waited >= first:
            yield Alarm("result_unclaimed", dossier.uid, dossier.number, waited, since=dossier.ready)


def _urged(state: State) -> Iterator[Alarm]:
    for each in state.complaints.values():
        if each.urged and each.state in complaints.UNDER_WAY:
            yield Alarm("complaint_urged", each.uid, each.number, each.urged)


def _unread(state: State) -> Iterator[Alarm]:
    if state.frozen:
        yield Alarm("record_unread", "", "", len(state.frozen))


def _calendar(state: State, moment: Moment) -> Iterator[Alarm]:
    today = date.fromisoformat(limits.today(state, moment))
    missing = today.year + (today.year in moment.books.calendar.years)
    if missing == today.year or deadlines.next_year_is_missing(today, moment.books.calendar):
        yield Alarm("calendar_missing", "", str(missing))


def _pace(state: State, due: str, today: str, moment: Moment) -> limits.Pace:
    return limits.pace(due, today, state.oversight.due_soon_days, moment.books.calendar)


def _left(today: str, due: str, books: Books) -> int | None:
    try:
        return deadlines.remaining_working_days(date.fromisoformat(today), date.fromisoformat(due), books.calendar)
    except (deadlines.UnknownYear, ValueError):
        return None
