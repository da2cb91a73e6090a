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


@app.command()
def scene(
    which: Annotated[str, typer.Argument(help="name of an example scene, or a scene file")],
    run: Annotated[Path | None, typer.Option(help="folder of its ports, machine tree, tickets and sound")] = None,
    port: Annotated[int, typer.Option(help="of the hall in a box; 0: any")] = 8600,
    seed: Annotated[int, typer.Option(help="of the simulators")] = 1,
) -> None:
    """The hardware of a scene alone, to find and try devices on. Ctrl-C ends it."""
    from config import folder
    from hw_sim.alone import stand_alone
    from hw_sim.scene import SceneError, load_scene

    file = Path(which) if which.endswith((".yaml", ".yml")) else folder() / "scenes" / f"{which}.yaml"
    try:
        loaded = load_scene(file)
    except (OSError, SceneError) as wrong:
        typer.echo(str(wrong), err=True)
        raise typer.Exit(2) from wrong
    place = (run or Path(".hall") / "scene" / loaded.scene).absolute()
    raise typer.Exit(asyncio.run(stand_alone(loaded, place, seed=seed, port=port)))


def main() -> None:
    app()
