"""`hallctl assess`: what 考核 asks of a stretch of days, from the journal's file, also beside a running hall."""

from pathlib import Path
from typing import Annotated

import typer

from edge.cli_words import say
from edge.journal.errors import JournalError
from edge.statistics.assessment_schema import Assessment
from edge.statistics.assessment_table import as_csv, lines
from edge.statistics.days import Archive, NoSuchDay


def assess(
    first: Annotated[str, typer.Argument(help=say("help.assess_first"))],
    last: Annotated[str, typer.Argument(help=say("help.assess_last"))],
    journal: Annotated[Path, typer.Option(help=say("help.journal_file"))] = Path("journal.db"),
    as_json: Annotated[bool, typer.Option("--json", help=say("help.json"))] = False,
    table: Annotated[Path | None, typer.Option("--csv", help=say("help.stats_csv"))] = None,
) -> None:
    found = _read(journal, first, last)
    if table is not None:
        table.write_bytes(as_csv(found))
        typer.echo(say("stats.written", file=str(table)))
    if as_json:
        typer.echo(found.model_dump_json())
    elif table is None:
        for row in lines(found):
            typer.echo(say("assess.line", **row))


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
