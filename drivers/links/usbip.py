"""A USB device on another machine, or a simulated one, as pyusb sees it: a backend of pyusb over USB/IP."""

import errno
import itertools
import os
import socket
import struct
import threading
from array import array
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from contextlib import suppress
from typing import Any, Final

import usb.core
from usb.backend import IBackend

from drivers.errors import Absent, Busy, DeviceError, Garbled
from drivers.links import usb_descriptors as descriptors
from drivers.links import usbip_wire as wire

_CONNECT_SECONDS: Final = 1.5
_UNLINK_SECONDS: Final = 0.5
_CONTROL_MILLISECONDS: Final = 500
_NO_SETUP: Final = bytes(8)
_DEVICE: Final = 1
_GET_DESCRIPTOR, _GET_CONFIGURATION, _SET_CONFIGURATION, _SET_INTERFACE, _CLEAR_FEATURE = 6, 8, 9, 11, 1
_TO_DEVICE, _FROM_DEVICE, _TO_INTERFACE, _TO_ENDPOINT = 0x00, 0x80, 0x01, 0x02
_SPEED_OF_LIBUSB: Final = {1: 1, 2: 2, 3: 3, 5: 4}
_FIRST_PART: Final = 9


def attach(host: str, port: int, busid: str, seconds: float = _CONNECT_SECONDS) -> Any:
    """The device as pyusb's Device, ours alone until its resources are disposed of. Raises Absent, Busy, Garbled.

    It is bound to one connection: when that ends the device is gone and must be attached anew.
    """
    try:
        line = socket.create_connection((host, port), seconds)
    except OSError as problem:
        raise Absent(f"{host}:{port}: {problem.strerror or 'no answer'}") from problem
    try:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        remote = wire.import_device(line, busid)
        line.settimeout(None)
        backend = UsbIpBackend(Remote(line, remote))
    except (OSError, DeviceError) as problem:
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)  # closing alone would leave the sorting thread waiting
        line.close()
        raise _refusal(problem, host, port, busid, seconds) from problem
    return usb.core.Device(backend.device, backend)


def _refusal(problem: OSError | DeviceError, host: str, port: int, busid: str, seconds: float) -> DeviceError:
    """Servers refuse a device that is in use and one that does not exist with the same number: the list tells."""
    if isinstance(problem, OSError):
        return Absent(f"{host}:{port}: {problem.strerror or problem}")
    if not isinstance(problem, Absent):
        return problem
    try:
        with socket.create_connection((host, port), seconds) as line:
            listed = {device.busid for device in wire.list_devices(line)}
    except (OSError, DeviceError):
        return problem
    return Busy("another USB/IP client") if busid in listed else problem


class Remote:
    """One imported device: transfers from any thread, answers sorted out by a thread of its own."""

    def __init__(self, line: socket.socket, device: wire.RemoteDevice) -> None:
        self.device = device
        self._line = line
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._waiting: dict[int, tuple[Future[tuple[int, bytes, int]], bool]] = {}
        self._ended = False
        threading.Thread(target=self._sort, name="usbip", daemon=True).start()

    def transfer(
        self, direction: int, endpoint: int, length: int, data: bytes, milliseconds: int, setup: bytes = _NO_SETUP
    ) -> tuple[bytes, int]:
        """What came, and how many bytes were moved. `milliseconds` 0 waits for ever. Raises USBError."""
        number, answer = self._send(
            direction == wire.IN,
            lambda n: wire.submit(n, self.device.devid, direction, endpoint, length, data, setup),
        )
        try:
            status, came, moved = answer.result(milliseconds / 1000 if milliseconds else None)
        except NotYet:
            return self._withdraw(number, answer)
        if status:
            raise _error(-status)
        return came, moved

    def close(self) -> None:
        self._ended = True
        with suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)
        self._line.close()

    def _send(self, inward: bool, message: Any) -> tuple[int, Future[tuple[int, bytes, int]]]:
        answer: Future[tuple[int, bytes, int]] = Future()
        with self._lock:
            if self._ended:
                raise _error(errno.ENODEV)
            number = next(self._numbers)
            self._waiting[number] = (answer, inward)
            try:
                self._line.sendall(message(number))
            except OSError as problem:
                del self._waiting[number]
                raise _error(errno.ENODEV) from problem
        return number, answer

    def _withdraw(self, number: int, answer: Future[tuple[int, bytes, int]]) -> tuple[bytes, int]:
        """Take a transfer back. What it had brought before is not lost."""
        _, gone = self._send(False, lambda n: wire.unlink(n, self.device.devid, number))
        with suppress(NotYet):
            gone.result(_UNLINK_SECONDS)
            self._waiting.pop(number, None)  # else it stays: its answer may still come and must be read past
        if answer.done():
            status, came, moved = answer.result()
            if not status:
                return came, moved
        raise usb.core.USBTimeoutError(os.strerror(errno.ETIMEDOUT), errno=errno.ETIMEDOUT)

    def _sort(self) -> None:
        try:
            while True:
                head = wire.read_returned(self._line)
                answer, inward = self._waiting.pop(head.seqnum, (None, False))
                if answer is None and head.length:
                    raise Garbled("USB/IP data that nobody asked for")
                data = wire.read_exactly(self._line, head.length) if inward else b""
                if answer is not None:
                    answer.set_result((head.status, data, head.length))
        except (OSError, ValueError, DeviceError):
            self._end()

    def _end(self) -> None:
        with self._lock:
            self._ended = True
            waiting, self._waiting = list(self._waiting.values()), {}
        for answer, _ in waiting:
            answer.set_result((-errno.ENODEV, b"", 0))
        self._line.close()


