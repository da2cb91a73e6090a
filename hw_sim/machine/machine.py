"""The machine that the simulated devices hang on: what is in which socket under which names, and what hands do."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

from hw_sim.clock import Clock
from hw_sim.device import Device
from hw_sim.faults import Fault, FaultWord
from hw_sim.machine.adapters import Adapter
from hw_sim.machine.enumeration import Enumeration
from hw_sim.machine.sockets import SocketPath
from hw_sim.machine.tree import Tree

_PREFIXES = {"converter": ("ttyUSB",), "modem": ("ttyACM",), "board": ("ttyS",), "keyboard": ("event", "hidraw")}
NAME = "machine"


@dataclass(eq=False)
class Occupant:
    """One device of the scene in its socket. `go` and `come` are its own: leave the machine, appear again.

    `names`: its nodes now, none while it is away. `pulled`: it left because its neighbour on the same adapter was
    pulled; `held`: it must come back under another name.
    """

    id: str
    adapter: Adapter
    socket: SocketPath
    machine: "SimulatedMachine"
    go: Callable[[], None] = lambda: None
    come: Callable[[], None] = lambda: None
    names: list[str] = field(default_factory=list)
    before: list[str] = field(default_factory=list)
    present: bool = False
    pulled: bool = False
    held: bool = False

    @property
    def bus_powered(self) -> bool:
        """False: behind an adapter that lives on when the device loses its power."""
        return self.adapter.shape not in ("converter", "board")

    @property
    def bus_id(self) -> str:
        return self.machine.enumeration.bus_id(self.socket)

    def appear(self, target: str = "", *, elsewhere: bool = False) -> None:
        """`target`: what answers behind its node; a plain USB device has none."""
        self.machine.appear(self, target, elsewhere=elsewhere)

    def reached_by(self, link: str) -> None:
        """A plain USB device: its node under /dev/bus/usb holds the link at which it can be borrowed."""
        self.machine.enumeration.usb_node(self.socket).write_text(link + "\n", "utf-8")

    def vanish(self) -> None:
        self.machine.vanish(self)

    def link(self, baud: int) -> str:
        return f"serial-at:{self.socket}?baud={baud}"


class SimulatedMachine(Device):
    """A device of its own in the hall, named `machine`. Its fault `unplug` cuts the power of all USB sockets; when that

    is over, or with `elsewhere`, everything comes back in another order under other names.

    Actions: `move` (device, socket), `rename` (device: other name, same socket), `dip` (hub, "" = all), `restart` (the
    controllers are met in another order, so bus numbers change too).
    """

    kind = NAME
    troubles = frozenset({FaultWord.UNPLUG, FaultWord.ELSEWHERE})

    def __init__(self, root: Path, clock: Clock, random: Random) -> None:
        super().__init__(NAME, clock, random)
        self.root = root
        self.tree = Tree(root)
        self.enumeration = Enumeration(self.tree)
        self._occupants: dict[str, Occupant] = {}
        self._away: list[Occupant] = []

    async def start(self) -> None:
        self.tree.lay_out()

    def occupy(self, id: str, adapter: Adapter, socket: str) -> Occupant:
        """ValueError: the socket does not fit the adapter, is taken, or holds another adapter."""
        path = SocketPath.parse(socket)
        occupant = Occupant(id, adapter, path, self)
        self._check(occupant, path)
        self._occupants[id] = occupant
        return occupant

    def names(self) -> dict[str, list[str]]:
        """Nodes below /dev by device, of what is there now."""
        return {id: list(one.names) for id, one in self._occupants.items() if one.present}

    def appear(self, occupant: Occupant, target: str, *, elsewhere: bool) -> None:
        avoid = occupant.before if elsewhere or occupant.held else []
        names = [self._free(prefix, avoid) for prefix in _PREFIXES.get(occupant.adapter.shape, ())]
        socket, adapter = occupant.socket, occupant.adapter
        if socket.ports:
            self.enumeration.add_usb(socket, adapter)
        match adapter.shape:
            case "keyboard":
                self.enumeration.add_keyboard(socket, adapter, *names)
                self.tree.node(f"input/{names[0]}", target)
                (self.tree.dev / names[1]).touch()
            case "plain":
                pass
            case _:
                self.enumeration.add_tty(socket, adapter, names[0])
                self.tree.node(names[0], target)
        occupant.names = occupant.before = names
        occupant.present, occupant.pulled = True, False
        self.changed.tell()
        for neighbour in self._neighbours(occupant):
            if neighbour.pulled:
                neighbour.come()

    def vanish(self, occupant: Occupant) -> None:
        if not occupant.present:
            return
        occupant.present = False
        for name in occupant.names:
            self.tree.remove_node(f"input/{name}" if name.startswith("event") else name)
        if occupant.socket.ports:
            self.enumeration.remove_usb(occupant.socket)
        else:
            self.tree.remove((self.tree.sys / "class/tty" / occupant.names[0]).resolve())
        occupant.names = []
        self.changed.tell()
        for neighbour in self._neighbours(occupant):
            if neighbour.present:
                neighbour.pulled = True
                neighbour.go()

    def actions(self) -> dict[str, Callable[..., None]]:
        return {
            **super().actions(),
            "move": self.move,
            "rename": self.rename,
            "dip": self.dip,
            "restart": self.restart,
        }

    def move(self, device: str, socket: str) -> None:
        """Its adapter is pulled out here and put in there. ValueError: no such device, or the socket does not fit."""
        occupant, path = self._named(device), SocketPath.parse(socket)
        self._check(occupant, path)
        together = [occupant, *self._neighbours(occupant)]
        occupant.go()
        for one in together:
            one.socket = path if one is occupant else replace(one.socket, controller=path.controller, ports=path.ports)
        occupant.come()

    def rename(self, device: str) -> None:
        """Pulled out and put into the same socket while a program still held the old name."""
        self._return([self._named(device)])

    def dip(self, hub: str = "") -> None:
        """The power of one hub (its socket) or of all is gone for a moment."""
        occupants = self._leave(hub)
        self._return(self._shuffled(occupants))

    def restart(self) -> None:
        occupants = self._leave("")
        controllers = self.enumeration.controllers()
        self.enumeration.forget(controllers[1:] + controllers[:1])
        self._return(self._shuffled(occupants))

    def unplug(self) -> None:
        if self.plugged:
            super().unplug()
            self._away = self._leave("")

    def plug(self) -> None:
        if not self.plugged:
            super().plug()
            away, self._away = self._away, []
            self._return(self._shuffled(away))

    def power(self, on: bool) -> None:
        super().power(on)
        self.plug() if on else self.unplug()

    def look(self) -> dict[str, Any]:
        return {
            "sockets": {
                id: {"socket": str(one.socket), "nodes": list(one.names), "present": one.present}
                for id, one in self._occupants.items()
            }
        }

    def _fault_came(self, fault: Fault) -> None:
        super()._fault_came(fault)
        if fault.word is FaultWord.ELSEWHERE:
            self.dip()

    def _leave(self, hub: str) -> list[Occupant]:
        behind = SocketPath.parse(hub) if hub else None
        gone = [
            one
            for one in self._occupants.values()
            if one.present and one.socket.ports and (behind is None or one.socket.behind(behind))
        ]
        for occupant in gone:
            if occupant.present:
                occupant.go()
        return gone

    def _return(self, occupants: list[Occupant]) -> None:
        """All get other names than before: a program still held the old ones."""
        for occupant in occupants:
            if occupant.present:
                occupant.go()
            occupant.held = True
        for occupant in occupants:
            if not occupant.present:
                occupant.come()
        for occupant in occupants:
            occupant.held = False

    def _shuffled(self, occupants: list[Occupant]) -> list[Occupant]:
        shuffled = list(occupants)
        self.random.shuffle(shuffled)
        return shuffled

    def _neighbours(self, occupant: Occupant) -> list[Occupant]:
        return [
            one
            for one in self._occupants.values()
            if one is not occupant and one.socket.ports and one.socket.usb == occupant.socket.usb
        ]

    def _named(self, device: str) -> Occupant:
        if device not in self._occupants:
            raise ValueError(f"no device {device!r} in a socket; there are: {', '.join(self._occupants)}")
        return self._occupants[device]

    def _free(self, prefix: str, avoid: list[str]) -> str:
        """The lowest number that is free, as the kernel gives it."""
        taken = {name for one in self._occupants.values() for name in one.names} | set(avoid)
        number = 0
        while f"{prefix}{number}" in taken:
            number += 1
        return f"{prefix}{number}"

    def _check(self, occupant: Occupant, path: SocketPath) -> None:
        adapter = occupant.adapter
        if (adapter.shape == "board") == bool(path.ports):
            raise ValueError(f"{occupant.id}: {adapter.shape} does not fit into {path}")
        if (adapter.shape == "converter") != (path.number is not None):
            raise ValueError(f"{occupant.id}: usb-serial converters have port numbers, nothing else has: {path}")
        if (adapter.shape == "plain") == bool(path.interface) and path.ports:
            raise ValueError(f"{occupant.id}: {path} must name {'no' if path.interface else 'an'} interface")
        if (path.number or 0) >= adapter.ports or path.interface_number >= adapter.interfaces:
            raise ValueError(f"{occupant.id}: the adapter has no such port: {path}")
        for other in self._occupants.values():
            if other is occupant or (other.socket.ports and other.socket.usb == occupant.socket.usb != path.usb):
                continue  # itself, or a neighbour that moves with it
            if other.socket == path:
                raise ValueError(f"{occupant.id}: in {path} is {other.id}")
            if path.ports and other.socket.usb == path.usb and other.adapter != adapter:
                raise ValueError(f"{occupant.id}: in {path.usb} is the adapter of {other.id}")
