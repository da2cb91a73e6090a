"""`hallctl link`: the line to the centre in numbers, asked of the running halld."""

import json
from pathlib import Path
from typing import Annotated, Any, Final

import httpx
import typer

from config.words import load
from edge.cli_words import language, say

SOCKET: Final = Path("/run/hall-edge/hall.sock")
SECONDS: Final = 10.0


def link(
    socket: Annotated[Path, typer.Option(help=say("help.link_socket"))] = SOCKET,
    as_json: Annotated[bool, typer.Option("--json", help=say("help.json"))] = False,
) -> None:
    found = _asked(socket)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
    else:
        for line in (_state(found), *_warnings(found), *_numbers(found)):
            typer.echo(line)
    raise typer.Exit(0 if found["online"] and not found["why"] and not _warnings(found) else 1)


def _asked(socket: Path) -> dict[str, Any]:
    """Exit 2 where nobody answers."""
    try:
        with httpx.Client(transport=httpx.HTTPTransport(uds=str(socket)), timeout=SECONDS) as client:
            answer = client.get("http://hall/api/health", headers={"x-hall-place": "technician"})
            answer.raise_for_status()
            found: dict[str, Any] = answer.json()["link"]
            return found
    except (httpx.HTTPError, KeyError, ValueError) as error:
        typer.echo(say("line.nobody", socket=socket), err=True)
        raise typer.Exit(2) from error


def _state(found: dict[str, Any]) -> str:
    if not found["connected"]:
        return say("line.none")
    why = str(found["why"])
    if not why:
        return say("line.online" if found["online"] else "line.offline")
    known = f"link_why.{why}" in load(language(), "technician")
    return say(f"link_why.{why}") if known else say("link_why.other", why=why)


def _warnings(found: dict[str, Any]) -> list[str]:
    """What a person must look at although the line may be well, as the pages word it."""
    words = load(language(), "clerk")
    told = {"link.twin": found["twin"], "link.gap": found["gap"], "link.held": found["held"]}
    return [words.say(name, n=found["held"]) for name, is_so in told.items() if is_so]


def _numbers(found: dict[str, Any]) -> list[str]:
    none = say("link_numbers.none")
    rtt = none if found["rtt_ms"] is None else say("link_numbers.ms", n=found["rtt_ms"])
    told = {
        "pending": found["pending"],
        "oldest": say("link_numbers.seconds", n=round(found["oldest"])) if found["pending"] else none,
        "acked": found["acked"],
        "durable": found["durable"],
        "held": found["held"],
        "bad": ", ".join(f"{one['epoch'][:4]}:{one['seq']} {one['reason']}" for one in found["bad"]) or none,
        "files": found["files"],
        "credit": found["credit"],
        "rtt": rtt,
        "certificate": found["certificate"] or none,
    }
    return [f"{say(f'link_numbers.{name}')}: {value}" for name, value in told.items()]
