"""`hallctl check`: every mistake of a site file and of the theme pack it names, or of a pack alone, with its line."""

import json
from pathlib import Path
from typing import Annotated

import typer

from edge.cli_words import language, say
from edge.site_check import InstalledDrivers, check_site
from edge.site_check.mistakes import Mistake
from edge.theme.pack import FILE as PACK
from edge.theme.reading import read_pack, theme_of


def check(
    file: Annotated[Path, typer.Argument(help=say("help.check_file"))],
    as_json: Annotated[bool, typer.Option("--json", help=say("help.json"))] = False,
) -> None:
    if file.is_dir() or file.name == PACK:
        _pack(file if file.is_dir() else file.parent, as_json)
        return
    try:
        raw = file.read_bytes()
    except OSError as error:
        typer.echo(say("check.no_file", file=file.name, problem=error.strerror or error), err=True)
        raise typer.Exit(2) from error
    site, mistakes = check_site(raw, InstalledDrivers())
    if site is not None:
        mistakes += theme_of(site.theme, raw, file)[1]
    good = ""
    if site is not None:
        counts = {"windows": len(site.windows), "services": len(site.services), "devices": len(site.devices)}
        good = say("check.good", site=site.site, **counts)
    _tell(mistakes, file.name, good, as_json)


def _pack(folder: Path, as_json: bool) -> None:
    """As a city looks through its pack before any site names it."""
    theme, mistakes = read_pack(folder)
    good = "" if theme is None else say("check.theme.good", name=theme.name[language()])
    _tell(mistakes, "", good, as_json)


def _tell(mistakes: list[Mistake], name: str, good: str, as_json: bool) -> None:
    """Exit 2 where there are mistakes. `name`: of the file that those without one of their own are in."""
    if as_json:
        typer.echo(json.dumps([_as_object(mistake) for mistake in mistakes], ensure_ascii=False))
    elif mistakes:
        for mistake in mistakes:
            typer.echo(mistake.sentence(language()) if mistake.file else f"{name}:{mistake.sentence(language())}")
        typer.echo(say("check.count", count=len(mistakes)))
    else:
        typer.echo(good)
    if mistakes:
        raise typer.Exit(2)


def _as_object(mistake: Mistake) -> dict[str, str | int]:
    return {
        "line": mistake.line,
        "column": mistake.column,
        "path": mistake.path,
        "file": mistake.file,
        "code": mistake.code,
        "what": mistake.what(language()),
        "meant": mistake.meant,
    }
