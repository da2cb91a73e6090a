"""`hallctl ratings export`: what citizens said in a stretch of days, from the journal's file, also beside a hall."""

import json
from pathlib import Path
from typing import Annotated

import typer

from edge.catalogue import load_catalogue
from edge.catalogue.mistakes import DataMistakes
from edge.cli_words import say
from edge.ratings.export import Named, as_csv, lines, uploads
from edge.statistics.days import Archive
from edge.statistics.stretch import of_stretch
from sync.private_files import write_private

app = typer.Typer(no_args_is_help=True)


@app.callback()
def _group() -> None:
    """A group of one: more will follow it."""


@app.command(help=say("help.ratings_export"))
def export(
    first: Annotated[str, typer.Argument(help=say("help.assess_first"))],
    last: Annotated[str, typer.Argument(help=say("help.assess_last"))],
    journal: Annotated[Path, typer.Option(help=say("help.journal_file"))] = Path("journal.db"),
    as_json: Annotated[bool, typer.Option("--json", help=say("help.json"))] = False,
    table: Annotated[Path | None, typer.Option("--csv", help=say("help.stats_csv"))] = None,
    upload: Annotated[Path | None, typer.Option(help=say("help.ratings_upload"))] = None,
    unit: Annotated[str, typer.Option(help=say("help.ratings_unit"))] = "",
    catalogue: Annotated[Path | None, typer.Option(help=say("help.ratings_catalogue"), file_okay=False)] = None,
) -> None:
    found = of_stretch(Archive.ratings, journal, first, last)
    if table is not None:
        table.write_bytes(as_csv(found))
        typer.echo(say("stats.written", file=str(table)), err=as_json)
    if upload is not None:
        sent, unfit = uploads(found, _items(catalogue), unit)
        write_private(upload, json.dumps([each.model_dump() for each in sent], ensure_ascii=False).encode())
        typer.echo(say("ratings.uploads", file=str(upload), n=len(sent), unfit=len(unfit)), err=as_json)
    if as_json:
        typer.echo(json.dumps(list(lines(found)), ensure_ascii=False))
    elif table is None and upload is None:
        for row in lines(found):
            typer.echo(say("ratings.line", **row))


def _items(catalogue: Path | None) -> dict[str, Named]:
    """Exit code 2 where the folder holds no catalogue."""
    if catalogue is None:
        return {}
    try:
        found = load_catalogue(catalogue).items
    except (DataMistakes, OSError):
        typer.echo(say("ratings.no_catalogue", folder=str(catalogue)), err=True)
        raise typer.Exit(2) from None
    return {id: Named(item.codes.implementation or id, item.name["zh-Hans"]) for id, item in found.items()}
