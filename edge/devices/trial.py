"""`hallctl try`: one verb of one driver against a link: no daemon, nothing written, refused while the port is held."""

import asyncio
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import SystemRandom
from typing import Annotated, Any, Final

import typer
from rich.console import Console

import config.words
from drivers.contract import Context, Driver, Page, PageLine, PrintJob, TicketLine
from drivers.errors import BadConfig, DeviceError, Late
from edge.cli_words import language, say
from edge.devices import verbs
from edge.devices.claims import Claim, port_of
from edge.devices.pictures import PictureStore
from edge.devices.session_file import Told, write_session
from edge.devices.worker_proxy import Workers
from edge.masking import mask_number
from edge.site_sections.lines import Device

HIDDEN = (
    "photo_wlt",
    "photo",
    "address",
    "new_address",
    "birth",
    "old_number",
    "pass_number",
    "card_id",
    "card_number",
)

_DIAL_SECONDS: Final = 12.0
_LOOK_SECONDS: Final = 0.2


@dataclass(frozen=True, slots=True)
class Trial:
    driver: str
    link: str
    verb: str
    options: dict[str, Any] = field(default_factory=dict)
    argument: dict[str, Any] | None = None
    seconds: float = 30.0
    out: Path | None = None
    bus_options: dict[str, Any] = field(default_factory=dict)
    runtime: str = "."
    root: str = "/"
    capture: Path | None = None  # for what went over the wire; its expectations go beside it


def trial_at(name: str, devices: tuple[Device, ...], verb: str, *, root: str, runtime: str) -> Trial:
    """Of a device of the site file, with its link and options. Raises BadConfig for a name the site does not have."""
    by_id = {device.id: device for device in devices}
    if name not in by_id:
        raise BadConfig(f"no device {name}; there are: {', '.join(sorted(by_id))}")
    device = by_id[name]
    bus = by_id.get(device.bus or "")
    return Trial(
        device.driver,
        str(device.link if bus is None else bus.link),
        verb,
        dict(device.options),
        bus_options={} if bus is None else dict(bus.options),
        runtime=runtime,
        root=root,
    )


async def attempt(
    trial: Trial,
    on_event: Callable[[str], None],
    on_open: Callable[[], None] = lambda: None,
    on_wait: Callable[[float], None] = lambda seconds: None,
) -> dict[str, Any]:
    """Open, do the one thing, close. A captured picture is written to `trial.out`, if that is given; else it is lost.

    `on_wait`: the device dials in by itself and has not yet; so many seconds are waited for it.

    Raises DeviceError; OSError when the picture cannot be written.
    """
    from drivers.links import make_link

    store = PictureStore(time.monotonic)
    ctx = Context(
        clock=time.monotonic,
        random=SystemRandom(),
        note=lambda *_, **__: None,
        runtime=trial.runtime,
        root=trial.root,
        keep=store.keep,
    )
    async with Workers(ctx) as workers:
        with Claim(port_of(trial.link, ctx.runtime, ctx.root), "hallctl try"):
            link: Any = make_link(trial.link, ctx)
            bus = _bus_for(trial, link, ctx)
            driver = _build(trial, bus or link, ctx, workers)
            told = Told()

            def heard(event: str) -> None:
                told.events.append(json.loads(event))
                on_event(event)

            try:
                answer = told.answer = await _open_and_do(trial, driver, bus, heard, on_open, on_wait)
            except DeviceError as trouble:
                told.trouble = trouble.code
                raise
            finally:
                if trial.capture is not None:
                    write_session(trial, link, _bus_name(trial.driver), told)
    if trial.out is not None and trial.verb == "capture":
        _write_private(trial.out, store.get(answer["answer"]["hash"]))
    return answer


async def _open_and_do(
    trial: Trial,
    driver: Driver,
    bus: Driver | None,
    on_event: Callable[[str], None],
    on_open: Callable[[], None],
    on_wait: Callable[[float], None],
) -> dict[str, Any]:
    try:
        if bus is not None:
            await bus.open()
        identity = await driver.open()
        if bus is not None and trial.link.startswith(("ws:", "wss:")):
            await _dialled_in(driver, min(trial.seconds, _DIAL_SECONDS), on_wait)
        on_open()
        answer = await _do(trial, driver, bus, on_event)
        return {"identity": identity.model_dump(exclude_defaults=True), **answer}
    finally:
        await driver.close()
        if bus is not None:
            await bus.close()


