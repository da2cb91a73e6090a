"""All closed months of one journal, read as if their records still stood in its table."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from edge.journal.segments.form import BadSegment, SegmentFile
from edge.journal.segments.ledger import Dropped, Sealed

Row = tuple[int, bytes]
_AT_HAND: Final = 4


class Shelf:
    """`upto`: position of the last record in a closed month; up to `gone` months were dropped, `months` are those that
    are held. Files are opened when they are read. One thread."""

    def __init__(self, folder: Path, months: Sequence[Sealed], dropped: Sequence[Dropped] = ()) -> None:
        self.folder = folder
        self.months = tuple(months)
        self.dropped = tuple(dropped)
        self.gone = dropped[-1].sealed.title.last if dropped else 0
        self.upto = months[-1].title.last if months else self.gone
        self._open: dict[str, SegmentFile] = {}

    @property
    def newest(self) -> Sealed | None:
        """The last month that was closed, held or not."""
        return self.months[-1] if self.months else self.dropped[-1].sealed if self.dropped else None

    def rows(self, first: int, last: int) -> Iterator[Row]:
        """(position, stored bytes) between two positions. Raises BadSegment."""
        return self._each(lambda file: file.rows(first, last), first, last)

    def of_kinds(self, kinds: Sequence[str], first: int, last: int) -> Iterator[Row]:
        """Those that may be of these kinds. Raises BadSegment."""
        return self._each(lambda file: file.of_kinds(kinds, first, last), first, last)

    def saying(self, text: str) -> Iterator[Row]:
        """Those with this text somewhere. Raises BadSegment."""
        return self._each(lambda file: file.saying(text.encode()), 0, self.upto)

    def _each(self, read: Callable[[SegmentFile], Iterator[Row]], first: int, last: int) -> Iterator[Row]:
        for month in self.months:
            if month.title.last >= first and month.title.first <= last:
                yield from read(self._file(month))

    def _file(self, month: Sealed) -> SegmentFile:
        if month.name not in self._open:
            while len(self._open) >= _AT_HAND:
                del self._open[next(iter(self._open))]
            path = self.folder / month.name
            if not path.is_file():
                raise BadSegment(month.title.first, "the file is missing")
            self._open[month.name] = SegmentFile(path, month.title)
        return self._open[month.name]
