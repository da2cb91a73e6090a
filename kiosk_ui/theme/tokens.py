"""Sizes and the type scale of every screen, with the colours of config.looks: pure values.

Sizes are thought in millimetres and turned into pixels by the panel's pitch: a finger has no pixels.
Sources: touch target >= 20 mm, 25 mm in large mode, gap >= 3 mm (rule U1); large text >= 1.5x (U3).
"""

from dataclasses import asdict, dataclass
from math import ceil
from typing import Final

from config.looks import calm, high_contrast
from kiosk_ui.theme.look import OWN, Look

MM_PER_PX: Final = 0.31
LARGE: Final = 1.5
FONTS: Final = {"zh-Hans": "Noto Sans CJK SC", "zh-Hant": "Noto Sans CJK TC", "en": "Noto Sans CJK SC"}


@dataclass(frozen=True, slots=True)
class Sizes:
    """Pixels. Text sizes are em heights; `number` is the ticket number on its own page."""

    target: int
    gap: int
    pad: int
    radius: int
    stroke: int
    label: int
    body: int
    lead: int
    title: int
    display: int
    number: int


def sizes(*, width: int, height: int, mm_per_px: float = MM_PER_PX, large: bool = False) -> Sizes:
    """For a panel of `width` x `height` pixels of `mm_per_px` each."""

    def mm(length: float) -> int:
        return ceil(length / mm_per_px)

    low = height * mm_per_px < 300
    grow = LARGE if large else 1.0

    def text(normal: float) -> int:
        return ceil(ceil(normal / mm_per_px) * grow)

    return Sizes(
        target=mm(25.5 if large else 20.5) if low else mm(31 if large else 27),
        gap=mm(3.2 if low else 4.5),
        pad=mm(5 if low else 9),
        radius=mm(3.5),
        stroke=max(1, mm(0.45)),
        label=text(8.0 if low else 9.0),
        body=text(9.0 if low else 10.5),
        lead=text(10.0 if low else 13.5),
        title=text(12.0 if low else 19.0),
        display=text(15.0 if low else 24.0),
        number=int(min(width * 0.30, height * (0.24 if low else 0.22))),
    )


def tokens(
    *, width: int, height: int, mm_per_px: float, large: bool, contrast: bool, language: str, look: Look = OWN
) -> dict[str, object]:
    """Everything a page may ask the theme for, by name. `logo` is the one for the header's ground."""
    measured = sizes(width=width, height=height, mm_per_px=mm_per_px, large=large)
    shape = {"portrait": height > width, "low": height * mm_per_px < 300, "large": large, "contrast": contrast}
    colours = asdict(high_contrast(look.colours) if contrast else calm(look.colours))
    logo = {"logo": look.on_dark if contrast else look.on_light, "logo_name": look.logo_name(language)}
    return {**colours, **asdict(measured), **shape, **logo, "font": FONTS[language]}


def board_tokens(*, width: int, height: int, language: str, look: Look = OWN) -> dict[str, object]:
    """The board is read from metres away: its scale follows the panel's height, not a finger. Its header is dark."""

    def part(share: float) -> int:
        return max(1, round(min(height, width * 9 / 16) * share))

    return {
        **asdict(calm(look.colours)),
        "logo": look.on_dark,
        "logo_name": look.logo_name(language),
        "gap": part(0.015),
        "pad": part(0.03),
        "radius": part(0.012),
        "stroke": part(0.002),
        "label": part(0.030),
        "body": part(0.036),
        "lead": part(0.048),
        "title": part(0.062),
        "row": part(0.054),
        "number": part(0.17),
        "large": False,
        "font": FONTS[language],
    }
