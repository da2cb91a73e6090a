"""Starting and ending a screen process: renderer, fonts, size, signals."""

import os
import signal
import socket
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QSocketNotifier, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtQuick import QQuickWindow


def application(name: str) -> QGuiApplication:
    """The software renderer unless the caller chose another: ten times faster a tap without a GPU."""
    os.environ.setdefault("QT_QUICK_BACKEND", "software")
    os.environ.setdefault("QT_QUICK_CONTROLS_STYLE", "Basic")
    app = QGuiApplication.instance() or QGuiApplication([name])
    assert isinstance(app, QGuiApplication)
    app.setApplicationName(name)
    app.setQuitOnLastWindowClosed(True)
    return app


def parse_size(text: str) -> tuple[int, int]:
    """`1080x1920` -> (1080, 1920). Raises ValueError."""
    width, _, height = text.lower().partition("x")
    return int(width), int(height)


def show(window: QQuickWindow, size: tuple[int, int] | None, windowed: bool) -> None:
    """Without a size the screen is filled; with one the window has it, framed only when `windowed`."""
    if not windowed:
        window.setFlags(Qt.WindowType.Window | Qt.WindowType.FramelessWindowHint)
    if size is None and not windowed:
        window.showFullScreen()
        return
    if size is not None:
        window.resize(*size)
    window.show()


class QuitOnSignal(QObject):
    """SIGTERM and SIGINT end the event loop; Qt alone would only notice at its next event."""

    def __init__(self, app: QGuiApplication, signals: Sequence[signal.Signals]) -> None:
        super().__init__(app)
        self._app = app
        self._reader, self._writer = socket.socketpair()
        for end in (self._reader, self._writer):
            end.setblocking(False)
        signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        for each in signals:
            signal.signal(each, lambda *_: None)
        self._notifier = QSocketNotifier(self._reader.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._quit)

    def _quit(self) -> None:
        self._reader.recv(64)
        self._app.exit(0)


def page(package_file: str, name: str) -> Path:
    """A QML file beside a module."""
    return Path(package_file).resolve().parent / name
