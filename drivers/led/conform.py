"""What the conformance kit needs to know of the window panels.

A card acknowledges whatever whole frame it gets; questions get their recorded answers.
"""

from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

from drivers.conform import Bench, Peer
from drivers.conform.peers import RecordedPeer
from drivers.conform.recording import wire_of
from drivers.glyphs import find_fonts

_SESSIONS: Final = Path(__file__).parent / "captures"


def _card(session: Path) -> Peer:
    wire = wire_of(session)
    acknowledgement = next(chunk.data for chunk in reversed(wire) if chunk.direction == "in")
    return RecordedPeer(wire, frame_end=b"\x5a", otherwise=acknowledgement)


@cache
def _fonts() -> Mapping[str, Any]:
    return {"fonts": find_fonts()}


def _panel(session: Path) -> Bench:
    return Bench(session=session, peer=partial(_card, session), loose=frozenset({"clock"}), extra=_fonts)


GRAPHIC_CARD: Final = _panel(_SESSIONS / "graphic_card.json")
FONT_CARD: Final = _panel(_SESSIONS / "font_card.json")
CPOWER: Final = Bench(session=_SESSIONS / "cpower.json", extra=_fonts)
