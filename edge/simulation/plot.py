"""A picture of the waits by hour and class: the mean as a full bar, the 95th percentile as a pale one behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from edge.rules.queue_records import Klass
from edge.simulation.guests import Findings, Guest
from edge.simulation.report import CLASSES, quantile, waits
from edge.simulation.scenario import MINUTE, Scenario, clock_ms

_SCALE: Final = 2  # drawn larger and made smaller: smooth edges
_SIZE: Final = (1000, 560)
_LEFT, _TOP, _RIGHT, _BOTTOM = 70, 116, 24, 64
_CJK: Final = "NotoSansCJK-Regular.ttc"
# Okabe and Ito's colours: told apart by everybody. (full, pale)
_COLOURS: Final[dict[Klass, tuple[str, str]]] = {
    "walk_in": ("#0072B2", "#BBD9EA"),
    "green": ("#009E73", "#B5E0D3"),
    "appointment": ("#D55E00", "#F3CFB6"),
}
_INK, _GREY, _LINE = "#222222", "#555555", "#DDDDDD"
_STEPS: Final = (1, 2, 5, 10, 15, 20, 30, 60, 120)


@dataclass(frozen=True, slots=True)
class Labels:
    """Texts of the picture, in the language of who looks at it."""

    title: str
    waits: str
    hours: str
    mean: str
    p95: str
    classes: dict[Klass, str]


@dataclass(frozen=True, slots=True)
class Bar:
    """Minutes."""

    mean: float
    p95: float


def bars(days: Sequence[Findings], scenario: Scenario) -> dict[int, dict[Klass, Bar]]:
    """By hour of coming (0-23, local) and class; nothing where nobody came."""
    opens = clock_ms(scenario.opens)
    by_hour: dict[int, list[Guest]] = {}
    for day in days:
        for guest in day.guests:
            by_hour.setdefault((opens + (guest.person.comes or 0)) // (60 * MINUTE), []).append(guest)
    return {hour: _by_class(by_hour[hour]) for hour in sorted(by_hour)}


def save(file: Path, found: dict[int, dict[Klass, Bar]], labels: Labels) -> None:
    """Raises OSError, ValueError for a suffix that is no picture."""
    image = Image.new("RGB", (_SIZE[0] * _SCALE, _SIZE[1] * _SCALE), "white")
    _Drawing(image, labels, found).all()
    image.resize(_SIZE, Image.Resampling.LANCZOS).save(file)


def _by_class(guests: Sequence[Guest]) -> dict[Klass, Bar]:
    found: dict[Klass, Bar] = {}
    for klass in CLASSES:
        ms = waits(guests, klass)
        if ms:
            found[klass] = Bar(sum(ms) / len(ms) / MINUTE, (quantile(ms, 0.95) or 0) / MINUTE)
    return found


class _Drawing:
    def __init__(self, image: Image.Image, labels: Labels, found: dict[int, dict[Klass, Bar]]) -> None:
        self._draw = ImageDraw.Draw(image)
        self._labels = labels
        self._found = found
        top = max((bar.p95 for classes in found.values() for bar in classes.values()), default=1.0)
        self._step = next((step for step in _STEPS if top / step <= 8), _STEPS[-1])
        self._top = (int(top / self._step) + 1) * self._step

    def all(self) -> None:
        self._text(_LEFT, 16, self._labels.title, 20)
        self._legend()
        self._axes()
        width = (_SIZE[0] - _LEFT - _RIGHT) / max(1, len(self._found))
        for index, (hour, classes) in enumerate(self._found.items()):
            left = _LEFT + index * width
            self._text(left + width / 2, _SIZE[1] - _BOTTOM + 8, f"{hour}-{hour + 1}", 15, anchor="ma")
            self._group(left, width, classes)
        self._rule(_SIZE[1] - _BOTTOM, _INK)

    def _group(self, left: float, width: float, classes: dict[Klass, Bar]) -> None:
        each = width * 0.8 / len(CLASSES)
        for place, klass in enumerate(CLASSES):
            if klass not in classes:
                continue
            full, pale = _COLOURS[klass]
            begin = left + width * 0.1 + place * each
            self._box(begin, each * 0.9, classes[klass].p95, pale)
            self._box(begin, each * 0.9, classes[klass].mean, full)

    def _axes(self) -> None:
        for value in range(0, self._top + 1, self._step):
            self._rule(self._y(value), _LINE)
            self._text(_LEFT - 8, self._y(value), str(value), 15, anchor="rm")
        self._text(_LEFT, _TOP - 24, self._labels.waits, 14, _GREY)
        self._text((_SIZE[0] + _LEFT - _RIGHT) / 2, _SIZE[1] - 30, self._labels.hours, 14, _GREY, anchor="ma")

    def _legend(self) -> None:
        left = float(_LEFT)
        for klass in CLASSES:
            full, pale = _COLOURS[klass]
            self._patch(left, 50, pale, 24)
            self._patch(left, 50, full, 12)
            left += 32 + self._text(left + 32, 48, self._labels.classes[klass], 15) + 24
        self._text(left, 48, f"({self._labels.mean} | {self._labels.p95})", 15, _GREY)

    def _y(self, minutes: float) -> float:
        return _SIZE[1] - _BOTTOM - minutes / self._top * (_SIZE[1] - _TOP - _BOTTOM)

    def _box(self, left: float, width: float, minutes: float, colour: str) -> None:
        corners = (left, self._y(minutes), left + width, _SIZE[1] - _BOTTOM)
        self._draw.rectangle([corner * _SCALE for corner in corners], fill=colour)

    def _patch(self, left: float, top: float, colour: str, width: float) -> None:
        self._draw.rectangle([c * _SCALE for c in (left, top, left + width, top + 14)], fill=colour)

    def _rule(self, y: float, colour: str) -> None:
        self._draw.line([c * _SCALE for c in (_LEFT, y, _SIZE[0] - _RIGHT, y)], fill=colour, width=_SCALE)

    def _text(self, x: float, y: float, text: str, size: int, colour: str = _INK, anchor: str = "la") -> float:
        """The width it took."""
        font = _font(size * _SCALE)
        self._draw.text((x * _SCALE, y * _SCALE), text, fill=colour, font=font, anchor=anchor)
        return font.getlength(text) / _SCALE


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """One with Chinese where the machine has it; Pillow's own else, which has Latin letters only."""
    try:
        return ImageFont.truetype(_CJK, size, index=2)
    except OSError:
        return ImageFont.load_default(size)
