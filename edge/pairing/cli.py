"""`hallctl pair`: let another machine belong to this hall, see which do, take it back."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import typer

from edge.cli_words import say
from edge.devices.ways import address_of
from edge.pairing.control import SOCKET
from edge.pairing.errors import PairingError
from edge.pairing.identity import Identity
from edge.pairing.joining import join as join_hall
from edge.pairing.names import ROLES

PORT: Final = 8689
app = typer.Typer(no_args_is_help=True, help=say("help.pair"))
Runtime = Annotated[Path, typer.Option(help=say("help.pair_runtime"))]
AsJson = Annotated[bool, typer.Option("--json", help=say("help.json"))]
RUNTIME: Final = Path("/run/hall-edge")
T = TypeVar("T")


@app.command("open", help=say("help.pair_open"))
def open_(
    place: Annotated[str, typer.Option(help=say("help.pair_place"))],
    role: Annotated[str, typer.Option(help=say("help.pair_role", roles=", ".join(ROLES)))] = "devices",
    runtime: Runtime = RUNTIME,
    as_json: AsJson = False,
) -> None:
    if role not in ROLES:
        raise typer.BadParameter(say("help.pair_role", roles=", ".join(ROLES)))
    tell = _print_json if as_json else _print_opening
    last = _or_exit(_follow(runtime, {"do": "open", "place": place, "role": role}, tell))
    if last.get("state") != "used":
        raise typer.Exit(1)


@app.command(help=say("help.pair_join"))
def join(
    host: Annotated[str, typer.Argument(help=say("help.pair_host"))],
    digits: Annotated[str, typer.Option(help=say("help.pair_digits"))] = "",
    identity: Annotated[Path, typer.Option(help=say("help.pair_identity"))] = Path("/var/lib/hall-edge/identity"),
) -> None:
    name, port = _host_and_port(host)
    typed = digits or _ask()
    if not (typed.isascii() and typed.isdigit() and len(typed) == 6):
        typer.echo(say("pair.why.form"), err=True)
        raise typer.Exit(2)
    made = _or_exit(join_hall(name, port, typed, identity))
    typer.echo(say("pair.joined_here", site=made.holder.site, place=made.holder.place, until=made.until.date()))
    typer.echo(say("pair.authority", fingerprint=_grouped(made.fingerprint)))


@app.command("list", help=say("help.pair_list"))
def list_(runtime: Runtime = RUNTIME, as_json: AsJson = False) -> None:
    found = _or_exit(_follow(runtime, {"do": "list"}, lambda _: None))
    if as_json:
        _print_json(found)
        return
    typer.echo(say("pair.authority", fingerprint=_grouped(found["authority"])))
    for given in found["certificates"]:
        typer.echo(_line(given))
    if not found["certificates"]:
        typer.echo(say("pair.nobody"))


@app.command(help=say("help.pair_revoke"))
def revoke(
    which: Annotated[str, typer.Argument(help=say("help.pair_which"))],
    runtime: Runtime = RUNTIME,
    as_json: AsJson = False,
) -> None:
    found = _or_exit(_follow(runtime, {"do": "revoke", "which": which}, lambda _: None))
    if as_json:
        _print_json(found)
    for given in found["revoked"] if not as_json else ():
        typer.echo(_line(given))
    if not found["revoked"]:
        typer.echo(say("pair.none_revoked", which=which), err=True)
        raise typer.Exit(1)


@app.command(help=say("help.pair_show"))
def show(
    identity: Annotated[Path, typer.Option(help=say("help.pair_identity"))] = Path("/var/lib/hall-edge/identity"),
) -> None:
    try:
        kept = Identity.load(identity)
    except PairingError as error:
        typer.echo(say(f"pair.why.{error.why}", **error.values), err=True)
        raise typer.Exit(1) from None
    typer.echo(say("pair.joined_here", site=kept.holder.site, place=kept.holder.place, until=kept.until.date()))
    typer.echo(say("pair.authority", fingerprint=_grouped(kept.fingerprint)))


async def _follow(runtime: Path, asked: dict[str, str], tell: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """The hall's last answer; each is told as it comes. Raises PairingError."""
    last: dict[str, Any] = {}
    async for answer in _answers(runtime, asked):
        if "refused" in answer:
            raise PairingError(answer["refused"])
        last = answer
        tell(answer)
    if not last:
        raise PairingError("not_answered")
    return last


async def _answers(runtime: Path, asked: dict[str, str]) -> AsyncIterator[dict[str, Any]]:
    try:
        reader, writer = await asyncio.open_unix_connection(runtime / SOCKET, limit=4_194_304)
    except OSError as error:
        raise PairingError("not_running", problem=error.strerror or str(error)) from error
    try:
        writer.write(json.dumps(asked).encode() + b"\n")
        while line := await reader.readline():
            yield json.loads(line)
    finally:
        writer.close()


def _or_exit(work: Coroutine[Any, Any, T]) -> T:
    """Exit code 1 and a sentence for what did not come about."""
    try:
        return asyncio.run(work)
    except PairingError as error:
        typer.echo(say(f"pair.why.{error.why}", **error.values), err=True)
    except OSError as error:
        typer.echo(say("pair.why.not_stored", problem=error.strerror or error), err=True)
    raise typer.Exit(1)


def _print_opening(answer: dict[str, Any]) -> None:
    if "digits" in answer:
        digits, minutes = answer["digits"], round(answer["seconds"] / 60)
        typer.echo(say("pair.digits", digits=f"{digits[:3]} {digits[3:]}", minutes=minutes))
        typer.echo(say("pair.how", port=answer["listen"].rpartition(":")[2]))
    elif answer["state"] == "open":
        typer.echo(say("pair.wrong", left=answer["left"]))
    else:
        typer.echo(say(f"pair.ended.{answer['state']}", serial=answer.get("serial", "")))


def _print_json(answer: dict[str, Any]) -> None:
    typer.echo(json.dumps(answer, ensure_ascii=False))


def _line(given: dict[str, Any]) -> str:
    state = say(f"pair.state.{given['state']}")
    facts = {name: given[name] for name in ("place", "role", "serial")}
    return say("pair.line", **facts, state=state, made=given["made"][:10], until=given["until"][:10])


def _grouped(digits: str) -> str:
    return " ".join(digits[place : place + 4] for place in range(0, len(digits), 4))


def _host_and_port(text: str) -> tuple[str, int]:
    """`hall`, `hall:8689` or `[2001:db8::1]:8689`."""
    bare = text.count(":") > 1 and not text.startswith("[")
    named = f"[{text}]" if bare else text
    has_port = not bare and named.rpartition(":")[2].isdigit() and ":" in named
    return address_of(f"tls://{named}" if has_port else f"tls://{named}:{PORT}")


def _ask() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt(say("pair.ask"))).replace(" ", "")
    return sys.stdin.readline().strip().replace(" ", "")
