"""Options of a C-Power panel (led.md 2)."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from drivers.led.cardtext import CardCharset, Speller
from drivers.led.cpower.commands import FONTS, Plane, Rgb
from drivers.led.cpower.frames import ANY_CODE

Colour = Literal["red", "green", "yellow", "blue", "white"]
_PLANES: dict[Colour, tuple[Plane, ...]] = {
    "red": ("red",),
    "green": ("green",),
    "yellow": ("red", "green"),
    "blue": ("blue",),
    "white": ("red", "green", "blue"),
}


class CPowerConfig(BaseModel):
    """`width`, `height` in dots, never assumed. `card` 1..254, 255 = any card on this link.

    `framing`: how telegrams are wrapped; `auto` = network frames on tcp:, serial frames else (a serial server on tcp:
    needs `serial`). `draw`: pictures by us, or text by the card's fonts (`fonts`: dot heights the card has). Text that
    fits nowhere moves, drawn by the card in any case; `speed` 1 slow .. 100. `refresh` seconds: a page that stays is
    sent again, because the card forgets it without power.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    width: int = Field(ge=16, le=1024)
    height: int = Field(ge=8, le=512)
    card: int = Field(default=255, ge=1, le=255)
    code: int = Field(default=ANY_CODE, ge=0, le=ANY_CODE)
    framing: Literal["auto", "network", "serial"] = "auto"
    colour: Colour = "red"
    draw: Literal["picture", "text"] = "picture"
    fonts: tuple[int, ...] = (16, 24, 32)
    face: int = Field(default=0, ge=0, le=7)
    charset: CardCharset = "gb2312"
    substitute: str = Field(default="□", min_length=1, max_length=1)
    lines: int = Field(default=4, ge=1, le=8)
    speed: int = Field(default=5, ge=1, le=100)
    refresh: float = Field(default=30.0, ge=1, le=3600)
    reply_timeout: float = Field(default=3.0, gt=0, le=30)

    @field_validator("fonts")
    @classmethod
    def _known_sizes(cls, fonts: tuple[int, ...]) -> tuple[int, ...]:
        unknown = [size for size in fonts if size not in FONTS]
        if unknown or not fonts:
            raise ValueError(f"{unknown}: some of {', '.join(map(str, FONTS))}")
        return fonts

    @model_validator(mode="after")
    def _fits_together(self) -> "CPowerConfig":
        if not self.sizes:
            raise ValueError(f"no font of {self.height} dots or less")
        Speller(self.charset, self.substitute)
        return self

    @property
    def sizes(self) -> tuple[int, ...]:
        """Dot heights of the card's fonts that fit the panel, largest first."""
        return tuple(sorted({size for size in self.fonts if size <= self.height}, reverse=True))

    @property
    def planes(self) -> tuple[Plane, ...]:
        return _PLANES[self.colour]

    @property
    def rgb(self) -> Rgb:
        red, green, blue = (255 * (plane in self.planes) for plane in ("red", "green", "blue"))
        return red, green, blue
