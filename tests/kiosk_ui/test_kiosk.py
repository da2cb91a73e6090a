"""The whole kiosk as a person meets it: through the screen link alone, against a fake hall."""

import base64
import json
import stat
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEventLoop, QTimer
from PySide6.QtGui import QImage
from PySide6.QtNetwork import QLocalSocket
from PySide6.QtQuick import QQuickWindow

from edge.api.schema import MaskedHolder, TicketSnapshot
from kiosk_ui.screen_link import ScreenLink
from kiosk_ui.terminal.app import Terminal

pytestmark = pytest.mark.screen


class Person:
    """Sees pictures and names, touches places. Knows nothing else."""

    def __init__(self, path: Path) -> None:
        self._line = QLocalSocket()
        self._line.connectToServer(str(path))
        assert self._line.waitForConnected(2000)
        self._rest = b""
        self.events: list[dict[str, Any]] = []

    def ask(self, **request: Any) -> dict[str, Any]:
        return self.say(json.dumps({"id": 1} | request).encode())

    def say(self, line: bytes) -> dict[str, Any]:
        self._line.write(line + b"\n")
        self._line.flush()
        answers: list[dict[str, Any]] = []
        wait_until(lambda: bool(answers) or self._hear(answers))
        return answers[0]

    def _hear(self, answers: list[dict[str, Any]]) -> bool:
        *lines, self._rest = (self._rest + self._line.readAll().data()).split(b"\n")
        for line in lines:
            message = json.loads(line)
            (self.events if "event" in message else answers).append(message)
        return bool(answers)

    def listen(self) -> int:
        self._hear([])
        return len(self.events)

    def page(self) -> str:
        return str(self.ask(do="controls")["page"])

    def texts(self) -> str:
        return "\n".join(each["name"] for each in self.ask(do="controls")["controls"])

    def find(self, name: str) -> dict[str, Any]:
        found = [each for each in self.ask(do="controls")["controls"] if name in (each["name"], each["object"])]
        assert found, f"{name} is not on the screen:\n{self.texts()}"
        return found[0]

    def tap(self, name: str) -> None:
        x, y, width, height = self.find(name)["rect"]
        assert self.ask(do="tap", x=x + width / 2, y=y + height / 2)["ok"]

    def see(self, page: str) -> None:
        wait_until(lambda: self.page() == page)

    def close(self) -> None:
        self._line.abort()


def wait_until(met: Callable[[], bool], seconds: float = 30.0) -> None:
    """Turns Qt's event loop until it is so."""
    end = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < end, "it did not happen in time"
        loop = QEventLoop()
        QTimer.singleShot(5, loop.quit)
        loop.exec()


@pytest.fixture
def terminal(qt: object, fake_hall: Any) -> Iterator[Terminal]:
    ended: list[BaseException | None] = []
    terminal = Terminal(lambda: fake_hall, on_end=ended.append)
    terminal.window.resize(1080, 1920)
    terminal.window.show()
    terminal.window.requestActivate()
    terminal.start()
    yield terminal
    terminal.close()
    QCoreApplication.processEvents()
    assert [error for error in ended if error is not None] == []
    assert terminal.engine.complaints == []
    assert fake_hall.closed


@pytest.fixture
def glass(terminal: Terminal) -> QQuickWindow:
    return terminal.window


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "screen.sock"


@pytest.fixture
def person(glass: QQuickWindow, path: Path) -> Iterator[Person]:
    link = ScreenLink(glass, path)
    person = Person(path)
    person.see("service")
    yield person
    person.close()
    link.close()


def test_a_number_by_tapping(person: Person, fake_hall: Any) -> None:
    person.tap("社保医保, 12 人等候")
    person.see("card")
    person.tap("no_card")
    person.see("number")
    assert "A017" in person.texts()
    assert fake_hall.calls == ["take social"]


