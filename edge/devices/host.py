"""`hall-devices`: supervises the devices plugged in here and dials `halld`. It outlives `halld`, and says so to people.

When no beat of `halld` came for 10 s, every display shows its page's fallback (暂停服务); when it is back, it sends
what it wants anew.
"""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Protocol

import structlog
import typer

from drivers.contract import Context, Event, Health, Page
from drivers.errors import BadConfig, DeviceError
from drivers.links.machine import Machine
from edge.cli_words import say
from edge.devices import messages as m
from edge.devices.attached import Attached
from edge.devices.deliveries import Deliveries
from edge.devices.hotplug import HotPlug
from edge.devices.outbox import Outbox
from edge.devices.pictures import PictureStore
from edge.devices.plugged import PlugLog
from edge.devices.supervisor import Supervisor, build_supervisors
from edge.devices.ways import LocalWay, Way
from edge.devices.worker_proxy import Workers
from edge.pairing.errors import BadIdentity
from edge.signals import until_signal
from edge.site_sections.lines import Device

log = structlog.get_logger("hall-devices")
AGAIN_SECONDS = 0.3
REFUSED_SECONDS = 5.0  # a person must do something first


class Afar(Protocol):
    """What a host on another machine does besides (edge.devices.remote)."""

    async def configure(self, news: m.Devices) -> None:
        """Returns when the devices are attached; only changed ones were touched."""

    def renewal(self) -> m.Renew | None:
        """A request that is due."""

    def renewed(self, news: m.Renewed) -> None: ...


