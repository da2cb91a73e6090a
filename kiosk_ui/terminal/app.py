"""`hall-kiosk`: the self-service terminal's screen. Ends with 0 on SIGTERM, with 1 on a mistake of our own."""

import asyncio
import logging
import signal
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtQuick import QQuickWindow

from edge.api.client import HallClient
from kiosk_ui.hall_port import Hall
from kiosk_ui.qt.application import QuitOnSignal, application, page, parse_size, show
from kiosk_ui.qt.engine import HallEngine
from kiosk_ui.qt.garbage import MainThreadGarbage
from kiosk_ui.qt.loop_thread import LoopThread
from kiosk_ui.screen_link import ScreenLink
from kiosk_ui.terminal.bridge import Bridge
from kiosk_ui.terminal.conductor import Conductor
from kiosk_ui.terminal.session import Session
from kiosk_ui.terminal.state import TIMES, Fitted, Times, Touch
from kiosk_ui.theme.look import follow_look
from kiosk_ui.theme.tokens import MM_PER_PX

_log = logging.getLogger(__name__)


class Terminal(QObject):
    """One kiosk: window, session and its line to the hall. `open_hall` is called in the client's thread."""

    _ended = Signal(object)

    def __init__(
        self,
        open_hall: Callable[[], Hall],
        *,
        place: str = "",
        language: str = "zh-Hans",
        mm_per_px: float = MM_PER_PX,
        times: Times = TIMES,
        on_end: Callable[[BaseException | None], None] = lambda error: None,
    ) -> None:
        super().__init__()
        self._open_hall = open_hall
        self._conductor: Conductor | None = None
        self._tall = False
        self._session = Session(lambda: f"kiosk-{uuid4().hex}", place=place, language=language, times=times)
        self.bridge = Bridge(self._tell, mm_per_px=mm_per_px)
        self.engine = HallEngine(self.bridge.parts)
        self.window: QQuickWindow = self.engine.open(page(__file__, "Main.qml"))
        self.window.installEventFilter(self.bridge)
        self.window.widthChanged.connect(self._fit)
        self.window.heightChanged.connect(self._fit)
        self._fit()
        self._ended.connect(on_end, Qt.ConnectionType.QueuedConnection)
        self._garbage = MainThreadGarbage(self)
        self._thread = LoopThread(self._work, self._ended.emit)

    def start(self) -> None:
        self._garbage.start()
        self._thread.start()

    def close(self) -> None:
        """Stops the reader and the line to the hall, then the window."""
        self._thread.stop()
        self.window.close()
        self._garbage.stop()

    def _work(self) -> Coroutine[Any, Any, None]:
        return self._serve()

    async def _serve(self) -> None:
        hall = self._open_hall()
        self._conductor = Conductor(hall, self._session, self.bridge.show)
        self._conductor.post(Fitted(self._tall))
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(follow_look(hall, self.bridge.wear))
                tasks.create_task(self._conductor.run())
        finally:
            await hall.close()

    def _tell(self, event: Touch | Fitted) -> None:
        conductor = self._conductor
        if conductor is not None:
            self._thread.post(lambda: conductor.post(event))

    def _fit(self) -> None:
        self.bridge.fit(self.window.width(), self.window.height())
        self._tall = self.window.height() > self.window.width()
        self._tell(Fitted(self._tall))


def run(
    socket: Annotated[Path, typer.Option(help="halld's unix socket")],
    place: Annotated[str, typer.Option(help="this kiosk's id in site.yaml")] = "k1",
    size: Annotated[str, typer.Option(help="WIDTHxHEIGHT; without it the screen is filled")] = "",
    screen_link: Annotated[Path | None, typer.Option(help="socket of docs/screen-link.md; off without it")] = None,
    windowed: Annotated[bool, typer.Option(help="with a frame, for a desk")] = False,
    language: Annotated[str, typer.Option(help="of a fresh session: zh-Hans, zh-Hant, en")] = "zh-Hans",
    mm_per_px: Annotated[float, typer.Option(help="pitch of the panel, for sizes in millimetres")] = MM_PER_PX,
) -> None:
    """The screen of a self-service terminal."""
    app = application("hall-kiosk")
    QuitOnSignal(app, (signal.SIGTERM, signal.SIGINT))

    def ended(error: BaseException | None) -> None:
        if error is not None:
            _log.error("the session machine stopped", exc_info=error)
        app.exit(0 if error is None else 1)

    terminal = Terminal(
        lambda: HallClient(socket=str(socket), place=place, language=language),
        place=place,
        language=language,
        mm_per_px=mm_per_px,
        on_end=ended,
    )
    link = ScreenLink(terminal.window, screen_link) if screen_link else None
    show(terminal.window, parse_size(size) if size else None, windowed)
    terminal.start()
    code = app.exec()
    if link is not None:
        link.close()
    terminal.close()
    raise typer.Exit(code)


def main() -> None:
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)  # a traceback with locals shows people
    app.command()(run)
    app()


if __name__ == "__main__":
    main()
