"""Record kinds and commands of security paper (空白证照纸). The subject is the kind of paper, `paper:<kind>`."""

from typing import Final, Literal

from pydantic import Field

from edge.rules.body import Body
from edge.rules.command import Command

SpoilWhy = Literal["misprint", "torn", "wet", "missing"]
_KIND = r"^[a-z0-9-]{1,32}$"


class PaperStocked(Body):
    """A delivery of serials, counted by `clerk` and `witness`."""

    first: int
    last: int
    clerk: str
    witness: str


class PaperUsed(Body):
    serial: int
    case: str
    clerk: str


class PaperSpoiled(Body):
    serial: int
    why: SpoilWhy
    clerk: str
    witness: str


class StockPaper(Command):
    do: Literal["paper.stock"] = "paper.stock"
    window: str
    kind: str = Field(pattern=_KIND)
    first: int = Field(ge=1, le=10**12)
    last: int = Field(ge=1, le=10**12)
    witness: str


class UsePaper(Command):
    """For the result of a case; the sheet that was printed on, not the next one by count."""

    do: Literal["paper.use"] = "paper.use"
    window: str
    kind: str = Field(pattern=_KIND)
    serial: int
    case: str


class SpoilPaper(Command):
    do: Literal["paper.spoil"] = "paper.spoil"
    window: str
    kind: str = Field(pattern=_KIND)
    serial: int
    why: SpoilWhy
    witness: str


PAPER_KINDS: Final[dict[tuple[str, int], type[Body]]] = {
    ("paper.stocked", 1): PaperStocked,
    ("paper.used", 1): PaperUsed,
    ("paper.spoiled", 1): PaperSpoiled,
}