class Host:
    """Everything behind one link to `halld`."""

    def __init__(
        self,
        name: str,
        boot: str,
        attached: Mapping[str, Attached],
        supervisors: list[Supervisor],
        ctx: Context,
        store: PictureStore | None = None,
        *,
        afar: Afar | None = None,
        outbox: Outbox | None = None,
    ) -> None:
        self.name = name
        self.boot = boot
        self.attached = attached
        self.outbox = outbox or Outbox()
        self._afar = afar
        self._why = ""
        self._deliveries = Deliveries(PictureStore(ctx.clock) if store is None else store, attached)
        self._supervisors = supervisors
        self._ctx = ctx
        self._lines: m.Lines | None = None
        self._fence = 0
        self._verbs: dict[str, asyncio.Task[None]] = {}
        self._heard = ctx.clock()
        self._suspended = False

    async def run(self, hall: str | Way) -> None:
        """`hall`: its unix socket, or another way to it."""
        way = LocalWay(hall) if isinstance(hall, str) else hall
        self._deliveries.way = way
        async with asyncio.TaskGroup() as group:
            group.create_task(self._deliveries.expire())
            for supervisor in self._supervisors:
                group.create_task(supervisor.run())
            group.create_task(self._stay_connected(way, group))
            group.create_task(self._watch_halld())

    def on_event(self, device: str, event: Event) -> None:
        self._send(self.outbox.add(device, event))

    def on_health(self, device: Attached) -> None:
        log.info("device", id=device.id, state=device.health.state, code=device.health.code)
        self._send(m.HealthNews(device=device.id, health=device.health, identity=device.identity))

    def _send(self, message: m.Message) -> None:
        if self._lines is not None:
            self._lines.send(message)

    async def _stay_connected(self, way: Way, group: asyncio.TaskGroup) -> None:
        while True:
            try:
                lines = m.Lines(*await way.open(), silence=way.silence)
            except (OSError, BadIdentity) as error:
                self._no_line(str(error))
                await asyncio.sleep(AGAIN_SECONDS)
                continue
            pause = AGAIN_SECONDS
            try:
                pause = await self._converse(lines, group)
            except m.Broken as error:
                self._no_line(str(error))
            finally:
                self._lines = None
                for task in self._verbs.values():
                    task.cancel()
                await lines.close()
            await asyncio.sleep(pause)

    def _no_line(self, why: str) -> None:
        """Each trouble once, however often it is tried."""
        if why != self._why:
            log.warning("no line to halld", why=why)
        self._why = why

    async def _converse(self, lines: m.Lines, group: asyncio.TaskGroup) -> float:
        """Until the hall ends it. Seconds to wait before the next try."""
        lines.send(m.Hello(host=self.name, boot=self.boot, devices=tuple(self.attached)))
        while (message := await lines.from_hall()) is not None:
            self._heard = self._ctx.clock()
            match message:
                case m.Welcome(fence=fence):
                    self._why = ""
                    self._fence = max(self._fence, fence)
                    self._lines = lines
                    self._tell_everything()
                case m.Refused(why=why):
                    self._no_line(f"the hall refuses this machine: {why}")
                    return REFUSED_SECONDS
                case m.Devices() if self._afar is not None:
                    await self._afar.configure(message)
                    self._tell_health()
                case m.Renewed() if self._afar is not None:
                    self._afar.renewed(message)
                case m.Beat():
                    lines.send(m.Beat())
                    if self._afar is not None and (request := self._afar.renewal()) is not None:
                        lines.send(request)
                case m.Ack(n=n, boot=boot):
                    self.outbox.acknowledge(n, boot)
                case m.Want(device=device, state=state) if device in self.attached:
                    self._suspended = False
                    self.attached[device].want(state)
                case m.Verb() if message.fence == self._fence:
                    self._verbs[message.id] = group.create_task(self._perform(message))
                case m.Fetch() | m.Preview():
                    self._verbs[message.id] = group.create_task(self._deliver(message))
                case m.Drop(hash=digest):
                    self._deliveries.store.drop(digest)
                case m.Cancel(id=verb_id) if verb_id in self._verbs:
                    self._verbs[verb_id].cancel()
        return AGAIN_SECONDS

    def _tell_everything(self) -> None:
        self._tell_health()
        for news in self.outbox:
            self._send(news)

    def _tell_health(self) -> None:
        for device in self.attached.values():
            self._send(m.HealthNews(device=device.id, health=device.health, identity=device.identity))

    async def _perform(self, verb: m.Verb) -> None:
        device = self.attached.get(verb.device)
        try:
            if device is None:
                result = m.Result(id=verb.id, code="absent", detail=f"no device {verb.device} here")
            else:
                value = await device.call(verb.verb, verb.argument, verb.seconds)
                result = m.Result(id=verb.id, value=value)
        except DeviceError as error:
            result = m.Result(id=verb.id, code=error.code, detail=error.detail)
        except asyncio.CancelledError:
            result = m.Result(id=verb.id, code="outcome_unknown", detail="withdrawn")
        finally:
            self._verbs.pop(verb.id, None)
        self._send(result)

    async def _deliver(self, wanted: m.Fetch | m.Preview) -> None:
        try:
            if isinstance(wanted, m.Fetch):
                await self._deliveries.picture(wanted)
            else:
                await self._deliveries.preview(wanted)
        except DeviceError as error:
            self._send(m.Result(id=wanted.id, code=error.code, detail=error.detail))
        finally:
            self._verbs.pop(wanted.id, None)

    async def _watch_halld(self) -> None:
        """The dead man: nobody may be sent to a window by a hall that nobody runs."""
        while True:
            await asyncio.sleep(0.5)
            if not self._suspended and self._ctx.clock() - self._heard > m.LOST_AFTER_SECONDS:
                self._suspended = True
                log.warning("halld is gone; displays say the service is suspended")
                for device in self.attached.values():
                    self._show_fallback(device)

    def _show_fallback(self, device: Attached) -> None:
        state = device.desired
        if state is not None and state.get("fallback"):
            page = Page.model_validate(state)
            device.want(Page(lines=page.fallback, fallback=page.fallback).model_dump(mode="json"))


