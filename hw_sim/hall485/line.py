"""The pair of wires: everybody hears everybody, and two who talk at once are both ruined."""

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from hw_sim.clock import Clock
from hw_sim.device import Device
from hw_sim.faults import WIRE_FAULTS, FaultBox, FaultWord
from hw_sim.hall485.frames import Frame, FrameParser, StripFrame
from hw_sim.hall485.station import Station
from hw_sim.wired import WiredDevice
from hw_sim.wires import Wire

# A pause inside a frame after which its rest is not waited for.
FRAME_GAP = 0.2


class Hall485Line(WiredDevice):
    """The converter and its line. Faults set here trouble the whole line; on a station only that one.

    Power is the supply of the stations: cut, they fall silent, the converter at the host stays.
    """

    kind = "hall485"
    troubles = WIRE_FAULTS | {FaultWord.POWER_CUT}

    def __init__(
        self,
        id: str,
        wire: Wire,
        faults: FaultBox,
        clock: Clock,
        random: Random,
        *,
        stations: Sequence[Station],
    ) -> None:
        super().__init__(id, wire, faults, clock, random)
        self.stations = tuple(stations)
        self.collisions = 0
        self._parser = FrameParser()
        self._last_heard = clock.now()
        self._lose = 0
        self._lost = 0
        self._echo_delay = 0.0
        self._speaker: Station | None = None
        self._spoilt = False
        wire.on_clash = self._clashed
        for station in self.stations:
            station.transmit = self._transmitter(station)

    async def stop(self) -> None:
        for station in self.stations:
            await station.stop()
        await super().stop()

    def actions(self) -> dict[str, Callable[..., None]]:
        return {**super().actions(), "lose_frames": self.lose_frames, "delay_frames": self.delay_frames}

    def lose_frames(self, count: int) -> None:
        """Trouble: the next `count` frames of the host reach nobody (a lost echo)."""
        if not isinstance(count, int) or count < 0:
            raise ValueError(f"{self.id}: count must be a number from 0, not {count!r}")
        self._lose = count

    def delay_frames(self, seconds: float) -> None:
        """Trouble: what the host says reaches the stations late; 0 ends it."""
        if seconds < 0:
            raise ValueError(f"{self.id}: seconds must not be negative")
        self._echo_delay = seconds

    def power(self, on: bool) -> None:
        Device.power(self, on)
        for station in self.stations:
            station.power(on)

    def _join(self) -> None:
        if self.plugged:
            self.wire.plug(elsewhere=FaultWord.ELSEWHERE in self.faults)

    def heard(self, data: bytes) -> None:
        now = self.clock.now()
        if now - self._last_heard > FRAME_GAP:
            self._parser.forget()
        self._last_heard = now
        for frame in self._parser.feed(data):
            if self._lose:
                self._lose -= 1
                self._lost += 1
                continue
            if self._echo_delay:
                self._chores.spawn(self._later(frame))
            else:
                self._spread(frame)
        self.changed.tell()

    def look(self) -> dict[str, Any]:
        return {
            "baud": self.wire.baud,
            "stations": [station.id for station in self.stations],
            "collisions": self.collisions,
            "bad_frames": self._parser.dropped,
            "lost_frames": self._lost,
        }

    async def _later(self, frame: Frame | StripFrame) -> None:
        await self.clock.sleep(self._echo_delay)
        self._spread(frame)

    def _spread(self, frame: Frame | StripFrame) -> None:
        for station in self.stations:
            if station.address == frame.address and station.alive:
                station.hear(frame) if isinstance(frame, Frame) else station.hear_strip(frame)

    def _transmitter(self, station: Station) -> Callable[[bytes], None]:
        def transmit(sent: bytes) -> None:
            others_talk = self.wire.talking and self._speaker is not station
            if others_talk or self.wire.hearing:
                self._collide(sent)
                return
            self._speaker, self._spoilt = station, False
            self.wire.say(sent, lambda: self._overheard(station, sent))

        return transmit

    def _clashed(self) -> None:
        self.collisions += 1
        self._spoilt = True

    def _collide(self, sent: bytes) -> None:
        self._clashed()
        if self.wire.talking:
            self.wire.jam(sent)
        else:  # only the host talks: its bytes and ours are both ruined
            self.wire.jam(b"")
            self.wire.say(bytes(byte ^ self.random.randrange(1, 256) for byte in sent))
        self.changed.tell()

    def _overheard(self, speaker: Station, sent: bytes) -> None:
        if self._spoilt:
            return
        for frame in FrameParser().feed(sent):
            if not isinstance(frame, Frame):
                continue
            for station in self.stations:
                if station is not speaker and station.address == frame.address and station.alive:
                    station.overhear(frame)
