"""What the board shows between calls, and when: pure. A call goes before everything; nothing over its time is shown.

In turn: the list of calls, each notice, the hours, one guide; the next round has the next guide.
"""

from datetime import datetime
from typing import Final

from edge.api.board_schema import BoardSlide, BoardSlides
from edge.api.schema import HallSnapshot

CALL_SECONDS: Final = 15.0  # how long a call has the board for itself
AWAITED_MOST: Final = 1  # calls whose person has not come yet that leave room for a slide


def awaited(hall: HallSnapshot | None) -> tuple[str, ...]:
    """Numbers that were called and are still expected at their window."""
    return tuple(window.ticket for window in hall.windows if window.state == "called") if hall else ()


def counting(playlist: BoardSlides | None, now: datetime) -> tuple[BoardSlide, ...]:
    at = now.timestamp() * 1000
    known = playlist.slides if playlist else ()
    return tuple(one for one in known if one.since <= at and (one.until == 0 or at < one.until))


def urgent(playlist: BoardSlides | None, now: datetime) -> BoardSlide | None:
    return next((one for one in counting(playlist, now) if one.urgent), None)


def slide_now(playlist: BoardSlides | None, hall: HallSnapshot | None, now: datetime) -> BoardSlide | None:
    """None: the calls have the board."""
    if playlist is None or hall is None or _calls_need_it(hall, now):
        return None
    shown = counting(playlist, now)
    # Beside a call there is no room for a guide, and a list cut short would tell too few materials.
    guides = [one for one in shown if one.kind == "guide" and not (hall.open and awaited(hall))]
    others = [one for one in shown if one.kind != "guide"]
    turn = int(now.timestamp()) // playlist.seconds
    calls = 1 if hall.open and hall.calls else 0
    length = calls + len(others) + bool(guides)
    if length == 0:
        return None
    round_, place = divmod(turn, length)
    if place < calls:
        return None
    if place - calls < len(others):
        return others[place - calls]
    return guides[round_ % len(guides)]


def _calls_need_it(hall: HallSnapshot, now: datetime) -> bool:
    if not hall.open:
        return False
    if len(awaited(hall)) > AWAITED_MOST:
        return True
    return any((now - datetime.fromisoformat(call.at)).total_seconds() < CALL_SECONDS for call in hall.calls)
