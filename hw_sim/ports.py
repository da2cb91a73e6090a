"""The plugs of a hall's devices: ports in a machine's sockets or under RUN/dev, USB devices on one USB/IP server."""

from collections.abc import Callable
from pathlib import Path
from random import Random

from hw_sim.clock import Clock
from hw_sim.device import Device
from hw_sim.faults import FaultBox
from hw_sim.machine import Adapter, Occupant, SimulatedMachine
from hw_sim.machine.plan import MachinePlan
from hw_sim.sam.usb import UsbPlug, usb_wire
from hw_sim.usb import BusBerth, UsbIpServer, UsbWire
from hw_sim.wired import WiredDevice
from hw_sim.wires import Berth, FolderBerth, PtyWire


class Ports:
    """`machine` None: the scene has none, ports are links under RUN/dev. ValueError: sockets that cannot be."""

    def __init__(self, plan: MachinePlan | None, run: Path, clock: Clock, random: Callable[[str], Random]) -> None:
        self._plan = plan
        self._run = run
        self._clock = clock
        self._random = random
        self.machine = SimulatedMachine(run / plan.folder, clock, random("machine")) if plan else None
        self._server = UsbIpServer()
        self._usb_devices = 0
        self._occupants: dict[str, Occupant] = {}

    def pty(self, id: str, baud: int, faults: FaultBox) -> PtyWire:
        berth: Berth | None = self._occupy(id, "ch340")
        return PtyWire(berth or FolderBerth(self._run, id), self._clock, faults, self._random(f"{id}:wire"), baud=baud)

    def usb(self, id: str, plug: UsbPlug, faults: FaultBox) -> UsbWire:
        vendor, product = (int(part, 16) for part in plug.usb_id.split(":"))
        self._usb_devices += 1
        berth = self._occupy(id, Adapter("plain", vendor, product)) or BusBerth(self._usb_devices)
        return usb_wire(plug, self._server, berth, self._clock, faults, self._random(f"{id}:wire"))

    def keyboard(self, id: str, usual: str = "keyboard") -> tuple[Occupant, Path]:
        """Its socket, and where its FIFO lies. ValueError: it has no socket."""
        occupant = self._occupy(id, usual)
        if occupant is None:
            raise ValueError(f"{id}: a keyboard needs a socket in the scene's machine")
        return occupant, self._run / "dev" / f"{id}.events"

    def adopt(self, device: Device) -> None:
        """From now on the machine may pull the device and let it appear."""
        occupant = self._occupants.get(device.id)
        if occupant is not None and isinstance(device, WiredDevice):
            occupant.go, occupant.come = device.wire.unplug, device.come

    def _occupy(self, id: str, usual: str | Adapter) -> Occupant | None:
        socket = self._plan.sockets.get(id) if self._plan else None
        if socket is None or self.machine is None:
            return None
        adapter = socket.chosen(usual) if isinstance(usual, str) else usual.with_serial(socket.serial)
        self._occupants[id] = self.machine.occupy(id, adapter, socket.path)
        return self._occupants[id]
