"""Personal data for a paper: opened when it is printed, held no longer than that, written nowhere."""

from typing import Any, Final, Protocol

from edge.journal.errors import PartGone
from edge.journal.journal import Journal


class SealedPort(Protocol):
    async def open(self, seq: int, h: str) -> dict[str, Any]:
        """Members of the part `h` of record `seq`. Raises PartGone, CannotOpen; JournalFailed."""


class SealedParts:
    """Parts in the journal. Whoever opens one has committed a record that says so: here `print.started`."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    async def open(self, seq: int, h: str) -> dict[str, Any]:
        """The members of part `h` (its digest) of record `seq`: personal data. Raises PartGone: erased, or none."""
        stored = await self._journal.history.read(seq - 1, 1)
        if not stored or not h:
            raise PartGone(f"record {seq} has no such part")
        return await self._journal.open_part(stored[0].record, h)


class NothingSealed:
    """For a hall that keeps no personal data: every part is gone."""

    async def open(self, seq: int, h: str) -> dict[str, Any]:
        raise PartGone(f"part of record {seq} is not kept here")


NOTHING_SEALED: Final = NothingSealed()
