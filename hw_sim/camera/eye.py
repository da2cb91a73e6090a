"""One lens with its JPEGs, made when somebody first wants them."""

import asyncio
import io
from collections.abc import Callable
from typing import Final

from PIL import Image, ImageDraw

from hw_sim.camera.desk import Desk, Lying

SHOTS: Final = 4  # made of one view; then they go round
QUALITY: Final = 82
_WIDEST_LOOK: Final = 960


class Eye:
    """Drawing and packing go on beside the loop. `see`: the view without noise."""

    def __init__(self, desk: Desk, see: Callable[[Lying], Image.Image]) -> None:
        self._desk = desk
        self._see = see
        self._of: Lying | None = None
        self._view: Image.Image | None = None
        self._shots: list[bytes] = []
        self._next = 0
        self._busy = asyncio.Lock()

    async def frame(self, lying: Lying) -> bytes:
        """The next JPEG; never twice the same in a row."""
        async with self._busy:
            if self._of != lying:
                self._of, self._view, self._shots = lying, None, []
            self._next += 1
            if len(self._shots) < SHOTS:
                self._shots.append(await asyncio.to_thread(self._shoot, lying, len(self._shots)))
                return self._shots[-1]
            self._view = None
            return self._shots[self._next % SHOTS]

    def look(self, lying: Lying) -> bytes:
        """PNG, made smaller for people."""
        image = self._see(lying)
        image.thumbnail((_WIDEST_LOOK, _WIDEST_LOOK))
        out = io.BytesIO()
        image.save(out, "PNG", compress_level=1)
        return out.getvalue()

    def _shoot(self, lying: Lying, number: int) -> bytes:
        if self._view is None:
            self._view = self._see(lying)
        out = io.BytesIO()
        self._desk.shot(self._view, number).save(out, "JPEG", quality=QUALITY)
        return out.getvalue()


def counter_view(width: int, height: int) -> Image.Image:
    """What the side camera sees: the other side of the counter, a figure without a face."""
    image = Image.new("RGB", (width, height), (168, 172, 176))
    draw = ImageDraw.Draw(image)
    middle, head = width // 2, height // 6
    draw.ellipse((middle - head, height * 0.2, middle + head, height * 0.2 + head * 2.4), fill=(112, 98, 90))
    draw.rounded_rectangle((middle - head * 2.2, height * 0.62, middle + head * 2.2, height * 1.3), head, (66, 84, 108))
    draw.rectangle((0, height * 0.9, width, height), fill=(120, 100, 80))
    return image
