"""Between the session machine and QML: snapshots become property values, presses become events."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot

from kiosk_ui.qt.engine import register
from kiosk_ui.qt.rows import Rows
from kiosk_ui.qt.texts import Values, WordValues
from kiosk_ui.terminal.present import ServiceRow, desk_rows, present, service_rows
from kiosk_ui.terminal.present_desk import ChoiceRow
from kiosk_ui.terminal.present_guide import LineRow, guide_rows
from kiosk_ui.terminal.state import DOES, Snapshot, Touch
from kiosk_ui.theme.look import OWN, Look
from kiosk_ui.theme.tokens import tokens

_TOUCH_ENDS: Final = (QEvent.Type.MouseButtonRelease, QEvent.Type.TouchEnd, QEvent.Type.KeyRelease)


class Presses(QObject):
    """What QML may do: `Kiosk.press("choose", id)`."""

    pressed = Signal(Touch)

    @Slot(str)
    @Slot(str, str)
    def press(self, do: str, value: str = "") -> None:
        """Raises ValueError for a word that is not in `Do`: a mistake in a page."""
        if do not in DOES:
            raise ValueError(f"a page pressed {do!r}")
        self.pressed.emit(Touch(do, value))  # type: ignore[arg-type]


class Bridge(QObject):
    """Owns the singletons of `import Hall`. `show` may be called from any thread."""

    _arrived = Signal(object)
    _look_arrived = Signal(object)

    def __init__(self, tell: Callable[[Touch], None], *, mm_per_px: float) -> None:
        super().__init__()
        self._tell = tell
        self._mm_per_px = mm_per_px
        self._size = (1080, 1920)
        self._last = Snapshot()
        self._look = OWN
        self._view = Values()
        self._words = WordValues()
        self._theme = Values()
        self._services = Rows(ServiceRow, self)
        self._choices = Rows(ChoiceRow, self)
        self._lines = Rows(LineRow, self)
        self._presses = Presses(self)
        self._presses.pressed.connect(self._tell)
        self._arrived.connect(self._show, Qt.ConnectionType.QueuedConnection)
        self._look_arrived.connect(self._wear, Qt.ConnectionType.QueuedConnection)
        self._show(self._last)

    @property
    def parts(self) -> dict[str, QObject]:
        return {
            "View": self._view.map,
            "Words": self._words.map,
            "Theme": self._theme.map,
            "Services": self._services,
            "Choices": self._choices,
            "Lines": self._lines,
            "Kiosk": self._presses,
        }

    def show(self, snapshot: Snapshot) -> None:
        self._arrived.emit(snapshot)

    def wear(self, look: Look) -> None:
        """From any thread, as `show`."""
        self._look_arrived.emit(look)

    def fit(self, width: int, height: int) -> None:
        """The window has this size now: sizes and shape of the pages follow."""
        self._size = (width, height)
        self._dress()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Every finished touch or key counts as a sign of life, also beside the buttons."""
        if event.type() in _TOUCH_ENDS:
            self._tell(Touch("touched"))
        return False

    def _show(self, snapshot: Snapshot) -> None:
        self._last = snapshot
        self._words.speak(snapshot.language)
        self._dress()
        self._services.show(service_rows(snapshot))
        self._choices.show(desk_rows(snapshot))
        self._lines.show(guide_rows(snapshot))
        self._view.show(asdict(present(snapshot)))

    def _wear(self, look: Look) -> None:
        self._look = look
        self._dress()

    def _dress(self) -> None:
        width, height = self._size
        now = self._last
        self._theme.show(
            tokens(
                width=width,
                height=height,
                mm_per_px=self._mm_per_px,
                large=now.large,
                contrast=now.contrast,
                language=now.language,
                look=self._look,
            )
        )


register("Services", Rows)
register("Choices", Rows)
register("Lines", Rows)
register("Kiosk", Presses)
