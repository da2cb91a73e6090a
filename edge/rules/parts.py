"""Limits of departments' parts of a case (前后置, 并联): each is timed by itself, by the same calendar as the case.

What is due is read off the dossier each time: a suspension of the case puts the due date of a running part off too.
"""

from datetime import date, datetime, time
from typing import Final

from edge.rules import deadlines
from edge.rules.books import Books
from edge.rules.dossier_commands import RecordTask
from edge.rules.dossier_records import Stage, TaskNoted
from edge.rules.dossier_state import Dossier

_STANDS: Final[frozenset[Stage]] = frozenset({"supplement", "suspended", "stayed"})


def limit(dossier: Dossier, command: RecordTask, books: Books) -> int | None:
    """What was noted first stays: a new catalogue changes no part that is under way."""
    earlier = dossier.tasks.get(command.task)
    if earlier is not None and earlier.unit == command.unit and earlier.limit_days is not None:
        return earlier.limit_days
    item = books.item(dossier.item)
    return item.part_days.get(command.unit) if item else None


def started(dossier: Dossier, command: RecordTask, today: str) -> str:
    """As the centre says, else the day on which the hall first heard that it runs."""
    earlier = dossier.tasks.get(command.task)
    if command.started or command.status == "waiting":
        return command.started
    return (earlier.started if earlier else "") or today


def due(dossier: Dossier, task: TaskNoted, books: Books) -> str:
    """'' without a limit, before its start, after its end, and while the case stands still."""
    if not _runs(dossier, task):
        return ""
    if task.due or task.limit_days is None:
        return task.due
    stops = [
        deadlines.Suspension(date.fromisoformat(stop.first), date.fromisoformat(stop.last))
        for stop in dossier.stops
        if stop.last
    ]
    try:
        begin = datetime.combine(date.fromisoformat(task.started[:10]), time())
        found = deadlines.due_date(begin, task.limit_days, books.calendar, books.hours, stops)
    except (deadlines.UnknownYear, ValueError):
        return ""
    return "" if found is None else found.isoformat()


def light(dossier: Dossier, task: TaskNoted, today: date, books: Books) -> deadlines.Light | None:
    """None where nothing is due, or no calendar tells."""
    found = due(dossier, task, books)
    if not found:
        return None
    try:
        return deadlines.traffic_light(
            today,
            date.fromisoformat(found),
            task.limit_days or 0,
            books.calendar,
            share=books.flow.yellow_share,
            last_days=books.flow.yellow_days,
        )
    except (deadlines.UnknownYear, ValueError):
        return None


def _runs(dossier: Dossier, task: TaskNoted) -> bool:
    return task.status == "running" and not dossier.outcome and dossier.stage not in _STANDS
