"""What is done with the reuse list. Values are secret types and are sealed; who may: roles.py."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from edge.rules.about import About
from edge.rules.command import Command
from edge.rules.reuse_records import DeclineWhy, HeldLine

_WHAT = r"^[A-Za-z0-9._-]{1,64}$"


class OfferHeld(Command):
    """The centre's answer to an opened case: what it holds of the applicant. `values` by `what`."""

    do: Literal["reuse.offer"] = "reuse.offer"
    about: About
    case: str
    origin: str = Field(default="", pattern=r"^[A-Za-z0-9._-]{0,40}$")
    lines: tuple[HeldLine, ...] = Field(max_length=50)
    values: dict[str, SecretStr] = Field(default_factory=dict, max_length=50)


class EarlierCase(BaseModel):
    """A case received here, as the journal tells it. `materials`: reusable ones that were brought then."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: str
    day: str
    materials: tuple[str, ...]


class OfferEarlier(Command):
    """The applicant names an earlier case by the number on its receipt. `found`: None for no case, or a stranger's."""

    do: Literal["reuse.earlier"] = "reuse.earlier"
    window: str
    case: str
    found: EarlierCase | None


class UseHeld(Command):
    do: Literal["reuse.use"] = "reuse.use"
    window: str
    case: str
    what: str = Field(pattern=_WHAT)


class DeclineHeld(Command):
    do: Literal["reuse.decline"] = "reuse.decline"
    window: str
    case: str
    what: str = Field(pattern=_WHAT)
    why: DeclineWhy
