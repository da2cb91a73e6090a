"""What is plugged in where: the sockets of this machine, read from sysfs.

A socket is a place and not a device: the name udev gives it (ID_PATH, as in /dev/serial/by-path) stays the same
whatever is plugged in, in which order, and whichever number the kernel gives the node. The names are computed here
from sysfs itself, by the rules of systemd's path_id for pci, platform and usb parents, so a folder can stand for the
machine. Ports on the board have no name of udev's (pnp, amba) or share one (cards with several ports): they are
called after their bus in the same manner, and several of one card are numbered.
"""

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from drivers.errors import Absent

Subsystem = Literal["tty", "usb", "input", "hidraw", "video4linux"]

_PARENTS: Final = ("pci", "platform", "acpi", "pnp", "amba")
_USB_NAME: Final = re.compile(r"\d+-([\d.]+(?::\d+\.\d+)?)$")
_NODES: Final = {"tty": "", "input": "input/", "hidraw": "", "video4linux": ""}
_FOLDERS: Final = ("bus/usb/devices", *(f"class/{subsystem}" for subsystem in _NODES))
_HUB: Final = "09"
_NO_UART: Final = "0"  # drivers/tty/serial: PORT_UNKNOWN, a line the kernel keeps ready without a chip behind it


@dataclass(frozen=True, slots=True)
class Socket:
    """`path` names the place; the rest is what sits there now. `node`: below dev/. `usb_id`: "vid:pid" or ""."""

    path: str
    node: str
    subsystem: str
    usb_id: str = ""
    serial: str = ""
    maker: str = ""
    product: str = ""


class Machine:
    """`root`: where sys/ and dev/ hang, "/" in life. Everything is read anew at each call."""

    def __init__(self, root: Path | str) -> None:
        self._root = Path(root)
        self._sys = os.path.join(str(root), "sys")

    def sockets(self, subsystem: Subsystem) -> tuple[Socket, ...]:
        """Those with something in them, by path. Hubs and terminals without a device behind them are left out."""
        found = sorted(self._named(subsystem), key=lambda pair: (pair[0].path, _natural(pair[0].node)))
        return tuple(_with_facts(socket, device) for socket, device in found)

    def find(self, subsystem: Subsystem, path: str) -> Socket:
        """What sits in that socket. Raises Absent: nothing does, or two ports go by this name.

        The event nodes of one keyboard share its socket: the lowest number is given.
        """
        here = [pair for pair in self._named(subsystem, _hint(path)) if pair[0].path == path]
        here.sort(key=lambda pair: _natural(pair[0].node))
        if not here:
            raise Absent(f"nothing in socket {path}")
        if len({_usb_part(device) or device for _, device in here}) > 1:
            raise Absent(f"{' and '.join(socket.node for socket, _ in here)} both go by the name {path}")
        return _with_facts(*here[0])

    def places(self) -> frozenset[str]:
        """Cheap, and another one after anything came, left or moved. Only to be compared."""
        return frozenset(device for folder in _FOLDERS for _, device in self._linked(folder, ""))

    def node(self, socket: Socket) -> Path:
        return self._root / "dev" / socket.node

    def _named(self, subsystem: Subsystem, hint: str = "") -> Iterator[tuple[Socket, str]]:
        """Sockets with their names and nothing else, each with its folder in sysfs, which holds `hint`."""
        if subsystem == "usb":
            yield from self._usb(hint)
        elif subsystem == "tty":
            yield from _numbered(self._class("tty", hint))
        else:
            yield from self._class(subsystem, hint)

    def _usb(self, hint: str) -> Iterator[tuple[Socket, str]]:
        for name, device in self._linked("bus/usb/devices", hint):
            if ":" in name or not _USB_NAME.match(name) or _read(device, "bDeviceClass") == _HUB:
                continue
            if path := _id_path(device):
                yield Socket(path, _usb_node(device), "usb"), device

    def _class(self, subsystem: str, hint: str) -> Iterator[tuple[Socket, str]]:
        for name, device in self._linked(f"class/{subsystem}", hint):
            if subsystem == "input" and not name.startswith("event"):
                continue
            if path := _id_path(device):
                if subsystem == "video4linux":
                    path += f"-video-index{_read(device, 'index') or '0'}"
                yield Socket(path, _NODES[subsystem] + name, subsystem), device

    def _linked(self, folder: str, hint: str) -> Iterator[tuple[str, str]]:
        where = os.path.join(self._sys, folder)
        try:
            names = os.listdir(where)
        except OSError:
            return
        for name in names:
            try:
                target = os.readlink(os.path.join(where, name))
            except OSError:
                continue  # gone between the list and the look
            if hint in target:
                yield name, os.path.normpath(os.path.join(where, target))


