"""Cyclic garbage is collected in Qt's thread only.

Python collects in whichever thread happens to allocate. A Qt object in a cycle would then be destroyed in the
client's thread, which ends in a segmentation fault (seen in our own tests, decision 0083).
"""

import gc
from typing import Final

from PySide6.QtCore import QObject, QTimer

_EVERY_MS: Final = 2000
_FULL_EVERY: Final = 30


class MainThreadGarbage(QObject):
    """Between `start` and `stop` the automatic collector is off and a timer of this thread does its work."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._was_on = False
        self._turns = 0
        self._timer = QTimer(self, interval=_EVERY_MS)
        self._timer.timeout.connect(self._collect)

    def start(self) -> None:
        self._was_on = gc.isenabled()
        gc.disable()
        self._timer.start()

    def stop(self) -> None:
        """Call it when no other thread of ours runs any more."""
        self._timer.stop()
        gc.collect()
        if self._was_on:
            gc.enable()

    def _collect(self) -> None:
        self._turns += 1
        gc.collect(2 if self._turns % _FULL_EVERY == 0 else 1)
