"""Stories -> figures. The same records give the same figures, whenever they are asked for."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from edge.rules.waits.learned import MINUTE
from edge.statistics.pages import PageCount
from edge.statistics.schema import Day, Figures, Honesty, Hour, Spread, Tickets, Window
from edge.statistics.stories import Seat, Stories, Story, Turn, told
from sync.protocol.record import Record

LONGEST_MS: Final = 4 * 60 * MINUTE  # a service that took longer was left open over night, or forgotten
FAR_OVER_MS: Final = 10 * MINUTE
CLASSES: Final = ("walk_in", "green", "appointment")


def day(site: str, date: str, records: Iterable[Record]) -> Day:
    """`records`: those of the business date, in order."""
    pages = PageCount()
    found = told(pages.listening(records))
    stories = list(found.tickets.values())
    turns = [turn for story in stories for turn in story.turns]
    return Day(
        site=site,
        date=date,
        seq=found.seq,
        opened=found.opened,
        closed=found.closed,
        clock_jumps=found.moments.jumps,
        tickets=_tickets(stories),
        by_class={klass: _tickets([s for s in stories if s.klass == klass]) for klass in CLASSES},
        waits_of=_waits_of(stories),
        whole=Figures(**_figures(turns, stories)),
        hours=_hours(stories, turns),
        windows=_windows(found, stories, turns),
        clerks={c: Figures(**_figures(*of)) for c, of in _cut(stories, turns, lambda turn: turn.clerk).items() if c},
        items={i: Figures(**_figures(*of)) for i, of in _cut(stories, turns, lambda turn: turn.item).items()},
        forecasts=_honesty(stories),
        bookings=dict(sorted(found.bookings.items())),
        pages=pages.figures(),
    )


def _tickets(stories: Sequence[Story]) -> Tickets:
    fates: Counter[str] = Counter(story.fate for story in stories)
    return Tickets(issued=len(stories), **fates)


def _figures(turns: Sequence[Turn], stories: Sequence[Story]) -> dict[str, Any]:
    """`stories`: those whose waits count here."""
    called = [turn for turn in turns if turn.recalls >= 0]
    waits, unsure = _measured([_wait(story) for story in stories])
    services, unsure_too = _measured([_service(turn) for turn in turns], LONGEST_MS)
    ratings = Counter(turn.rating for turn in turns if turn.rating)
    return {
        "calls": len(called),
        "recalls": sum(turn.recalls for turn in called),
        "missed": sum(turn.missed for turn in turns),
        "served": sum(_is_served(turn) for turn in turns),
        "out_of_turn": sum(turn.out_of_turn for turn in turns),
        "passed": sum(turn.passed for turn in turns),
        "waits": spread(waits),
        "services": spread(services),
        "ratings": dict(sorted(ratings.items())),
        "unmeasured": unsure + unsure_too,
    }


def _hours(stories: Sequence[Story], turns: Sequence[Turn]) -> dict[int, Hour]:
    found = {}
    for hour in sorted({story.hour for story in stories} | {turn.hour for turn in turns}):
        issued = [story for story in stories if story.hour == hour]
        figures = _figures([turn for turn in turns if turn.hour == hour], issued)
        found[hour] = Hour(**figures, issued=len(issued), waits_of=_waits_of(issued))
    return found


def _waits_of(stories: Sequence[Story]) -> dict[str, Spread]:
    return {
        klass: spread(_measured([_wait(story) for story in stories if story.klass == klass])[0]) for klass in CLASSES
    }


def _windows(found: Stories, stories: Sequence[Story], turns: Sequence[Turn]) -> dict[str, Window]:
    cut = _cut(stories, turns, lambda turn: turn.window)
    return {
        uid: Window(**_figures(*cut.get(uid, ([], []))), **_use(seat, cut.get(uid, ([], []))[0]))
        for uid, seat in sorted(found.seats.items())
    }


def _use(seat: Seat, turns: Sequence[Turn]) -> dict[str, Any]:
    end = seat.last if seat.shut is None else seat.shut
    serving = sum(_measured([_stay(turn) for turn in turns], LONGEST_MS)[0])
    calling = sum(_measured([_calling(turn) for turn in turns], LONGEST_MS)[0])
    return {
        "first_call": seat.first_call,
        "last_call": seat.last_call,
        "open_ms": max(0, end - (seat.opened or end)),
        "paused_ms": seat.paused,
        "calling_ms": calling,
        "serving_ms": serving,
    }


def _cut(
    stories: Sequence[Story], turns: Sequence[Turn], by: Callable[[Turn], str]
) -> dict[str, tuple[list[Turn], list[Story]]]:
    """Turns, and the tickets whose first call they were, by window, clerk or item."""
    found: dict[str, tuple[list[Turn], list[Story]]] = {key: ([], []) for key in sorted({by(turn) for turn in turns})}
    for turn in turns:
        found[by(turn)][0].append(turn)
    for story in stories:
        if story.first is not None:
            found[by(story.first)][1].append(story)
    return found


def _honesty(stories: Sequence[Story]) -> Honesty:
    heard = [(story.told, _wait(story)) for story in stories if story.told is not None]
    known = [(said, wait) for said, wait in heard if said is not None and wait is not None and wait >= 0]
    if not known:
        return Honesty()
    return Honesty(
        told=len(known),
        within_p90=sum(wait <= said[1] for said, wait in known),
        bias_ms=round(sum(said[0] - wait for said, wait in known) / len(known)),
        far_over=sum(wait > said[1] + FAR_OVER_MS for said, wait in known),
    )


def _wait(story: Story) -> int | None:
    return None if story.first_call is None else story.first_call - story.came


def _is_served(turn: Turn) -> bool:
    return turn.started is not None and turn.ended is not None and not turn.missed


def _service(turn: Turn) -> int | None:
    """Without what a department was waited for: that is no time of the clerk's service."""
    if not _is_served(turn) or not turn.ended or not turn.started:
        return None
    return turn.ended - turn.started - turn.guided


def _stay(turn: Turn) -> int | None:
    return None if turn.started is None or turn.ended is None else turn.ended - turn.started


def _calling(turn: Turn) -> int | None:
    until = turn.ended if turn.started is None else turn.started
    return None if until is None else until - turn.called


def _measured(times: Iterable[int | None], longest: int | None = None) -> tuple[list[int], int]:
    """Those that can be, and how many cannot."""
    known = [time for time in times if time is not None]
    good = [time for time in known if time >= 0 and (longest is None or time <= longest)]
    return good, len(known) - len(good)


def spread(times: Iterable[int]) -> Spread:
    ordered = sorted(times)
    if not ordered:
        return Spread()
    return Spread(n=len(ordered), p50=quantile(ordered, 0.5), p90=quantile(ordered, 0.9), max=ordered[-1])


def quantile(ordered: Sequence[int], share: float) -> int:
    return ordered[max(0, -(-len(ordered) * round(share * 100) // 100) - 1)]
