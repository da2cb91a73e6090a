"""`hallctl udev`: prints the udev rules, or with --unit the drop-in of the service, for the drivers installed here."""

from pathlib import Path
from typing import Annotated

import typer

from edge.cli_words import say
from edge.devices.access import drop_in, udev_rules
from edge.devices.discover_cli import devices_of, installed_drivers


def udev(
    unit: Annotated[bool, typer.Option("--unit", help=say("help.udev_unit"))] = False,
    site: Annotated[Path | None, typer.Option(help=say("help.udev_site"), dir_okay=False)] = None,
    host: Annotated[str, typer.Option(help=say("help.discover_host"))] = "main",
) -> None:
    drivers = installed_drivers()
    here = (device for device in devices_of(site) if device.host == host)
    typer.echo(drop_in(drivers) if unit else udev_rules(drivers, here), nl=False)
