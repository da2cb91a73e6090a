"""Every page on the real renderer: no QML warning, nothing cut off, every control named, large enough and alone.

With HALL_SCREENSHOTS=<folder> each picture is saved there.
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, product
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QRectF
from PySide6.QtQuick import QQuickItem, QQuickWindow

from kiosk_ui.controls import controls, items, rect
from kiosk_ui.qt.application import page
from kiosk_ui.qt.engine import HallEngine
from kiosk_ui.terminal import app as terminal_app
from kiosk_ui.terminal.bridge import Bridge
from kiosk_ui.terminal.sheets import sheets_of
from kiosk_ui.terminal.state import Snapshot
from kiosk_ui.theme.tokens import MM_PER_PX

pytestmark = pytest.mark.screen
PANELS = [(1080, 1920), (1920, 1080), (1280, 800)]
LANGUAGES = ["zh-Hans", "zh-Hant", "en"]


class Glass:
    """The kiosk's window without a hall: shows any snapshot."""

    def __init__(self) -> None:
        self.bridge = Bridge(lambda touch: None, mm_per_px=MM_PER_PX)
        self.engine = HallEngine(self.bridge.parts)
        self.window: QQuickWindow = self.engine.open(page(terminal_app.__file__, "Main.qml"))
        self.window.show()

    def show(self, snapshot: Snapshot, size: tuple[int, int]) -> None:
        snapshot = replace(snapshot, tall=size[1] > size[0])
        if snapshot.page == "guide":
            snapshot = replace(snapshot, sheet=min(snapshot.sheet, sheets_of(snapshot) - 1))
        self.window.resize(*size)
        self.bridge.fit(*size)
        self.bridge.show(snapshot)
        QCoreApplication.processEvents()
        for _ in range(4):  # a wrapped text changes a height, which changes a width beside it
            for item in list(items(self.window)):
                item.ensurePolished()
            QCoreApplication.processEvents()


@pytest.fixture(scope="module")
def glass(qt: object) -> Iterator[Glass]:
    glass = Glass()
    yield glass
    glass.window.close()


@pytest.mark.parametrize("large", [False, True], ids=["normal", "large"])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", PANELS, ids=lambda size: f"{size[0]}x{size[1]}")
def test_every_page_fits_and_is_named(
    glass: Glass, pages: dict[str, Snapshot], size: tuple[int, int], language: str, large: bool
) -> None:
    faults = []
    for name, snapshot in pages.items():
        glass.show(replace(snapshot, language=language, large=large), size)
        save(glass.window, f"{size[0]}x{size[1]}-{language}-{'large' if large else 'normal'}-{name}")
        faults += [f"{name}: {fault}" for fault in faults_of(glass.window, 25 if large else 20)]
    assert "\n".join(faults) == ""
    assert glass.engine.complaints == []


def test_high_contrast_has_no_warnings(glass: Glass, pages: dict[str, Snapshot]) -> None:
    for name, snapshot in pages.items():
        glass.show(replace(snapshot, contrast=True), PANELS[0])
        save(glass.window, f"contrast-{name}")
    assert glass.engine.complaints == []


def test_the_telephone_is_on_every_page(glass: Glass, pages: dict[str, Snapshot]) -> None:
    """As soon as the hall is known: for complaints, on tall panels and wide ones."""
    known = {name: snapshot for name, snapshot in pages.items() if snapshot.catalogue is not None}
    for at, (name, snapshot) in enumerate(known.items()):
        glass.show(snapshot, PANELS[at % 2])
        shown = [each["name"] for each in controls(glass.window) if each["object"] == "phone"]
        assert shown == ["咨询投诉电话 0755-00000000"], name


def test_never_more_than_six_choices(glass: Glass, pages: dict[str, Snapshot]) -> None:
    for large, most in ((False, 6), (True, 4)):
        glass.show(replace(pages["service-many"], large=large), PANELS[0])
        found = [each["object"] for each in controls(glass.window)]
        assert len([name for name in found if name.startswith("service_")]) == most


