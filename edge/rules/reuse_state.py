"""What the reuse list leaves in a case, and what the journal tells of an earlier one."""

from dataclasses import dataclass
from typing import Literal

from edge.rules.part import Part
from edge.rules.reuse_records import DeclineWhy, ReuseSource


class Held(Part):
    """A material or field that need not be asked for. `seq`, `h`: record and digest of the sealed values, '' = none."""

    source: ReuseSource
    origin: str
    issued: str
    until: str
    seq: int = 0
    h: str = ""
    used: bool = False
    declined: DeclineWhy | Literal[""] = ""


@dataclass(frozen=True, slots=True)
class Earlier:
    """A case received here on `day`. `materials`: reusable ones brought then. `seq`, `h`: its sealed applicant."""

    number: str
    day: str
    materials: tuple[str, ...]
    seq: int
    h: str
