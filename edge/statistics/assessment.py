"""Chains -> the figures of 考核. The same records give the same figures, whenever they are asked for."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol, TypeVar

from edge.statistics.assessment_schema import (
    Assessment,
    CaseFigures,
    ComplaintFigures,
    RatingFigures,
    TaskFigures,
)
from edge.statistics.chains import Asked, CaseChain, Chains, ComplaintChain, TaskChain, Told
from sync.protocol.record import Record


class _Dated(Protocol):
    @property
    def day(self) -> str: ...


_T = TypeVar("_T")
_D = TypeVar("_D", bound=_Dated)
_F = TypeVar("_F")


def assess(site: str, first: str, last: str, records: Iterable[tuple[int, Record]]) -> Assessment:
    """`records` with their places, from the journal's beginning: what is answered today may have begun last month.

    Those of later days than `last` are not looked at, so the figures of a stretch never change.
    """
    chains = Chains()
    for place, record in records:
        if record.kind == "day.opened" and str(record.body["date"]) > last:
            break
        chains.note(record, place)
    within = _Stretch(first, last)
    cases, told = within.of(chains.cases.values()), within.of(chains.told)
    complaints, tasks = within.of(chains.complaints.values()), within.of(chains.tasks.values())
    ratings = within.of(chains.ratings.values())
    return Assessment(
        site=site,
        first=first,
        last=last,
        place=chains.place,
        cases=_cases(cases, told, last),
        cases_by_item=_cases_by(lambda each: each.item, cases, told, last),
        cases_by_window=_cases_by(lambda each: each.window, cases, told, last),
        complaints=_complaints(complaints, last),
        complaints_by_type=_cut(complaints, lambda each: each.type, lambda part: _complaints(part, last)),
        complaints_by_channel=_cut(complaints, lambda each: each.channel, lambda part: _complaints(part, last)),
        complaints_by_level=_cut(complaints, lambda each: each.level, lambda part: _complaints(part, last)),
        tasks=_tasks(tasks, last),
        tasks_by_window=_cut(tasks, lambda each: each.window, lambda part: _tasks(part, last)),
        tasks_by_clerk=_cut(tasks, lambda each: each.clerk, lambda part: _tasks(part, last)),
        ratings=_ratings(ratings),
        ratings_by_window=_cut(ratings, lambda each: each.window, _ratings),
        ratings_by_clerk=_cut(ratings, lambda each: each.clerk, _ratings),
    )


class _Stretch:
    def __init__(self, first: str, last: str) -> None:
        self._first, self._last = first, last

    def of(self, found: Iterable[_D]) -> list[_D]:
        return [each for each in found if self._first <= each.day <= self._last]


def _cut(found: Sequence[_T], by: Callable[[_T], str], figures: Callable[[Sequence[_T]], _F]) -> dict[str, _F]:
    keys = sorted({by(each) for each in found} - {""})
    return {key: figures([each for each in found if by(each) == key]) for key in keys}


def _cases_by(
    by: Callable[[CaseChain | Told], str], cases: Sequence[CaseChain], told: Sequence[Told], last: str
) -> dict[str, CaseFigures]:
    keys = sorted({by(each) for each in cases} | {by(each) for each in told} - {""})
    return {
        key: _cases([each for each in cases if by(each) == key], [each for each in told if by(each) == key], last)
        for key in keys
    }


def _cases(cases: Sequence[CaseChain], told: Sequence[Told], last: str) -> CaseFigures:
    kept = [each for each in cases if not each.withdrawn]
    return CaseFigures(
        received=len(cases),
        decided=sum(bool(each.decided) for each in cases),
        withdrawn=len(cases) - len(kept),
        noticed=sum(not each.reason for each in told),
        differing=sum(each.differs for each in told),
        refused=_counted(each.reason for each in told),
        **_clocked(((each.due, each.decided) for each in kept), last),
    )


def _complaints(found: Sequence[ComplaintChain], last: str) -> ComplaintFigures:
    return ComplaintFigures(
        registered=len(found),
        anonymous=sum(each.anonymous for each in found),
        answered=sum(bool(each.answered) for each in found),
        closed=sum(each.closed for each in found),
        urged=sum(each.urged for each in found),
        escalated=sum(each.escalated for each in found),
        content=sum(each.content is True for each in found),
        discontent=sum(each.content is False for each in found),
        **_clocked(((each.due, each.answered) for each in found), last),
    )


def _tasks(found: Sequence[TaskChain], last: str) -> TaskFigures:
    return TaskFigures(
        opened=len(found),
        answered=sum(bool(each.answered) for each in found),
        closed=sum(each.closed for each in found),
        appealed=sum(each.appealed for each in found),
        verdicts=_counted(each.verdict for each in found),
        **_clocked(((each.due, each.answered) for each in found), last),
    )


def _ratings(found: Sequence[Asked]) -> RatingFigures:
    return RatingFigures(
        asked=len(found),
        answered=sum(bool(each.level) for each in found),
        second=sum(each.second for each in found),
        levels=_counted(each.level for each in found),
        ways=_counted(each.way for each in found),
    )


def _clocked(found: Iterable[tuple[str, str]], last: str) -> dict[str, Any]:
    """(due, done) dates, '' where there is none. What is done without a limit is no_limit and nothing else."""
    counts: Counter[str] = Counter()
    for due, done in found:
        counts["no_limit"] += not due
        if done and due:
            counts["in_time" if done <= due else "late"] += 1
        elif not done:
            counts["overdue" if due and due < last else "open"] += 1
    return dict(counts)


def _counted(words: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(word for word in words if word).items()))
