"""Reading `site.yaml`: every mistake at once, each with its place and what was probably meant."""

from pathlib import Path

from pydantic import ValidationError

from edge.site import Site
from edge.site_check.cases import check_cases
from edge.site_check.copies import check_copies
from edge.site_check.drivers import DriverBroken, Drivers, InstalledDrivers
from edge.site_check.mistakes import Mistake, SiteMistakes
from edge.site_check.naming import check_names
from edge.site_check.places import Sheet, read_sheet
from edge.site_check.references import check_references
from edge.site_check.schema import explain

__all__ = [
    "DriverBroken",
    "Drivers",
    "InstalledDrivers",
    "Mistake",
    "SiteMistakes",
    "check_site",
    "load_site",
    "read_site",
]


def load_site(path: Path, *, drivers: Drivers | None = None) -> Site:
    """The site of a file without mistakes. Raises SiteMistakes with all of them, OSError.

    `drivers`: where driver names lead; None = what is installed.
    """
    site, mistakes = check_site(path.read_bytes(), drivers or InstalledDrivers())
    if site is None or mistakes:
        raise SiteMistakes(mistakes)
    return site


def check_site(raw: bytes, drivers: Drivers) -> tuple[Site | None, list[Mistake]]:
    """All mistakes of a file's bytes; a site when the form is right, even if references are not."""
    from edge.site_check.devices import check_devices  # brings every kind of link, serial lines too

    sheet = read_sheet(raw)
    if sheet.data is None:
        return None, sheet.mistakes
    site, form = _check_form(sheet)
    # Of two words about one place the first is kept: a driver knows its options better than the site's form does.
    between = [*check_references(sheet), *check_cases(sheet), *check_copies(sheet), *check_names(sheet)]
    return site, _one_a_place(sheet.mistakes + check_devices(sheet, drivers) + form + between)


def read_site(raw: bytes) -> Site | None:
    """The site of a file's bytes when the form is right; its drivers and references are not looked at."""
    sheet = read_sheet(raw)
    return None if sheet.data is None or sheet.mistakes else _check_form(sheet)[0]


def _check_form(sheet: Sheet) -> tuple[Site | None, list[Mistake]]:
    try:
        return Site.model_validate(sheet.data), []
    except ValidationError as error:
        return None, explain(sheet, error.errors(), Site)


def _one_a_place(mistakes: list[Mistake]) -> list[Mistake]:
    """The first word about a place is enough; missing members of one mapping stay apart."""
    kept: dict[tuple[int, int, str], Mistake] = {}
    for mistake in mistakes:
        extra = str(mistake.values.get("name", "")) if mistake.code == "missing" else ""
        kept.setdefault((mistake.line, mistake.column, extra), mistake)
    return sorted(kept.values(), key=lambda mistake: (mistake.line, mistake.column))
