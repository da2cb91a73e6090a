"""`hallctl assess`: what 考核 asks of a stretch of days, from the journal's file, also beside a running hall."""

from pathlib import Path
from typing import Annotated

import typer

from edge.cli_words import say
from edge.statistics.assessment_table import as_csv, lines
from edge.statistics.days import Archive
from edge.statistics.stretch import of_stretch


def assess(
    first: Annotated[str, typer.Argument(help=say("help.assess_first"))],
    last: Annotated[str, typer.Argument(help=say("help.assess_last"))],
    journal: Annotated[Path, typer.Option(help=say("help.journal_file"))] = Path("journal.db"),
    as_json: Annotated[bool, typer.Option("--json", help=say("help.json"))] = False,
    table: Annotated[Path | None, typer.Option("--csv", help=say("help.stats_csv"))] = None,
) -> None:
    found = of_stretch(Archive.assessment, journal, first, last)
    if table is not None:
        table.write_bytes(as_csv(found))
        typer.echo(say("stats.written", file=str(table)))
    if as_json:
        typer.echo(found.model_dump_json())
    elif table is None:
        for row in lines(found):
            typer.echo(say("assess.line", **row))
