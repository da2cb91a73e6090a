"""The calendar's files: one a year, and the hours; into the values that the rules count with."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field

from edge.catalogue.mistakes import DataMistakes, FileMistake, Page, in_order
from edge.catalogue.reading import check_scalars, read_form, read_page
from edge.catalogue.schema import Part
from edge.rules.deadlines import Calendar, Hours, Session
from edge.site_check.mistakes import Mistake, nearest
from edge.site_check.mistakes import Path as Place
from edge.site_sections.form import Id, Text

HOURS_FILE: Final = "hours-default.yaml"
_TIME: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_SATURDAY: Final = 5
_DAY: Final = timedelta(days=1)


class Origin(Part):
    title: str
    at: str


class Off(Part):
    """Days off, both ends included, weekends among them."""

    first: date = Field(alias="from")
    last: date = Field(alias="to")
    name: Text
    source: Id | None = None
    unverified: bool = False

    def days(self) -> Iterator[date]:
        day = self.first
        while day <= self.last:
            yield day
            day += _DAY


class Worked(Part):
    """A Saturday or Sunday that is worked (调休)."""

    day: date = Field(alias="date")
    name: Text
    source: Id | None = None
    unverified: bool = False


class YearFile(Part):
    """`complete` is False while only the days fixed by law are known: the year is then not counted with."""

    year: Annotated[int, Field(ge=2000, le=2100)]
    complete: bool
    sources: dict[Id, Origin]
    off: tuple[Off, ...]
    worked: tuple[Worked, ...]


class Opening(Part):
    opens: time
    closes: time


class HoursFile(Part):
    sessions: tuple[Opening, ...]
    unverified: bool = False
    source: Origin | None = None


@dataclass(frozen=True, slots=True)
class Calendars:
    """`incomplete`: years that have a file but no full list; `unverified`: days without a source, by year."""

    calendar: Calendar
    names: Mapping[date, Text]
    incomplete: frozenset[int]
    unverified: Mapping[int, int]


def load_calendars(folder: Path) -> Calendars:
    """All years of a folder. Raises DataMistakes with all of them, OSError."""
    calendars, mistakes = check_calendars(folder)
    if calendars is None:
        raise DataMistakes(mistakes)
    return calendars


def load_hours(file: Path) -> Hours:
    """Raises DataMistakes, OSError."""
    page = read_page(file)
    hours = _read_hours(page)
    if hours is None:
        raise DataMistakes(page.mistakes)
    return hours


def check_calendars(folder: Path) -> tuple[Calendars | None, list[FileMistake]]:
    """The years of a folder, None when any of its files (the hours too) has a mistake. Raises OSError."""
    files = sorted(file for file in folder.iterdir() if file.suffix == ".yaml")
    years = [read_page(file) for file in files if file.name != HOURS_FILE]
    hours = [read_page(file) for file in files if file.name == HOURS_FILE]
    for page in hours:
        _read_hours(page)
    if not years:
        return None, [FileMistake(folder.name, "", Mistake(1, 1, "", "catalogue.no_files"))]
    read = [(page, content) for page in years if (content := _read_year(page)) is not None]
    _check_years_once(read)
    mistakes = in_order(mistake for page in years + hours for mistake in page.mistakes)
    return (None, mistakes) if mistakes else (_build([content for _, content in read]), [])


def _read_year(page: Page) -> YearFile | None:
    check_scalars(page, ("from", "to", "date"), _is_date, "catalogue.want_date")
    content = read_form(page, YearFile)
    if content is not None:
        _check_year(page, content)
    return content


def _check_year(page: Page, content: YearFile) -> None:
    off = {day for period in content.off for day in period.days()}
    for index, period in enumerate(content.off):
        here: Place = ("off", index)
        if period.first > period.last:
            page.wrong((*here, "to"), "catalogue.ends_before", {"first": period.first, "last": period.last})
        for key, day in (("from", period.first), ("to", period.last)):
            if day.year != content.year:
                page.wrong((*here, key), "catalogue.other_year", {"value": day, "year": content.year})
        _check_origin(page, here, content, period.source, period.unverified)
    for index, worked in enumerate(content.worked):
        here = ("worked", index)
        if worked.day.year != content.year:
            page.wrong((*here, "date"), "catalogue.other_year", {"value": worked.day, "year": content.year})
        if worked.day.weekday() < _SATURDAY:
            page.wrong((*here, "date"), "catalogue.no_weekend", {"value": worked.day})
        if worked.day in off:
            page.wrong((*here, "date"), "catalogue.off_and_worked", {"value": worked.day})
        _check_origin(page, here, content, worked.source, worked.unverified)


def _check_origin(page: Page, here: Place, content: YearFile, source: str | None, is_unverified: bool) -> None:
    if source is None and not is_unverified:
        page.wrong(here, "catalogue.no_source")
    if source is not None and source not in content.sources:
        meant = nearest(source, content.sources)
        page.wrong((*here, "source"), "unknown_id", {"value": source, "section": "sources"}, meant)


def _check_years_once(read: list[tuple[Page, YearFile]]) -> None:
    first: dict[int, str] = {}
    for page, content in read:
        if content.year in first:
            page.wrong(("year",), "catalogue.twice", {"value": content.year, "place": first[content.year]})
        first.setdefault(content.year, page.where(("year",)))


def _read_hours(page: Page) -> Hours | None:
    check_scalars(page, ("opens", "closes"), lambda text: bool(_TIME.fullmatch(text)), "catalogue.want_time")
    content = read_form(page, HoursFile)
    if content is None:
        return None
    try:
        return Hours(tuple(Session(opening.opens, opening.closes) for opening in content.sessions))
    except ValueError as error:
        page.wrong(("sessions",), "catalogue.hours_order", {"problem": str(error)}, key=True)
        return None


def _build(years: list[YearFile]) -> Calendars:
    complete = [content for content in years if content.complete]
    names = {day: period.name for content in complete for period in content.off for day in period.days()}
    names |= {worked.day: worked.name for content in complete for worked in content.worked}
    return Calendars(
        calendar=Calendar(
            holidays=frozenset(day for content in complete for period in content.off for day in period.days()),
            working_weekend_days=frozenset(worked.day for content in complete for worked in content.worked),
            years=frozenset(content.year for content in complete),
        ),
        names=names,
        incomplete=frozenset(content.year for content in years if not content.complete),
        unverified={content.year: _doubts(content) for content in years if _doubts(content)},
    )


def _doubts(content: YearFile) -> int:
    off = sum(len(list(period.days())) for period in content.off if period.unverified)
    return off + sum(worked.unverified for worked in content.worked)


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
