"""`hallctl identify DEVICE --site …`: the device blinks, beeps or prints; refused while somebody holds its port."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final

import typer

from drivers.contract import Identifiable
from drivers.errors import DeviceError, Late
from edge.cli_words import say
from edge.devices.discover_cli import devices_of
from edge.devices.trial import Trial, attempt, explain, find, say_waiting, trial_at
from edge.site_sections.lines import Device

_BLINK_SECONDS: Final = 3.0
_OPEN_SECONDS: Final = 15.0


def identify(
    device: Annotated[str, typer.Argument(help=say("help.identify_device"))],
    site: Annotated[Path, typer.Option(help=say("help.discover_site"), dir_okay=False)],
    root: Annotated[str, typer.Option(help=say("help.root"))] = "/",
    runtime: Annotated[str, typer.Option(help=say("help.runtime"))] = ".",
    as_json: Annotated[bool, typer.Option("--json", help=say("help.json"))] = False,
) -> None:
    try:
        trial = trial_of(device, devices_of(site), root, runtime)
        can = issubclass(find(trial.driver), Identifiable)
        answer = asyncio.run(attempt(trial if can else replace(trial, verb="check"), typer.echo, on_wait=say_waiting))
    except (DeviceError, TimeoutError) as error:
        explain(error if isinstance(error, DeviceError) else Late(f"{_OPEN_SECONDS:g} s"), as_json)
        raise typer.Exit(1) from None
    if as_json:
        typer.echo(json.dumps({"device": device, "identified": can}))
    elif can:
        typer.echo(say("identify.done", device=device))
    elif identity := " ".join(answer["identity"].values()):
        typer.echo(say("identify.cannot", device=device, identity=identity))
    else:
        typer.echo(say("identify.cannot_unnamed", device=device))


def trial_of(name: str, devices: tuple[Device, ...], root: str, runtime: str) -> Trial:
    """Raises BadConfig for a name the site does not have."""
    trial = trial_at(name, devices, "identify", root=root, runtime=runtime)
    return replace(trial, argument={"seconds": _BLINK_SECONDS}, seconds=_OPEN_SECONDS)
