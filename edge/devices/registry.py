"""The hall's side of the host link: which devices there are and how they are, what each must show, what they did."""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson
import structlog
from pydantic import BaseModel

from drivers.contract import Health, Identity
from drivers.errors import Absent, DeviceError, Gone, Late, OutcomeUnknown, by_code
from edge.devices import messages as m
from edge.devices.peers import LOCAL, Peer, is_own_user
from edge.devices.transfers import Transfers
from edge.devices.verbs import VERBS, WIRE_TAP
from edge.site import Site

log = structlog.get_logger("devices")


@dataclass(frozen=True, slots=True)
class DeviceStatus:
    """`place`: window or kiosk id, '' for the hall's own."""

    id: str
    kind: str
    place: str
    state: str
    code: str = ""
    detail: str = ""
    identity: Identity = field(default_factory=Identity)


@dataclass(frozen=True, slots=True)
class Happened:
    """An event of a device. `id` is the same however often the host repeats it."""

    id: str
    device: str
    name: str
    data: dict[str, Any]


HOST_RETURNS_SECONDS: Final = 3.0
HELLO_SECONDS: Final = 10.0
MOST_EVENTS: Final = 4096  # not settled yet, of one host
MOST_PICTURES: Final = 200
_AWAY: Final = Health(state="absent", code="absent", detail="its device host is away")
OnHappened = Callable[[Happened], Awaitable[None]]