def _hint(path: str) -> str:
    """What the folder of a device in this USB socket must have in its name: sixty ports that look are 3,600 looks."""
    port = re.search(r"usb-0:([\d.]+)", path)
    return f"-{port[1]}" if port else ""


def _numbered(ports: Iterable[tuple[Socket, str]]) -> Iterator[tuple[Socket, str]]:
    """With `-portN`: what usb-serial says of the port, or the how-manieth of several UARTs of a card it is.

    A CDC-ACM modem and a UART that is alone have no number, as in udev.
    """
    on_board: dict[str, list[tuple[Socket, str]]] = defaultdict(list)
    for socket, device in sorted(ports, key=lambda pair: _natural(pair[0].node)):
        if (number := _read(os.path.dirname(os.path.dirname(device)), "port_number")) != "":
            yield replace(socket, path=f"{socket.path}-port{number}"), device
        elif _usb_part(device):
            yield socket, device
        elif _read(device, "type") != _NO_UART:
            on_board[socket.path].append((socket, device))
    for path, beside in on_board.items():
        for place, (socket, device) in enumerate(beside):
            yield socket if len(beside) == 1 else replace(socket, path=f"{path}-port{place}"), device


def _id_path(device: str) -> str:
    """ID_PATH of a folder in sysfs; "" for what hangs on none of the known buses."""
    parts: list[str] = []
    here = device
    above = ""  # the subsystem just passed: of several nested ones the innermost names them all
    while "/devices/" in here:
        subsystem = _subsystem(here)
        name = os.path.basename(here)
        if subsystem == "usb" and above != "usb" and (port := _USB_NAME.match(name)):
            parts.append(f"usb-0:{port[1]}")
            above = "usb"
        elif subsystem in _PARENTS and above != subsystem:
            parts.append(f"{subsystem}-{name}")
            above = subsystem
        here = os.path.dirname(here)
    known = any(part.startswith(_PARENTS) for part in parts)
    return "-".join(reversed(parts)) if known else ""


def _subsystem(device: str) -> str:
    try:
        return os.path.basename(os.readlink(os.path.join(device, "subsystem")))
    except OSError:
        return ""


def _with_facts(socket: Socket, device: str) -> Socket:
    usb = _usb_part(device)
    if not usb:
        return socket
    return replace(
        socket,
        usb_id=f"{_read(usb, 'idVendor')}:{_read(usb, 'idProduct')}".lower(),
        serial=_read(usb, "serial"),
        maker=_read(usb, "manufacturer"),
        product=_read(usb, "product"),
    )


def _usb_part(device: str) -> str:
    """The folder of the USB device that `device` belongs to; "" for others. Interfaces of one device share it."""
    here = device
    while "/devices/" in here:
        name = os.path.basename(here)
        if ":" not in name and _USB_NAME.match(name):
            return here
        here = os.path.dirname(here)
    return ""


def _usb_node(device: str) -> str:
    try:
        return f"bus/usb/{int(_read(device, 'busnum')):03}/{int(_read(device, 'devnum')):03}"
    except ValueError:
        return ""  # it left while it was looked at


def _read(folder: str, name: str) -> str:
    try:
        with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
            return file.read().strip()
    except OSError:
        return ""


def _natural(node: str) -> tuple[str, int]:
    head = node.rstrip("0123456789")
    return head, int(node[len(head) :] or 0)