async def _dialled_in(driver: Driver, seconds: float, on_wait: Callable[[float], None]) -> None:
    """What dials in by itself comes within ten seconds; it is for the verb to say that it has not."""
    until = time.monotonic() + seconds
    if (await driver.check()).state == "absent":
        on_wait(seconds)
    while (await driver.check()).state == "absent" and time.monotonic() < until:
        await asyncio.sleep(_LOOK_SECONDS)


def _write_private(path: Path, picture: bytes) -> None:
    """A page may be a person's: nobody but this user reads the file."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "wb") as file:
        file.write(picture)


async def _do(trial: Trial, driver: Driver, bus: Driver | None, on_event: Callable[[str], None]) -> dict[str, Any]:
    if trial.verb == "check":
        return {"health": (await driver.check()).model_dump(exclude_defaults=True)}
    alone = trial.verb == "listen"
    listening = [asyncio.ensure_future(_drain(each)) for each in (bus, None if alone else driver) if each is not None]
    try:
        if alone:
            return await _listen(driver, trial.seconds, on_event)
        async with asyncio.timeout(trial.seconds):
            return {"answer": masked(await verbs.perform(driver, trial.verb, trial.argument))}
    finally:
        for task in listening:
            task.cancel()
        await asyncio.gather(*listening, return_exceptions=True)


async def _drain(driver: Driver) -> None:
    """A bus moves frames only while somebody reads its events."""
    async for _ in driver.events():
        pass


async def _listen(driver: Driver, seconds: float, on_event: Callable[[str], None]) -> dict[str, Any]:
    heard = 0
    try:
        async with asyncio.timeout(seconds):
            async for event in driver.events():
                heard += 1
                on_event(event.model_dump_json())
    except TimeoutError:
        pass
    return {"events": heard}


def masked(answer: dict[str, Any]) -> dict[str, Any]:
    """What a technician may see of a person: the name, that the number was read, nothing else that identifies."""
    if "number" not in answer or not answer.keys() & {"layout", "card_id"}:
        return answer
    shown = {key: value for key, value in answer.items() if key not in HIDDEN and value not in ("", [], ())}
    return shown | {"number": mask_number(answer["number"]), "photo_read": bool(answer.get("photo_wlt"))}


def find(name: str) -> type[Driver]:
    from drivers.registry import BrokenDriver, discover

    known = discover()
    found: type[Driver] | BrokenDriver | None = known.get(name)
    if found is None:
        raise BadConfig(f"no driver {name}; known: {', '.join(sorted(known))}")
    if isinstance(found, BrokenDriver):
        raise BadConfig(f"{name} cannot be loaded: {found.why}")
    return found


def _bus_name(driver: str) -> str:
    """Of the bus that a station hangs on; "" for a device with a link of its own."""
    schemes = find(driver).info.links
    return next((scheme.removeprefix("bus:") for scheme in schemes if scheme.startswith("bus:")), "")


def _bus_for(trial: Trial, link: Any, ctx: Context) -> Driver | None:
    bus = _bus_name(trial.driver)
    return find(bus)(_config(find(bus), trial.bus_options), link, ctx) if bus else None


def _build(trial: Trial, link: Any, ctx: Context, workers: Workers) -> Driver:
    cls = find(trial.driver)
    config = _config(cls, trial.options)
    if cls.info.isolation == "process":
        return workers.driver(cls, config, trial.link, "try")
    return cls(config, link, ctx)


def _config(cls: type[Driver], options: dict[str, Any]) -> Any:
    from pydantic import ValidationError

    try:
        return cls.Config.model_validate(options)
    except ValidationError as error:
        first = error.errors()[0]
        raise BadConfig(f"option {'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def argument_from(verb: str, text: str, raw: str) -> dict[str, Any] | None:
    """`--text 'a|b'` for displays and printers, `--argument JSON` for everything. Raises BadConfig."""
    if raw:
        try:
            value = json.loads(raw)
        except json.JSONDecodeError as error:
            raise BadConfig(f"--argument is not JSON: {error}") from error
        if not isinstance(value, dict):
            raise BadConfig("--argument is not a JSON object")
        return value
    lines = text.split("|") if text else []
    if verb == "show":
        return Page(lines=tuple(PageLine(text=line) for line in lines)).model_dump(mode="json")
    if verb == "print":
        return PrintJob(id="try", lines=tuple(TicketLine(text=line) for line in lines)).model_dump(mode="json")
    return None


def options_from(pairs: list[str]) -> dict[str, Any]:
    """`address=1` -> {"address": 1}: numbers and true/false as such, the rest as text."""
    found: dict[str, Any] = {}
    for pair in pairs:
        name, _, value = pair.partition("=")
        try:
            found[name] = json.loads(value)
        except json.JSONDecodeError:
            found[name] = value
    return found


def try_driver(
    driver: Annotated[str, typer.Argument(help=say("help.try_driver"))],
    verb: Annotated[str, typer.Argument(help=say("help.try_verb", verbs=", ".join([*verbs.VERBS, "check", "listen"])))],
    link: Annotated[str, typer.Option(help=say("help.try_link"))] = "",
    site: Annotated[Path | None, typer.Option(help=say("help.try_site"), dir_okay=False)] = None,
    option: Annotated[list[str] | None, typer.Option(help=say("help.try_option"))] = None,
    text: Annotated[str, typer.Option(help=say("help.try_text"))] = "",
    argument: Annotated[str, typer.Option(help=say("help.try_argument"))] = "",
    seconds: Annotated[float, typer.Option(help=say("help.try_seconds"))] = 30.0,
    out: Annotated[Path | None, typer.Option(help=say("help.try_out"), dir_okay=False, writable=True)] = None,
    capture: Annotated[Path | None, typer.Option(help=say("help.try_capture"), dir_okay=False)] = None,
    root: Annotated[str, typer.Option(help=say("help.root"))] = "/",
    runtime: Annotated[str, typer.Option(help=say("help.runtime"))] = ".",
    as_json: Annotated[bool, typer.Option("--json", help=say("help.json"))] = False,
) -> None:
    try:
        named = _named(driver, verb, link, site, root=root, runtime=runtime)
        trial = replace(
            named,
            options=named.options | options_from(option or []),
            argument=argument_from(verb, text, argument),
            seconds=seconds,
            out=out,
            capture=capture,
        )
        answer = asyncio.run(attempt(trial, typer.echo, lambda: None if as_json else _say_open(seconds), say_waiting))
    except (DeviceError, TimeoutError) as error:
        explain(error if isinstance(error, DeviceError) else Late(f"{seconds:g} s"), as_json)
        raise typer.Exit(1) from None
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False))
    else:
        Console(highlight=False).print_json(data=answer)


def say_waiting(seconds: float) -> None:
    typer.echo(say("try.dials_in", seconds=f"{seconds:g}"), err=True)


def _say_open(seconds: float) -> None:
    typer.echo(say("try.open", seconds=f"{seconds:g}"), err=True)


def _named(driver: str, verb: str, link: str, site: Path | None, *, root: str, runtime: str) -> Trial:
    """A driver at a link, or a device of the site file. Raises BadConfig."""
    if link:
        return Trial(driver, link, verb, root=root, runtime=runtime)
    if site is None:
        raise BadConfig("--link, or --site and a device of it")
    from edge.devices.discover_cli import devices_of

    return trial_at(driver, devices_of(site), verb, root=root, runtime=runtime)


def explain(error: DeviceError, as_json: bool) -> None:
    text = config.words.load(language(), "device")[f"{error.code}.technician"]
    if as_json:
        typer.echo(json.dumps({"error": error.code, "detail": error.detail, "text": text}, ensure_ascii=False))
    else:
        typer.echo(f"{text}\n  {error.code}: {error.detail}", err=True)