class Registry:
    """Implements edge.reactions.ports.DevicesPort. `on_event` returns when the event is settled; then it is acked."""

    def __init__(self, site: Site, *, fence: int, on_event: OnHappened, on_change: Callable[[], None]) -> None:
        self._places = _places(site)
        self._kinds = {device.id: device.driver for device in site.devices}
        self._health = {device.id: _AWAY for device in site.devices}
        self._identity: dict[str, Identity] = {}
        self._wants: dict[str, dict[str, Any] | None] = {}
        self._hosts: dict[str, _HostConnection] = {}
        self._home = site.homes()
        self._setups = {device.id: device for device in site.devices}
        self._fence = fence
        self._on_event = on_event
        self._on_change = on_change
        self._next_verb = 0
        self._pictures: OrderedDict[str, str] = OrderedDict()  # hash -> host that has the bytes
        self._arrived = asyncio.Event()

    def statuses(self) -> tuple[DeviceStatus, ...]:
        return tuple(
            DeviceStatus(
                id=device,
                kind=self._kinds[device],
                place=self._places.get(device, ""),
                state=health.state,
                code=health.code,
                detail=health.detail,
                identity=self._identity.get(device, Identity()),
            )
            for device, health in self._health.items()
        )

    def want(self, device: str, state: BaseModel | None) -> None:
        value = None if state is None else state.model_dump(mode="json")
        if device in self._wants and self._wants[device] == value:
            return
        self._wants[device] = value
        if (host := self._hosts.get(self._home.get(device, ""))) is not None:
            host.lines.send(m.Want(device=device, state=value))

    async def call(
        self, device: str, verb: str, argument: BaseModel | None = None, *, deadline: float
    ) -> dict[str, Any]:
        """One verb on one device, once. Raises DeviceError; OutcomeUnknown when the link broke after it was sent."""
        host = await self._host_of(device, min(deadline, HOST_RETURNS_SECONDS))
        verb_id = self._verb_id()
        answer: asyncio.Future[m.Result] = asyncio.get_running_loop().create_future()
        host.pending[verb_id] = answer
        value = None if argument is None else argument.model_dump(mode="json")
        host.lines.send(
            m.Verb(id=verb_id, device=device, verb=verb, argument=value, seconds=deadline, fence=self._fence)
        )
        try:
            async with asyncio.timeout(deadline + 3.0):
                result = await answer
        except TimeoutError:
            raise _cut_off(verb, "the device host did not answer") from None
        except asyncio.CancelledError:
            host.lines.send(m.Cancel(id=verb_id))
            raise
        finally:
            host.pending.pop(verb_id, None)
        if result.value is None:
            raise by_code(result.code, result.detail)
        if verb == "capture":
            self._remember_picture(str(result.value.get("hash")), host.name)
        return result.value

    async def fetch_picture(self, digest: str) -> bytes:
        """The bytes of a captured picture, once: its host forgets them then, and after five minutes anyway.

        Raises Absent (never captured, fetched already, too old), Late, Gone, Garbled.
        """
        host = self._hosts.get(self._pictures.get(digest, ""))
        if host is None:
            raise Absent("no host has this picture")
        data = await host.transfers.fetch(self._verb_id(), digest, host.lines.send)
        self._pictures.pop(digest, None)
        return data

    async def preview(self, device: str, rate: float) -> AsyncIterator[bytes]:
        """Small JPEG pictures of a camera until the caller stops (aclosing); then the camera stops as well.

        At most 5 a second and two previews a host at once. Raises Absent, Busy, Unsupported, Late, Gone, Garbled.
        """
        host = await self._host_of(device, HOST_RETURNS_SECONDS)
        async with aclosing(host.transfers.preview(self._verb_id(), device, rate, host.lines.send)) as frames:  # type: ignore[type-var]
            async for frame in frames:
                yield frame

    def _remember_picture(self, digest: str, host: str) -> None:
        self._pictures[digest] = host
        while len(self._pictures) > MOST_PICTURES:
            self._pictures.popitem(last=False)

    def _verb_id(self) -> str:
        self._next_verb += 1
        return f"{self._fence}.{self._next_verb}"

    async def _host_of(self, device: str, seconds: float) -> "_HostConnection":
        """Its host, waited for a moment: after a restart of either side it is back at once. Raises Absent."""
        name = self._home.get(device, "")
        try:
            async with asyncio.timeout(seconds):
                while name not in self._hosts:
                    await self._arrived.wait()
        except TimeoutError:
            raise Absent(f"no device host runs {device}") from None
        return self._hosts[name]

    async def serve(self, path: Path) -> None:
        """Listen for device hosts until cancelled; only this user's (or root's) processes are let in."""
        path.unlink(missing_ok=True)
        async with asyncio.TaskGroup() as group:

            async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                if is_own_user(writer.get_extra_info("socket")):
                    await self.converse(m.Lines(reader, writer), reader, LOCAL, group)
                else:
                    writer.close()

            def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                group.create_task(greet(reader, writer))

            server = await asyncio.start_unix_server(connected, path=path, limit=m.MAX_LINE)
            path.chmod(0o600)
            group.create_task(self._beat())
            async with server:
                await server.serve_forever()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(m.BEAT_SECONDS)
            for host in self._hosts.values():
                host.lines.send(m.Beat())

    async def converse(
        self, lines: m.Lines, reader: asyncio.StreamReader, peer: Peer, group: asyncio.TaskGroup
    ) -> None:
        """One connection, whoever let it in, until its end: a host, or the pictures of one transfer.

        `group` must outlive it, and end the hall when an event cannot be settled.
        """
        host: _HostConnection | None = None
        try:
            async with asyncio.timeout(HELLO_SECONDS):
                hello = await lines.from_host()
            if isinstance(hello, m.Stream):
                await self._carry(hello.id, reader, peer)
                return
            if isinstance(hello, m.Tap) and peer is LOCAL:
                lines.send(await self._tapped(hello.device))
                return
            if not isinstance(hello, m.Hello) or hello.protocol != m.PROTOCOL:
                raise m.Broken("no hello of this protocol")
            if peer.place not in (None, hello.host):
                lines.send(m.Refused(why="other_place"))
                raise m.Broken(f"{peer.place} said hello as another host")
            host = self._admit(hello, lines, peer)
            await self._listen(host, group)
        except (m.Broken, TimeoutError) as error:
            log.warning("host link broken", why=str(error) or "no hello", place=peer.place)
        finally:
            if host is not None:
                self._dismiss(host)
            await lines.close()

    async def _carry(self, transfer_id: str, reader: asyncio.StreamReader, peer: Peer) -> None:
        for host in list(self._hosts.values()):
            if peer.place in (None, host.name) and transfer_id in host.transfers:
                await host.transfers.carry(transfer_id, reader)

    async def _tapped(self, device: str) -> m.Result:
        """The capture of a device's wire as its host keeps it, or why there is none."""
        try:
            return m.Result(id=device, value=await self.call(device, WIRE_TAP, deadline=5.0))
        except DeviceError as error:
            return m.Result(id=device, code=error.code, detail=error.detail)

    def _admit(self, hello: m.Hello, lines: m.Lines, peer: Peer) -> "_HostConnection":
        host = _HostConnection(hello.host, hello.boot, lines, peer)
        if (older := self._hosts.get(hello.host)) is not None:
            log.warning("a device host came a second time; the first one is put off", host=hello.host)
            self._dismiss(older)
            older.lines.abort()
        self._hosts[hello.host] = host
        self._arrived.set()
        self._arrived = asyncio.Event()
        lines.send(m.Welcome(fence=self._fence))
        if peer.place is not None:
            lines.send(self._devices_of(peer.place))
        for device, state in self._wants.items():
            if self._home.get(device) == hello.host:
                lines.send(m.Want(device=device, state=state))
        log.info("device host connected", host=hello.host, devices=len(hello.devices))
        return host

    def _devices_of(self, place: str) -> m.Devices:
        """What a machine needs of site.yaml: its own devices, nothing else of the file."""
        fields = set(m.DeviceSetup.model_fields)
        own = [self._setups[device] for device, home in self._home.items() if home == place]
        setups = tuple(m.DeviceSetup.model_validate(setup.model_dump(include=fields)) for setup in own)
        content = orjson.dumps([setup.model_dump() for setup in setups], option=orjson.OPT_SORT_KEYS)
        return m.Devices(version=hashlib.sha256(content).hexdigest(), devices=setups)

    async def _listen(self, host: "_HostConnection", group: asyncio.TaskGroup) -> None:
        worker = group.create_task(self._settle_events(host))
        try:
            while (message := await host.lines.from_host()) is not None:
                match message:
                    case m.HealthNews(device=device) if self._home.get(device) == host.name:
                        self._health[device] = message.health
                        self._identity[device] = message.identity
                        self._on_change()
                    case m.EventNews():
                        if host.events.qsize() >= MOST_EVENTS:
                            raise m.Broken("more events at once than a host keeps")
                        host.events.put_nowait(message)
                    case m.Renew(request=request) if host.peer.renew is not None:
                        if (certificate := host.peer.renew(request)) is not None:
                            host.lines.send(m.Renewed(certificate=certificate))
                    case m.Result(id=verb_id) if verb_id in host.pending:
                        if not host.pending[verb_id].done():
                            host.pending[verb_id].set_result(message)
                    case m.Result(id=transfer_id) if transfer_id in host.transfers:
                        host.transfers.fail(transfer_id, by_code(message.code, message.detail))
        finally:
            worker.cancel()

    async def _settle_events(self, host: "_HostConnection") -> None:
        """In order, one after the other: the second press must see what the first one did."""
        while True:
            news = await host.events.get()
            if self._home.get(news.device) == host.name:
                name = f"{host.name}:{news.boot or host.boot}:{news.n}"
                await self._on_event(Happened(name, news.device, news.name, news.data))
            else:
                log.warning("an event of a device that is not this host's", host=host.name, device=news.device)
            host.lines.send(m.Ack(n=news.n, boot=news.boot))

    def _dismiss(self, host: "_HostConnection") -> None:
        host.transfers.fail_all(Gone("the device host left"))
        for verb_id, answer in host.pending.items():
            if not answer.done():
                answer.set_exception(OutcomeUnknown(f"the device host left during {verb_id}"))
        if self._hosts.get(host.name) is host:
            del self._hosts[host.name]
            for device, home in self._home.items():
                if home == host.name:
                    self._health[device] = _AWAY
            self._on_change()


@dataclass(slots=True, eq=False)
class _HostConnection:
    name: str
    boot: str
    lines: m.Lines
    peer: Peer
    pending: dict[str, asyncio.Future[m.Result]] = field(default_factory=dict)
    events: asyncio.Queue[m.EventNews] = field(default_factory=asyncio.Queue)
    transfers: Transfers = field(default_factory=Transfers)


def _cut_off(verb: str, detail: str) -> DeviceError:
    spec = VERBS.get(verb)
    return OutcomeUnknown(detail) if spec is None or spec.effect else Late(detail)


def _places(site: Site) -> dict[str, str]:
    """Device id -> window or kiosk id."""
    found: dict[str, str] = {}
    for window in site.windows:
        own = (window.display, window.keypad, window.pad, window.camera, window.reader, window.printer)
        found |= {device: window.id for device in own if device and device not in found}  # a printer may be shared
    for kiosk in site.kiosks:
        at_kiosk = (kiosk.reader, kiosk.printer, kiosk.scanner, kiosk.office, kiosk.camera)
        found |= {device: kiosk.id for device in at_kiosk if device and device not in found}
    return found
