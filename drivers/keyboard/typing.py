"""From input events to typed characters, as one device typed them."""

from dataclasses import dataclass
from typing import Final

from drivers.keyboard import layout
from drivers.links.evdev import DOWN, EV_KEY, EV_SYN, SYN_DROPPED, UP, InputEvent

_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Stroke:
    """A key that went down; `text` what it types, '' for keys that type nothing. `lost`: keys before it are missing."""

    code: int
    text: str = ""
    lost: bool = False


class Typist:
    """Follows shift and caps lock; a key that is held down is one stroke."""

    def __init__(self) -> None:
        self._down: set[int] = set()
        self._caps = False
        self._lost = False

    def take(self, event: InputEvent) -> Stroke | None:
        if event.kind == EV_SYN and event.code == SYN_DROPPED:
            self._down.clear()
            self._lost = True
        if event.kind != EV_KEY:
            return None
        if event.value == UP:
            self._down.discard(event.code)
        elif event.value == DOWN:
            return self._pressed(event.code)
        return None

    def _pressed(self, code: int) -> Stroke | None:
        self._down.add(code)
        if code == layout.CAPS_LOCK:
            self._caps = not self._caps
        if code in layout.MODIFIERS or code == layout.CAPS_LOCK:
            return None
        lost, self._lost = self._lost, False
        return Stroke(code, self._text(code), lost)

    def _text(self, code: int) -> str:
        shifted = bool(self._down & layout.SHIFTS)
        if layout.PLAIN.get(code, "") in _LETTERS:
            shifted ^= self._caps
        return (layout.SHIFTED if shifted else layout.PLAIN).get(code, "")
