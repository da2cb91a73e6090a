"""Kiosk and board in a city's theme: the unified logo in the right form, its colours, and nothing else changed.

With HALL_SCREENSHOTS=<folder> each picture is saved there.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import QCoreApplication, QEventLoop, QTimer
from PySide6.QtGui import QAccessible, QColor
from PySide6.QtQuick import QQuickItem, QQuickWindow

import config
from config.looks import CONTRAST
from edge.api.schema import Catalogue, HallSnapshot
from edge.api.theme_schema import ThemeSheet
from edge.theme.pack import Theme
from edge.theme.reading import read_pack
from kiosk_ui.board.app import Board
from kiosk_ui.board.view import BoardState
from kiosk_ui.terminal.app import Terminal
from kiosk_ui.terminal.state import Snapshot
from kiosk_ui.theme.look import OWN, Look, look_of
from tests.kiosk_ui.test_board import drawn
from tests.kiosk_ui.test_pages import LANGUAGES, PANELS, Glass, faults_of, overflows, save, texts

pytestmark = pytest.mark.screen
SHOWN = ("service", "holder", "number", "number-failed", "guides-topics", "problem-stopped")
MAIN = "#0B5E4A"


def sheet(name: str) -> ThemeSheet:
    theme, _ = read_pack(config.folder() / "themes" / name)
    assert isinstance(theme, Theme)
    return ThemeSheet(
        name=dict(theme.name),
        main=theme.colours.main,
        accent=theme.colours.accent,
        high_contrast=theme.colours.high_contrast,
        on_light=theme.on_light.data_url,
        on_dark=theme.on_dark.data_url,
    )


STATIONS = look_of(sheet("sample-stations"))


@pytest.fixture(scope="module")
def glass(qt: object) -> Iterator[Glass]:
    glass = Glass()
    yield glass
    glass.window.close()


def until(met: Callable[[], bool], seconds: float = 20.0) -> None:
    """Qt goes on meanwhile: the logo is unpacked beside the picture."""
    end = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < end
        loop = QEventLoop()
        QTimer.singleShot(10, loop.quit)
        loop.exec()


def logo(window: QQuickWindow) -> QQuickItem:
    found = window.findChild(QQuickItem, "logo")
    assert isinstance(found, QQuickItem)
    return found


def dressed(glass: Glass, look: Look, snapshot: Snapshot, size: tuple[int, int]) -> None:
    glass.bridge.wear(look)
    glass.show(snapshot, size)
    wanted = look.on_dark if snapshot.contrast else look.on_light
    until(lambda: logo(glass.window).property("source").toString() == wanted)
    until(lambda: logo(glass.window).isVisible() == bool(wanted))
    glass.show(snapshot, size)


def colours(window: QQuickWindow) -> set[str]:
    """Those of the whole picture, sampled."""
    picture = window.grabWindow()
    points = ((x, y) for x in range(0, picture.width(), 7) for y in range(0, picture.height(), 7))
    return {picture.pixelColor(x, y).name().upper() for x, y in points}


@pytest.mark.parametrize("large", [False, True], ids=["normal", "large"])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", PANELS, ids=lambda size: f"{size[0]}x{size[1]}")
def test_pages_fit_with_the_logo(
    glass: Glass, pages: dict[str, Snapshot], size: tuple[int, int], language: str, large: bool
) -> None:
    faults = []
    for name in SHOWN:
        dressed(glass, STATIONS, replace(pages[name], language=language, large=large), size)
        save(glass.window, f"worn-{size[0]}x{size[1]}-{language}-{'large' if large else 'normal'}-{name}")
        faults += [f"{name}: {fault}" for fault in faults_of(glass.window, 25 if large else 20)]
    assert "\n".join(faults) == ""
    assert glass.engine.complaints == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_whoever_does_not_see_the_logo_is_told_its_name(
    glass: Glass, pages: dict[str, Snapshot], language: str
) -> None:
    dressed(glass, STATIONS, replace(pages["service"], language=language), PANELS[0])
    spoken = QAccessible.queryAccessibleInterface(logo(glass.window))
    assert spoken is not None
    assert spoken.text(QAccessible.Text.Name) == STATIONS.name[language]


def test_the_citys_colours_are_on_the_page_and_the_states_are_ours(glass: Glass, pages: dict[str, Snapshot]) -> None:
    dressed(glass, OWN, pages["number-failed"], PANELS[0])
    own = colours(glass.window)
    dressed(glass, STATIONS, pages["number-failed"], PANELS[0])
    worn = colours(glass.window)
    assert {MAIN, STATIONS.colours.accent} <= worn
    assert "#17495C" in own - worn
    assert {"#FBE7DF"} <= own & worn  # the ground of what went wrong


def test_high_contrast_keeps_its_black_and_takes_the_citys_light_colour(
    glass: Glass, pages: dict[str, Snapshot]
) -> None:
    dressed(glass, STATIONS, replace(pages["service"], contrast=True), PANELS[0])
    save(glass.window, "worn-contrast-service")
    shown = colours(glass.window)
    assert {CONTRAST.paper, STATIONS.colours.high_contrast} <= shown
    halls = look_of(sheet("sample-halls"))  # says nothing of high contrast
    dressed(glass, halls, replace(pages["service"], contrast=True), PANELS[0])
    assert {CONTRAST.paper, CONTRAST.deep} <= colours(glass.window)


def test_a_logo_that_cannot_be_drawn_leaves_no_hole(glass: Glass, pages: dict[str, Snapshot]) -> None:
    dressed(glass, OWN, pages["service"], PANELS[0])
    before = glass.window.grabWindow()
    broken = Look(on_light="data:image/svg+xml;base64,PHN2Zw==", name={"zh-Hans": "x"})
    glass.bridge.wear(broken)
    until(lambda: bool(glass.engine.complaints))
    glass.show(pages["service"], PANELS[0])
    assert not logo(glass.window).isVisible()
    assert glass.window.grabWindow() == before
    assert list(overflows(glass.window)) == []
    glass.engine.complaints.clear()
    glass.bridge.wear(OWN)


def test_a_kiosk_wears_what_its_hall_says(qt: object, fake_hall: Any) -> None:
    fake_hall.sheet = sheet("sample-stations")
    terminal = Terminal(lambda: fake_hall)
    terminal.window.resize(1080, 1920)
    terminal.window.show()
    terminal.start()
    try:
        until(lambda: logo(terminal.window).isVisible())
        assert terminal.window.grabWindow().width() == 1080
    finally:
        terminal.close()
    assert terminal.engine.complaints == []


def test_a_hall_of_before_knows_no_themes_and_the_kiosk_works(qt: object, fake_hall: Any) -> None:
    from edge.api.client import NotAllowed

    async def unknown() -> ThemeSheet:
        raise NotAllowed(404, "Not Found")

    fake_hall.theme = unknown
    terminal = Terminal(lambda: fake_hall)
    terminal.window.show()
    terminal.start()
    try:
        until(lambda: "综合业务" in texts(terminal.window))
        assert not logo(terminal.window).isVisible()
    finally:
        terminal.close()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", [(1920, 1080), (1280, 720)])
def test_the_board_bears_the_logo(
    qt: object, fake_hall: Any, catalogue: Catalogue, hall_seen: HallSnapshot, size: tuple[int, int], language: str
) -> None:
    now = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    board = Board(lambda: fake_hall, lambda: now, language=language)
    board.window.resize(*size)
    board.window.show()
    board.wear(STATIONS)
    state = BoardState(language=language, catalogue=catalogue, hall=hall_seen)
    until(lambda: logo(board.window).isVisible())
    window = drawn(board, state)
    save(window, f"worn-board-{size[0]}-{language}")
    assert logo(window).property("source").toString() == STATIONS.on_dark
    assert {MAIN, STATIONS.colours.accent} <= colours(window)
    assert list(overflows(window)) == []
    assert window.grabWindow().pixelColor(2, 2) == QColor(MAIN)
    assert board.engine.complaints == []
    board.close()
    QCoreApplication.processEvents()
