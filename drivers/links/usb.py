"""USB devices through pyusb: by socket on this machine, or over USB/IP. They block, so they live in a worker."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import usb.core
import usb.util

from drivers.contract import Context
from drivers.errors import Absent, BadConfig, Busy, Denied, DeviceError, ServiceDown, WrongDevice
from drivers.links import usbip
from drivers.links.blocking import in_thread
from drivers.links.machine import Machine
from drivers.links.stream import StreamLink, Wire
from drivers.links.usb_pipes import Carrier, FirstPipes, Pipes, Shape, UsbTransport, choose_pipes, usb_errno

_ID = re.compile(r"[0-9a-f]{4}:[0-9a-f]{4}")
_BUSY, _DENIED, _NO_BACKEND = 16, {1, 13}, "no libusb on this machine"


@dataclass(frozen=True, slots=True)
class Wanted:
    """`usb_id` "vid:pid", '' for any; `ins`, `outs`: endpoint addresses, empty to take them from the descriptors."""

    usb_id: str = ""
    ins: tuple[int, ...] = ()
    outs: tuple[int, ...] = ()


class UsbLink(StreamLink):
    """Bytes over bulk or interrupt endpoints. `new_carrier` decides how they are cut into packets; set it before open.

    The claimed interface is the exclusive lock: a second opener gets Busy.
    """

    def __init__(self, name: str, ctx: Context, find: Callable[[], Any], wanted: Wanted) -> None:
        super().__init__(name, ctx)
        self._find = find
        self._wanted = wanted
        self.new_carrier: Callable[[Shape], Carrier] = FirstPipes

    async def _connect(self, new_wire: Callable[[], Wire]) -> Wire:
        pipes = await in_thread(self._claim, Pipes.release)
        wire = new_wire()
        transport = UsbTransport(pipes, self.new_carrier(pipes.shape), wire)
        transport.begin()
        return wire

    def _claim(self) -> Pipes:
        """Raises Absent, Busy, Denied, WrongDevice, BadConfig, ServiceDown."""
        device = self._found()
        found = f"{device.idVendor:04x}:{device.idProduct:04x}"
        try:
            pipes = choose_pipes(device, self._wanted.ins, self._wanted.outs)
            if self._wanted.usb_id not in ("", found):
                raise WrongDevice(f"{self.name}: {found} is there, not {self._wanted.usb_id}")
            pipes.claim()
        except usb.core.USBError as problem:
            usb.util.dispose_resources(device)
            raise self._refusal(problem) from problem
        except DeviceError:
            usb.util.dispose_resources(device)
            raise
        return pipes

    def _found(self) -> Any:
        try:
            return self._find()
        except usb.core.NoBackendError as problem:
            raise ServiceDown(_NO_BACKEND) from problem
        except usb.core.USBError as problem:
            raise self._refusal(problem) from problem

    def _refusal(self, problem: usb.core.USBError) -> DeviceError:
        code = usb_errno(problem)
        if code == _BUSY:
            return Busy("another program", f"{self.name}: its interface is claimed")
        if code in _DENIED:
            return Denied(f"{self.name}: no access")
        return Absent(f"{self.name}: {problem.strerror or 'does not answer'}")


def usb_at(url: str, ctx: Context) -> UsbLink:
    """`usb-at:SOCKET?id=vid:pid[&in=81,85&out=02,06]`. Raises BadConfig."""
    name, _, query = url.partition("?")
    socket = name.partition(":")[2]
    wanted = _wanted(name, query)
    if not socket or not wanted.usb_id:
        raise BadConfig(f"{name}: write usb-at:SOCKET?id=vid:pid")
    return UsbLink(name, ctx, lambda: _device_in(socket, wanted.usb_id, Path(ctx.root)), wanted)


def usb_over_ip(url: str, ctx: Context) -> UsbLink:
    """`usbip://host:port/BUSID[?id=vid:pid&in=..&out=..]`. Raises BadConfig."""
    name, _, query = url.partition("?")
    return UsbLink(name, ctx, _remote(name), _wanted(name, query))


def _remote(url: str) -> Callable[[], Any]:
    parts = urlsplit(url)
    try:
        host, port = parts.hostname, parts.port
    except ValueError as problem:
        raise BadConfig(f"{url}: {problem}") from problem
    busid = parts.path.strip("/")
    if not host or not port or not busid:
        raise BadConfig(f"{url}: write usbip://host:port/BUSID")
    return lambda: usbip.attach(host, port, busid)


def _device_in(socket: str, usb_id: str, root: Path) -> Any:
    """The device in that socket, now. Raises Absent, WrongDevice.

    Below another root than the machine's own the node is a file that names a USB/IP device, since libusb knows one
    machine only.
    """
    machine = Machine(root)
    found = machine.find("usb", socket)
    if found.usb_id != usb_id:
        raise WrongDevice(f"socket {socket}: {found.usb_id} is there, not {usb_id}")
    node = machine.node(found)
    if node.is_file():
        return _remote(node.read_text("utf-8").strip())()
    bus, _, address = found.node.removeprefix("bus/usb/").partition("/")
    device = usb.core.find(bus=int(bus), address=int(address))
    if device is None:
        raise Absent(f"socket {socket}: {found.node} has just left")
    return device


def _wanted(name: str, query: str) -> Wanted:
    options = dict(parse_qsl(query, keep_blank_values=True))
    if unknown := sorted(options.keys() - {"id", "in", "out"}):
        raise BadConfig(f"{name}: unknown option {unknown[0]!r}")
    usb_id = options.get("id", "").lower()
    if usb_id and not _ID.fullmatch(usb_id):
        raise BadConfig(f"{name}: id={usb_id!r}: write it as 0400:c35a")
    return Wanted(usb_id, _addresses(name, options.get("in", "")), _addresses(name, options.get("out", "")))


def _addresses(name: str, text: str) -> tuple[int, ...]:
    try:
        return tuple(int(one, 16) for one in text.split(",") if one)
    except ValueError as problem:
        raise BadConfig(f"{name}: {text!r}: endpoint addresses are written as 81,85") from problem
