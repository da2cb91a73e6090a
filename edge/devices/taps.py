"""What went over a device's wire in the last minute, however often its link was opened anew in it."""

from collections import deque
from collections.abc import Callable
from typing import Any, Final

from drivers.errors import Unsupported
from drivers.links import WireTap, capture
from drivers.links.tap import WINDOW_SECONDS, Chunk

MOST_TEXT: Final = 700_000  # characters; one line of the host link must hold it
_MOST_LINKS: Final = 6


class Taps:
    """The taps of one supervised port, newest last. Bytes that were private are there as their number only."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._taps: deque[WireTap] = deque(maxlen=_MOST_LINKS)

    def add(self, link: Any) -> None:
        tap = getattr(link, "tap", None)
        if isinstance(tap, WireTap):
            self._taps.append(tap)

    def text(self) -> str:
        """A capture as drivers.links.capture writes it. Raises Unsupported where no bytes are to be heard here."""
        if not self._taps:
            raise Unsupported("no wire to listen to: the link carries no bytes, or was never opened")
        *before, last = self._taps
        since = self._clock() - WINDOW_SECONDS
        chunks = [chunk for tap in before for chunk in tap.session() if chunk.at >= since and chunk.direction != "gap"]
        return within((*chunks, *last.session()), MOST_TEXT)


def within(chunks: tuple[Chunk, ...], most: int) -> str:
    """The newest part that fits, with a mark where something is missing."""
    text = capture.dump(chunks)
    while len(text) > most:
        chunks = chunks[max(1, len(chunks) // 8) :]
        text = capture.dump((Chunk(chunks[0].at if chunks else 0.0, "gap", b"", 0), *chunks))
    return text
