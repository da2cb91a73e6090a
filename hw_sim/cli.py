"""`hall-sim`: simulated hardware, the demo and its hall in a box."""

import asyncio
import shutil
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_show_locals=False)


@app.callback()
def hall_sim() -> None:
    """Simulated hardware on the real wire."""


@app.command()
def demo(
    visit: Annotated[bool, typer.Option(help="one visit by itself, then end")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="the visit's report as JSON")] = False,
    site: Annotated[str, typer.Option(help="which example site and scene")] = "station",
    data: Annotated[Path | None, typer.Option(help="where everything of the demo lies")] = None,
    port: Annotated[int, typer.Option(help="of the hall in a box")] = 8600,
    seed: Annotated[int, typer.Option(help="of the simulators")] = 1,
) -> None:
    """A whole station: hardware, broker, centre, daemon, kiosk, board, hall in a box. Ctrl-C ends it."""
    from hw_sim.demo.show import keep_open, one_visit

    folder = (data or Path(".hall") / ("visit" if visit else "demo")).absolute()
    if visit:
        shutil.rmtree(folder, ignore_errors=True)  # a visit starts in a hall that just opened
        raise typer.Exit(asyncio.run(one_visit(site, folder, seed=seed, as_json=as_json)))
    raise typer.Exit(asyncio.run(keep_open(site, folder, seed=seed, port=port)))


def main() -> None:
    app()
