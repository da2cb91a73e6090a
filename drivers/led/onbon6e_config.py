"""Options of a graphic card panel (led.md 1.5, 1.6)."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from drivers.led import f0


class Onbon6EConfig(BaseModel):
    """`width`, `height` in dots, never assumed. `address` and `device_type` FFFE = any card on this link.

    `generation`: how pixels are packed; `auto` asks the card, and takes the 6th when it does not say.
    `settings_header`: whether power and clock are tried with the vendor's header, which nobody has explained.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    width: int = Field(ge=16, le=1024)
    height: int = Field(ge=12, le=256)
    address: int = Field(default=f0.ANY, ge=0, le=0xFFFF)
    device_type: int = Field(default=f0.ANY, ge=0, le=0xFFFF)
    generation: Literal["auto", 5, 6] = "auto"
    area: int = Field(default=0, ge=0, le=3)
    brightness: int | None = Field(default=None, ge=0, le=15)
    lease_mode: Literal["logo", "vanish", "none"] = "logo"
    settings_header: Literal["full", "none"] = "full"
    reply_timeout: float = Field(default=3.0, gt=0, le=30)
