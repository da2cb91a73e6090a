"""The hall's reference books as they lie in `config/`: catalogue, calendar, hours; with the site's own codes."""

from dataclasses import dataclass
from pathlib import Path

import structlog

from edge.books import SiteBooks
from edge.catalogue import HOURS_FILE, Catalogue, DataMistakes, load_calendars, load_catalogue, load_hours
from edge.rules.books import NO_BOOKS, Books
from edge.site import Site

log = structlog.get_logger("halld")
KNOWN = "catalogue.known.json"


@dataclass(frozen=True, slots=True)
class Library:
    """`catalogue` for people, `books` for the rules: the same version of the same thing."""

    catalogue: Catalogue
    books: Books

    def catalogue_of(self, version: str) -> Catalogue:
        """Of any version: only the newest is kept."""
        return self.catalogue


def open_library(folder: Path, site: Site, data: Path | None = None) -> Library:
    """With mistakes in the data the hall opens without a catalogue: numbers, calls and ratings go on, cases wait.

    `data`: where what the catalogue's pages say is kept for the next start.
    """
    try:
        catalogue = load_catalogue(folder / "catalogue", None if data is None else data / KNOWN)
        calendars = load_calendars(folder / "calendar")
        hours = load_hours(folder / "calendar" / HOURS_FILE)
    except (DataMistakes, OSError) as error:
        log.error("no catalogue or calendar: no case can be taken in", why=str(error))
        return Library(Catalogue("", {}), NO_BOOKS)
    codes = site.codes
    for delegated in site.cases.delegations:
        if delegated.item not in catalogue.items:
            log.error("a delegation names no item of the catalogue", number=delegated.number, item=delegated.item)
    books = SiteBooks(
        catalogue,
        calendars.calendar,
        hours,
        site.hall.level,
        codes.region,
        codes.site_number,
        codes.node,
        site.cases.setup(site.site),
        site.copy_setup,
    )
    return Library(catalogue, books)