def attach_all(site: Any, host: str, ctx: Context, tell: Any, workers: Workers | None = None) -> dict[str, Attached]:
    """Every device of this host; one whose driver is missing or broken is kept, disabled, and named."""
    homes = site.homes()
    return {setup.id: attach(setup, ctx, tell, workers) for setup in site.devices if homes[setup.id] == host}


def attach(setup: Device, ctx: Context, tell: Any, workers: Workers | None = None) -> Attached:
    from drivers.registry import BrokenDriver, discover

    cls = discover().get(setup.driver)
    if cls is not None and not isinstance(cls, BrokenDriver):
        return Attached(setup, cls, ctx, tell, workers)
    why = getattr(cls, "why", "no such driver")
    log.error("driver cannot be used", device=setup.id, driver=setup.driver, why=why)
    return Disabled(setup, ctx, tell, why)


class Disabled(Attached):
    """A configured device that no supervisor runs."""

    def __init__(self, setup: Any, ctx: Context, tell: Any, why: str) -> None:
        super().__init__(setup, None, ctx, tell)  # type: ignore[arg-type]
        self.health = Health(state="disabled", code="driver_fault", detail=why)


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)  # a traceback with locals shows people


@app.command()
def serve(
    runtime: Annotated[Path, typer.Option(help="folder for relative links and for what is kept here")],
    site: Annotated[Path | None, typer.Option(help="site.yaml, on the hall's own machine")] = None,
    socket: Annotated[str, typer.Option(help="unix socket of halld, on the hall's own machine")] = "",
    hall: Annotated[str, typer.Option(help="tls://host:port of the hall, on another machine")] = "",
    identity: Annotated[Path | None, typer.Option(help="folder that `hallctl pair join` made")] = None,
    host: Annotated[str, typer.Option(help="which devices of the site are plugged in here")] = "main",
    root: Annotated[str, typer.Option(help="where sys/ and dev/ of the machine hang (simulated machines)")] = "/",
) -> None:
    """Run the devices of one machine until SIGTERM. On another machine its certificate says which devices those are."""
    from edge.devices.remote import serve_afar

    runtime = runtime.absolute()
    runtime.mkdir(parents=True, exist_ok=True)
    if site is not None and socket and not hall:
        asyncio.run(_serve(site, socket, runtime, host, root))
    elif hall and identity is not None:
        try:
            asyncio.run(serve_afar(hall, identity, runtime, root))
        except BadIdentity as error:
            typer.echo(say(f"pair.why.{error.why}", **error.values), err=True)
            raise typer.Exit(2) from None
        except BadConfig as error:
            raise typer.BadParameter(error.detail) from None
    else:
        raise typer.BadParameter("--site and --socket, or --hall and --identity")


async def _serve(site_file: Path, socket: str, runtime: Path, name: str, root: str) -> None:
    import time
    from random import SystemRandom

    from drivers.links import make_link
    from edge.site_start import choose_site

    site = choose_site(site_file, runtime).site
    store = PictureStore(time.monotonic)
    ctx = Context(
        clock=time.monotonic, random=SystemRandom(), note=log.info, runtime=str(runtime), root=root, keep=store.keep
    )
    host: Host | None = None

    def tell(device: Attached) -> None:
        if host is not None:
            host.on_health(device)

    def on_event(device: str, event: Event) -> None:
        if host is not None:
            host.on_event(device, event)

    plugged = PlugLog(Machine(root), (device.link for device in site.devices), log.info)
    async with Workers(ctx) as workers, HotPlug(root, str(runtime), changed=plugged) as hotplug:
        attached = attach_all(site, name, ctx, tell, workers)
        runnable = {key: value for key, value in attached.items() if not isinstance(value, Disabled)}
        supervisors = build_supervisors(
            runnable,
            make_link=make_link,
            ctx=ctx,
            on_event=on_event,
            holder=f"hall-devices {name}",
            hotplug=hotplug,
        )
        host = Host(name, os.urandom(8).hex(), attached, supervisors, ctx, store)
        await until_signal(host.run(socket))


def main() -> None:
    app()
