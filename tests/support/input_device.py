"""An input device that is a pty below a machine's folder: its sysfs, its node, its keys."""

import os
import struct
import tty
from pathlib import Path

EVENT = struct.Struct("@llHHi")


class InputDevice:
    """`url` opens it; `press` types key codes, `send` any bytes."""

    SOCKET = "pci-0000:00:14.0-usb-0:1.3:1.0"

    def __init__(self, root: Path, event: str = "event5") -> None:
        self.master, self.slave = os.openpty()
        tty.setraw(self.master)
        self._plugged = True
        pci = root / "sys/devices/pci0000:00/0000:00:14.0"
        usb = pci / "usb1/1-1/1-1.3"
        interface = usb / "1-1.3:1.0"
        device = interface / f"input/input7/{event}"
        device.mkdir(parents=True)
        places = [(pci, "pci"), (pci / "usb1", "usb"), (pci / "usb1/1-1", "usb"), (usb, "usb"), (interface, "usb")]
        for folder, subsystem in [*places, (device, "input")]:
            (root / f"sys/bus/{subsystem}").mkdir(parents=True, exist_ok=True)
            (folder / "subsystem").symlink_to(root / f"sys/bus/{subsystem}")
        (usb / "idVendor").write_text("1a2c\n")
        (usb / "idProduct").write_text("0b2a\n")
        (root / "sys/class/input").mkdir(parents=True)
        (root / f"sys/class/input/{event}").symlink_to(Path("../..") / device.relative_to(root / "sys"))
        (root / "dev/input").mkdir(parents=True)
        self.node = root / f"dev/input/{event}"
        self.node.symlink_to(os.ttyname(self.slave))

    @property
    def url(self) -> str:
        return f"input-at:{self.SOCKET}"

    def send(self, data: bytes) -> None:
        os.write(self.master, data)

    def press(self, *codes: int) -> None:
        self.send(b"".join(stroke(code) for code in codes))

    def unplug(self) -> None:
        if self._plugged:
            self._plugged = False
            os.close(self.master)
            os.close(self.slave)


def event(kind: int, code: int, value: int) -> bytes:
    return EVENT.pack(1, 2, kind, code, value)


def stroke(code: int) -> bytes:
    """Down, report, up, report, with the scan code that real devices send before."""
    scan = event(4, 4, 0x70000 + code)
    return scan + event(1, code, 1) + event(0, 0, 0) + scan + event(1, code, 0) + event(0, 0, 0)
