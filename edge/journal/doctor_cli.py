"""`hallctl doctor`: what a technician must know of this station's store and theme pack, in sentences or JSON. Changes
nothing.

`--isolation`: and of its broker, which takes the line for some seconds.
"""

import json
from pathlib import Path
from typing import Annotated, Final

import typer

from edge.cli_words import language, say
from edge.enrolment.identity import FILE as IDENTITY
from edge.enrolment.identity import FOLDER
from edge.enrolment.isolation_cli import isolation
from edge.journal.doctor import Found, examine
from edge.link_cli import SOCKET
from edge.theme.doctor import pack_found

DATA: Final = Path("/var/lib/hall-edge")
SITE: Final = Path("/etc/hall-edge/site.yaml")
KEY: Final = Path("/etc/hall-edge/site.key.cred")
_EXITS: Final = {"good": 0, "unknown": 0, "look": 1, "bad": 2}


def doctor(
    data: Annotated[Path, typer.Option(help=say("help.doctor_data"))] = DATA,
    site_key: Annotated[Path, typer.Option(help=say("help.doctor_key"))] = KEY,
    site: Annotated[Path, typer.Option(help=say("help.doctor_site"))] = SITE,
    with_isolation: Annotated[bool, typer.Option("--isolation", help=say("help.doctor_isolation"))] = False,
    socket: Annotated[Path, typer.Option(help=say("help.link_socket"))] = SOCKET,
    as_json: Annotated[bool, typer.Option("--json", help=say("help.json"))] = False,
) -> None:
    found = examine(data, site_key) + pack_found(site, language())
    found += isolation(data, socket) if with_isolation else _not_tried(data)
    if as_json:
        typer.echo(json.dumps([one._asdict() | {"text": _sentence(one)} for one in found], ensure_ascii=False))
    else:
        for one in found:
            typer.echo(f"[{say(f'doctor.grade.{one.grade}')}] {_sentence(one)}")
    raise typer.Exit(max(_EXITS[one.grade] for one in found))


def _not_tried(data: Path) -> list[Found]:
    try:
        enrolled = (data / FOLDER / IDENTITY).exists()
    except OSError:
        enrolled = True
    return [Found("isolation", "unknown", "not_tried", {})] if enrolled else []


def _sentence(one: Found) -> str:
    return say(f"doctor.{one.what}.{one.how}", **one.facts)
