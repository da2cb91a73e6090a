"""Due dates of what the hall owes an answer to, in working days; '' where no calendar tells them."""

from datetime import date, datetime
from typing import Literal

from edge.rules import deadlines
from edge.rules.moment import Moment
from edge.rules.state import State

Pace = Literal["overdue", "soon", "in_time", "unknown"]


def due(moment: Moment, days: int) -> str:
    """Counted as a case's limit is. A year without a calendar refuses nobody: a citizen's word is taken in anyway."""
    wall = datetime.fromisoformat(moment.at).replace(tzinfo=None)
    try:
        found = deadlines.due_date(wall, days, moment.books.calendar, moment.books.hours)
    except deadlines.UnknownYear:
        return ""
    return "" if found is None else found.isoformat()


def today(state: State, moment: Moment) -> str:
    return state.date or moment.at[:10]


def pace(due: str, today: str, soon_days: int, calendar: deadlines.Calendar) -> Pace:
    """`today`, `due`: dates; the due day itself is not overdue."""
    if not due or not today:
        return "unknown"
    if today > due:
        return "overdue"
    try:
        left = deadlines.remaining_working_days(date.fromisoformat(today), date.fromisoformat(due), calendar)
    except deadlines.UnknownYear:
        return "unknown"
    return "soon" if left <= soon_days else "in_time"