def test_nothing_of_the_person_stays(person: Person, fake_hall: Any, holder: MaskedHolder, canary: str) -> None:
    person.tap("service_general")
    person.see("card")
    person.tap("use_card")
    person.see("reading")
    fake_hall.from_outside(lambda: fake_hall.card.put_nowait(holder))
    person.see("holder")
    assert canary in person.texts()
    person.tap("end")
    started = time.monotonic()
    person.see("service")
    assert time.monotonic() - started < 2.0
    assert canary not in person.texts()
    assert "请取走您的身份证" in person.texts()
    wait_until(lambda: "end" in fake_hall.calls)


def test_a_failed_print_leaves_the_number_in_sight(person: Person, fake_hall: Any, ticket: TicketSnapshot) -> None:
    person.tap("service_general")
    person.see("card")
    person.tap("no_card")
    person.see("number")
    fake_hall.push_from_outside(ticket.model_copy(update={"print": "failed"}))
    wait_until(lambda: "没有打印出来，您的号码 A017 仍然有效，请到咨询台补打" in person.texts())


def test_loss_of_the_hall_is_said_and_ends(person: Person, fake_hall: Any) -> None:
    fake_hall.from_outside(fake_hall.go_down)
    person.see("gone")
    assert "请到咨询台取号" in person.texts()
    fake_hall.from_outside(fake_hall.come_back)
    person.see("service")


def test_language_and_large_mode_on_every_page(person: Person) -> None:
    person.tap("service_general")
    person.see("card")
    person.tap("English")
    wait_until(lambda: "ID card or not?" in person.texts())
    person.tap("Large")
    wait_until(lambda: "Normal" in person.texts())
    assert person.page() == "card"


def test_whole_way_with_keys(person: Person) -> None:
    for goal, page in (("service_general", "card"), ("no_card", "number")):
        buttons = [each["object"] for each in person.ask(do="controls")["controls"] if each["role"] == "button"]
        assert goal in buttons
        for _ in range(20):
            person.ask(do="key", key="Tab")
            focused = person_focus(person)
            if focused == goal:
                break
        person.ask(do="key", key="Enter")
        person.see(page)


def test_help_covers_what_lies_under_it(person: Person) -> None:
    person.tap("help")
    wait_until(lambda: "help_close" in {each["object"] for each in person.ask(do="controls")["controls"]})
    assert person.find("service_general")["enabled"] is False
    x, y, width, _ = person.find("service_general")["rect"]
    person.ask(do="tap", x=x + width / 2, y=y + 5)
    person.tap("help_close")
    wait_until(lambda: person.find("service_general")["enabled"] is True)
    assert person.page() == "service"


def test_the_link_is_private_and_answers_nonsense(person: Person, path: Path) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert person.say(b"{")["error"]
    assert person.say(b"[]")["error"]
    assert "one of" in person.ask(do="dance")["error"]
    assert "number" in person.ask(do="tap", x="1", y=2)["error"]
    assert "outside" in person.ask(do="tap", x=-5, y=2)["error"]
    assert "one of" in person.ask(do="key", key="Power")["error"]
    assert person.page() == "service"


def test_tells_when_the_picture_changed_and_only_then(person: Person) -> None:
    seen = person.ask(do="picture")
    image = QImage.fromData(base64.b64decode(seen["png"]))
    assert (image.width(), image.height()) == (seen["width"], seen["height"]) == (1080, 1920)
    before = seen["n"]
    assert person.ask(do="picture")["n"] == before
    person.tap("contrast")
    wait_until(lambda: person.listen() > 0)
    assert person.events[-1]["n"] > before


def test_a_thousand_snapshots_lose_no_reference(terminal: Terminal, qt: object) -> None:
    """PySide 6.12 dropped one reference to None a call on Python 3.11 and aborted after some thousand."""
    wait_until(lambda: terminal.window.property("pageName") == "service")
    shown = terminal.bridge._last
    QCoreApplication.processEvents()
    before = sys.getrefcount(None)
    for _ in range(1000):
        terminal.bridge.show(shown)
        QCoreApplication.processEvents()
    assert abs(sys.getrefcount(None) - before) < 200


def person_focus(person: Person) -> str:
    found = [each for each in person.ask(do="controls")["controls"] if each.get("focused")]
    return found[0]["object"] if found else ""
