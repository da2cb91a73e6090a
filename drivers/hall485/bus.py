"""The RS-485 line that keypads, rating pads and strip screens share (caller.md section 1, led.md 4)."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from drivers.contract import Context, Event, Health, Identity, Info, Kind, Link
from drivers.errors import Absent, Busy, DeviceError, Garbled, Gone
from drivers.hall485.frame import Damage, Found, Frame, FrameReader
from drivers.hall485.functions import acknowledgement, is_bounce, opens_pad
from drivers.hall485.station import Station
from drivers.hall485.stripframe import StripAnswer
from drivers.hall485.stripstation import StripStation
from drivers.hall485.transmitter import Transmitter

_DEFAULT_BAUD = 9600
_BITS_PER_BYTE = 10
_BROKEN_OFF_SECONDS = 0.1  # silence within a frame; USB adapters hold bytes back for 16 ms and more
_SAME_PRESS_SECONDS = 1.2
_NOISY_WINDOW_SECONDS = 60.0
_NOISY = 10  # damaged frames in the window that make a technician's warning
_ONE_DAMAGE_SECONDS = 0.1  # what belongs to no frame right after a damaged one is its rest


class BusConfig(BaseModel):
    """`turnaround` seconds of silence before sending. `hears_itself`: the adapter repeats what it sends.

    `rest`: seconds between two frames that nobody waits for, such as waiting counts of idle keypads.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    turnaround: float = Field(default=0.005, ge=0, le=0.2)
    hears_itself: bool = False
    rest: float = Field(default=0.75, ge=0, le=10)


class _Line:
    """The life of the line from one open to its end: what was attached then is gone afterwards."""

    def __init__(self, transmitter: Transmitter) -> None:
        self.transmitter = transmitter
        self.stations: list[Station] = []
        self.strips: dict[int, StripStation] = {}
        self.last_report: dict[int, tuple[Frame, float]] = {}
        self.strangers: set[tuple[int, int]] = set()
        self.pad_opened: dict[int, float] = {}  # keypad address -> when its evaluate key was pressed
        self.over = asyncio.Event()

    def end(self) -> None:
        self.over.set()
        self.transmitter.end()
        for station in self.stations:
            station.end()
        for strip in self.strips.values():
            strip.end()

    def station_for(self, report: Frame) -> Station | None:
        for station in self.stations:
            if station.address == report.address and report.function in station.functions | station.replies:
                return station
        return None


