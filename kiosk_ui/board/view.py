"""The hall board in words: pure. Survives the loss of the hall: what was known last, and how old it is.

Between calls it goes through its playlist; whoever is called and has not come yet stays in sight.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from config.words import Words, load
from edge.api.board_schema import BoardSlide, BoardSlides
from edge.api.schema import Catalogue, HallSnapshot
from kiosk_ui.board.playlist import awaited, slide_now, urgent
from kiosk_ui.terminal.present import area_name, in_language, window_number

CALLS_SHOWN: Final = 5
SIDE_LINES: Final = 8
BACK_SHOWN: Final = 3
LOSS_GRACE: Final = 3.0


@dataclass(frozen=True, slots=True)
class BoardState:
    """`lost`: seconds since the hall was last heard, None = it is there. `slides`: None = not known yet."""

    language: str = "zh-Hans"
    catalogue: Catalogue | None = None
    hall: HallSnapshot | None = None
    lost: float | None = None
    slides: BoardSlides | None = None


@dataclass(frozen=True, slots=True)
class BoardScreen:
    language: str
    hall_name: str
    clock: str
    date: str
    lost: str
    fresh: bool
    empty: str
    phone: str
    notice: str
    urgent: bool
    slide_title: str
    slide_text: str
    slide_large: bool
    calls_shown: bool
    back: bool


@dataclass(frozen=True, slots=True)
class CallRow:
    """`newest`: the call to look at now; never set while the hall is lost."""

    id: str
    number: str
    to: str
    area: str
    newest: bool


@dataclass(frozen=True, slots=True)
class QueueRow:
    id: str
    prefix: str
    name: str
    waiting: str


@dataclass(frozen=True, slots=True)
class WindowRow:
    id: str
    number: str
    state: str
    busy: bool


def present(s: BoardState, now: datetime) -> BoardScreen:
    words = load(s.language, "kiosk")
    known = s.catalogue
    slide, pressing = _slide(s, now), urgent(s.slides, now)
    return BoardScreen(
        language=s.language,
        hall_name=in_language(known.hall, s.language) if known else words["bar.no_name"],
        clock=f"{now:%H:%M}",
        date=words.say(
            "board.date",
            year=now.year,
            month=now.month,
            day=now.day,
            weekday=words[_WEEKDAYS[now.isoweekday() - 1]],
        ),
        lost=_lost_line(s, words),
        fresh=_is_fresh(s),
        empty="" if slide else _empty_line(s, words),
        phone=words.say("board.phone", phone=known.complaint_phone) if known else "",
        notice=_foot(s, pressing, words),
        urgent=pressing is not None,
        slide_title=in_language(slide.title, s.language) if slide else "",
        slide_text=_lines(slide, s.language) if slide else "",
        slide_large=slide is not None and slide.kind != "guide",
        back=bool(_back_line(s, words)),
        calls_shown=slide is None or bool(call_rows(s, now)),
    )


def call_rows(s: BoardState, now: datetime) -> tuple[CallRow, ...]:
    """Newest first. A row's id is its ticket: a recall lights it up again instead of doubling it.

    Beside a slide only those that are still awaited at their window.
    """
    if s.hall is None or not s.hall.open:
        return ()
    kept = awaited(s.hall) if _slide(s, now) else None
    calls = [call for call in s.hall.calls if kept is None or call.number in kept]
    words = load(s.language, "kiosk")
    areas = s.catalogue
    return tuple(
        CallRow(
            id=call.number,
            number=call.number,
            to=words.say(
                "board.to_window" if at == 0 else "board.window_short",
                window=window_number(s.hall, call.window),
            ),
            area=area_name(areas, call.area, s.language) if areas and len(areas.areas) > 1 else "",
            newest=at == 0 and _is_fresh(s),
        )
        for at, call in enumerate(calls[:CALLS_SHOWN])
    )


def queue_rows(s: BoardState) -> tuple[QueueRow, ...]:
    if s.catalogue is None:
        return ()
    words = load(s.language, "kiosk")
    waiting = {queue.service: queue.waiting for queue in s.hall.queues} if s.hall else {}
    return tuple(
        QueueRow(
            id=entry.id,
            prefix=entry.prefix,
            name=in_language(entry.name, s.language),
            waiting=words.say("board.people", count=waiting.get(entry.id, 0)),
        )
        for entry in s.catalogue.services[:SIDE_LINES]
    )


def window_rows(s: BoardState) -> tuple[WindowRow, ...]:
    """Only where all of them fit beside the queues: a list cut short would look like closed windows."""
    if s.hall is None or len(queue_rows(s)) + len(s.hall.windows) > SIDE_LINES:
        return ()
    return tuple(_window_rows(s.hall, load(s.language, "kiosk")))


_WEEKDAYS: Final = (
    "board.weekday_1",
    "board.weekday_2",
    "board.weekday_3",
    "board.weekday_4",
    "board.weekday_5",
    "board.weekday_6",
    "board.weekday_7",
)
_WINDOW_STATE: Final = {
    "idle": "board.window_idle",
    "called": "board.window_called",
    "serving": "board.window_serving",
}


def _window_rows(hall: HallSnapshot, words: Words) -> Iterator[WindowRow]:
    for window in hall.windows:
        state = words.say(_WINDOW_STATE[window.state], ticket=window.ticket)
        number = words.say("board.window_short", window=window.number)
        yield WindowRow(window.id, number, state, window.state != "idle")


def _foot(s: BoardState, pressing: BoardSlide | None, words: Words) -> str:
    """Whose decision is there, what is urgent; else what to do about a call that was missed."""
    told = (_back_line(s, words), _lines(pressing, s.language) if pressing else "")
    return "\n".join(filter(None, told)) or words["board.advice"]


def _back_line(s: BoardState, words: Words) -> str:
    """Numbers whose persons sit in the hall and look up."""
    if s.hall is None or not s.hall.open or not _is_fresh(s) or not s.hall.back:
        return ""
    places = (words.say("board.back_to", number=each.number, window=each.window) for each in s.hall.back[:BACK_SHOWN])
    return words.say("board.back", places=words["number.and"].join(places))


def _slide(s: BoardState, now: datetime) -> BoardSlide | None:
    """None while the hall is lost: what it called last is all that can be told of it."""
    return slide_now(s.slides, s.hall, now) if _is_fresh(s) else None


def _lines(slide: BoardSlide, language: str) -> str:
    return "\n".join(in_language(line, language) for line in slide.lines)


def _is_fresh(s: BoardState) -> bool:
    return s.hall is not None and (s.lost is None or s.lost < LOSS_GRACE)


def _lost_line(s: BoardState, words: Words) -> str:
    if s.lost is None or s.lost < LOSS_GRACE:
        return ""
    if s.hall is None:
        return words["board.lost_empty"]
    return words.say("board.lost", age=_age(s.lost, words))


def _age(seconds: float, words: Words) -> str:
    if seconds < 60:
        return words.say("board.age_seconds", count=int(seconds))
    if seconds < 3600:
        return words.say("board.age_minutes", count=int(seconds // 60))
    return words.say("board.age_hours", count=int(seconds // 3600))


def _empty_line(s: BoardState, words: Words) -> str:
    if s.hall is None:
        return words["board.starting"]
    if not s.hall.open:
        return words["board.closed"]
    return "" if s.hall.calls else words["board.empty"]