class UsbIpBackend(IBackend):  # type: ignore[misc]  # pyusb has no types
    """For exactly one device. Claims and kernel drivers are the server's affair: importing was the claim."""

    def __init__(self, remote: Remote) -> None:
        super().__init__()
        self._remote = remote
        self.device = remote
        place = remote.device
        self._descriptor = descriptors.device_descriptor(
            self._get_descriptor(_DEVICE, 0, 18),
            bus=place.bus,
            address=place.address,
            port_number=None,
            port_numbers=None,
            speed=_SPEED_OF_LIBUSB.get(place.speed),
        )
        self._configurations = [self._read_configuration(n) for n in range(self._descriptor.bNumConfigurations)]

    def enumerate_devices(self) -> Any:
        yield self.device

    def get_device_descriptor(self, dev: Any) -> Any:
        return self._descriptor

    def get_configuration_descriptor(self, dev: Any, config: int) -> Any:
        return self._configurations[config].head

    def get_interface_descriptor(self, dev: Any, intf: int, alt: int, config: int) -> Any:
        return self._configurations[config].interfaces[intf][alt].head

    def get_endpoint_descriptor(self, dev: Any, ep: int, intf: int, alt: int, config: int) -> Any:
        return self._configurations[config].interfaces[intf][alt].endpoints[ep]

    def open_device(self, dev: Any) -> Any:
        return dev

    def close_device(self, dev_handle: Any) -> None:
        dev_handle.close()

    def get_parent(self, dev: Any) -> None:
        return None

    def set_configuration(self, dev_handle: Any, config_value: int) -> None:
        self.ctrl_transfer(dev_handle, _TO_DEVICE, _SET_CONFIGURATION, config_value, 0, b"", _CONTROL_MILLISECONDS)

    def get_configuration(self, dev_handle: Any) -> int:
        answer = array("B", bytes(1))
        self.ctrl_transfer(dev_handle, _FROM_DEVICE, _GET_CONFIGURATION, 0, 0, answer, _CONTROL_MILLISECONDS)
        return int(answer[0])

    def set_interface_altsetting(self, dev_handle: Any, intf: int, altsetting: int) -> None:
        self.ctrl_transfer(dev_handle, _TO_INTERFACE, _SET_INTERFACE, altsetting, intf, b"", _CONTROL_MILLISECONDS)

    def claim_interface(self, dev_handle: Any, intf: int) -> None:
        pass

    def release_interface(self, dev_handle: Any, intf: int) -> None:
        pass

    def bulk_write(self, dev_handle: Any, ep: int, intf: int, data: Any, timeout: int) -> int:
        raw = bytes(data)
        return int(dev_handle.transfer(wire.OUT, ep & 0x0F, len(raw), raw, timeout)[1])

    def bulk_read(self, dev_handle: Any, ep: int, intf: int, buff: Any, timeout: int) -> int:
        came, _ = dev_handle.transfer(wire.IN, ep & 0x0F, len(buff) * buff.itemsize, b"", timeout)
        return _fill(buff, came)

    intr_write = bulk_write
    intr_read = bulk_read

    def ctrl_transfer(
        self,
        dev_handle: Any,
        bmRequestType: int,
        bRequest: int,
        wValue: int,
        wIndex: int,
        data: Any,
        timeout: int,
    ) -> int:
        inward = bool(bmRequestType & _FROM_DEVICE)
        length = len(data) * getattr(data, "itemsize", 1)
        setup = struct.pack("<BBHHH", bmRequestType, bRequest, wValue, wIndex, length)
        raw = b"" if inward else bytes(data)
        came, moved = dev_handle.transfer(wire.IN if inward else wire.OUT, 0, length, raw, timeout, setup)
        return _fill(data, came) if inward else int(moved)

    def clear_halt(self, dev_handle: Any, ep: int) -> None:
        self.ctrl_transfer(dev_handle, _TO_ENDPOINT, _CLEAR_FEATURE, 0, ep, b"", _CONTROL_MILLISECONDS)

    def is_kernel_driver_active(self, dev_handle: Any, intf: int) -> bool:
        return False

    def _read_configuration(self, number: int) -> descriptors.Configuration:
        whole = struct.unpack_from("<H", self._get_descriptor(descriptors.CONFIGURATION, number, _FIRST_PART), 2)[0]
        return descriptors.configuration(self._get_descriptor(descriptors.CONFIGURATION, number, whole))

    def _get_descriptor(self, kind: int, number: int, length: int) -> bytes:
        """Raises Garbled for half a descriptor, Absent when the device does not answer."""
        setup = struct.pack("<BBHHH", _FROM_DEVICE, _GET_DESCRIPTOR, kind << 8 | number, 0, length)
        try:
            came, _ = self._remote.transfer(wire.IN, 0, length, b"", _CONTROL_MILLISECONDS, setup)
        except usb.core.USBError as problem:
            raise Absent(f"no descriptors: {problem.strerror}") from problem
        if len(came) < min(length, _FIRST_PART):
            raise Garbled("half a USB descriptor")
        return came


def _fill(buffer: Any, came: bytes) -> int:
    view = memoryview(buffer).cast("B")
    view[: len(came)] = came[: len(view)]
    return min(len(came), len(view))


def _error(code: int) -> usb.core.USBError:
    return usb.core.USBError(os.strerror(code), errno=code)
