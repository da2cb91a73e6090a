"""USB descriptors as bytes (USB 2.0, section 9.6) into the objects that pyusb expects of a backend."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Final

from drivers.errors import Garbled

CONFIGURATION, INTERFACE, ENDPOINT = 2, 4, 5
_SIZES: Final = {CONFIGURATION: 9, INTERFACE: 9, ENDPOINT: 7}
_DEVICE: Final = struct.Struct("<BBHBBBBHHHBBBB")
_CONFIGURATION: Final = struct.Struct("<BBHBBBBB")
_INTERFACE: Final = struct.Struct("<9B")
_ENDPOINT: Final = struct.Struct("<BBBBHB")


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_DEVICE_FIELDS: Final = _words(
    "bLength bDescriptorType bcdUSB bDeviceClass bDeviceSubClass bDeviceProtocol bMaxPacketSize0 idVendor idProduct "
    "bcdDevice iManufacturer iProduct iSerialNumber bNumConfigurations"
)
_CONFIGURATION_FIELDS: Final = _words(
    "bLength bDescriptorType wTotalLength bNumInterfaces bConfigurationValue iConfiguration bmAttributes bMaxPower"
)
_INTERFACE_FIELDS: Final = _words(
    "bLength bDescriptorType bInterfaceNumber bAlternateSetting bNumEndpoints bInterfaceClass bInterfaceSubClass "
    "bInterfaceProtocol iInterface"
)
_ENDPOINT_FIELDS: Final = _words("bLength bDescriptorType bEndpointAddress bmAttributes wMaxPacketSize bInterval")


@dataclass(slots=True)
class Alternate:
    head: Any
    endpoints: list[Any] = field(default_factory=list)


@dataclass(slots=True)
class Configuration:
    """`interfaces`: by position, then by alternate setting."""

    head: Any
    interfaces: list[list[Alternate]] = field(default_factory=list)


def device_descriptor(data: bytes, **place: Any) -> Any:
    """`place`: what pyusb wants to know beside the descriptor (bus, address, speed ...). Raises Garbled."""
    if len(data) < _DEVICE.size:
        raise Garbled("half a USB device descriptor")
    return SimpleNamespace(**dict(zip(_DEVICE_FIELDS, _DEVICE.unpack_from(data), strict=True)), **place)


def configuration(data: bytes) -> Configuration:
    """Raises Garbled."""
    made: Configuration | None = None
    for kind, part in _parts(data):
        if kind == CONFIGURATION:
            made = Configuration(_named(_CONFIGURATION_FIELDS, _CONFIGURATION.unpack_from(part)))
        elif made is not None and kind == INTERFACE:
            _add_interface(made, Alternate(_named(_INTERFACE_FIELDS, _INTERFACE.unpack_from(part))))
        elif made is not None and made.interfaces and kind == ENDPOINT:
            endpoint = _named(_ENDPOINT_FIELDS, _ENDPOINT.unpack_from(part))
            endpoint.bRefresh = endpoint.bSynchAddress = 0
            made.interfaces[-1][-1].endpoints.append(endpoint)
    if made is None:
        raise Garbled("no USB configuration in its descriptor")
    return made


def _add_interface(made: Configuration, alternate: Alternate) -> None:
    same = made.interfaces and made.interfaces[-1][0].head.bInterfaceNumber == alternate.head.bInterfaceNumber
    if same:
        made.interfaces[-1].append(alternate)
    else:
        made.interfaces.append([alternate])


def _parts(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 2 <= len(data):
        length, kind = data[at], data[at + 1]
        if length < 2 or at + length > len(data) or length < _SIZES.get(kind, 2):
            raise Garbled("USB descriptors that do not fit into each other")
        yield kind, data[at : at + length]
        at += length


def _named(names: tuple[str, ...], values: tuple[Any, ...]) -> Any:
    return SimpleNamespace(**dict(zip(names, values, strict=True)), extra_descriptors=b"")