class Hall485Bus:
    """Owns the link. Acknowledges reports itself, at once, so that nothing slow above ever makes a device repeat."""

    info: ClassVar[Info] = Info(
        kind=Kind.BUS, maker="FF 68", models=("hall485",), links=("serial", "tcp"), probe="silent"
    )
    Config: ClassVar[type[BaseModel]] = BusConfig

    def __init__(self, config: BusConfig, link: Link, ctx: Context) -> None:
        self._config = config
        self._link = link
        self._clock = ctx.clock
        self._note = ctx.note
        self._byte_seconds = _BITS_PER_BYTE / (getattr(link, "baud", None) or _DEFAULT_BAUD)
        self._line: _Line | None = None
        self._serving: asyncio.Task[None] | None = None
        self._damages: deque[float] = deque(maxlen=_NOISY)
        self._opening = asyncio.Lock()

    async def open(self) -> Identity:
        """The line says nothing about itself: Identity is empty."""
        async with self._opening:
            if not self.is_open:
                await self.close()
                await self._link.open()
                self._line = _Line(self._new_transmitter())
                self._serving = asyncio.create_task(self._serve(self._line), name=f"hall485 {self._link.name}")
        return Identity(maker=self.info.maker)

    @property
    def is_open(self) -> bool:
        return self._line is not None and not self._line.over.is_set()

    async def check(self) -> Health:
        """Raises Gone. A warning `garbled` when the line is noisy."""
        self._living_line()
        noisy_since = self._damages[0] if len(self._damages) == _NOISY else None
        if noisy_since is not None and self._clock() - noisy_since < _NOISY_WINDOW_SECONDS:
            return Health(state="warning", code=Garbled.code, detail=f"damaged {_NOISY} times in a minute")
        return Health(state="ready")

    async def close(self) -> None:
        serving, self._serving = self._serving, None
        if serving is not None:
            serving.cancel()
            await asyncio.wait([serving])
            if not serving.cancelled() and (mistake := serving.exception()):
                self._note("line served wrongly", mistake=repr(mistake))
        if self._line is not None:
            self._line.end()  # a task cancelled before its first step ends nothing by itself
        await self._link.close()

    async def events(self) -> AsyncIterator[Event]:
        await self._living_line().over.wait()
        raise self._gone()
        yield  # stations speak for themselves

    def attach(self, address: int, functions: frozenset[int], replies: frozenset[int] = frozenset()) -> Station:
        """Reports of `address` with one of `functions` go to this station, and its answers, `replies`.

        Raises Absent while the line is down, Busy when another station has them.
        """
        line = self._line_to_join()
        for other in line.stations:
            if other.address == address and other.functions & functions:
                raise Busy(f"another station at address {address}")
        station = Station(address, functions, line.transmitter, self._clock, replies)
        line.stations.append(station)
        return station

    def attach_strip(self, address: int) -> StripStation:
        """Strip screens have addresses of their own. Raises Absent while the line is down, Busy when it is taken."""
        line = self._line_to_join()
        if address in line.strips:
            raise Busy(f"another strip screen at address {address}")
        line.strips[address] = StripStation(address, line.transmitter)
        return line.strips[address]

    def detach_strip(self, station: StripStation) -> None:
        station.end()
        if self._line is not None and self._line.strips.get(station.address) is station:
            del self._line.strips[station.address]

    def pad_opened_at(self, address: int) -> float | None:
        """When the evaluate key of this keypad address was pressed last, on the context's clock."""
        return None if self._line is None else self._line.pad_opened.get(address)

    def detach(self, station: Station) -> None:
        station.end()
        if self._line is not None and station in self._line.stations:
            self._line.stations.remove(station)

    def _new_transmitter(self) -> Transmitter:
        return Transmitter(self._link, self._byte_seconds, self._config.turnaround, self._config.rest)

    async def _serve(self, line: _Line) -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._listen(line))
                tasks.create_task(line.transmitter.run())
        except* DeviceError as ends:
            self._note("line ended", detail=str(ends.exceptions[0]))
        finally:
            line.end()

    async def _listen(self, line: _Line) -> None:
        reader = FrameReader()
        while True:
            try:
                async with asyncio.timeout(_BROKEN_OFF_SECONDS if reader.in_frame else None):
                    data = await self._link.read()
                reader.strips = bool(line.strips)
            except TimeoutError:
                found = reader.abandon()
            else:
                found = reader.feed(data)
            line.transmitter.heard(reader.in_frame)
            for item in found:
                self._take(line, item)
            if reader.has_strayed:
                self._count_stray()

    def _take(self, line: _Line, item: Found) -> None:
        if isinstance(item, StripAnswer):
            if strip := line.strips.get(item.address):
                strip.answered()
        elif isinstance(item, Damage):
            line.transmitter.heard_damage()
            self._damages.append(self._clock())
            self._note("frame dropped", kind=item.kind)
        elif self._config.hears_itself and line.transmitter.is_own_echo(item):
            return  # taken for a report it would be acknowledged, heard again, and so on for ever
        elif self._is_answer(line, item):
            return
        elif not item.data:
            self._note("frame dropped", kind="empty_report", address=item.address)
        else:
            self._take_report(line, item)

    def _count_stray(self) -> None:
        now = self._clock()
        if not self._damages or now - self._damages[-1] >= _ONE_DAMAGE_SECONDS:
            self._damages.append(now)
            self._note("frame dropped", kind="stray_bytes")

    def _is_answer(self, line: _Line, frame: Frame) -> bool:
        station = line.station_for(frame)
        if station is None or frame.function not in station.replies:
            return False
        station.heard()
        station.deliver_answer(frame)
        return True

    def _take_report(self, line: _Line, report: Frame) -> None:
        station = line.station_for(report)
        if station is None:
            self._meet_stranger(line, report)
            return
        line.transmitter.acknowledge(acknowledgement(report))
        station.heard()
        if is_bounce(report):
            self._note("frame dropped", kind="key_bounce", address=report.address)
        elif not self._is_same_press(line, report):
            if opens_pad(report):
                line.pad_opened[report.address] = self._clock()
            station.deliver(report)

    def _is_same_press(self, line: _Line, report: Frame) -> bool:
        """A device that missed its acknowledgement repeats. Counted from the press, so that a held rhythm of
        presses is not swallowed for ever; other addresses in between do not matter.
        """
        before = line.last_report.get(report.address)
        now = self._clock()
        if before is not None and before[0] == report and now - before[1] < _SAME_PRESS_SECONDS:
            return True
        line.last_report[report.address] = (report, now)
        return False

    def _meet_stranger(self, line: _Line, report: Frame) -> None:
        """Not acknowledged: the device shows its user that nobody heard. Noted once, for the technician."""
        who = (report.address, report.function)
        if who not in line.strangers:
            line.strangers.add(who)
            self._note("nobody at this address", address=report.address, function=report.function)

    def _line_to_join(self) -> _Line:
        if not self.is_open or self._line is None:
            raise Absent(f"{self._link.name}: the line is down")
        return self._line

    def _living_line(self) -> _Line:
        if self._line is None or self._line.over.is_set():
            raise self._gone()
        return self._line

    def _gone(self) -> Gone:
        return Gone(f"{self._link.name}: the line ended")
