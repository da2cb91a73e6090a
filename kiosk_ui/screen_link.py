"""Eyes and fingers for a screen from outside: pictures, controls, taps and keys over a local socket.

The protocol is docs/screen-link.md. Touches go in as Qt events at a place on the window, as a person's do: there
is no other way into the screen. Off unless asked for; only the same user may connect (mode 0600).
"""

import base64
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from zlib import crc32

from PySide6.QtCore import QBuffer, QCoreApplication, QEvent, QIODevice, QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent
from PySide6.QtNetwork import QLocalServer, QLocalSocket
from PySide6.QtQuick import QQuickWindow

from kiosk_ui.controls import controls

_log = logging.getLogger(__name__)
_CHANGED_EVERY_MS: Final = 100
_LONGEST_LINE: Final = 4096
_KEYS: Final = {
    "Enter": Qt.Key.Key_Return,
    "Space": Qt.Key.Key_Space,
    "Tab": Qt.Key.Key_Tab,
    "Backtab": Qt.Key.Key_Backtab,
    "Escape": Qt.Key.Key_Escape,
    "Up": Qt.Key.Key_Up,
    "Down": Qt.Key.Key_Down,
    "Left": Qt.Key.Key_Left,
    "Right": Qt.Key.Key_Right,
}
Message = dict[str, Any]


class BadRequest(Exception):
    """The line is not a request of the protocol; the text goes back to the asker."""


class ScreenLink(QObject):
    """Serves one window at `path`. Raises OSError when the socket cannot be made."""

    def __init__(self, window: QQuickWindow, path: Path) -> None:
        super().__init__(window)
        self._window = window
        self._lines: dict[QLocalSocket, bytes] = {}
        self._n = 0
        self._seen: tuple[int, int] | None = None
        self._asks: dict[str, Callable[[Message], Message]] = {
            "picture": self._picture,
            "controls": self._controls,
            "tap": self._tap,
            "key": self._key,
        }
        self._quiet = QTimer(self, singleShot=True, interval=_CHANGED_EVERY_MS)
        self._quiet.timeout.connect(self._look)
        window.frameSwapped.connect(self._painted)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._welcome)
        QLocalServer.removeServer(str(path))
        if not self._server.listen(str(path)):
            raise OSError(self._server.errorString())
        path.chmod(0o600)

    def close(self) -> None:
        self._server.close()

    def _welcome(self) -> None:
        while (line := self._server.nextPendingConnection()) is not None:
            self._lines[line] = b""
            line.readyRead.connect(lambda line=line: self._read(line))
            line.disconnected.connect(lambda line=line: self._forget(line))

    def _forget(self, line: QLocalSocket) -> None:
        self._lines.pop(line, None)
        line.deleteLater()

    def _read(self, line: QLocalSocket) -> None:
        if line not in self._lines:
            return
        *requests, rest = (self._lines[line] + line.readAll().data()).split(b"\n")
        self._lines[line] = rest
        if len(rest) > _LONGEST_LINE:
            line.abort()
            return
        for request in requests:
            if request.strip():
                _send(line, self._answer(request))

    def _answer(self, request: bytes) -> Message:
        try:
            wanted = json.loads(request)
        except ValueError:
            return {"id": None, "error": "not JSON"}
        if not isinstance(wanted, dict):
            return {"id": None, "error": "not an object"}
        try:
            ask = self._asks.get(str(wanted.get("do")))
            if ask is None:
                raise BadRequest(f"do: one of {', '.join(self._asks)}")
            return {"id": wanted.get("id")} | ask(wanted)
        except BadRequest as error:
            return {"id": wanted.get("id"), "error": str(error)}

    # --- eyes ---------------------------------------------------------------------------------------

    def _picture(self, _: Message) -> Message:
        image = self._window.grabWindow()
        self._note(image)
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        image.save(buffer, "PNG", 80)  # type: ignore[call-overload]
        png = base64.b64encode(buffer.data().data()).decode("ascii")
        return {"png": png, "width": image.width(), "height": image.height(), "n": self._n}

    def _controls(self, _: Message) -> Message:
        return {"page": self._window.property("pageName") or "", "controls": controls(self._window)}

    def _painted(self) -> None:
        if self._lines and not self._quiet.isActive():
            self._quiet.start()

    def _look(self) -> None:
        if self._lines and self._note(self._window.grabWindow()):
            for line in self._lines:
                _send(line, {"event": "changed", "n": self._n})

    def _note(self, image: QImage) -> bool:
        """Number the picture; True when it differs from the last one looked at."""
        seen = (image.width(), crc32(image.constBits()))
        if seen == self._seen:
            return False
        self._seen = seen
        self._n += 1
        return True

    # --- fingers ------------------------------------------------------------------------------------

    def _tap(self, wanted: Message) -> Message:
        at = QPointF(_number(wanted, "x"), _number(wanted, "y"))
        if not self._window.contentItem().contains(at):
            raise BadRequest("outside the window")
        left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
        for kind, held in ((QEvent.Type.MouseButtonPress, left), (QEvent.Type.MouseButtonRelease, none)):
            where = self._window.mapToGlobal(at)
            event = QMouseEvent(kind, at, where, left, held, Qt.KeyboardModifier.NoModifier)
            QCoreApplication.sendEvent(self._window, event)
        return {"ok": True}

    def _key(self, wanted: Message) -> Message:
        name = wanted.get("key")
        if name not in _KEYS:
            raise BadRequest(f"key: one of {', '.join(_KEYS)}")
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            event = QKeyEvent(kind, _KEYS[name], Qt.KeyboardModifier.NoModifier)
            QCoreApplication.sendEvent(self._window, event)
        return {"ok": True}


def _number(wanted: Message, name: str) -> float:
    value = wanted.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadRequest(f"{name}: a number")
    return float(value)


def _send(line: QLocalSocket, message: Message) -> None:
    line.write(json.dumps(message, ensure_ascii=False).encode() + b"\n")
