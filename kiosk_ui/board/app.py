"""`hall-board`: the screen above the waiting area. Shows calls and queues, no personal data; ends with 0 on SIGTERM."""

import asyncio
import logging
import signal
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

import typer
from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtQuick import QQuickWindow

from edge.api.board_schema import BoardSlides
from edge.api.client import HallClient, HallError
from kiosk_ui.board.view import (
    BoardState,
    CallRow,
    QueueRow,
    WindowRow,
    call_rows,
    present,
    queue_rows,
    window_rows,
)
from kiosk_ui.follow import CatalogueSeen, HallLost, HallSeen, Seen, follow
from kiosk_ui.hall_port import Hall
from kiosk_ui.qt.application import QuitOnSignal, application, page, parse_size, show
from kiosk_ui.qt.engine import HallEngine, register
from kiosk_ui.qt.garbage import MainThreadGarbage
from kiosk_ui.qt.loop_thread import LoopThread
from kiosk_ui.qt.rows import Rows
from kiosk_ui.qt.texts import Values, WordValues
from kiosk_ui.screen_link import ScreenLink
from kiosk_ui.theme.look import OWN, Look, follow_look
from kiosk_ui.theme.tokens import board_tokens

for _name in ("Calls", "Queues", "Windows"):
    register(_name, Rows)
_log = logging.getLogger(__name__)
_SECOND_MS: Final = 1000
_SLIDES_SECONDS: Final = 20.0


class Board(QObject):
    """One board. `open_hall` is called in the client's thread; `now` tells the hall's wall clock."""

    _arrived = Signal(object)
    _look_arrived = Signal(object)
    _ended = Signal(object)

    def __init__(
        self,
        open_hall: Callable[[], Hall],
        now: Callable[[], datetime],
        *,
        language: str = "zh-Hans",
        on_end: Callable[[BaseException | None], None] = lambda error: None,
    ) -> None:
        super().__init__()
        self._open_hall = open_hall
        self._now = now
        self._state = BoardState(language=language)
        self._look = OWN
        self._view, self._words, self._theme = Values(), WordValues(), Values()
        self._calls, self._queues, self._windows = Rows(CallRow), Rows(QueueRow), Rows(WindowRow)
        self._words.speak(language)
        self._theme.show(board_tokens(width=1920, height=1080, language=language))
        self.show_state(self._state)
        self.engine = HallEngine(
            {
                "View": self._view.map,
                "Words": self._words.map,
                "Theme": self._theme.map,
                "Calls": self._calls,
                "Queues": self._queues,
                "Windows": self._windows,
            }
        )
        self.window: QQuickWindow = self.engine.open(page(__file__, "Main.qml"))
        self.window.widthChanged.connect(self._fit)
        self.window.heightChanged.connect(self._fit)
        self._fit()
        self._arrived.connect(self.show_state, Qt.ConnectionType.QueuedConnection)
        self._look_arrived.connect(self.wear, Qt.ConnectionType.QueuedConnection)
        self._ended.connect(on_end, Qt.ConnectionType.QueuedConnection)
        self._clock = QTimer(self, interval=_SECOND_MS)
        self._clock.timeout.connect(lambda: self.show_state(self._state))
        self._garbage = MainThreadGarbage(self)
        self._thread = LoopThread(self._work, self._ended.emit)

    def start(self) -> None:
        self._clock.start()
        self._garbage.start()
        self._thread.start()

    def close(self) -> None:
        self._clock.stop()
        self._thread.stop()
        self.window.close()
        self._garbage.stop()

    def show_state(self, state: BoardState) -> None:
        self._state = state
        now = self._now()
        self._calls.show(call_rows(state, now))
        self._queues.show(queue_rows(state))
        self._windows.show(window_rows(state))
        self._view.show(asdict(present(state, now)))

    def wear(self, look: Look) -> None:
        self._look = look
        self._fit()

    def _work(self) -> Coroutine[Any, Any, None]:
        return self._serve()

    async def _serve(self) -> None:
        hall = self._open_hall()
        news = _News(self._state, self._arrived.emit)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(follow(hall, news.tell))
                tasks.create_task(news.grow_old())
                tasks.create_task(_renew_slides(hall, news))
                tasks.create_task(follow_look(hall, self._look_arrived.emit))
        finally:
            await hall.close()

    def _fit(self) -> None:
        width, height = self.window.width(), self.window.height()
        language = self._state.language
        self._theme.show(board_tokens(width=width, height=height, language=language, look=self._look))


async def _renew_slides(hall: Hall, news: "_News") -> None:
    """A playlist that does not come leaves the last one, whose notices end by themselves."""
    while True:
        with suppress(HallError):
            news.renew(await hall.slides())
        await asyncio.sleep(_SLIDES_SECONDS)


class _News:
    """Folds what is seen of the hall into the board's state, in the client's thread."""

    def __init__(self, state: BoardState, show: Callable[[BoardState], None]) -> None:
        self._state = state
        self._show = show
        self._lost_at: float | None = None

    def tell(self, seen: Seen) -> None:
        match seen:
            case CatalogueSeen(catalogue):
                self._state = replace(self._state, catalogue=catalogue)
            case HallSeen(hall):
                self._lost_at = None
                self._state = replace(self._state, hall=hall, lost=None)
            case HallLost(since):
                self._lost_at = since if self._lost_at is None else self._lost_at
        self._update()

    def renew(self, slides: BoardSlides) -> None:
        self._state = replace(self._state, slides=slides)
        self._update()

    async def grow_old(self) -> None:
        """What is shown ages while nothing comes."""
        while True:
            await asyncio.sleep(1.0)
            if self._lost_at is not None:
                self._update()

    def _update(self) -> None:
        if self._lost_at is not None:
            age = asyncio.get_running_loop().time() - self._lost_at
            self._state = replace(self._state, lost=age)
        self._show(self._state)


def run(
    socket: Annotated[Path, typer.Option(help="halld's unix socket")],
    size: Annotated[str, typer.Option(help="WIDTHxHEIGHT; without it the screen is filled")] = "",
    screen_link: Annotated[Path | None, typer.Option(help="socket of docs/screen-link.md; off without it")] = None,
    windowed: Annotated[bool, typer.Option(help="with a frame, for a desk")] = False,
    language: Annotated[str, typer.Option(help="zh-Hans, zh-Hant or en")] = "zh-Hans",
    timezone: Annotated[str, typer.Option(help="of the clock on the board")] = "Asia/Shanghai",
) -> None:
    """The hall's display board."""
    app = application("hall-board")
    QuitOnSignal(app, (signal.SIGTERM, signal.SIGINT))
    zone = ZoneInfo(timezone)

    def ended(error: BaseException | None) -> None:
        if error is not None:
            _log.error("the board's line to the hall stopped", exc_info=error)
        app.exit(0 if error is None else 1)

    board = Board(
        lambda: HallClient(socket=str(socket), place="board", language=language),
        lambda: datetime.now(zone),
        language=language,
        on_end=ended,
    )
    link = ScreenLink(board.window, screen_link) if screen_link else None
    show(board.window, parse_size(size) if size else None, windowed)
    board.start()
    code = app.exec()
    if link is not None:
        link.close()
    board.close()
    raise typer.Exit(code)


def main() -> None:
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)  # a traceback with locals shows people
    app.command()(run)
    app()


if __name__ == "__main__":
    main()
