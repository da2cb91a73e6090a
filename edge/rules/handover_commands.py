"""Handing batches over: sealed by one person, signed for by another, differences settled by two."""

from typing import Literal

from pydantic import Field

from edge.rules.about import About
from edge.rules.command import Command
from edge.rules.handover_records import BatchWhat, Line, Settled, Sheet

_PLACE = r"^[A-Za-z0-9-]{1,32}$"


class SealBatch(Command):
    """All papers still here of the cases, or their results. `to`: a deciding unit, or another site."""

    do: Literal["batch.seal"] = "batch.seal"
    window: str
    what: BatchWhat
    to: str = Field(pattern=_PLACE)
    cases: tuple[str, ...] = Field(min_length=1, max_length=100)


class SignBatch(Command):
    """The receiver counted it in, here at the window where it was sealed (a department's messenger)."""

    do: Literal["batch.sign"] = "batch.sign"
    window: str
    batch: str
    signer: str = Field(pattern=_PLACE)
    counted: tuple[Line, ...] = Field(max_length=2000)


class TakeInBatch(Command):
    """A batch of results that came from another site, with its sheet."""

    do: Literal["batch.take_in"] = "batch.take_in"
    window: str
    batch: str
    sheet: Sheet
    counted: tuple[Line, ...] = Field(max_length=2000)


class NoteBatch(Command):
    """From the centre: the other site signed for the batch."""

    do: Literal["batch.note"] = "batch.note"
    about: About
    batch: str
    hash: str
    signer: str
    counted: tuple[Line, ...]


class SettleDifference(Command):
    """`witness`: id of a second person."""

    do: Literal["batch.settle"] = "batch.settle"
    window: str
    batch: str
    case: str
    material: str
    outcome: Settled
    witness: str = Field(pattern=_PLACE)
