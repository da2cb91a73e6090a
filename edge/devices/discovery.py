"""What sits in every socket of a machine, who has it, which drivers could serve it. Looking sends no byte."""

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from drivers.contract import Driver
from drivers.links.machine import Machine, Socket, Subsystem
from edge.devices.claims import holder_of, port_of
from edge.site_sections.lines import Device

Installed = Mapping[str, type[Driver]]
# What a driver may call its link, for the nodes of each subsystem; the first is what discovery writes.
SCHEMES: Final[dict[Subsystem, tuple[str, ...]]] = {
    "tty": ("serial-at", "serial"),
    "usb": ("usb-at", "usb"),
    "input": ("input-at", "input"),
    "hidraw": ("hidraw-at", "hidraw"),
    "video4linux": ("video-at", "video"),
}
DEFAULT_BAUD: Final = 9600


@dataclass(frozen=True, slots=True)
class Found:
    """One socket with something in it.

    `link`: as a site file names it. `device`: of the site, configured for this place ("" none). `holder`: who has it
    open now ("" nobody). `fits`: drivers that name this vendor and product; `possible`: drivers of this kind of port
    that name none. `twins`: other sockets whose device cannot be told from this one by looking.
    """

    socket: Socket
    link: str
    device: str = ""
    holder: str = ""
    wrong: str = ""
    fits: tuple[str, ...] = ()
    possible: tuple[str, ...] = ()
    twins: tuple[str, ...] = ()

    @property
    def is_unknown(self) -> bool:
        """Nothing here names it and nobody configured it: it stays without a driver."""
        return not (self.fits or self.device)


@dataclass(frozen=True, slots=True)
class Survey:
    """`empty`: devices of the site, of this machine, whose socket has nothing in it, with their links."""

    found: tuple[Found, ...] = ()
    empty: tuple[tuple[str, str], ...] = field(default=())


def survey(
    machine: Machine,
    installed: Installed,
    devices: Iterable[Device] = (),
    *,
    runtime: str = ".",
    root: str = "/",
    claims: Path | None = None,
) -> Survey:
    """`devices`: those of the site file that are plugged in here."""
    configured = {device.id: device for device in devices if device.link}
    ports = {port_of(str(device.link), runtime, root): device for device in configured.values()}
    found = []
    for socket in _worth_telling(machine, installed):
        link = link_to(socket)
        port = port_of(link, runtime, root)
        device = ports.get(port)
        found.append(
            Found(
                socket,
                link,
                device="" if device is None else device.id,
                holder=holder_of(port, claims),
                wrong="" if device is None else _wrong(device, socket),
                fits=_fitting(socket, installed),
                possible=_possible(socket, installed),
            )
        )
    seen = {each.device for each in found}
    local = {scheme for schemes in SCHEMES.values() for scheme in schemes}
    empty = (
        (device.id, str(device.link))
        for device in configured.values()
        if device.id not in seen and urlsplit(str(device.link)).scheme in local and not _exists(device, runtime)
    )
    return Survey(tuple(_with_twins(found)), tuple(empty))


def link_to(socket: Socket) -> str:
    """The link a site file should have for what sits there now; its id and number make a swap be noticed."""
    scheme = SCHEMES[socket.subsystem][0]  # type: ignore[index]
    options = [f"baud={DEFAULT_BAUD}"] if socket.subsystem == "tty" else []
    options += [f"id={socket.usb_id}"] if socket.usb_id else []
    if socket.subsystem == "tty" and _is_plain(socket.serial):
        options.append(f"serial={socket.serial}")
    return f"{scheme}:{socket.path}" + (f"?{'&'.join(options)}" if options else "")


def _is_plain(serial: str) -> bool:
    """Some makers burn the same blanks or noughts into every converter: no number at all."""
    return bool(serial.strip("0")) and serial.isascii() and serial.isalnum()


def _worth_telling(machine: Machine, installed: Installed) -> list[Socket]:
    """Ports and other nodes; a USB device by itself only where a driver wants it so, or nothing else stands for it."""
    nodes = _one_a_place([*machine.sockets("tty"), *machine.sockets("input"), *machine.sockets("video4linux")])
    stood_for = {_device_part(socket.path) for socket in nodes}
    nodes += [socket for socket in machine.sockets("hidraw") if _fitting(socket, installed)]
    for socket in machine.sockets("usb"):
        if _fitting(socket, installed) or socket.path not in stood_for:
            nodes.append(socket)
    return nodes


def _one_a_place(sockets: list[Socket]) -> list[Socket]:
    """The event nodes of one keyboard are one socket; an interface that is no USB's is no scanner's (a power key)."""
    first: dict[tuple[str, str], Socket] = {}
    for socket in sockets:
        if socket.usb_id or socket.subsystem == "tty":
            first.setdefault((socket.subsystem, socket.path), socket)
    return list(first.values())


def _serves(socket: Socket, cls: type[Driver]) -> bool:
    return not set(SCHEMES[socket.subsystem]).isdisjoint(cls.info.links)  # type: ignore[index]


def _fitting(socket: Socket, installed: Installed) -> tuple[str, ...]:
    return tuple(
        name
        for name, cls in installed.items()
        if socket.usb_id and socket.usb_id in {usb.lower() for usb in cls.info.usb} and _serves(socket, cls)
    )


def _possible(socket: Socket, installed: Installed) -> tuple[str, ...]:
    """Behind a converter anything can be, so every driver of serial lines may be right."""
    return tuple(name for name, cls in installed.items() if not cls.info.usb and _serves(socket, cls))


def _wrong(device: Device, socket: Socket) -> str:
    """What the site file says of the device there that is not so; "" when nothing is."""
    given = dict(pair.partition("=")[::2] for pair in urlsplit(str(device.link)).query.split("&") if pair)
    if given.get("id") and given["id"].lower() != socket.usb_id:
        return f"id={given['id']}"
    if given.get("serial") and given["serial"] != socket.serial:
        return f"serial={given['serial']}"
    return ""


def _exists(device: Device, runtime: str) -> bool:
    """Of links by name; one by socket that was found has been told already."""
    parts = urlsplit(str(device.link))
    return not parts.scheme.endswith("-at") and os.path.exists(os.path.join(runtime, parts.path))


def _with_twins(found: list[Found]) -> list[Found]:
    """Same vendor and product, and no number or the same one: nobody sees when two of them are swapped.

    The ports of one converter cannot be swapped and are no twins.
    """
    alike: dict[tuple[str, str], list[str]] = defaultdict(list)
    for each in found:
        alike[_looks(each.socket)].append(each.socket.path)
    told = []
    for each in found:
        device = _device_part(each.socket.path)
        same = alike[_looks(each.socket)] if each.socket.usb_id else []
        told.append(replace(each, twins=tuple(path for path in same if _device_part(path) != device)))
    return told


def _looks(socket: Socket) -> tuple[str, str]:
    return socket.usb_id, socket.serial if _is_plain(socket.serial) else ""


def _device_part(path: str) -> str:
    """Without interface and port: up to and with the USB port."""
    head, mark, tail = path.rpartition("-usb-0:")
    return f"{head}{mark}{tail.partition(':')[0]}"
