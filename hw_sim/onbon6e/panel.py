"""The lamps: which are lit now, from the areas in RAM and how long ago each came."""

import io
from dataclasses import dataclass

from PIL import Image

from hw_sim.onbon6e.areas import Area

DARK, LIT = (28, 8, 8), (255, 52, 32)


@dataclass(frozen=True, slots=True)
class Shown:
    area: Area
    since: float


class Panel:
    """Areas lie in RAM only; a later one covers an earlier one."""

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self._shown: dict[int, Shown] = {}

    @property
    def areas(self) -> list[Area]:
        return [shown.area for shown in self._shown.values()]

    def fits(self, area: Area) -> bool:
        inside = area.x + area.width <= self.width and area.y + area.height <= self.height
        return inside and area.width > 0 and area.height > 0

    def update(self, area: Area, now: float) -> None:
        self._shown.pop(area.id, None)
        self._shown[area.id] = Shown(area, now)

    def delete(self, ids: bytes) -> None:
        for id in ids:
            self._shown.pop(id, None)

    def clear(self) -> None:
        self._shown.clear()

    def pixels(self, now: float) -> bytes:
        """width x height bytes, row by row from top left, 1 = lit."""
        lamps = bytearray(self.width * self.height)
        for shown in self._shown.values():
            area = shown.area
            page = area.page_at(now - shown.since)
            if page is None:
                continue
            for row in range(area.height):
                start = (area.y + row) * self.width + area.x
                lamps[start : start + area.width] = page.lit[row * area.width : (row + 1) * area.width]
        return bytes(lamps)


def picture(pixels: bytes, width: int, height: int, light: float = 1.0) -> bytes:
    """PNG, one pixel a lamp. `light`: share of the full one."""
    image = Image.frombytes("P", (width, height), pixels)
    image.putpalette([*DARK, *(round(part * light) for part in LIT)])
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
