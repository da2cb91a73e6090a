"""What is asked of the hall's free pages (打印复印)."""

from typing import Literal

from pydantic import Field

from edge.rules.command import Command
from edge.rules.copy_records import CopyBy, CopyKind, GrantWhy

MOST_GRANTED = 100


class ReserveCopies(Command):
    """Before anything is printed. `account`: hash of who laid his card, or the ticket's own (see copies.account_of)."""

    do: Literal["copy.reserve"] = "copy.reserve"
    kiosk: str
    kind: CopyKind
    item: str = ""
    pages: int = Field(ge=1)
    account: str = Field(min_length=1)
    by: CopyBy
    job: str


class EndCopies(Command):
    """`came` pages are known to have come out, of `unsure` nobody knows."""

    do: Literal["copy.end"] = "copy.end"
    copy_id: str
    outcome: Literal["done", "failed", "unknown"]
    came: int = Field(default=0, ge=0)
    unsure: int = Field(default=0, ge=0)
    code: str = ""


class GrantCopies(Command):
    """More pages today for the holder of a ticket, by its number; '' = for the whole hall."""

    do: Literal["copy.grant"] = "copy.grant"
    number: str = ""
    pages: int = Field(ge=1, le=MOST_GRANTED)
    why: GrantWhy
