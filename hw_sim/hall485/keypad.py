"""A clerk's keypad: digits typed first, one function key sends them; six digits of display; a beeper."""

from collections.abc import Callable
from random import Random
from typing import Any, Literal

from hw_sim.clock import Clock
from hw_sim.hall485.frames import Frame
from hw_sim.hall485.station import Station

KEYS = {
    "start": 0x0A,
    "evaluate": 0x0B,
    "call": 0x0C,
    "recall": 0x0D,
    "cancel": 0x0E,
    "ok": 0x0F,
    "line": 0x11,
    "pause": 0x12,
    "transfer": 0x13,
}
DIGITS = {str(digit): digit for digit in range(10)}
PLACES = 6
REPORT, SHOW, BEEP = 0x01, 0x02, 0x03
BLANK = 0x0A


class Keypad(Station):
    """Dialect a: the display takes exactly six digits, 0A dark. Dialect b: up to six, 0A an underscore."""

    kind = "keypad"

    def __init__(
        self, id: str, address: int, clock: Clock, random: Random, *, dialect: Literal["a", "b"] = "a"
    ) -> None:
        super().__init__(id, address, clock, random)
        self.dialect = dialect
        self.display = " " * PLACES
        self.beeps = 0
        self.typed = ""
        self.sent: list[str] = []

    def actions(self) -> dict[str, Callable[..., None]]:
        return {**super().actions(), "press": self.press}

    def press(self, key: str) -> None:
        """ValueError: no such key."""
        key = str(key)
        if not self.alive:
            return
        if key in DIGITS:
            self.typed = (self.typed + key)[-PLACES:]
        elif key in KEYS:
            typed, self.typed = self.typed, ""
            frame = Frame(self.address, REPORT, bytes([*map(int, typed), KEYS[key]]))
            self.sent.append(f"{typed}{'+' if typed else ''}{key}")
            self._report(frame, frame)
        else:
            raise ValueError(f"{self.id}: no key {key!r}; there are: 0-9, {', '.join(KEYS)}")

    def hear(self, frame: Frame) -> None:
        if frame.function == SHOW and self._showable(frame.data):
            self.display = self._drawn(frame.data)
        elif frame.function == BEEP and not frame.data:
            self.beeps += 1
        elif not self._answered(frame):
            return
        self.changed.tell()

    def look(self) -> dict[str, Any]:
        return {
            "address": self.address,
            "dialect": self.dialect,
            "display": self.display,
            "beeps": self.beeps,
            "typed": self.typed,
            "keys": [*KEYS, *DIGITS],
            "waiting_for_echo": self._awaited is not None,
            "unanswered": self.unanswered,
            "sent": len(self.sent),
        }

    def forget(self) -> None:
        super().forget()
        self.display, self.typed = " " * PLACES, ""

    def _showable(self, data: bytes) -> bool:
        right_length = len(data) == PLACES if self.dialect == "a" else 1 <= len(data) <= PLACES
        return right_length and all(digit <= BLANK for digit in data)

    def _drawn(self, data: bytes) -> str:
        blank = " " if self.dialect == "a" else "_"
        return "".join(blank if digit == BLANK else str(digit) for digit in data).ljust(PLACES)
