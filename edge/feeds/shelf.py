"""The hall's reference books as they count now: those that came with the release, replaced in part by the centre."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

from edge.books import SiteBooks
from edge.catalogue import Catalogue
from edge.library import Library
from edge.rules.deadlines import Calendar, Hours


class Shelf:
    """`on_change` is called with every new library. A case that began under an older catalogue still finds it."""

    def __init__(self, shipped: Library) -> None:
        self.library = shipped
        self.on_change: Callable[[Library], None] = lambda library: None
        self._shipped = shipped
        self._older: dict[str, Catalogue] = {shipped.catalogue.version: shipped.catalogue}
        self._catalogue = shipped.catalogue
        self._hours: Hours | None = None
        self._closures: frozenset[date] = frozenset()

    def catalogue_of(self, version: str) -> Catalogue:
        """The newest where that version is not known here."""
        return self._older.get(version, self._catalogue)

    def remember(self, older: Mapping[str, Catalogue]) -> None:
        self._older |= older

    def use_catalogue(self, catalogue: Catalogue) -> None:
        """From the next case on."""
        self._catalogue = catalogue
        self._older[catalogue.version] = catalogue
        self._change()

    def use_times(self, hours: Hours | None, closures: frozenset[date]) -> None:
        """`hours` None: those of the release. `closures`: days on which this hall stays shut."""
        self._hours, self._closures = hours, closures
        self._change()

    def _change(self) -> None:
        books = self._shipped.books
        if isinstance(books, SiteBooks):
            hours = self._hours or books.hours
            calendar = _without(books.calendar, self._closures)
            books = replace(books, catalogue=self._catalogue, hours=hours, calendar=calendar)
        self.library = Library(self._catalogue, books)
        self.on_change(self.library)


def _without(calendar: Calendar, closures: frozenset[date]) -> Calendar:
    return Calendar(calendar.holidays | closures, calendar.working_weekend_days - closures, calendar.years)
