"""`hallctl capture DEVICE`: the last minute of a running device's wire, without anything private."""

import asyncio
import json
import os
from pathlib import Path
from typing import Annotated, Final

import typer

from drivers.errors import Absent, DeviceError, Garbled, Late, by_code
from edge.cli_words import say
from edge.devices import messages as m
from edge.devices.trial import explain

_SECONDS: Final = 10.0


async def captured(socket: str, device: str) -> str:
    """Ask the running `halld`. Raises DeviceError: Absent when nobody answers at the socket."""
    try:
        async with asyncio.timeout(_SECONDS):
            return await _asked(socket, device)
    except OSError as problem:
        raise Absent(f"{socket}: {problem.strerror}") from problem
    except TimeoutError:
        raise Late(f"no answer within {_SECONDS:g} s") from None


async def _asked(socket: str, device: str) -> str:
    lines = m.Lines(*await asyncio.open_unix_connection(socket, limit=m.MAX_LINE))
    try:
        lines.send(m.Tap(device=device))
        answer = await lines.from_host()
    except m.Broken as problem:
        raise Garbled(str(problem)) from problem
    finally:
        await lines.close()
    if not isinstance(answer, m.Result):
        raise Absent("halld has no answer: it may be an older one")
    if answer.value is None:
        raise by_code(answer.code, answer.detail)
    return str(answer.value["capture"])


def write_private(path: Path, text: str) -> None:
    """What is said on a wire is for technicians."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def capture(
    device: Annotated[str, typer.Argument(help=say("help.capture_device"))],
    out: Annotated[Path | None, typer.Option(help=say("help.capture_out"), dir_okay=False, writable=True)] = None,
    socket: Annotated[str, typer.Option(help=say("help.capture_socket"))] = "/run/hall-edge/devices.sock",
    as_json: Annotated[bool, typer.Option("--json", help=say("help.json"))] = False,
) -> None:
    try:
        text = asyncio.run(captured(socket, device))
    except DeviceError as error:
        explain(error, as_json)
        raise typer.Exit(1) from None
    if out is None:
        typer.echo(text, nl=False)
        return
    write_private(out, text)
    told = {"device": device, "lines": text.count("\n"), "file": str(out)}
    typer.echo(json.dumps(told) if as_json else say("capture.written", **told))
