"""What the conformance kit needs to know of devices that type: keys come as a person presses them, again and again."""

from functools import partial
from pathlib import Path
from typing import Final

from drivers.conform import Bench, Peer
from drivers.conform.peers import Repeating
from drivers.conform.recording import wire_of

_SESSIONS: Final = Path(__file__).parent / "captures"


def _typed(session: Path) -> Peer:
    return Repeating(wire_of(session))


def _bench(session: Path) -> Bench:
    return Bench(session=session, peer=partial(_typed, session), scheme="input", protected=False, recognises=False)


NUMERIC: Final = _bench(_SESSIONS / "numeric.json")
RATING: Final = _bench(_SESSIONS / "rating.json")
