"""The windows of the panel and what each shows now; the lamps under them."""

import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from PIL import Image

from hw_sim.cpower.commands import ONE_LINE_EFFECTS, ClockText, Picture, Place, StaticText, Text
from hw_sim.cpower.letters import Letter
from hw_sim.cpower.packets import Malformed
from hw_sim.cpower.text import CENTRE, MIDDLE, Align, Line, Page, plain, set_text
from hw_sim.run_modes import LOOP, page_at

Lamps = Literal["red", "dual", "full"]
Content = Text | StaticText | Picture | ClockText
LIGHTS: Final[dict[Lamps, int]] = {"red": 1, "dual": 3, "full": 7}
# What the clock says that nobody ever set.
NEVER_SET: Final = datetime(2000, 1, 1)  # noqa: DTZ001 - the card knows no zone


class CardTime:
    """Runs on the simulator's clock; survives a power cut."""

    def __init__(self) -> None:
        self._set_to, self._set_at = NEVER_SET, 0.0

    def set(self, moment: datetime, now: float) -> None:
        self._set_to, self._set_at = moment, now

    def moment(self, now: float) -> datetime:
        return self._set_to + timedelta(seconds=now - self._set_at)


@dataclass(frozen=True, slots=True)
class Item:
    """Something shown in a window. `place` within it."""

    content: Content
    place: Place
    since: float
    pages: tuple[Page, ...]
    cut: bool = False

    def page(self, now: float, moment: datetime) -> Page:
        if isinstance(self.content, ClockText):
            return _clock_page(self.content, self.place, moment)
        page = page_at(LOOP, 0, self.pages, now - self.since)
        return self.pages[-1] if page is None else page


@dataclass(slots=True)
class Window:
    place: Place
    items: tuple[Item, ...] = ()


class Screen:
    """Windows lie in RAM; what was saved comes back with the power. Without any split there is one window: all."""

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self.live = True
        self.windows = self._undivided()
        self._saved: list[Window] | None = None

    @property
    def has_saved(self) -> bool:
        return self._saved is not None

    def split(self, places: tuple[Place, ...]) -> None:
        """Raises Malformed: a window lies outside the panel."""
        for place in places:
            if not place.inside(self.width, self.height):
                raise Malformed(f"window at {place.x},{place.y} of {place.width}x{place.height} lies outside the panel")
        self.live, self.windows = True, [Window(place) for place in places]

    def show(self, content: Content, now: float) -> None:
        """Raises Malformed: there is no such window, or a static text lies outside it."""
        if content.window >= len(self.windows):
            raise Malformed(f"window {content.window} of {len(self.windows)}")
        window = self.windows[content.window]
        if isinstance(content, StaticText) and not content.place.inside(window.place.width, window.place.height):
            raise Malformed("static text outside its window")
        item = _item(content, window.place, now)
        kept = [old for old in window.items if isinstance(old.content, StaticText) and old.place != item.place]
        window.items = (*kept, item) if isinstance(content, StaticText) else (item,)
        self.live = True

    def play_stored(self) -> None:
        """This card has no stored programs: dark until the next window command."""
        self.live = False

    def save(self, *, keep: bool) -> None:
        self._saved = [Window(window.place, window.items) for window in self.windows] if keep else None

    def restart(self) -> None:
        """As after a power cut."""
        self.live = True
        saved = self._saved
        self.windows = self._undivided() if saved is None else [Window(one.place, one.items) for one in saved]

    def colours(self, now: float, moment: datetime) -> bytes:
        """One byte a lamp, row by row from top left; bits red 1, green 2, blue 4."""
        lamps = bytearray(self.width * self.height)
        for window in self.windows if self.live else ():
            for item in window.items:
                self._lay(lamps, window.place, item.place, item.page(now, moment).colours)
        return bytes(lamps)

    def look(self, now: float, moment: datetime) -> list[dict[str, Any]]:
        return [
            {
                "place": [window.place.x, window.place.y, window.place.width, window.place.height],
                "items": [_look(item, now, moment) for item in window.items],
            }
            for window in self.windows
        ]

    def _lay(self, lamps: bytearray, window: Place, place: Place, colours: bytes) -> None:
        width = min(place.width, window.width - place.x)
        for row in range(min(place.height, window.height - place.y)):
            start = (window.y + place.y + row) * self.width + window.x + place.x
            lamps[start : start + width] = colours[row * place.width : row * place.width + width]

    def _undivided(self) -> list[Window]:
        return [Window(Place(0, 0, self.width, self.height))]


def _item(content: Content, window: Place, now: float) -> Item:
    whole = Place(0, 0, window.width, window.height)
    match content:
        case Text():
            moving = content.effect in ONE_LINE_EFFECTS
            setting = set_text(
                content.lines, whole.width, whole.height, content.align, content.stay, one_line_a_page=moving
            )
            return Item(content, whole, now, setting.pages, setting.cut)
        case StaticText(place=place):
            setting = set_text(content.lines, place.width, place.height, content.align, 1)
            return Item(content, place, now, setting.pages[:1], setting.cut or len(setting.pages) > 1)
        case Picture(x=x, y=y, dots=dots):
            if x >= window.width or y >= window.height:
                raise Malformed(f"picture at {x},{y} lies outside its window")
            place = Place(x, y, dots.width, dots.height)
            cut = not place.inside(window.width, window.height)
            return Item(content, place, now, (Page(dots.colours, float(max(1, content.stay))),), cut)
        case ClockText():
            return Item(content, whole, now, ())


def _clock_page(clock: ClockText, place: Place, moment: datetime) -> Page:
    """The text and then the time; which parts `format` and `content` ask for is not known."""
    digits = tuple(Letter(sign, False, clock.size, clock.colour) for sign in f"{moment:%H:%M:%S}")
    lines: tuple[Line, ...] = (*clock.lines[:-1], clock.lines[-1] + digits)
    return set_text(lines, place.width, place.height, Align(CENTRE, MIDDLE), 1).pages[0]


def _look(item: Item, now: float, moment: datetime) -> dict[str, Any]:
    """`text`: all of it; `shown`: the page that is seen now."""
    content, page = item.content, item.page(now, moment)
    seen: dict[str, Any] = {"kind": type(content).__name__, "shown": page.text, "cut": item.cut}
    if isinstance(content, Picture):
        return seen | {"picture": [content.dots.width, content.dots.height], "mode": content.mode}
    letters = [letter for line in content.lines for letter in line]
    seen |= {
        "text": plain(content.lines),
        "sizes": sorted({letter.size for letter in letters}),
        "colours": sorted({letter.colour for letter in letters}),
        "absent": sum(letter.absent for letter in letters),
    }
    if isinstance(content, Text | StaticText):
        seen["align"] = content.align.words()
    if isinstance(content, Text):
        seen |= {"effect": content.effect, "stay": content.stay, "pages": len(item.pages)}
    return seen


def picture(colours: bytes, width: int, height: int, dim: float = 1.0) -> bytes:
    """PNG, one pixel a lamp. `dim`: share of the full light."""
    image = Image.frombytes("P", (width, height), colours)
    shining = [[round(part * dim) for part in colour] for colour in _SHINING]
    image.putpalette([part for colour in (_DARK, *shining) for part in colour])
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


_DARK: Final = (28, 8, 8)
_SHINING: Final = (
    (255, 52, 32),
    (64, 230, 64),
    (255, 200, 40),
    (80, 130, 255),
    (240, 90, 240),
    (80, 220, 240),
    (245, 245, 245),
)
