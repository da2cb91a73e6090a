"""What a reader can be told in the site's configuration."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class SamConfig(BaseModel):
    """`poll` seconds between two looks for a card; `patience` stretches every time-out.

    `baud: auto`: when the module does not answer at the link's speed, the other four are tried (section 1.1).
    `ignore_find_result`: for modules that go on reporting "no card" for a card they can read (section 9.1).
    `photo_decoder`: a command with the raw photo on its stdin and a BMP, PNG or JPEG on its stdout; '' for none.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    poll: float = Field(default=0.4, ge=0.02, le=5)
    patience: float = Field(default=1.0, ge=0.1, le=10)
    baud: Literal["link", "auto"] = "link"
    append_address: bool = True
    ignore_find_result: bool = False
    photo_decoder: str = ""
    photo_seconds: float = Field(default=2.0, ge=0.1, le=10)
    photo_memory: int = Field(default=128, ge=16, le=1024, description="MiB of address space")
