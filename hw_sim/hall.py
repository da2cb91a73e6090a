"""The whole simulated hall: every device of a scene, started together, with one face each."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Self

from hw_sim.camera import Camera
from hw_sim.clock import Clock, RealClock
from hw_sim.codes import DigitKeys, KeyboardScanner, SerialScanner
from hw_sim.cpower import CPowerCard
from hw_sim.device import Chores, Device, Simulator
from hw_sim.escpos import EscPosSimulator
from hw_sim.faults import FaultBox
from hw_sim.hall485 import Hall485Line, Keypad, RatingPad, Strip
from hw_sim.hall485.station import Station
from hw_sim.machine import SimulatedMachine
from hw_sim.onbon5k import Onbon5KCard
from hw_sim.onbon5k.card import Traits
from hw_sim.onbon6e import Onbon6ECard
from hw_sim.pcsc import PcscReader
from hw_sim.ports import Ports
from hw_sim.sam import SamReader
from hw_sim.scene import (
    AnyDevice,
    CameraDevice,
    CPowerDevice,
    EscPosDevice,
    Hall485Device,
    Onbon5KDevice,
    Onbon6EDevice,
    Scene,
    SceneError,
    SpeakerDevice,
    TabletDevice,
    Trouble,
)
from hw_sim.scene_readers import KeysDevice, PcscDevice, SamDevice, ScannerDevice
from hw_sim.speaker import Speaker
from hw_sim.tablet import Tablet
from hw_sim.wires import TcpWire, Wire

IDLE_SECONDS = 60.0


class SimulatedHall:
    """`run` is the folder the links are relative to: ports under `dev`, tickets under `printed/<id>`, sound.

    Same scene, seed and clock: the same noise and the same collisions. SceneError: a trouble its device cannot have.

        async with SimulatedHall(load_scene(path), run) as hall:
            hall.device("keypad-1").act("press", key="call")
    """

    def __init__(self, scene: Scene, run: Path, *, seed: int = 0, clock: Clock | None = None) -> None:
        self.scene = scene
        self.run_folder = run
        self.clock = clock or RealClock()
        self._seed = seed
        self._cards = {card.id: card for card in scene.cards}
        self._pages = {page.id: page for page in scene.pages}
        self._wired: list[Device] = []
        self.simulators: dict[str, Device] = {}
        self._ports = Ports(scene.machine, run, self.clock, self._random)
        if self._ports.machine:
            self._wired.append(self._ports.machine)
            self.simulators[self._ports.machine.id] = self._ports.machine
        for device in scene.devices:
            try:
                self._build(device)
            except ValueError as wrong:
                raise SceneError(f"{device.id}: {wrong}") from wrong
        self._check_troubles()
        self._troubles = Chores("hall")

    def device(self, id: str) -> Simulator:
        """KeyError: the scene has no such device; a keypad or pad is a device too."""
        return self.simulators[id]

    def links(self) -> dict[str, str]:
        """Device id to link URL, for the devices with a wire of their own that do not dial; known once started."""
        links = {device.id: device.link for device in self._wired if not isinstance(device, Tablet | SimulatedMachine)}
        sides = {one.side: one.side_link for one in self._wired if isinstance(one, Camera) and one.side}
        return links | sides

    async def start(self) -> None:
        self.run_folder.mkdir(parents=True, exist_ok=True)
        for device in self._wired:
            await device.start()
        for trouble in self.scene.troubles:
            self._troubles.spawn(self._befall(trouble))

    async def stop(self) -> None:
        await self._troubles.stop()
        for device in reversed(self._wired):
            await device.stop()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def on_change(self, callback: Callable[[str], None]) -> None:
        """`callback(device id)` at every change of any device."""
        for id, device in self.simulators.items():
            device.changed.callbacks.append(partial(callback, id))

    async def _befall(self, trouble: Trouble) -> None:
        device = self.simulators[trouble.device]
        await self.clock.sleep(trouble.at)
        device.set_fault(trouble.as_fault())
        if trouble.seconds is not None:
            await self.clock.sleep(trouble.seconds)
            device.clear_fault(trouble.fault)

    def _check_troubles(self) -> None:
        for trouble in self.scene.troubles:
            device = self.simulators[trouble.device]
            if trouble.fault not in device.troubles:
                raise SceneError(
                    f"trouble at {trouble.at}: {device.id} ({device.kind}) cannot have {trouble.fault.value}"
                )

    def _random(self, name: str) -> Random:
        return Random(f"{self._seed}:{name}")

    def _serial(
        self,
        device: SamDevice | ScannerDevice | Hall485Device | Onbon6EDevice | Onbon5KDevice | CPowerDevice,
        faults: FaultBox,
    ) -> Wire:
        random = self._random(f"{device.id}:wire")
        if isinstance(device, SamDevice) and device.wire == "usb":
            return self._ports.usb(device.id, device.usb, faults)
        if device.wire == "tcp":
            return TcpWire(self.clock, faults, random, port=device.port, baud=device.baud)
        return self._ports.pty(device.id, device.baud, faults)

    def _panel(self, device: Onbon6EDevice | Onbon5KDevice | CPowerDevice, faults: FaultBox) -> Wire:
        return self._serial(device, faults) if device.wire == "pty" else self._tcp(device, faults)

    def _tcp(self, device: EscPosDevice | Onbon6EDevice | Onbon5KDevice | CPowerDevice, faults: FaultBox) -> Wire:
        random = self._random(f"{device.id}:wire")
        return TcpWire(self.clock, faults, random, port=device.port, idle=IDLE_SECONDS)

    def _build(self, device: AnyDevice) -> None:
        built = self._made(device, FaultBox(), self._random(device.id))
        self._ports.adopt(built)
        self._wired.append(built)
        self.simulators[device.id] = built

    def _made(self, device: AnyDevice, faults: FaultBox, random: Random) -> Device:
        match device:
            case SamDevice():
                return self._sam(device, faults, random)
            case Hall485Device():
                return self._line485(device, faults, random)
            case EscPosDevice():
                return self._printer(device, faults, random)
            case Onbon6EDevice():
                return self._onbon6e(device, faults, random)
            case CPowerDevice():
                return self._cpower(device, faults, random)
            case TabletDevice():
                return self._tablet(device, random)
            case Onbon5KDevice():
                return self._onbon5k(device, faults, random)
            case CameraDevice():
                return self._camera(device, random)
            case ScannerDevice():
                return self._scanner(device, faults, random)
            case KeysDevice():
                return self._keys(device, random)
            case PcscDevice():
                chips = {card.id: card for card in self.scene.chip_cards}
                return PcscReader(device.id, self.clock, random, cards=chips, port=device.port, reader=device.reader)
            case SpeakerDevice():
                return Speaker(device.id, self.run_folder, device.folder, self.clock, random)

    def _sam(self, device: SamDevice, faults: FaultBox, random: Random) -> SamReader:
        wire = self._serial(device, faults)
        return SamReader(
            device.id,
            wire,
            faults,
            self.clock,
            random,
            cards=self._cards,
            number=device.number,
            reading_seconds=device.reading_seconds,
            item_seconds=device.item_seconds,
            append_parameter=int(device.append),
            gives_numbers=device.gives_numbers,
            items_after_read=device.items_after_read,
            power_up_seconds=device.power_up_seconds,
            speed_answer=device.speed_answer,
        )

    def _line485(self, device: Hall485Device, faults: FaultBox, random: Random) -> Hall485Line:
        wire = self._serial(device, faults)
        stations = self._stations(device)
        line = Hall485Line(device.id, wire, faults, self.clock, random, stations=stations)
        for station in stations:
            self.simulators[station.id] = station
        return line

    def _printer(self, device: EscPosDevice, faults: FaultBox, random: Random) -> EscPosSimulator:
        return EscPosSimulator(
            device.id,
            self._tcp(device, faults),
            faults,
            self.clock,
            random,
            folder=self.run_folder / "printed" / device.id,
            width=device.width,
            charset=device.charset,
            chinese_at_start=device.chinese_at_start,
            speed=device.speed,
            keeps_buffer=device.keeps_buffer,
        )

    def _onbon6e(self, device: Onbon6EDevice, faults: FaultBox, random: Random) -> Onbon6ECard:
        return Onbon6ECard(
            device.id,
            self._panel(device, faults),
            faults,
            self.clock,
            random,
            width=device.width,
            height=device.height,
            address=device.address,
            device_type=device.device_type,
            long_header=device.long_header,
        )

    def _cpower(self, device: CPowerDevice, faults: FaultBox, random: Random) -> CPowerCard:
        return CPowerCard(
            device.id,
            self._panel(device, faults),
            faults,
            self.clock,
            random,
            width=device.width,
            height=device.height,
            framing=device.speaks,
            card_id=device.card,
            charset=device.charset,
            lamps=device.lamps,
            baud=device.baud,
            code=bytes.fromhex(device.code),
        )

    def _tablet(self, device: TabletDevice, random: Random) -> Tablet:
        return Tablet(
            device.id,
            self.clock,
            random,
            url=device.url,
            window=device.window,
            user=device.user,
            token=device.token,
            trust=self.run_folder / device.trust if device.trust else None,
        )

    def _onbon5k(self, device: Onbon5KDevice, faults: FaultBox, random: Random) -> Onbon5KCard:
        return Onbon5KCard(
            device.id,
            self._panel(device, faults),
            faults,
            self.clock,
            random,
            width=device.width,
            height=device.height,
            fonts=device.fonts,
            lamps=device.lamps,
            traits=Traits(device.address, device.device_type, device.units, device.clears),
        )

    def _camera(self, device: CameraDevice, random: Random) -> Camera:
        return Camera(
            device.id,
            self.clock,
            random,
            pages=self._pages,
            width=device.width,
            height=device.height,
            fps=device.fps,
            port=device.port,
            side=device.side,
        )

    def _keys(self, device: KeysDevice, random: Random) -> DigitKeys:
        return DigitKeys(
            device.id,
            *self._ports.keyboard(device.id, "keypad"),
            self.clock,
            random,
            block=device.block,
            key_seconds=device.key_seconds,
            repeat=device.repeat,
        )

    def _scanner(self, device: ScannerDevice, faults: FaultBox, random: Random) -> Device:
        if device.wire == "keyboard":
            return KeyboardScanner(
                device.id,
                *self._ports.keyboard(device.id),
                self.clock,
                random,
                suffix=device.suffix,
                aim=device.aim,
                key_seconds=device.key_seconds,
                repeat=device.repeat,
                chinese=device.chinese,
            )
        return SerialScanner(
            device.id,
            self._serial(device, faults),
            faults,
            self.clock,
            random,
            suffix=device.suffix,
            aim=device.aim,
            encoding=device.encoding,
        )

    def _stations(self, device: Hall485Device) -> list[Station]:
        stations: list[Station] = []
        for place in device.stations:
            if place.keypad:
                random = self._random(place.keypad)
                stations.append(Keypad(place.keypad, place.address, self.clock, random, dialect=place.dialect))
            if place.pad:
                stations.append(
                    RatingPad(
                        place.pad,
                        place.pad_address,
                        self.clock,
                        self._random(place.pad),
                        keys=place.pad_keys,
                        extended=place.pad_extended,
                    )
                )
            if place.strip:
                random = self._random(place.strip)
                stations.append(Strip(place.strip, place.address, self.clock, random, width=place.strip_width))
        return stations
