"""Colours, sizes and the type scale of every screen: one place, pure values.

Sizes are thought in millimetres and turned into pixels by the panel's pitch: a finger has no pixels.
Sources: touch target >= 20 mm, 25 mm in large mode, gap >= 3 mm (rule U1); large text >= 1.5x (U3);
contrast >= 4.5, >= 7 in the high contrast theme (U5).
"""

from dataclasses import asdict, dataclass
from math import ceil
from typing import Final

MM_PER_PX: Final = 0.31
LARGE: Final = 1.5
FONTS: Final = {"zh-Hans": "Noto Sans CJK SC", "zh-Hant": "Noto Sans CJK TC", "en": "Noto Sans CJK SC"}


@dataclass(frozen=True, slots=True)
class Palette:
    """`deep`: bars and main buttons; `seal`: the number and what is called, nothing else."""

    paper: str
    card: str
    ink: str
    soft: str
    line: str
    deep: str
    on_deep: str
    deep_pressed: str
    wash: str
    seal: str
    on_seal: str
    good: str
    good_wash: str
    bad: str
    bad_wash: str
    veil: str
    focus: str


CALM: Final = Palette(
    paper="#F5F2EB",
    card="#FFFFFF",
    ink="#1C2B33",
    soft="#4C5A61",
    line="#D5D0C3",
    deep="#17495C",
    on_deep="#FFFFFF",
    deep_pressed="#0F3443",
    wash="#E3EDEE",
    seal="#A8321F",
    on_seal="#FFFFFF",
    good="#1E5E3A",
    good_wash="#E2F0E6",
    bad="#8A2A17",
    bad_wash="#FBE7DF",
    veil="#F5F2EB",
    focus="#C77700",
)
CONTRAST: Final = Palette(
    paper="#000000",
    card="#101010",
    ink="#FFFFFF",
    soft="#E6E6E6",
    line="#8C8C8C",
    deep="#FFD83D",
    on_deep="#000000",
    deep_pressed="#FFEFA8",
    wash="#262626",
    seal="#FFD83D",
    on_seal="#000000",
    good="#9CF0B5",
    good_wash="#0A2412",
    bad="#FFC2B0",
    bad_wash="#33100A",
    veil="#000000",
    focus="#00E5FF",
)
# What is written on what; the tests hold each pair to its contrast.
WRITTEN_ON: Final = (
    ("ink", "paper"),
    ("ink", "card"),
    ("ink", "wash"),
    ("soft", "paper"),
    ("soft", "card"),
    ("soft", "wash"),
    ("deep", "paper"),
    ("deep", "card"),
    ("deep", "wash"),
    ("on_deep", "deep"),
    ("on_deep", "deep_pressed"),
    ("seal", "paper"),
    ("seal", "card"),
    ("on_seal", "seal"),
    ("good", "good_wash"),
    ("bad", "bad_wash"),
)


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
    *, width: int, height: int, mm_per_px: float, large: bool, contrast: bool, language: str
) -> dict[str, object]:
    """Everything a page may ask the theme for, by name."""
    measured = sizes(width=width, height=height, mm_per_px=mm_per_px, large=large)
    shape = {"portrait": height > width, "low": height * mm_per_px < 300, "large": large, "contrast": contrast}
    colours = asdict(CONTRAST if contrast else CALM)
    return {**colours, **asdict(measured), **shape, "font": FONTS[language]}


def board_tokens(*, width: int, height: int, language: str) -> dict[str, object]:
    """The board is read from metres away: its scale follows the panel's height, not a finger."""

    def part(share: float) -> int:
        return max(1, round(min(height, width * 9 / 16) * share))

    return {
        **asdict(CALM),
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


def contrast_ratio(one: str, other: str) -> float:
    """WCAG 2.1: 1 to 21, of two colours `#RRGGBB`."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
