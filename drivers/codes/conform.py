"""What the conformance kit needs to know of scanners: they only speak, and nothing in it is a checksum."""

from functools import partial
from pathlib import Path
from typing import Final

from drivers.conform import Bench, Peer
from drivers.conform.peers import Repeating
from drivers.conform.recording import wire_of

_SESSIONS: Final = Path(__file__).parent / "captures"


def _scanner(session: Path) -> Peer:
    return Repeating(wire_of(session))


def _bench(session: Path, scheme: str, baud: int | None = None) -> Bench:
    return Bench(
        session=session,
        peer=partial(_scanner, session),
        scheme=scheme,
        baud=baud,
        secrets=("119999199001010012",),
        protected=False,
        recognises=False,
    )


SERIAL: Final = _bench(_SESSIONS / "serial.json", "serial", 9600)
KEYBOARD: Final = _bench(_SESSIONS / "keyboard.json", "input")
