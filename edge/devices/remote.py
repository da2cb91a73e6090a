"""`hall-devices` on a machine of its own: told by the hall over TLS what to run, and who it is by its certificate."""

import asyncio
import os
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import SystemRandom

import structlog

from drivers.contract import Context, Event
from drivers.links import make_link
from edge.devices import messages as m
from edge.devices.attached import Attached
from edge.devices.host import Disabled, Host, attach
from edge.devices.hotplug import HotPlug
from edge.devices.outbox import Outbox
from edge.devices.pictures import PictureStore
from edge.devices.spool import Spool
from edge.devices.supervisor import Supervisor, build_supervisors
from edge.devices.told import ToldDevices
from edge.devices.ways import TlsWay, address_of
from edge.devices.worker_proxy import Workers
from edge.pairing.errors import BadIdentity
from edge.pairing.names import SERVER_NAME
from edge.pairing.renewal import Renewal
from edge.signals import until_signal
from edge.site_sections.lines import Device

log = structlog.get_logger("hall-devices")
EVENTS = "events.spool"


class FromAfar:
    """The hall's list and this machine's certificate, as Host meets them."""

    def __init__(self, told: ToldDevices, renewal: Renewal) -> None:
        self._told = told
        self._renewal = renewal

    async def configure(self, news: m.Devices) -> None:
        await self._told.configure(news)

    def renewal(self) -> m.Renew | None:
        request = self._renewal.due()
        return None if request is None else m.Renew(request=request)

    def renewed(self, news: m.Renewed) -> None:
        try:
            self._renewal.take(news.certificate)
        except (BadIdentity, OSError) as error:
            log.error("the renewed certificate cannot be used; the old one stays", why=str(error))
        else:
            log.info("certificate renewed", until=self._renewal.identity.until.isoformat())


async def serve_afar(hall: str, folder: Path, runtime: Path, root: str) -> None:
    """Until SIGTERM. Raises BadConfig (no such address), BadIdentity (not paired), OSError."""
    address = address_of(hall)
    renewal = Renewal(folder, now=lambda: datetime.now(UTC), clock=time.monotonic)
    name, boot = renewal.identity.holder.place, os.urandom(8).hex()
    store = PictureStore(time.monotonic)
    ctx = Context(
        clock=time.monotonic, random=SystemRandom(), note=log.info, runtime=str(runtime), root=root, keep=store.keep
    )
    way = TlsWay(*address, SERVER_NAME, lambda: renewal.identity.context())
    spool = Spool(runtime / EVENTS, boot)
    try:
        async with Workers(ctx) as workers, HotPlug(root, str(runtime)) as hotplug:

            def build(setups: Sequence[Device]) -> tuple[dict[str, Attached], list[Supervisor]]:
                attached = {setup.id: attach(setup, ctx, host.on_health, workers) for setup in setups}
                runnable = {key: one for key, one in attached.items() if not isinstance(one, Disabled)}
                supervisors = build_supervisors(
                    runnable, make_link=make_link, ctx=ctx, on_event=on_event, holder=holder, hotplug=hotplug
                )
                return attached, supervisors

            def on_event(device: str, event: Event) -> None:
                host.on_event(device, event)

            holder = f"hall-devices {name}"
            told = ToldDevices(runtime, name, build)
            afar = FromAfar(told, renewal)
            host = Host(name, boot, told.attached, [], ctx, store, afar=afar, outbox=Outbox(spool))
            await until_signal(_run(host, told, way))
    finally:
        spool.close()


async def _run(host: Host, told: ToldDevices, way: TlsWay) -> None:
    started = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(told.run(started))
        await started.wait()
        group.create_task(host.run(way))
