"""The lamps: which shine now and in which colour, from the areas in RAM and the card's time."""

import io
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from PIL import Image

from hw_sim.onbon5k.layout import Fonts, Page, Setting, set_text
from hw_sim.onbon5k.markup import Written, read_text
from hw_sim.onbon5k.update import Area
from hw_sim.run_modes import page_at

Lamps = Literal["red", "dual"]
DARK, RED, GREEN, YELLOW = (28, 8, 8), (255, 52, 32), (64, 230, 64), (255, 200, 40)


@dataclass(slots=True)
class Shown:
    """`setting` is of the second `at` where the text has a clock in it."""

    area: Area
    since: float
    written: Written
    setting: Setting
    at: datetime


class Panel:
    """Areas lie in RAM only; a later one covers an earlier one. `fonts`: dots of the font files, by number."""

    def __init__(self, width: int, height: int, fonts: Fonts) -> None:
        self.width = width
        self.height = height
        self.fonts = fonts
        self._shown: dict[int, Shown] = {}

    @property
    def ids(self) -> bytes:
        return bytes(sorted(self._shown))

    def shown(self, moment: datetime) -> list[Shown]:
        """From the lowest to the highest, clocks set to `moment`."""
        for one in self._shown.values():
            self._wind(one, moment)
        return list(self._shown.values())

    def fits(self, area: Area) -> bool:
        inside = area.x + area.width <= self.width and area.y + area.height <= self.height
        return inside and area.width > 0 and area.height > 0

    def lacks(self, written: Written) -> list[str]:
        """Font files that the text needs and the card does not have."""
        return sorted(name for name in written.fonts if int(name[1:]) not in self.fonts)

    def update(self, area: Area, now: float, moment: datetime) -> None:
        written = read_text(area.text, moment)
        self._shown.pop(area.id, None)
        self._shown[area.id] = Shown(area, now, written, set_text(area, written, self.fonts), moment)

    def delete(self, ids: bytes) -> None:
        for id in ids:
            self._shown.pop(id, None)

    def clear(self) -> None:
        self._shown.clear()

    def colours(self, now: float, moment: datetime) -> bytes:
        """width x height bytes, row by row from top left: 0 dark, 1 red, 2 green, 3 yellow."""
        lamps = bytearray(self.width * self.height)
        for one in self.shown(moment):
            area, page = one.area, page_now(one, now)
            if page is None:
                continue
            for row in range(area.height):
                start = (area.y + row) * self.width + area.x
                lamps[start : start + area.width] = page.colours[row * area.width : (row + 1) * area.width]
        return bytes(lamps)

    def _wind(self, one: Shown, moment: datetime) -> None:
        second = moment.replace(microsecond=0)
        if one.written.has_clock and one.at != second:
            one.written = read_text(one.area.text, moment)
            one.setting = set_text(one.area, one.written, self.fonts)
            one.at = second


def page_now(one: Shown, now: float) -> Page | None:
    """None: the area has vanished."""
    return page_at(one.area.run_mode, one.area.timeout, one.setting.pages, now - one.since)


def picture(colours: bytes, width: int, height: int, lamps: Lamps, light: float = 1.0) -> bytes:
    """PNG, one pixel a lamp; a red panel shines red whatever colour was asked for. `light`: share of the full one."""
    image = Image.frombytes("P", (width, height), colours)
    shining = (RED, GREEN, YELLOW) if lamps == "dual" else (RED, RED, RED)
    image.putpalette([*DARK, *(round(part * light) for colour in shining for part in colour)])
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
