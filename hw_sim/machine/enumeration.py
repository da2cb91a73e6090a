"""One machine's buses and devices in sysfs: which folders and attributes a thing in a socket has."""

import shutil
from pathlib import Path

from hw_sim.machine.adapters import Adapter
from hw_sim.machine.sockets import SocketPath
from hw_sim.machine.tree import Tree

_HUB = Adapter("plain", 0x05E3, 0x0608, "GenesysLogic", "USB2.0 Hub", driver="usb", release=0x8536)
_KEYBOARD_BITS = "1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe"
_MINORS = {"ttyUSB": (188, 0), "ttyACM": (166, 0), "ttyS": (4, 64)}


class Enumeration:
    """Bus numbers are given to the controllers in the order they are met: two each, for USB 2 and USB 3.

    Every USB device that appears gets the next device number of its bus, as after any replug.
    """

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._buses: dict[str, int] = {}
        self._numbers: dict[str, int] = {}
        self._inputs = 0

    def forget(self, controllers: list[str]) -> None:
        """The machine starts anew and meets its controllers in this order."""
        for controller in self._buses:
            self._tree.remove(self._tree.sys / "devices" / self._controller(controller))
        shutil.rmtree(self._tree.dev / "bus", ignore_errors=True)
        self._buses, self._numbers, self._inputs = {}, {}, 0
        for controller in controllers:
            self._bus(controller)

    def controllers(self) -> list[str]:
        return list(self._buses)

    def bus_id(self, socket: SocketPath) -> str:
        """As `1-1.2`."""
        return f"{self._bus(socket.controller)}-{socket.chain}"

    def add_usb(self, socket: SocketPath, adapter: Adapter) -> Path:
        for hub in socket.hubs():
            self._usb_device(hub, _HUB, device_class="09", maxchild=4)
        return self._usb_device(socket.usb, adapter)

    def remove_usb(self, socket: SocketPath) -> None:
        folder = self._tree.sys / "devices" / self._usb_place(socket)
        for uevent in folder.rglob("uevent"):
            for line in uevent.read_text("utf-8").splitlines():
                if line.startswith("DEVNAME="):
                    self._tree.remove_node(line.removeprefix("DEVNAME="))
        self._tree.remove(folder)

    def usb_node(self, socket: SocketPath) -> Path:
        """Its node, below /dev/bus/usb."""
        folder = self._tree.sys / "devices" / self._usb_place(socket)
        numbers = [int((folder / name).read_text("utf-8")) for name in ("busnum", "devnum")]
        return self._tree.dev / "bus/usb/{:03d}/{:03d}".format(*numbers)

    def add_tty(self, socket: SocketPath, adapter: Adapter, name: str) -> Path:
        """Returns the folder to remove when the port goes alone (a port on the board)."""
        if adapter.shape == "board":
            parent = self._tree.sys / "devices" / self._controller(socket.controller)
        else:
            parent = self._interface(socket, adapter)
        if adapter.shape == "converter":
            place = parent.relative_to(self._tree.sys / "devices") / name
            port = {"port_number": str(socket.number or 0)}
            parent = self._tree.device(place, port, bus="usb-serial", driver=adapter.driver.removesuffix("_sio"))
        folder = self._class_device(parent, "tty", name)
        if adapter.shape == "board":  # as serial_core shows them: 4 is a 16550A, 0 would be a line without a chip
            for attribute, text in (("type", "4"), ("line", name.removeprefix("ttyS")), ("port", "0x3F8")):
                (folder / attribute).write_text(text + "\n", "utf-8")
        return folder

    def add_keyboard(self, socket: SocketPath, adapter: Adapter, event: str, raw: str) -> None:
        """An input device with its event node, and the raw HID node beside it."""
        interface = self._interface(socket, adapter)
        self._inputs += 1
        hid = f"0003:{adapter.vendor:04X}:{adapter.product:04X}.{self._inputs:04X}"
        label = f"{adapter.maker} {adapter.name}".strip()
        physical = f"usb-{socket.controller.partition('-')[2]}-{socket.chain}/input{socket.interface_number}"
        named = {"HID_ID": f"0003:{adapter.vendor:08X}:{adapter.product:08X}", "HID_NAME": label, "HID_PHYS": physical}
        place = interface.relative_to(self._tree.sys / "devices") / hid
        parent = self._tree.device(place, bus="hid", driver="hid-generic", uevent={**named, "HID_UNIQ": adapter.serial})
        number = f"input{self._inputs}"
        self._tree.device(
            place / "input" / number,
            {
                "name": label,
                "phys": physical,
                "uniq": adapter.serial,
                "properties": "0",
                "id/bustype": "0003",
                "id/vendor": f"{adapter.vendor:04x}",
                "id/product": f"{adapter.product:04x}",
                "id/version": "0111",
                "capabilities/ev": "120013",
                "capabilities/key": _KEYBOARD_BITS,
                "capabilities/rel": "0",
                "capabilities/abs": "0",
            },
            klass="input",
            uevent={"PRODUCT": f"3/{adapter.vendor:x}/{adapter.product:x}/111", "NAME": f'"{label}"'},
        )
        self._tree.parent_link(self._tree.sys / "devices" / place / "input" / number, "device", parent)
        parent_input = self._tree.sys / "devices" / place / "input" / number
        self._class_node(parent_input, event, "input", f"input/{event}", 13, 64 + int(event.removeprefix("event")))
        self._class_node(parent, f"hidraw/{raw}", "hidraw", raw, 240, int(raw.removeprefix("hidraw")))

    def _class_device(self, parent: Path, klass: str, name: str) -> Path:
        prefix = name.rstrip("0123456789")
        major, first = _MINORS[prefix]
        return self._class_node(parent, f"{klass}/{name}", klass, name, major, first + int(name.removeprefix(prefix)))

    def _class_node(self, parent: Path, below: str, klass: str, node: str, major: int, minor: int) -> Path:
        folder = self._tree.device(
            parent.relative_to(self._tree.sys / "devices") / below,
            {"dev": f"{major}:{minor}"},
            klass=klass,
            uevent={"MAJOR": str(major), "MINOR": str(minor), "DEVNAME": node},
        )
        self._tree.parent_link(folder, "device", parent)
        return folder

    def _bus(self, controller: str) -> int:
        if controller not in self._buses:
            self._buses[controller] = 1 + 2 * len(self._buses)
        return self._buses[controller]

    def _controller(self, controller: str) -> Path:
        """Made on the way: host bridge, PCI bridge, controller; or a platform device."""
        kind, _, address = controller.partition("-")
        if kind in ("platform", "pnp"):
            place = Path("platform" if kind == "platform" else "pnp0") / address
            self._tree.device(place, bus=kind, uevent={"MODALIAS": f"{kind}:{address}"})
            return place
        domain, bus, _ = address.split(":")
        place = Path(f"pci{domain}:00")
        if bus != "00":
            place /= f"{domain}:00:1c.{int(bus, 16) % 8}"
            self._pci(place, "0x060400", "pcieport")
        place /= address
        self._pci(place, "0x0c0330", "xhci_hcd")
        return place

    def _pci(self, place: Path, klass: str, driver: str) -> None:
        identity = {"class": klass, "vendor": "0x8086", "device": "0xa36d"}
        self._tree.device(place, identity, bus="pci", driver=driver, uevent={"PCI_SLOT_NAME": place.name})

    def _usb_place(self, socket: SocketPath) -> Path:
        place = self._controller(socket.controller) / f"usb{self._bus(socket.controller)}"
        for depth in range(1, len(socket.ports) + 1):
            place /= self.bus_id(SocketPath(socket.controller, socket.ports[:depth]))
        return place

    def _root_hub(self, socket: SocketPath) -> None:
        bus = self._bus(socket.controller)
        for number, name in ((bus, "xHCI Host Controller"), (bus + 1, "xHCI Host Controller")):
            place = self._controller(socket.controller) / f"usb{number}"
            hub = Adapter("plain", 0x1D6B, 2 if number == bus else 3, "Linux xhci-hcd", name, release=0x0601)
            self._write_usb(place, hub, number, 1, "0", "09", 16)

    def _usb_device(self, socket: SocketPath, adapter: Adapter, device_class: str = "00", maxchild: int = 0) -> Path:
        self._root_hub(socket)
        place = self._usb_place(socket)
        folder = self._tree.sys / "devices" / place
        if folder.is_dir():
            return folder
        number = self._numbers[socket.controller] = self._numbers.get(socket.controller, 1) + 1
        bus = self._bus(socket.controller)
        return self._write_usb(place, adapter, bus, number, socket.chain, device_class, maxchild)

    def _write_usb(
        self, place: Path, adapter: Adapter, bus: int, number: int, path: str, device_class: str, maxchild: int
    ) -> Path:
        strings = {"manufacturer": adapter.maker, "product": adapter.name, "serial": adapter.serial}
        node = f"bus/usb/{bus:03d}/{number:03d}"
        folder = self._tree.device(
            place,
            {
                "idVendor": f"{adapter.vendor:04x}",
                "idProduct": f"{adapter.product:04x}",
                "bcdDevice": f"{adapter.release:04x}",
                "bDeviceClass": device_class,
                "bDeviceSubClass": "00",
                "bDeviceProtocol": "00",
                "bNumConfigurations": "1",
                "bConfigurationValue": "1",
                "bNumInterfaces": f"{adapter.interfaces:2x}",
                "busnum": str(bus),
                "devnum": str(number),
                "devpath": path,
                "speed": "480" if device_class == "09" else "12",
                "maxchild": str(maxchild),
                "authorized": "1",
                "dev": f"189:{(bus - 1) * 128 + number - 1}",
                **{name: text for name, text in strings.items() if text},
            },
            bus="usb",
            driver="usb",
            uevent={
                "MAJOR": "189",
                "MINOR": str((bus - 1) * 128 + number - 1),
                "DEVNAME": node,
                "DEVTYPE": "usb_device",
                "PRODUCT": f"{adapter.vendor:x}/{adapter.product:x}/{adapter.release:x}",
                "TYPE": f"{int(device_class, 16)}/0/0",
                "BUSNUM": f"{bus:03d}",
                "DEVNUM": f"{number:03d}",
            },
        )
        (self._tree.dev / node).parent.mkdir(parents=True, exist_ok=True)
        (self._tree.dev / node).touch()
        for interface in range(adapter.interfaces if device_class != "09" else 1):
            self._write_interface(place, adapter, interface, device_class == "09")
        return folder

    def _interface(self, socket: SocketPath, adapter: Adapter) -> Path:
        place = self._usb_place(socket)
        return self._tree.sys / "devices" / place / f"{place.name}:{socket.interface}"

    def _write_interface(self, device: Path, adapter: Adapter, number: int, hub: bool) -> None:
        klass, subclass, protocol = (9, 0, 1) if hub else adapter.interface_class
        if adapter.shape == "modem":
            klass, subclass, protocol = (2, 2, 1) if number == 0 else (10, 0, 0)
        # The interface of a root hub is named 1-0:1.0, not usb1:1.0.
        owner = f"{device.name.removeprefix('usb')}-0" if device.name.startswith("usb") else device.name
        product = f"{adapter.vendor:x}/{adapter.product:x}/{adapter.release:x}"
        self._tree.device(
            device / f"{owner}:1.{number}",
            {
                "bInterfaceNumber": f"{number:02x}",
                "bAlternateSetting": " 0",
                "bInterfaceClass": f"{klass:02x}",
                "bInterfaceSubClass": f"{subclass:02x}",
                "bInterfaceProtocol": f"{protocol:02x}",
            },
            bus="usb",
            driver="hub" if hub else ("" if adapter.shape == "plain" else adapter.driver),
            uevent={
                "DEVTYPE": "usb_interface",
                "PRODUCT": product,
                "TYPE": "0/0/0",
                "INTERFACE": f"{klass}/{subclass}/{protocol}",
                "MODALIAS": f"usb:v{adapter.vendor:04X}p{adapter.product:04X}d{adapter.release:04X}ic{klass:02X}"
                f"isc{subclass:02X}ip{protocol:02X}in{number:02X}",
            },
        )
