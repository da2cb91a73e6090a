"""The board between calls: slides in turn, in their time only, and never over a call."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.api.board_schema import BoardSlide, BoardSlides
from edge.api.schema import CalledTicket, Catalogue, HallSnapshot
from kiosk_ui.board.playlist import CALL_SECONDS, awaited, slide_now
from kiosk_ui.board.view import BoardState, call_rows, present

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 23, 11, 0, tzinfo=ZONE)


def slide(id: str, kind: Any = "notice", **more: Any) -> BoardSlide:
    return BoardSlide(id=id, kind=kind, title={"zh-Hans": id}, lines=({"zh-Hans": f"{id}的内容"},), **more)


PLAYLIST = BoardSlides(
    seconds=12, slides=(slide("n1"), slide("n2"), slide("hours", "hours"), slide("g1", "guide"), slide("g2", "guide"))
)


def ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def quiet(hall: HallSnapshot) -> HallSnapshot:
    """Everybody who was called is being served."""
    windows = tuple(window.model_copy(update={"state": "serving"}) for window in hall.windows)
    return hall.model_copy(update={"windows": windows})


def shown_over(playlist: BoardSlides, hall: HallSnapshot, seconds: int, start: datetime = NOW) -> Counter[str]:
    found = (slide_now(playlist, hall, start + timedelta(seconds=n)) for n in range(seconds))
    return Counter(one.id if one else "calls" for one in found)


def test_every_slide_has_its_turn_and_so_has_the_list_of_calls(hall_seen: HallSnapshot) -> None:
    length = 12 * 5  # calls, two notices, the hours, one guide
    assert shown_over(PLAYLIST, quiet(hall_seen), 2 * length) == {
        "calls": 24,
        "n1": 24,
        "n2": 24,
        "hours": 24,
        "g1": 12,
        "g2": 12,
    }


def test_a_call_has_the_board_for_itself_at_once(hall_seen: HallSnapshot) -> None:
    call = CalledTicket(number="A018", window="1", area="a", calls=1, at=NOW.isoformat())
    calling = quiet(hall_seen).model_copy(update={"calls": (call, *hall_seen.calls)})
    for n in range(int(CALL_SECONDS)):
        assert slide_now(PLAYLIST, calling, NOW + timedelta(seconds=n)) is None
    assert "n1" in shown_over(PLAYLIST, calling, 120, NOW + timedelta(seconds=CALL_SECONDS))


@given(
    states=st.lists(st.sampled_from(["idle", "called", "serving"]), min_size=1, max_size=6),
    ages=st.lists(st.integers(0, 600), min_size=1, max_size=6),
    second=st.integers(0, 10_000),
)
def test_whoever_is_called_and_has_not_come_is_always_in_sight(
    catalogue: Catalogue, hall_seen: HallSnapshot, states: list[Any], ages: list[int], second: int
) -> None:
    """Over every state of windows and age of calls: no slide hides an awaited number."""
    now = NOW + timedelta(seconds=second)
    windows = tuple(
        hall_seen.windows[0].model_copy(update={"id": f"w{n}", "state": each, "ticket": f"A{n:03d}"})
        for n, each in enumerate(states)
    )
    calls = tuple(
        CalledTicket(number=f"A{n:03d}", window="1", area="a", calls=1, at=(now - timedelta(seconds=age)).isoformat())
        for n, age in zip(range(len(states)), (ages * 6)[: len(states)], strict=True)
    )
    hall = hall_seen.model_copy(update={"windows": windows, "calls": calls[:5]})
    state = BoardState(catalogue=catalogue, hall=hall, slides=PLAYLIST)
    rows = {row.number for row in call_rows(state, now)}
    assert set(awaited(hall)) & {call.number for call in hall.calls} <= rows
    if present(state, now).slide_title:
        assert len(rows) <= 1
        assert present(state, now).calls_shown == bool(rows)


def test_a_notice_is_shown_in_its_time_only(hall_seen: HallSnapshot) -> None:
    hour = timedelta(hours=1)
    timed = BoardSlides(
        seconds=12,
        slides=(
            slide("past", until=ms(NOW)),
            slide("now", since=ms(NOW), until=ms(NOW + hour)),
            slide("later", since=ms(NOW + hour)),
        ),
    )
    assert set(shown_over(timed, quiet(hall_seen), 120)) == {"calls", "now"}
    assert set(shown_over(timed, quiet(hall_seen), 120, NOW + hour)) == {"calls", "later"}


def test_an_urgent_notice_stays_in_sight_while_calls_are_shown(catalogue: Catalogue, hall_seen: HallSnapshot) -> None:
    pressing = BoardSlides(seconds=12, slides=(slide("停电", urgent=True, until=ms(NOW + timedelta(minutes=5))),))
    calling = BoardState(catalogue=catalogue, hall=hall_seen, slides=pressing)
    assert (present(calling, NOW).notice, present(calling, NOW).urgent) == ("停电的内容", True)
    over = present(calling, NOW + timedelta(minutes=5))
    assert (over.urgent, over.notice) == (False, "过号请到咨询台，工作人员会帮助您")


def test_a_lost_hall_shows_its_calls_only_and_a_closed_one_its_slides(
    catalogue: Catalogue, hall_seen: HallSnapshot
) -> None:
    state = BoardState(catalogue=catalogue, hall=quiet(hall_seen), slides=PLAYLIST)
    moments = [NOW + timedelta(seconds=12 * n) for n in range(10)]
    assert all(present(replace(state, lost=60.0), at).slide_title == "" for at in moments)
    closed = replace(state, hall=hall_seen.model_copy(update={"open": False}))
    assert all(present(closed, at).slide_title and not call_rows(closed, at) for at in moments)


@pytest.mark.parametrize("playlist", [None, BoardSlides(seconds=12, slides=())])
def test_without_slides_the_board_is_as_it_was(playlist: BoardSlides | None, hall_seen: HallSnapshot) -> None:
    assert slide_now(playlist, hall_seen, NOW) is None
