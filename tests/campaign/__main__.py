"""`./hall campaign`: a busy morning with many kills; or `--prints N` tickets through a troubled printer; or `--days N`
simulated days of the queue with faults at closing; or `--theory N` runs against queueing theory; or `--conform`: every
driver of ours cut and spoiled at every byte.

Prints the verdict as JSON; exit 0 when every promise was kept.
"""

import asyncio
import json
import shutil
from pathlib import Path
from typing import Annotated

import typer

from drivers.conform import find_benches
from tests.campaign.conform import faults_of
from tests.campaign.days import simulate
from tests.campaign.morning import Morning
from tests.campaign.prints import campaign
from tests.campaign.theory import check


def main(
    kills: Annotated[int, typer.Option(help="kill -9 of the daemon")] = 50,
    seed: Annotated[int, typer.Option()] = 1,
    prints: Annotated[int, typer.Option(help="tickets through a troubled printer, in the place of the morning")] = 0,
    days: Annotated[int, typer.Option(help="simulated days of the queue, in the place of the morning")] = 0,
    theory: Annotated[
        int, typer.Option(help="runs against queueing theory, at least 4, in the place of the morning")
    ] = 0,
    conform: Annotated[
        bool, typer.Option("--conform", help="the conformance kit, every place of every driver")
    ] = False,
    folder: Annotated[Path, typer.Option(help="where the station's data lies")] = Path(".hall/campaign"),
) -> None:
    if days:
        judged = simulate(days, seed)
        typer.echo(json.dumps(judged, ensure_ascii=False, indent=1))
        raise typer.Exit(1 if judged["broken"] else 0)
    if theory:
        compared = check(max(4, theory), seed)
        typer.echo(json.dumps(compared, ensure_ascii=False, indent=1))
        raise typer.Exit(1 if compared["broken"] else 0)
    if conform:
        found = faults_of(sorted(find_benches()))
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
        raise typer.Exit(1 if any(found.values()) else 0)
    shutil.rmtree(folder, ignore_errors=True)
    if prints:
        printed = campaign(prints, seed, folder.absolute())
        typer.echo(json.dumps(printed, ensure_ascii=False, indent=1))
        raise typer.Exit(1 if printed["broken"] else 0)
    verdict = asyncio.run(Morning(kills, seed, folder.absolute()).run())
    typer.echo(json.dumps(verdict, ensure_ascii=False, indent=1))
    raise typer.Exit(1 if verdict["broken"] or not verdict["verified"] else 0)


typer.run(main)
