"""`hallctl catalogue`: check the data folders, list items, search as a kiosk does."""

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from config import folder
from edge.catalogue.calendars import Calendars, check_calendars
from edge.catalogue.item import Catalogue, ServiceItem
from edge.catalogue.loading import check_catalogue
from edge.catalogue.mistakes import FileMistake
from edge.catalogue.schema import Level
from edge.cli_words import language, say
from edge.rules.deadlines import next_year_is_missing

app = typer.Typer(no_args_is_help=True)
_CATALOGUE = folder() / "catalogue"
_CALENDAR = folder() / "calendar"
_ZONE = ZoneInfo("Asia/Shanghai")

Folder = Annotated[Path, typer.Option("--folder", help=say("help.catalogue_folder"))]
AsJson = Annotated[bool, typer.Option("--json", help=say("help.json"))]


@app.command("check", help=say("help.catalogue_check"))
def check(
    catalogue: Folder = _CATALOGUE,
    calendar: Annotated[Path, typer.Option(help=say("help.catalogue_calendar"))] = _CALENDAR,
    as_json: AsJson = False,
) -> None:
    """Exit code 2 when there is a mistake; what is only unverified is told and is no mistake."""
    items, mistakes = _read(catalogue)
    days, more = _read_calendar(calendar)
    mistakes = mistakes + more
    if as_json:
        typer.echo(json.dumps(_report(items, days, mistakes), ensure_ascii=False))
    else:
        for mistake in mistakes:
            typer.echo(mistake.sentence(language()))
        if mistakes:
            typer.echo(say("check.count", count=len(mistakes)))
        _tell(items, days)
    if mistakes:
        raise typer.Exit(2)


@app.command("list", help=say("help.catalogue_list"))
def list_(
    level: Annotated[str, typer.Option(help=say("help.catalogue_level"))] = "",
    catalogue: Folder = _CATALOGUE,
    as_json: AsJson = False,
) -> None:
    known = _good(catalogue)
    if level and level not in _LEVELS:
        raise typer.BadParameter(say("help.catalogue_level"))
    items = known.items_for(_LEVELS[level]) if level else tuple(known.items.values())
    _show(items, as_json)


@app.command("search", help=say("help.catalogue_search"))
def search(
    text: Annotated[str, typer.Argument(help=say("help.catalogue_text"))],
    catalogue: Folder = _CATALOGUE,
    as_json: AsJson = False,
) -> None:
    """Exit code 1 when nothing is found."""
    found = _good(catalogue).search(text)
    _show(found, as_json)
    if not found:
        if not as_json:
            typer.echo(say("catalogue.nothing"))
        raise typer.Exit(1)


_LEVELS: dict[str, Level] = {"station": "station", "street": "street", "district": "district"}


def _read(catalogue: Path) -> tuple[Catalogue | None, list[FileMistake]]:
    try:
        return check_catalogue(catalogue)
    except OSError as error:
        raise _unreadable(catalogue, error) from error


def _read_calendar(calendar: Path) -> tuple[Calendars | None, list[FileMistake]]:
    try:
        return check_calendars(calendar)
    except OSError as error:
        raise _unreadable(calendar, error) from error


def _unreadable(path: Path, error: OSError) -> typer.Exit:
    typer.echo(say("check.no_file", file=path.name, problem=error.strerror or error), err=True)
    return typer.Exit(2)


def _good(catalogue: Path) -> Catalogue:
    known, mistakes = _read(catalogue)
    if known is None:
        for mistake in mistakes:
            typer.echo(mistake.sentence(language()), err=True)
        raise typer.Exit(2)
    return known


def _tell(items: Catalogue | None, days: Calendars | None) -> None:
    if items is not None:
        doubts = items.unverified()
        counts = {"items": len(items.items), "facts": doubts.facts, "of": doubts.of, "some": len(doubts.by_item)}
        typer.echo(say("catalogue.good", version=items.version[:12], **counts))
        for uid, facts in doubts.by_item.items():
            named = ", ".join(say(f"catalogue.fact.{fact}") for fact in facts)
            typer.echo(say("catalogue.unverified", item=uid, facts=named))
    if days is not None:
        typer.echo(say("catalogue.years", years=_years(days.calendar.years)))
        if days.incomplete:
            typer.echo(say("catalogue.incomplete", years=_years(days.incomplete)))
        if next_year_is_missing(datetime.now(_ZONE).date(), days.calendar):
            typer.echo(say("catalogue.next_year"))


def _years(years: frozenset[int]) -> str:
    return ", ".join(str(year) for year in sorted(years)) or "-"


def _show(items: tuple[ServiceItem, ...], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps([item.model_dump(mode="json") for item in items], ensure_ascii=False))
        return
    for item in items:
        doubts = say("catalogue.some_unverified", count=len(item.unverified)) if item.unverified else ""
        name = item.name["zh-Hans"] if language() not in item.name else item.name[language()]  # type: ignore[index]
        typer.echo("  ".join(filter(None, (item.id.ljust(32), name, _limit(item), doubts))))


def _limit(item: ServiceItem) -> str:
    if item.kind == "instant":
        return say("catalogue.instant")
    days = item.limits.working_days
    return say("catalogue.no_limit") if days is None else say("catalogue.days", days=days)


def _report(items: Catalogue | None, days: Calendars | None, mistakes: list[FileMistake]) -> dict[str, object]:
    return {
        "version": items.version if items else "",
        "items": len(items.items) if items else 0,
        "unverified": dict(items.unverified().by_item) if items else {},
        "years": sorted(days.calendar.years) if days else [],
        "incomplete_years": sorted(days.incomplete) if days else [],
        "mistakes": [_as_object(found) for found in mistakes],
    }


def _as_object(found: FileMistake) -> dict[str, str | int]:
    mistake = found.mistake
    return {
        "file": found.file,
        "line": mistake.line,
        "column": mistake.column,
        "item": found.item,
        "path": mistake.path,
        "code": mistake.code,
        "what": mistake.what(language()),
        "meant": mistake.meant,
    }
