"""The policy of one port: claim, open, heartbeat, classify, back off (cut short by hot-plug), never give up."""

import asyncio
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from drivers.contract import Context, Driver, Event, Health, Link
from drivers.errors import DeviceError, DriverFault, Gone
from edge.devices.attached import Attached
from edge.devices.claims import Claim, port_of

BACK_OFF: Final = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
HEARTBEAT_SECONDS: Final = 10.0
TROUBLED_HEARTBEAT_SECONDS: Final = 2.0  # somebody stands there, loads paper and waits for the page to turn green
STEADY_SECONDS: Final = 30.0  # ready for so long: the next trouble starts with a short back-off again
HOTPLUG_LOOK_SECONDS: Final = 0.25

MakeLink = Callable[[str, Context], Link]
OnEvent = Callable[[str, Event], None]


class Supervisor:
    """One link and everything on it: a device, or a bus with its stations. `run` ends only by cancellation."""

    def __init__(
        self,
        head: Attached,
        stations: tuple[Attached, ...],
        *,
        url: str,
        make_link: MakeLink,
        ctx: Context,
        on_event: OnEvent,
        holder: str,
        claims: Path | None = None,
    ) -> None:
        self.head = head
        self.stations = stations
        self._url = url
        self._make_link = make_link
        self._ctx = ctx
        self._on_event = on_event
        self._holder = holder
        self._claims = claims
        self._step = 0

    async def run(self) -> None:
        while True:
            since = self._ctx.clock()
            try:
                with Claim(port_of(self._url, self._ctx.runtime), self._holder, self._claims):
                    # In a group of its own, so that a driver's mistake, whatever it is, ends up below.
                    async with asyncio.TaskGroup() as alone:
                        alone.create_task(self._serve_once())
            except DeviceError as error:
                self._fail(error)
            except ExceptionGroup as group:
                self._fail(_first_trouble(group))
            if self._ctx.clock() - since > STEADY_SECONDS:
                self._step = 0
            await self._back_off()

    async def _serve_once(self) -> None:
        link = self._make_link(self._url, self._ctx)
        driver = self.head.build(link)
        async with self.head.opened(driver), asyncio.TaskGroup() as group:
            group.create_task(self._pump(self.head, driver))
            group.create_task(self._heartbeat(self.head, driver))
            group.create_task(self.head.keep_desired(driver))
            for station in self.stations:
                group.create_task(self._serve_station(station, driver))

    async def _serve_station(self, station: Attached, bus: Driver) -> None:
        """A station in trouble never takes its line down; only Gone (the line itself) reaches the others."""
        pause = BACK_OFF[0]
        while True:
            try:
                driver = station.build(bus)
                async with station.opened(driver), asyncio.TaskGroup() as group:
                    group.create_task(self._pump(station, driver))
                    group.create_task(self._heartbeat(station, driver))
                    group.create_task(station.keep_desired(driver))
            except* Gone as gone:
                raise _first_trouble(gone) from None
            except* DeviceError as group_error:
                station.fail(_first_trouble(group_error))
            await asyncio.sleep(pause)
            pause = min(pause * 2, BACK_OFF[-1])

    async def _pump(self, attached: Attached, driver: Driver) -> None:
        async for event in driver.events():
            self._on_event(attached.id, event)
        raise Gone("the device's events ended")

    async def _heartbeat(self, attached: Attached, driver: Driver) -> None:
        while True:
            pause = TROUBLED_HEARTBEAT_SECONDS if attached.health.state == "fault" else HEARTBEAT_SECONDS
            try:
                async with asyncio.timeout(pause):
                    await attached.suspect.wait()
            except TimeoutError:
                pass
            attached.suspect.clear()
            await attached.check(driver)

    def _fail(self, error: DeviceError) -> None:
        self._ctx.note("device trouble", device=self.head.id, code=error.code, detail=error.detail)
        for attached in (self.head, *self.stations):
            attached.fail(error)

    async def _back_off(self) -> None:
        pause = BACK_OFF[min(self._step, len(BACK_OFF) - 1)]
        self._step += 1
        pause *= self._ctx.random.uniform(0.8, 1.2)
        path = _node(self._url, self._ctx.runtime)
        if path is None or os.path.exists(path):
            await asyncio.sleep(pause)
            return
        # The node is not there: wait for it to appear, however long the back-off has become.
        until = self._ctx.clock() + pause
        while self._ctx.clock() < until and not os.path.exists(path):
            await asyncio.sleep(HOTPLUG_LOOK_SECONDS)


def _first_trouble(group: BaseExceptionGroup[BaseException]) -> DeviceError:
    """The device error of a group; anything else in it is a mistake of ours or the driver's, said as such."""
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            return _first_trouble(error)
        if isinstance(error, DeviceError):
            return error
        if isinstance(error, Exception):
            return DriverFault(f"{type(error).__name__}: {error}")
    return DriverFault("cancelled from inside")


def _node(url: str, runtime: str) -> str | None:
    """The device node of a serial link, to see it come back; None for other links."""
    parts = urlsplit(url)
    if parts.scheme != "serial":
        return None
    return parts.path if url.startswith("serial://") else os.path.join(runtime, parts.path)


def build_supervisors(
    attached: Mapping[str, Attached],
    *,
    make_link: MakeLink,
    ctx: Context,
    on_event: OnEvent,
    holder: str,
    claims: Path | None = None,
) -> list[Supervisor]:
    """One supervisor a link; stations go with their bus."""
    found = []
    for device in attached.values():
        if device.setup.link is None:
            continue
        stations = tuple(other for other in attached.values() if other.setup.bus == device.id)
        found.append(
            Supervisor(
                device,
                stations,
                url=device.setup.link,
                make_link=make_link,
                ctx=ctx,
                on_event=on_event,
                holder=holder,
                claims=claims,
            )
        )
    return found


def disabled(reason: str, detail: str) -> Health:
    """A device whose driver cannot be used at all: it is named, and everything else goes on."""
    return Health(state="disabled", code=reason, detail=detail)
