"""`hallctl identify DEVICE --site …`: the device blinks, beeps or prints; refused while somebody holds its port."""

import asyncio
import json
from pathlib import Path
from typing import Annotated, Final

import typer

from drivers.errors import BadConfig, DeviceError, Late
from edge.cli_words import say
from edge.devices.discover_cli import devices_of
from edge.devices.trial import Trial, attempt, explain
from edge.site import Device

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
        asyncio.run(attempt(trial, typer.echo))
    except (DeviceError, TimeoutError) as error:
        explain(error if isinstance(error, DeviceError) else Late(f"{_OPEN_SECONDS:g} s"), as_json)
        raise typer.Exit(1) from None
    typer.echo(json.dumps({"device": device, "identified": True}) if as_json else say("identify.done", device=device))


def trial_of(name: str, devices: tuple[Device, ...], root: str, runtime: str) -> Trial:
    """Raises BadConfig for a name the site does not have."""
    by_id = {device.id: device for device in devices}
    if name not in by_id:
        raise BadConfig(f"no device {name}; there are: {', '.join(sorted(by_id))}")
    device = by_id[name]
    bus = by_id.get(device.bus or "")
    return Trial(
        device.driver,
        str(device.link if bus is None else bus.link),
        "identify",
        dict(device.options),
        {"seconds": _BLINK_SECONDS},
        _OPEN_SECONDS,
        bus_options={} if bus is None else dict(bus.options),
        runtime=runtime,
        root=root,
    )
