"""What 考核 asks of a stretch of business dates. Counts and codes only; a share is for the reader to work out."""

from pydantic import Field

from edge.statistics.schema import Model


class Clocked(Model):
    """Of things with a limit: `in_time`, `late`: answered or decided by the last day, or after it; `overdue`: not yet,
    and the limit is over; `open`: not yet, in time. `no_limit`: none was known, so it is in none of the others but
    `open`.
    """

    in_time: int = 0
    late: int = 0
    overdue: int = 0
    open: int = 0
    no_limit: int = 0


class CaseFigures(Clocked):
    """Cases received in these days, and what became of them by the end of the last. `noticed`: lists given once;
    `differing`: of them such that said something else than an earlier one. `refused`: reason -> count.
    """

    received: int = 0
    decided: int = 0
    withdrawn: int = 0
    noticed: int = 0
    differing: int = 0
    refused: dict[str, int] = Field(default_factory=dict)


class ComplaintFigures(Clocked):
    """Registered in these days. Its first limit counts, whatever level it rose to. `content`: said so when asked."""

    registered: int = 0
    anonymous: int = 0
    answered: int = 0
    closed: int = 0
    urged: int = 0
    escalated: int = 0
    content: int = 0
    discontent: int = 0


class TaskFigures(Clocked):
    """Tasks opened in these days for bad ratings. The limit is that of the answer."""

    opened: int = 0
    answered: int = 0
    closed: int = 0
    appealed: int = 0
    verdicts: dict[str, int] = Field(default_factory=dict)


class RatingFigures(Model):
    """Questions asked in these days: `answered` of `asked`, by level and by way; `second`: opinions added later."""

    asked: int = 0
    answered: int = 0
    second: int = 0
    levels: dict[str, int] = Field(default_factory=dict)
    ways: dict[str, int] = Field(default_factory=dict)


class Assessment(Model):
    """`first`, `last`: business dates, both included. `place`: last record folded. Keys: codes of the site's file."""

    site: str
    first: str
    last: str
    place: int
    cases: CaseFigures
    cases_by_item: dict[str, CaseFigures]
    cases_by_window: dict[str, CaseFigures]
    complaints: ComplaintFigures
    complaints_by_type: dict[str, ComplaintFigures]
    complaints_by_channel: dict[str, ComplaintFigures]
    complaints_by_level: dict[str, ComplaintFigures]
    tasks: TaskFigures
    tasks_by_window: dict[str, TaskFigures]
    tasks_by_clerk: dict[str, TaskFigures]
    ratings: RatingFigures
    ratings_by_window: dict[str, RatingFigures]
    ratings_by_clerk: dict[str, RatingFigures]
