"""The policy of one port: claim, open, heartbeat, classify, back off (cut short by hot-plug), never give up."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from drivers.contract import Context, Driver, Event, Health, Link
from drivers.errors import Absent, DeviceError, DriverFault, Gone, Quarantined
from edge.devices.attached import MISTAKES, Attached
from edge.devices.claims import Claim, port_of
from edge.devices.hotplug import HotPlug
from edge.devices.quarantine import RETRY_SECONDS, Quarantine
from edge.own_task import in_own_task

BACK_OFF: Final = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
MOST_AFTER_FAULT: Final = 2.0  # a driver that was killed is back within 5 s; quarantine ends it when that is no use
MOST_WITHOUT_NEWS: Final = 1.5  # nothing tells when a network device is back; a panel must show the call within 3 s
HEARTBEAT_SECONDS: Final = 10.0
TROUBLED_HEARTBEAT_SECONDS: Final = 2.0  # somebody stands there, loads paper and waits for the page to turn green
STEADY_SECONDS: Final = 30.0  # ready for so long: the next trouble starts with a short back-off again

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
        hotplug: HotPlug | None = None,
    ) -> None:
        self.head = head
        self.stations = stations
        self._url = url
        self._make_link = make_link
        self._ctx = ctx
        self._on_event = on_event
        self._holder = holder
        self._claims = claims
        self._hotplug = hotplug or HotPlug(ctx.root, ctx.runtime)
        self._quarantine = Quarantine(ctx.clock)
        self._step = 0

    async def run(self) -> None:
        while True:
            since, was_there = self._ctx.clock(), self._hotplug.is_there(self._url)
            error = await in_own_task(self._try())
            ran = self._ctx.clock() - since
            error = self._quarantine.judged(self.head.worker_fault or error, ran)
            self._fail(error)
            if isinstance(error, Quarantined):
                await asyncio.sleep(RETRY_SECONDS)  # a re-plug does not cut it: a crash may be what un-plugs
                continue
            if ran > STEADY_SECONDS or (not was_there and self._hotplug.is_there(self._url)):
                self._step = 0
            await self._back_off(self._longest_pause(error))

    async def _try(self) -> DeviceError:
        """Serve the device as long as it goes well, and tell why it ended."""
        self.head.worker_fault = None
        try:
            with Claim(port_of(self._url, self._ctx.runtime, self._ctx.root), self._holder, self._claims):
                # In a group of its own, so that a driver's mistake, whatever it is, ends up below.
                async with asyncio.TaskGroup() as alone:
                    alone.create_task(self._serve_once())
        except DeviceError as error:
            return error
        except ExceptionGroup as group:
            return _first_trouble(group)
        return Gone("it ended by itself")

    async def _serve_once(self) -> None:
        link = self._make_link(self._url, self._ctx)
        for attached in (self.head, *self.stations):
            attached.taps.add(link)
        driver = self.head.build(link)
        async with self.head.opened(driver), asyncio.TaskGroup() as group:
            group.create_task(self._pump(self.head, driver))
            group.create_task(self._heartbeat(self.head, driver))
            group.create_task(self.head.keep_desired(driver))
            for station in self.stations:
                group.create_task(self._serve_station(station, driver))

    async def _serve_station(self, station: Attached, bus: Driver) -> None:
        """A station in trouble never takes its line down; only Gone (the line itself) reaches the others."""
        quarantine, pause = Quarantine(self._ctx.clock), BACK_OFF[0]
        while True:
            since = self._ctx.clock()
            trouble = await in_own_task(self._try_station(station, bus))
            if trouble is not None:
                ran = self._ctx.clock() - since
                error = quarantine.judged(trouble, ran)
                station.fail(error)
                pause = BACK_OFF[0] if ran > STEADY_SECONDS else min(pause * 2, BACK_OFF[-1])
                if isinstance(error, Quarantined):
                    pause = RETRY_SECONDS
            await asyncio.sleep(pause)

    async def _try_station(self, station: Attached, bus: Driver) -> DeviceError | None:
        """Serve it as long as it goes well, and tell why it ended. Raises Gone with its line."""
        trouble: DeviceError | None = None
        try:
            driver = station.build(bus)
            async with station.opened(driver), asyncio.TaskGroup() as group:
                group.create_task(self._pump(station, driver))
                group.create_task(self._heartbeat(station, driver))
                group.create_task(station.keep_desired(driver))
        except* Gone as gone:
            raise _first_trouble(gone) from None
        except* (DeviceError, *MISTAKES) as group_error:
            trouble = _first_trouble(group_error)
        return trouble

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
        if (error.code, error.detail) != (self.head.health.code, self.head.health.detail):
            self._ctx.note("device trouble", device=self.head.id, code=error.code, detail=error.detail)
        for attached in (self.head, *self.stations):
            attached.fail(error)

    def _longest_pause(self, error: DeviceError) -> float:
        if isinstance(error, DriverFault):
            return MOST_AFTER_FAULT
        if isinstance(error, Absent | Gone) and not self._hotplug.can_tell(self._url):
            return MOST_WITHOUT_NEWS
        return BACK_OFF[-1]

    async def _back_off(self, most: float) -> None:
        pause = min(BACK_OFF[min(self._step, len(BACK_OFF) - 1)], most)
        self._step += 1
        if await self._hotplug.wait(self._url, pause * self._ctx.random.uniform(0.8, 1.2)):
            self._step = 0


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


def build_supervisors(
    attached: Mapping[str, Attached],
    *,
    make_link: MakeLink,
    ctx: Context,
    on_event: OnEvent,
    holder: str,
    claims: Path | None = None,
    hotplug: HotPlug | None = None,
) -> list[Supervisor]:
    """One supervisor a link; stations go with their bus. `hotplug`: one for all; without it back-offs run out."""
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
                hotplug=hotplug,
            )
        )
    return found


def disabled(reason: str, detail: str) -> Health:
    """A device whose driver cannot be used at all: it is named, and everything else goes on."""
    return Health(state="disabled", code=reason, detail=detail)
