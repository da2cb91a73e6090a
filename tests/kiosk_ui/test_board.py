"""The hall board: what it says, what it says when the hall is lost, and that it says nothing personal."""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import QCoreApplication, QRectF
from PySide6.QtQuick import QQuickItem, QQuickWindow

from edge.api.board_schema import BoardSlide, BoardSlides
from edge.api.schema import BackTicket, CalledTicket, Catalogue, HallSnapshot
from kiosk_ui.board.app import Board
from kiosk_ui.board.playlist import slide_now
from kiosk_ui.board.view import BoardState, call_rows, present, queue_rows, window_rows
from kiosk_ui.controls import controls, items, rect

NOW = datetime(2026, 11, 23, 10, 14, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def state(catalogue: Catalogue, hall_seen: HallSnapshot) -> BoardState:
    return BoardState(catalogue=catalogue, hall=hall_seen)


def test_newest_call_stands_first_and_alone_is_new(state: BoardState) -> None:
    rows = call_rows(state, NOW)
    assert [row.number for row in rows] == ["A017", "B009", "A016", "C004", "B008"]
    assert [row.newest for row in rows] == [True, False, False, False, False]
    assert rows[0].to == "请到 1 号窗口"


def test_date_and_clock_are_the_halls(state: BoardState) -> None:
    screen = present(state, NOW)
    assert (screen.clock, screen.date) == ("10:14", "2026年11月23日 星期一")


def test_short_loss_is_not_shown(state: BoardState) -> None:
    assert present(replace(state, lost=2.9), NOW).lost == ""


@pytest.mark.parametrize(("lost", "age"), [(12.0, "12 秒"), (200.0, "3 分钟"), (7300.0, "2 小时")])
def test_loss_shows_the_age_and_nothing_is_new(state: BoardState, lost: float, age: str) -> None:
    old = replace(state, lost=lost)
    assert age in present(old, NOW).lost
    assert not any(row.newest for row in call_rows(old, NOW))


def test_a_closed_day_shows_no_calls(state: BoardState, hall_seen: HallSnapshot) -> None:
    closed = replace(state, hall=hall_seen.model_copy(update={"open": False}))
    assert call_rows(closed, NOW) == ()
    assert present(closed, NOW).empty == "现在没有开放取号"


def test_windows_are_shown_all_or_not_at_all(state: BoardState, hall_seen: HallSnapshot) -> None:
    assert len(window_rows(state)) == 2
    many = tuple(hall_seen.windows[0].model_copy(update={"id": f"w{n}"}) for n in range(20))
    assert window_rows(replace(state, hall=hall_seen.model_copy(update={"windows": many}))) == ()


def test_whose_decision_is_there_is_asked_back(state: BoardState, hall_seen: HallSnapshot) -> None:
    back = (BackTicket(number="A015", window="2"), BackTicket(number="B003", window="1"))
    told = replace(state, hall=hall_seen.model_copy(update={"back": back}))
    assert present(told, NOW).notice == "您等的结果到了：A015 请回 2 号窗口、B003 请回 1 号窗口"
    assert (present(told, NOW).back, present(state, NOW).back) == (True, False)
    assert not present(replace(told, lost=60.0), NOW).back


def test_queues_by_service(state: BoardState) -> None:
    assert [(row.name, row.waiting) for row in queue_rows(state)] == [
        ("综合业务", "3 人"),
        ("社保医保", "12 人"),
        ("户政居住", "0 人"),
    ]


@pytest.fixture
def board(qt: object, fake_hall: Any) -> Iterator[Board]:
    board = Board(lambda: fake_hall, lambda: NOW)
    board.window.resize(1920, 1080)
    board.window.show()
    yield board
    board.close()


def slides_of(language: str) -> list[BoardSlide]:
    """A guide with the most on it, and a notice."""
    lines = tuple({language: f"{n}. {'残疾人证（原件 1，复印件 1，有这种情况才要）'}"} for n in range(1, 8))
    name = {language: "城乡居民最低生活保障待遇申请（含低收入家庭认定）"}
    notice = "因线路检修，本月二十八日下午三点到五点暂停办理，请合理安排时间。"
    return [
        BoardSlide(id="guide-1", kind="guide", title=name, lines=lines),
        BoardSlide(id="notice-1", kind="notice", title={language: "大厅公告"}, lines=({language: notice * 2},)),
    ]


def nobody_called(state: BoardState) -> HallSnapshot:
    assert state.hall is not None
    return state.hall.model_copy(update={"windows": (), "calls": ()})


def one_called(state: BoardState) -> HallSnapshot:
    """A while ago, and not there yet."""
    assert state.hall is not None
    calls = tuple(call.model_copy(update={"at": "2026-11-23T10:00:00+08:00"}) for call in state.hall.calls)
    return state.hall.model_copy(update={"windows": state.hall.windows[:1], "calls": calls})


def in_turn(shown: BoardSlide, hall: HallSnapshot) -> BoardSlides:
    """A playlist in which this slide is on now."""
    lists = (BoardSlides(seconds=seconds, slides=(shown,)) for seconds in range(5, 60))
    return next(one for one in lists if slide_now(one, hall, NOW) == shown)


def drawn(board: Board, state: BoardState) -> QQuickWindow:
    board.show_state(state)
    for _ in range(4):
        for item in list(items(board.window)):
            item.ensurePolished()
        QCoreApplication.processEvents()
    return board.window


@pytest.mark.screen
@pytest.mark.parametrize("size", [(1920, 1080), (1280, 720)])
@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
def test_every_state_fits(qt: object, fake_hall: Any, state: BoardState, size: tuple[int, int], language: str) -> None:
    board = Board(lambda: fake_hall, lambda: NOW, language=language)
    board.window.resize(*size)
    board.window.show()
    state = replace(state, language=language)
    states = {
        "calling": state,
        "lost": replace(state, lost=200.0),
        "starting": BoardState(language=language),
        "quiet": replace(state, hall=state.hall.model_copy(update={"calls": ()})) if state.hall else state,
    }
    for n, shown in enumerate(slides_of(language)):
        halls = {"alone": nobody_called(state), "beside": one_called(state)}
        for name, hall in halls.items() if shown.kind == "notice" else [("alone", halls["alone"])]:
            states[f"slide-{n}-{name}"] = replace(state, hall=hall, slides=in_turn(shown, hall))
    if state.hall is not None:
        back = tuple(BackTicket(number=f"A{n:03d}", window="1") for n in range(15, 20))
        states["back"] = replace(state, hall=state.hall.model_copy(update={"back": back}))
    for name, each in states.items():
        window = drawn(board, each)
        folder = os.environ.get("HALL_SCREENSHOTS")
        if folder:
            window.grabWindow().save(str(Path(folder) / f"board-{size[0]}-{language}-{name}.png"))
        for item in items(window):
            text = item.property("text")
            if isinstance(text, str) and text and item.property("contentWidth") is not None:
                place = rect(item)
                assert item.property("contentWidth") <= item.width() + 1, text
                assert frame_of(item).contains(place), text
        assert all(each["name"] for each in controls(window))
    assert board.engine.complaints == []
    board.close()


def frame_of(item: QQuickItem) -> QRectF:
    """The list or else the window that has to hold this text."""
    parent = item.parentItem()
    while parent.objectName() != "calls" and parent.parentItem() is not None:
        parent = parent.parentItem()
    return rect(parent).adjusted(-1, -1, 1, 1)


@pytest.mark.screen
def test_a_new_call_keeps_the_rows_below(board: Board, state: BoardState) -> None:
    """Row-level signals: only the new line and the changed ones are touched."""
    window = drawn(board, state)
    before = {item.objectName(): item for item in items(window) if item.objectName().startswith("call_")}
    assert state.hall is not None
    call = CalledTicket(number="A018", window="w2", area="a", calls=1, at="2026-11-23T10:15:00+08:00")
    calls = (call, *state.hall.calls[:4])
    drawn(board, replace(state, hall=state.hall.model_copy(update={"calls": calls})))
    after = {item.objectName(): item for item in items(window) if item.objectName().startswith("call_")}
    assert sorted(after) == ["call_A016", "call_A017", "call_A018", "call_B009", "call_C004"]
    assert all(after[name] is before[name] for name in ("call_A016", "call_A017", "call_B009", "call_C004"))
