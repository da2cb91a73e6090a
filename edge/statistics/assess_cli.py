"""`hallctl assess`: what 考核 asks of a stretch of days, from the journal's file, also beside a running hall."""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from pydantic import BaseModel

from edge.cli_words import say
from edge.journal.errors import JournalError
from edge.statistics.assessment_schema import Assessment
from edge.statistics.days import Archive, NoSuchDay

HEAD: Final = ["site", "first", "last", "what", "cut", "name", "figure", "value"]
_CUT: Final = "_by_"


def assess(
    first: Annotated[str, typer.Argument(help=say("help.assess_first"))],
    last: Annotated[str, typer.Argument(help=say("help.assess_last"))],
    journal: Annotated[Path, typer.Option(help=say("help.journal_file"))] = Path("journal.db"),
    as_json: Annotated[bool, typer.Option("--json", help=say("help.json"))] = False,
    table: Annotated[Path | None, typer.Option("--csv", help=say("help.stats_csv"))] = None,
) -> None:
    found = _read(journal, first, last)
    if table is not None:
        with table.open("w", encoding="utf-8-sig", newline="") as file:  # the mark lets spreadsheets see UTF-8
            csv.writer(file).writerows(rows(found))
        typer.echo(say("stats.written", file=str(table)))
    if as_json:
        typer.echo(found.model_dump_json())
    elif table is None:
        for row in _lines(found):
            typer.echo(say("assess.line", **row))


def rows(found: Assessment) -> Iterator[list[str | int]]:
    """One line a figure, so that a new one never moves a column. `cut` `all`: of everything."""
    yield list(HEAD)
    for row in _lines(found):
        yield [row[name] for name in HEAD]


def _lines(found: Assessment) -> Iterator[dict[str, str | int]]:
    for member, value in found:
        what, _, cut = member.partition(_CUT)
        parts: Mapping[str, Any] = {"": value} if isinstance(value, BaseModel) else value if cut else {}
        for name, figures in parts.items():
            for figure, count in _figures(figures.model_dump()):
                yield {
                    "site": found.site,
                    "first": found.first,
                    "last": found.last,
                    "what": what,
                    "cut": cut or "all",
                    "name": name,
                    "figure": figure,
                    "value": count,
                }


def _figures(of: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    for name, value in of.items():
        if isinstance(value, dict):
            for word, count in value.items():
                yield f"{name}.{word}", count
        else:
            yield name, value


def _read(journal: Path, first: str, last: str) -> Assessment:
    """Exit code 2 and a sentence when there are no such days or no journal."""
    try:
        return Archive(journal).assessment(first, last)
    except NoSuchDay:
        typer.echo(say("assess.no_days", first=first, last=last), err=True)
    except FileNotFoundError:
        typer.echo(say("journal.no_file"), err=True)
    except JournalError as error:
        typer.echo(say("journal.unreadable", problem=str(error)), err=True)
    raise typer.Exit(2)
