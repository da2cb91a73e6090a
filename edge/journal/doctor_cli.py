"""`hallctl doctor`: what a technician must know of this station's store, in sentences or JSON. Changes nothing."""

import json
from pathlib import Path
from typing import Annotated, Final

import typer

from edge.cli_words import say
from edge.journal.doctor import Found, examine

DATA: Final = Path("/var/lib/hall-edge")
KEY: Final = Path("/etc/hall-edge/site.key.cred")
_EXITS: Final = {"good": 0, "unknown": 0, "look": 1, "bad": 2}


def doctor(
    data: Annotated[Path, typer.Option(help=say("help.doctor_data"))] = DATA,
    site_key: Annotated[Path, typer.Option(help=say("help.doctor_key"))] = KEY,
    as_json: Annotated[bool, typer.Option("--json", help=say("help.json"))] = False,
) -> None:
    found = examine(data, site_key)
    if as_json:
        typer.echo(json.dumps([one._asdict() | {"text": _sentence(one)} for one in found], ensure_ascii=False))
    else:
        for one in found:
            typer.echo(f"[{say(f'doctor.grade.{one.grade}')}] {_sentence(one)}")
    raise typer.Exit(max(_EXITS[one.grade] for one in found))


def _sentence(one: Found) -> str:
    return say(f"doctor.{one.what}.{one.how}", **one.facts)
