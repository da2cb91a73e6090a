"""`hallctl discover`: every socket, what sits there, who has it; and lines for the site file, ready to be pasted."""

import asyncio
import json
import socket as sockets
import time
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from random import SystemRandom
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

import typer

from drivers.contract import Context, Driver
from drivers.links.machine import Machine
from edge.cli_words import say
from edge.devices.asking import Answer, Asker
from edge.devices.discovery import Found, Survey, survey
from edge.devices.paste import yaml_lines
from edge.devices.worker_proxy import Workers
from edge.site import Site
from edge.site_sections.lines import Device

_CONNECT_SECONDS: Final = 1.0


def discover(
    site: Annotated[Path | None, typer.Option(help=say("help.discover_site"), dir_okay=False)] = None,
    host: Annotated[str, typer.Option(help=say("help.discover_host"))] = "main",
    ask: Annotated[bool, typer.Option("--ask", help=say("help.discover_ask"))] = False,
    net: Annotated[list[str] | None, typer.Option(help=say("help.discover_net"))] = None,
    root: Annotated[str, typer.Option(help=say("help.root"))] = "/",
    runtime: Annotated[str, typer.Option(help=say("help.runtime"))] = ".",
    as_json: Annotated[bool, typer.Option("--json", help=say("help.json"))] = False,
) -> None:
    devices = [device for device in devices_of(site) if device.host == host]
    installed = installed_drivers()
    found = survey(Machine(root), installed, devices, runtime=runtime, root=root)
    answers = asyncio.run(_asked(found, installed, root, runtime)) if ask else {}
    listening = {address: _listens(address) for address in net or ()}
    if as_json:
        typer.echo(json.dumps(_as_object(found, answers, listening), ensure_ascii=False))
        return
    known = {device.id: device.link or "" for device in devices_of(site)}
    there = [address for address, listens in listening.items() if listens and not _is_known(address, known.values())]
    new = yaml_lines(found, answers, installed, known, there)
    for line in (*report(found, answers), *_net_lines(listening), *new):
        typer.echo(line)


def report(found: Survey, answers: dict[str, Answer]) -> list[str]:
    """What a technician reads, a paragraph a socket."""
    lines = [] if found.found or found.empty else [say("discover.nothing")]
    for each in found.found:
        lines += [_head(each), *(f"    {line}" for line in _remarks(each, answers.get(each.socket.path)))]
    lines += [say("discover.empty", device=device, link=link) for device, link in found.empty]
    return lines


def _head(each: Found) -> str:
    socket = each.socket
    what = " ".join(part for part in (socket.maker, socket.product) if part)
    number = say("discover.number", number=socket.serial) if socket.serial else ""
    return "  ".join(part for part in (socket.path, socket.node, socket.usb_id, what, number) if part)


def _remarks(each: Found, answer: Answer | None) -> list[str]:
    remarks = []
    if each.device:
        remarks.append(say("discover.configured", device=each.device))
    if each.wrong:
        remarks.append(say("discover.wrong", expected=each.wrong))
    if each.holder:
        remarks.append(say("discover.held", holder=each.holder))
    if each.fits:
        remarks.append(say("discover.fits", drivers=", ".join(each.fits)))
    elif each.possible and not each.device:
        remarks.append(say("discover.possible"))
    elif not each.possible:
        remarks.append(say("discover.unknown"))
    if each.twins:
        remarks.append(say("discover.twins", sockets=", ".join(each.twins)))
    return [*remarks, *(_told(answer) if answer else ())]


def _told(answer: Answer) -> list[str]:
    told = [say("discover.silent", driver=driver, code=code) for driver, code in answer.trouble.items()]
    if answer.driver:
        identity = " ".join(answer.identity.model_dump(exclude_defaults=True).values())
        told.append(say("discover.answered", driver=answer.driver, identity=identity or "-"))
    return told


async def _asked(found: Survey, installed: dict[str, type[Driver]], root: str, runtime: str) -> dict[str, Answer]:
    from drivers.links import make_link

    ctx = Context(clock=time.monotonic, random=SystemRandom(), note=lambda *_, **__: None, runtime=runtime, root=root)
    async with Workers(ctx) as workers:
        asker = Asker(installed, make_link, ctx, workers)
        return {each.socket.path: await asker.ask(each) for each in found.found}


def installed_drivers() -> dict[str, type[Driver]]:
    """Broken ones are `hallctl check`'s to tell."""
    from drivers.registry import BrokenDriver
    from drivers.registry import discover as discover_drivers

    return {name: cls for name, cls in discover_drivers().items() if not isinstance(cls, BrokenDriver)}


def devices_of(site: Path | None) -> tuple[Device, ...]:
    """Of a file with mistakes too, as far as its form can be read."""
    return () if site is None else site_of(site).devices


def site_of(site: Path) -> Site:
    """As `devices_of`. Ends the program when the file cannot be read."""
    from edge.site_check import InstalledDrivers, check_site

    try:
        read, mistakes = check_site(site.read_bytes(), InstalledDrivers())
    except OSError as error:
        typer.echo(say("check.no_file", file=site.name, problem=error.strerror or error), err=True)
        raise typer.Exit(2) from error
    if read is None:
        typer.echo(say("check.count", count=len(mistakes)), err=True)
        raise typer.Exit(2)
    return read


def _listens(address: str) -> bool:
    """Whether somebody takes a connection there; nothing is said to him."""
    host, _, port = address.removeprefix("tcp://").rpartition(":")
    try:
        with sockets.create_connection((host.strip("[]"), int(port)), _CONNECT_SECONDS):
            return True
    except (OSError, ValueError, OverflowError):
        return False


def _is_known(address: str, links: Iterable[str]) -> bool:
    return any(urlsplit(link).netloc == address for link in links)


def _net_lines(listening: dict[str, bool]) -> list[str]:
    return [
        say("discover.net_there" if there else "discover.net_silent", address=address)
        for address, there in listening.items()
    ]


def _as_object(found: Survey, answers: dict[str, Answer], listening: dict[str, bool]) -> dict[str, Any]:
    return {
        "sockets": [
            asdict(each)
            | {"driver": answer.driver, "identity": answer.identity.model_dump(exclude_defaults=True)}
            | {"trouble": answer.trouble}
            for each in found.found
            for answer in (answers.get(each.socket.path, Answer()),)
        ],
        "empty": [{"device": device, "link": link} for device, link in found.empty],
        "net": listening,
    }
