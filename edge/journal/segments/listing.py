"""Closed months as a technician sees them: which there are, and whether each file is what was sealed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from edge.journal.segments import copying, dropping
from edge.journal.segments.ledger import Sealed
from edge.journal.store import Store, reading

State = Literal["whole", "changed", "missing", "dropped"]


class Listed(NamedTuple):
    """`first`, `last`: seq in its epoch; `size` in bytes. `at`, `kept`: when a dropped one was ("" where the record of
    it was dropped later), and after how many months."""

    month: str
    epoch: str
    first: int
    last: int
    records: int
    size: int
    name: str
    state: State
    at: str = ""
    kept: int = 0


def listed(file: Path) -> list[Listed]:
    """Oldest first, with those that were dropped; every file is read.

    Raises FileNotFoundError, JournalDamaged, JournalError.
    """
    with reading(file) as store:
        bases = {str(epoch): int(base) for base, epoch in store.db.execute("SELECT base, epoch FROM epochs")}
        return [*_gone(store), *_each(file.parent, store.closed.folder, store.closed.months, bases)]


def _gone(store: Store) -> Iterator[Listed]:
    for one, told in zip(store.closed.dropped, dropping.told(store), strict=True):
        seqs = (told.first, told.last, one.sealed.records)
        yield Listed(told.month, told.epoch, *seqs, 0, one.sealed.name, "dropped", told.at, told.kept)


def _each(data: Path, folder: Path, months: tuple[Sealed, ...], bases: dict[str, int]) -> Iterator[Listed]:
    for one in months:
        title = one.title
        there: State = "changed" if (folder / one.name).exists() else "missing"
        state: State = "whole" if copying.is_whole(data, one) else there
        base = bases[title.epoch]
        seqs = (title.first - base, title.last - base)
        yield Listed(title.month, title.epoch, *seqs, one.records, one.size, one.name, state)
