"""Options of a font card panel (led.md 1.4)."""

import re
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from drivers.led import fontcard
from drivers.led.cardtext import CardCharset, Colour, Speller
from drivers.led.textarea import Units

_FILE_NAMES = re.compile(r"O\d{3}(E\d{3})?")


class Onbon5KConfig(BaseModel):
    """`width`, `height` in dots, never assumed. `fonts`: dot height to the card's own files, Chinese then Latin.

    `lease_mode` is what the card does when nobody renews a page (docs/decisions/0150). `spellings` gives words for
    characters the fonts lack, `substitute` one character for the rest. `over_programs`: a program stored on the card
    is shown where there are no areas, and our areas win over it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    width: int = Field(ge=16, le=1024)
    height: int = Field(ge=12, le=256)
    address: int = Field(default=1, ge=0, le=0xFFFF)
    device_type: int = Field(default=fontcard.ANY_TYPE, ge=0, le=0xFF)
    units: Units = "8px"
    colour: Colour = "red"
    charset: CardCharset = "gb2312"
    fonts: dict[int, tuple[str, ...]] = {16: ("O000", "E000"), 32: ("O001", "E001")}
    lines: int = Field(default=4, ge=1, le=4)
    speed: int = Field(default=4, ge=0, le=24)
    substitute: str = Field(default="□", min_length=1, max_length=1)
    spellings: dict[str, str] = {}
    lease_mode: Literal["vanish", "logo", "none"] = "vanish"
    over_programs: bool = False
    brightness: int | None = Field(default=None, ge=0, le=15)
    reply_timeout: float = Field(default=3.0, gt=0, le=30)

    @field_validator("fonts")
    @classmethod
    def _names_of_files(cls, fonts: dict[int, tuple[str, ...]]) -> dict[int, tuple[str, ...]]:
        for size, names in fonts.items():
            if size < 8 or size % 2 or not _FILE_NAMES.fullmatch("".join(names)):
                raise ValueError(f"{size}: {', '.join(names)}: an even dot height, a file O000..O999, then E000..E999")
        return fonts

    @model_validator(mode="after")
    def _fits_together(self) -> "Onbon5KConfig":
        if not any(size <= self.height for size in self.fonts):
            raise ValueError(f"no font of {self.height} dots or less")
        if self.units == "8px" and self.width % 8:
            raise ValueError(f"width {self.width} is not a multiple of 8: choose units pixel_bit15 or pixel_plain")
        Speller(self.charset, self.substitute, self.spellings)
        return self

    @property
    def sizes(self) -> tuple[int, ...]:
        """Dot heights that fit the panel, largest first."""
        return tuple(sorted((size for size in self.fonts if size <= self.height), reverse=True))
