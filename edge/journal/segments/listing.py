"""Closed months as a technician sees them: which there are, and whether each file is what was sealed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from edge.journal.segments import copying
from edge.journal.segments.ledger import Sealed
from edge.journal.store import reading

State = Literal["whole", "changed", "missing"]


class Listed(NamedTuple):
    """`first`, `last`: seq in its epoch; `size` in bytes."""

    month: str
    epoch: str
    first: int
    last: int
    records: int
    size: int
    name: str
    state: State


def listed(file: Path) -> list[Listed]:
    """Oldest first; every file is read. Raises FileNotFoundError, JournalDamaged, JournalError."""
    with reading(file) as store:
        bases = {str(epoch): int(base) for base, epoch in store.db.execute("SELECT base, epoch FROM epochs")}
        return list(_each(file.parent, store.closed.folder, store.closed.months, bases))


def _each(data: Path, folder: Path, months: tuple[Sealed, ...], bases: dict[str, int]) -> Iterator[Listed]:
    for one in months:
        title = one.title
        there: State = "changed" if (folder / one.name).exists() else "missing"
        state: State = "whole" if copying.is_whole(data, one) else there
        base = bases[title.epoch]
        seqs = (title.first - base, title.last - base)
        yield Listed(title.month, title.epoch, *seqs, one.records, one.size, one.name, state)
