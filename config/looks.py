"""Colours of every screen and page: the product's own, what a city's theme pack may change of them, and what not.

One place for screens, pages and the check of a pack. State colours (`good`, `bad`) and the grounds of the high contrast
theme belong to the product: they mean the same in every hall. Contrast >= 4.5, there >= 7 (rule U5).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, NamedTuple

WHITE: Final = "#FFFFFF"
BLACK: Final = "#000000"
LEAST: Final = 4.5
LEAST_HIGH: Final = 7.0


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
class Colours:
    """What a theme pack says, each `#RRGGBB`, '' = the product's own. `main`: bars and main buttons; `accent`: the
    number and what is called; `high_contrast`: what `main` is in the high contrast theme, written on black.
    """

    main: str = ""
    accent: str = ""
    high_contrast: str = ""


Member = Literal["main", "accent", "high_contrast"]


class Pair(NamedTuple):
    """Two colours of which one is written on the other, by what they are in a palette, and how far they are apart."""

    text: str
    ground: str
    ratio: float


def calm(colours: Colours) -> Palette:
    """Everybody's theme in a city's colours."""
    palette = CALM
    if colours.main:
        palette = replace(
            palette, deep=colours.main, deep_pressed=mix(colours.main, BLACK, 0.28), wash=mix(WHITE, colours.main, 0.1)
        )
    return replace(palette, seal=colours.accent) if colours.accent else palette


def high_contrast(colours: Colours) -> Palette:
    """Grounds, letters and states are the product's; only what marks the main buttons may be the city's."""
    if not colours.high_contrast:
        return CONTRAST
    return replace(CONTRAST, deep=colours.high_contrast, deep_pressed=mix(colours.high_contrast, WHITE, 0.5))


def faint(palette: Palette, least: float) -> Iterator[Pair]:
    """Pairs that are nearer to each other than `least`."""
    for text, ground in WRITTEN_ON:
        ratio = contrast_ratio(getattr(palette, text), getattr(palette, ground))
        if ratio < least:
            yield Pair(text, ground, ratio)


def page_colours(colours: Colours) -> dict[str, str]:
    """Of the browser pages, by the names of base.css; empty for the product's own. What states mean has none here."""
    if not colours.main:
        return {}
    main = colours.main
    quiet = mix(WHITE, main, 0.14)
    return {
        "deep": mix(main, BLACK, 0.35),
        "bar": main,
        "bar-quiet": quiet if contrast_ratio(quiet, main) >= LEAST else WHITE,
        "bar-line": mix(main, WHITE, 0.35),
        "bar-button": mix(main, BLACK, 0.2),
        "bar-button-line": mix(main, WHITE, 0.5),
        "bar-button-over": mix(main, BLACK, 0.4),
        "act": main,
        "act-dark": mix(main, BLACK, 0.22),
        "act-pale": mix(WHITE, main, 0.1),
    }


def too_faint(member: Member, colour: str) -> Pair | None:
    """The worst pair that this colour would make, None = everything stands out. `member`: of Colours."""
    palette_of, least, _ = _JUDGED[member]
    return min(faint(palette_of(Colours(**{member: colour})), least), key=lambda pair: pair.ratio, default=None)


def stronger(member: Member, colour: str) -> str:
    """The nearest colour of this hue that stands out everywhere; itself when it does."""
    _, _, towards = _JUDGED[member]
    moved = (mix(colour, towards, step / 100) for step in range(101))
    return next(each for each in moved if too_faint(member, each) is None)


def mix(one: str, other: str, share: float) -> str:
    """`one` with this share of `other` in it."""
    pairs = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in pairs)


def contrast_ratio(one: str, other: str) -> float:
    """WCAG 2.1: 1 to 21, of two colours `#RRGGBB`."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    channels = (channel / 255 for channel in _channels(colour))
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _channels(colour: str) -> tuple[int, int, int]:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return red, green, blue


# How each member is judged: the palette it makes, the least contrast there, and where a fainter one is moved.
_JUDGED: Final[Mapping[Member, tuple[Callable[[Colours], Palette], float, str]]] = {
    "main": (calm, LEAST, BLACK),
    "accent": (calm, LEAST, BLACK),
    "high_contrast": (high_contrast, LEAST_HIGH, WHITE),
}
