"""What the conformance kit needs to know of the RS-485 line: nothing on it says what it is."""

from pathlib import Path
from typing import Final

from drivers.conform import Bench

_SESSIONS: Final = Path(__file__).parent / "captures"


def _on_the_line(session: str) -> Bench:
    return Bench(session=_SESSIONS / session, scheme="serial", baud=9600, recognises=False)


BUS: Final = _on_the_line("line.json")
KEYPAD: Final = _on_the_line("keypad.json")
PAD: Final = _on_the_line("pad.json")
STRIP: Final = _on_the_line("strip.json")
