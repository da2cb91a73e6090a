"""`hallctl conform DRIVER …`: the conformance kit, as a table or as JSON, and the page of all drivers."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from drivers.errors import BadConfig, DeviceError
from edge.cli_words import say
from edge.devices.claims import Claim, port_of
from edge.devices.trial import explain

_MARKS = {"passed": "✓", "failed": "✗", "not applicable": "–"}


def conform(
    driver: Annotated[list[str] | None, typer.Argument(help=say("help.conform_driver"))] = None,
    every: Annotated[bool, typer.Option("--exhaustive", help=say("help.conform_exhaustive"))] = False,
    recorded: Annotated[Path | None, typer.Option(help=say("help.conform_recorded"), exists=True)] = None,
    link: Annotated[str, typer.Option(help=say("help.conform_link"))] = "",
    write: Annotated[Path | None, typer.Option(help=say("help.conform_write"), dir_okay=False)] = None,
    as_json: Annotated[bool, typer.Option("--json", help=say("help.json"))] = False,
) -> None:
    from drivers.conform.bench import find_benches
    from drivers.conform.kit import Report, run, run_on_link
    from drivers.conform.page import page_of

    reports: list[Report] = []
    console = Console(stderr=True, highlight=False)
    try:
        for name in driver or sorted(find_benches()):
            with console.status(name):
                if link:
                    with Claim(port_of(link, "."), "hallctl conform"):
                        reports.append(run_on_link(name, link))
                elif recorded is not None:
                    reports += [run(name, None if every else 128, each) for each in _sessions(recorded, name)]
                else:
                    reports.append(run(name, None if every else 128))
            if not as_json:
                Console(highlight=False).print(_table(reports[-1]))
    except DeviceError as error:
        explain(error, as_json)
        raise typer.Exit(1) from None
    if as_json:
        typer.echo(json.dumps([report.model_dump(mode="json") for report in reports], ensure_ascii=False))
    if write is not None:
        write.write_text(page_of(reports), "utf-8")
    raise typer.Exit(1 if any(report.faults for report in reports) else 0)


def _sessions(folder: Path, driver: str) -> list[Path]:
    from drivers.conform import recording

    candidates = sorted(folder.glob("*.json")) if folder.is_dir() else [folder]
    found = [path for path in candidates if recording.load(path).driver == driver]
    if not found:
        raise BadConfig(f"{folder}: no session of {driver}")
    return found


def _table(report: object) -> Table:
    from drivers.conform.kit import Report

    assert isinstance(report, Report)
    table = Table(title=f"{report.driver}: {say(f'conform.tier.{report.tier}')}", title_justify="left")
    for column in ("check", "result", "tried", "why"):
        table.add_column(say(f"conform.{column}"), overflow="fold")
    for result in report.results:
        tried = f"{result.tried}/{result.of}" if result.of > result.tried else str(result.tried or "")
        what = say(f"conform.checks.{result.check}")
        table.add_row(what, _MARKS[result.verdict], tried, "\n".join(result.why))
    return table
