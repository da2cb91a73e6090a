"""`hallctl udev`: prints the udev rules, or with --unit the drop-in of the service, for the drivers installed here."""

from typing import Annotated

import typer

from edge.cli_words import say
from edge.devices.access import drop_in, udev_rules
from edge.devices.discover_cli import installed_drivers


def udev(unit: Annotated[bool, typer.Option("--unit", help=say("help.udev_unit"))] = False) -> None:
    drivers = installed_drivers()
    typer.echo((drop_in if unit else udev_rules)(drivers), nl=False)
