"""`hallctl check`: every mistake of a site file with its line."""

import json
from pathlib import Path
from typing import Annotated

import typer

from edge.cli_words import language, say
from edge.site_check import InstalledDrivers, check_site
from edge.site_check.mistakes import Mistake


def check(
    file: Annotated[Path, typer.Argument(help=say("help.check_file"))],
    as_json: Annotated[bool, typer.Option("--json", help=say("help.json"))] = False,
) -> None:
    try:
        raw = file.read_bytes()
    except OSError as error:
        typer.echo(say("check.no_file", file=file.name, problem=error.strerror or error), err=True)
        raise typer.Exit(2) from error
    site, mistakes = check_site(raw, InstalledDrivers())
    if as_json:
        typer.echo(json.dumps([_as_object(mistake) for mistake in mistakes], ensure_ascii=False))
    elif mistakes or site is None:
        for mistake in mistakes:
            typer.echo(f"{file.name}:{mistake.sentence(language())}")
        typer.echo(say("check.count", count=len(mistakes)))
    else:
        counts = {"windows": len(site.windows), "services": len(site.services), "devices": len(site.devices)}
        typer.echo(say("check.good", site=site.site, **counts))
    if mistakes:
        raise typer.Exit(2)


def _as_object(mistake: Mistake) -> dict[str, str | int]:
    return {
        "line": mistake.line,
        "column": mistake.column,
        "path": mistake.path,
        "code": mistake.code,
        "what": mistake.what(language()),
        "meant": mistake.meant,
    }
