"""Where days lie in the journal: one scan for their openings, kept, and then only their own records are read."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from edge.journal.store import Store, reading
from edge.statistics import opinions
from edge.statistics.assessment import assess
from edge.statistics.assessment_schema import Assessment
from edge.statistics.chains import KINDS
from edge.statistics.day import day as figures_of
from edge.statistics.schema import Day
from sync.protocol.record import Record

_OPENED: Final = "day.opened"


class NoSuchDay(LookupError):
    """The journal has no records of that business date."""


class Archive:
    """Reads beside the running hall, never writes. Blocking; for one thread at a time."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seen = 0
        self._epoch = ""
        self._days: list[tuple[int, str]] = []  # seq of each opening, its date

    def dates(self) -> list[str]:
        """Business dates with records, oldest first."""
        with reading(self._file) as store:
            return sorted({date for _, date in self._openings(store)})

    def day(self, date: str) -> Day:
        """Raises NoSuchDay, JournalError."""
        with reading(self._file) as store:
            spans = list(self._spans(store, date))
            if not spans:
                raise NoSuchDay(date)
            return figures_of(store.site, date, _records(store, spans))

    def assessment(self, first: str, last: str) -> Assessment:
        """Of the business dates from `first` to `last`. Raises NoSuchDay where none of them is on record, JournalError.

        Reads the journal from its beginning, but only records of the kinds that count.
        """
        with reading(self._file) as store:
            self._require_days(store, first, last)
            return assess(store.site, first, last, _of_kinds(store, KINDS))

    def ratings(self, first: str, last: str) -> list[opinions.Given]:
        """On services of those business dates. Raises as `assessment` does."""
        with reading(self._file) as store:
            self._require_days(store, first, last)
            return opinions.given(first, last, (record for _, record in _of_kinds(store, opinions.KINDS)))

    def _require_days(self, store: Store, first: str, last: str) -> None:
        if not any(first <= date <= last for _, date in self._openings(store)):
            raise NoSuchDay(f"{first} to {last}")

    def _spans(self, store: Store, date: str) -> Iterator[tuple[int, int]]:
        """First and last seq of each stretch that `date` was the business date; it may open again."""
        openings = self._openings(store)
        for n, (seq, opened) in enumerate(openings):
            if opened == date:
                yield seq, openings[n + 1][0] - 1 if n + 1 < len(openings) else store.next_seq - 1

    def _openings(self, store: Store) -> list[tuple[int, str]]:
        if store.epoch != self._epoch:
            self._epoch, self._seen, self._days = store.epoch, store.base, []
        for pos, _ in store.of_kinds(_OPENED, after=self._seen):
            record = store.record(pos - store.base)
            if record is not None and record.kind == _OPENED:
                self._days.append((record.seq, str(record.body["date"])))
        self._seen = store.head.pos
        return self._days


def _records(store: Store, spans: list[tuple[int, int]]) -> Iterator[Record]:
    for first, last in spans:
        yield from store.records(first - 1, last - first + 1)


def _of_kinds(store: Store, kinds: Sequence[str]) -> Iterator[tuple[int, Record]]:
    """(place, record) of the whole history; the text may also stand in a body, so each is looked at again."""
    for pos, _ in store.of_kinds(*kinds):
        place, record = store.place_of(pos), store.record_at(pos)
        if place is not None and record is not None and record.kind in kinds:
            yield place, record
