"""`hallctl test-ticket --site …`: a ticket as citizens get it, but without a number; refused while the port is held."""

import asyncio
import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from random import SystemRandom
from typing import Annotated, Final

import typer

from drivers.contract import PrintJob
from drivers.errors import BadConfig, DeviceError, Late
from edge.cli_words import say
from edge.devices.discover_cli import site_of
from edge.devices.ticket_trial import trial_lines
from edge.devices.trial import attempt, explain, trial_at
from edge.site import Site

_SECONDS: Final = 30.0


def print_test_ticket(
    site: Annotated[Path, typer.Option(help=say("help.discover_site"), dir_okay=False)],
    printer: Annotated[str, typer.Argument(help=say("help.test_ticket_printer"))] = "",
    root: Annotated[str, typer.Option(help=say("help.root"))] = "/",
    runtime: Annotated[str, typer.Option(help=say("help.runtime"))] = ".",
    as_json: Annotated[bool, typer.Option("--json", help=say("help.json"))] = False,
) -> None:
    hall = site_of(site)
    try:
        chosen = printer or only_printer(hall)
        job = PrintJob(
            id=f"test:{SystemRandom().getrandbits(64):x}", lines=trial_lines(hall, chosen, datetime.now(hall.zone))
        )
        trial = trial_at(chosen, hall.devices, "print", root=root, runtime=runtime)
        trial = replace(trial, argument=job.model_dump(mode="json"), seconds=_SECONDS)
        printed = asyncio.run(attempt(trial, typer.echo))["answer"]
    except (DeviceError, TimeoutError) as error:
        explain(error if isinstance(error, DeviceError) else Late(f"{_SECONDS:g} s"), as_json)
        raise typer.Exit(1) from None
    if as_json:
        typer.echo(json.dumps({"printer": chosen, **printed}))
    else:
        typer.echo(say("test_ticket.done", printer=chosen, bytes=printed["bytes"]))


def only_printer(site: Site) -> str:
    """Raises BadConfig where there is none or more than one to choose from."""
    printers = sorted(device.id for device in site.devices if device.driver.startswith("printer."))
    if len(printers) != 1:
        raise BadConfig(say("test_ticket.which", printers=", ".join(printers) or "-"))
    return printers[0]
