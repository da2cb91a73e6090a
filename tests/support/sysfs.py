"""A machine as a folder: sysfs entries and device nodes made by hand, to plug and unplug at will.

Entries appear and leave in the kernel's order: the link in the class comes last and goes first.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

PCI = "pci0000:00/0000:00:14.0"


@dataclass(frozen=True)
class Usb:
    """A USB device at `port` of bus `bus` ("1.2": port 2 of the hub on port 1)."""

    port: str
    usb_id: str = "1a86:7523"
    serial: str = ""
    maker: str = ""
    product: str = ""
    bus: int = 1
    number: int = 9
    device_class: str = "00"

    @property
    def name(self) -> str:
        return f"{self.bus}-{self.port}"


class FakeMachine:
    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "dev").mkdir(parents=True, exist_ok=True)

    def usb(self, device: Usb, parent: str = PCI) -> Path:
        """The device itself and every hub above it; returns its folder."""
        self._bus_parents(parent)
        here = self._folder(f"devices/{parent}/usb{device.bus}", "bus/usb")
        steps = device.port.split(".")
        for depth in range(1, len(steps) + 1):
            here = self._entry(here / f"{device.bus}-{'.'.join(steps[:depth])}", "bus/usb")
            if depth < len(steps):
                self._write(here, bDeviceClass="09")
                self._link("bus/usb/devices", here)
        vendor, product = device.usb_id.split(":")
        self._write(here, idVendor=vendor, idProduct=product, bDeviceClass=device.device_class)
        self._write(here, busnum=str(device.bus), devnum=str(device.number))
        for name, text in (("serial", device.serial), ("manufacturer", device.maker), ("product", device.product)):
            if text:
                self._write(here, **{name: text})
        self._link("bus/usb/devices", here)
        return here

    def interface(self, device: Usb, number: str = "1.0", parent: str = PCI) -> Path:
        return self._entry(self.usb(device, parent) / f"{device.name}:{number}", "bus/usb")

    def usb_serial(
        self, device: Usb, node: str, behind: Path | str, *, interface: str = "1.0", port: int = 0, parent: str = PCI
    ) -> Path:
        """A converter: `node` (ttyUSB0) leads to `behind`, a pty for example. Returns its folder in sysfs."""
        held = self._entry(self.interface(device, interface, parent) / node, "bus/usb-serial")
        self._write(held, port_number=str(port))
        return self._node(held / "tty" / node, "tty", node, behind)

    def usb_modem(self, device: Usb, node: str, behind: Path | str, interface: str = "1.0") -> Path:
        return self._node(self.interface(device, interface) / "tty" / node, "tty", node, behind)

    def keyboard(self, device: Usb, number: int, behind: Path | str, interface: str = "1.0") -> Path:
        hid = self._entry(self.interface(device, interface) / "0003:0C2E:0B61.0001", "bus/hid")
        held = self._entry(hid / "input" / f"input{number + 20}", "class/input")
        return self._node(held / f"event{number}", "input", f"input/event{number}", behind)

    def on_board(self, parent: str, subsystem: str, node: str, behind: Path | str, chip: str = "4") -> Path:
        self._bus_parents(parent)
        held = self._folder(f"devices/{parent}", f"bus/{subsystem}")
        entry = self._node(held / "tty" / node, "tty", node, behind)
        self._write(entry, type=chip)
        return entry

    def terminal(self, node: str) -> Path:
        """A tty without a device behind it, as every machine has."""
        return self._node(self.root / "sys/devices/virtual/tty" / node, "tty", node, "/nowhere")

    def unplug(self, node: str, subsystem: str = "tty") -> None:
        """The entry and its node. The USB device itself stays, as when a program let go of the interface."""
        link = self.root / "sys/class" / subsystem / Path(node).name
        entry = link.resolve()
        link.unlink()
        (self.root / "dev" / node).unlink()
        shutil.rmtree(entry.parent.parent if entry.parent.name == "tty" and "ttyUSB" in node else entry)

    def _node(self, entry: Path, subsystem: str, node: str, behind: Path | str) -> Path:
        self._entry(entry, f"class/{subsystem}")
        self._write(entry, uevent=f"DEVNAME={node}")
        target = self.root / "dev" / node
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(behind)
        self._link(f"class/{subsystem}", entry)
        return entry

    def _bus_parents(self, parent: str) -> None:
        steps = parent.split("/")
        kind = steps[0].rstrip("0123456789:")
        for depth in range(2, len(steps) + 1):
            self._folder("devices/" + "/".join(steps[:depth]), f"bus/{kind}")

    def _folder(self, below: str, subsystem: str) -> Path:
        return self._entry(self.root / "sys" / below, subsystem)

    def _entry(self, entry: Path, subsystem: str) -> Path:
        entry.mkdir(parents=True, exist_ok=True)
        link = entry / "subsystem"
        if not link.is_symlink():
            up = "../" * len(entry.relative_to(self.root / "sys").parts)
            link.symlink_to(up + subsystem)
        return entry

    def _link(self, folder: str, entry: Path) -> None:
        link = self.root / "sys" / folder / entry.name
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.is_symlink():
            up = "../" * len(Path(folder).parts)
            link.symlink_to(up + str(entry.relative_to(self.root / "sys")))

    def _write(self, entry: Path, **files: str) -> None:
        for name, text in files.items():
            (entry / name).write_text(f"{text}\n", encoding="utf-8")