def test_a_wipe_makes_every_item_anew(glass: Glass, pages: dict[str, Snapshot], canary: str) -> None:
    """Home, a person's card, home again: not a name, not an item, not a pixel is left."""
    home = replace(pages["service"], session=1)
    glass.show(home, PANELS[0])
    neutral = picture(glass.window)
    before = {item.objectName(): item for item in items(glass.window) if item.objectName().startswith("service_")}
    kept = list(before.values())
    glass.show(replace(pages["holder"], session=1), PANELS[0])
    assert canary in texts(glass.window)
    assert picture(glass.window) != neutral
    glass.show(replace(home, session=2), PANELS[0])
    assert canary not in texts(glass.window)
    assert canary not in "".join(each["name"] for each in controls(glass.window))
    assert picture(glass.window) == neutral
    after = [item for item in items(glass.window) if item.objectName().startswith("service_")]
    assert not any(old is new for old, new in product(kept, after))


def test_full_way_by_keyboard(glass: Glass, pages: dict[str, Snapshot]) -> None:
    """Tab reaches every enabled button of a page."""
    glass.show(pages["card"], PANELS[0])
    glass.window.requestActivate()
    reached = set()
    for _ in range(20):
        press_tab(glass.window)
        focused = glass.window.activeFocusItem()
        if focused is not None:
            reached.add(focused.objectName())
    buttons = {each["object"] for each in controls(glass.window) if each["role"] in ("button", "checkbox")}
    assert buttons <= reached


# --- what can be wrong with a picture ---------------------------------------------------------------------


def faults_of(window: QQuickWindow, least_mm: float) -> list[str]:
    return [*overflows(window), *unnamed(window), *too_small(window, least_mm), *too_close(window)]


def overflows(window: QQuickWindow) -> Iterator[str]:
    glass = QRectF(-1, -1, window.width() + 2, window.height() + 2)
    for item in items(window):
        text = item.property("text")
        drawn = item.property("contentWidth")
        if not isinstance(text, str) or not text or drawn is None:
            continue
        if drawn > item.width() + 1 or item.property("contentHeight") > item.height() + 1:
            yield f"cut off: {text!r}"
        frame = frame_of(item)
        if not glass.contains(rect(item)) or (frame and not frame.contains(rect(item))):
            yield f"sticks out: {text!r}"


def frame_of(item: QQuickItem) -> QRectF | None:
    """The button or the page's stage that has to hold this text."""
    parent = item.parentItem()
    while parent is not None:
        if parent.objectName() == "stage" or parent.property("spoken") is not None:
            return rect(parent).adjusted(-1, -1, 1, 1)
        parent = parent.parentItem()
    return None


def unnamed(window: QQuickWindow) -> Iterator[str]:
    for each in controls(window):
        if not each["name"] or (each["role"] == "button" and not each["object"]):
            yield f"no name: {each}"


def buttons(window: QQuickWindow) -> list[dict[str, Any]]:
    return [each for each in controls(window) if each["role"] in ("button", "checkbox") and each["enabled"]]


def too_small(window: QQuickWindow, least_mm: float) -> Iterator[str]:
    for each in buttons(window):
        _, _, width, height = each["rect"]
        if min(width, height) * MM_PER_PX < least_mm:
            yield f"too small: {each['object']} {width}x{height}"


def too_close(window: QQuickWindow) -> Iterator[str]:
    for one, other in combinations(buttons(window), 2):
        around = QRectF(*one["rect"]).adjusted(-1.5 / MM_PER_PX, -1.5 / MM_PER_PX, 1.5 / MM_PER_PX, 1.5 / MM_PER_PX)
        beside = QRectF(*other["rect"]).adjusted(-1.4 / MM_PER_PX, -1.4 / MM_PER_PX, 1.4 / MM_PER_PX, 1.4 / MM_PER_PX)
        if around.intersects(beside):
            yield f"too close: {one['object']} and {other['object']}"


def texts(window: QQuickWindow) -> str:
    return "\n".join(str(item.property("text") or "") for item in items(window))


def picture(window: QQuickWindow) -> bytes:
    return bytes(window.grabWindow().constBits())


def press_tab(window: QQuickWindow) -> None:
    from PySide6.QtCore import QEvent, Qt
    from PySide6.QtGui import QKeyEvent

    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        QCoreApplication.sendEvent(window, QKeyEvent(kind, Qt.Key.Key_Tab, Qt.KeyboardModifier.NoModifier))


def save(window: QQuickWindow, name: str) -> None:
    folder = os.environ.get("HALL_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        window.grabWindow().save(str(Path(folder) / f"{name}.png"))
