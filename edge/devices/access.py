"""Who may open which device node: udev rules and the unit's DeviceAllow, made from what drivers say of themselves.

Serial converters say nothing of what hangs behind them, so their makers are named here; everything else comes from
`Info.usb` and `Info.links` of the installed drivers.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from drivers.contract import Driver, Kind
from edge.site_sections.lines import Device

GROUP: Final = "dialout"
CONVERTERS: Final[Mapping[str, str]] = {
    "0403": "FTDI",
    "067b": "Prolific",
    "10c4": "Silicon Labs",
    "1a86": "WCH (CH340 and its family)",
}
_OPEN: Final = f'GROUP="{GROUP}", MODE="0660"'
_NO_MODEM: Final = 'ENV{ID_MM_DEVICE_IGNORE}="1"'
_DEVICE: Final = 'SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_device"'
_AWAKE: Final = 'TEST=="power/control", ATTR{power/control}="on"'
_NO_TYPING: Final = 'ENV{LIBINPUT_IGNORE_DEVICE}="1"'
_PLACE: Final = re.compile(r"[A-Za-z0-9:._-]+")
_UNBIND: Final = "RUN+=\"/bin/sh -c 'echo -n $kernel >/sys/bus/usb/drivers/usblp/unbind'\""
# Kind of link -> groups of device nodes in /proc/devices.
_NODES: Final[Mapping[str, tuple[str, ...]]] = {
    "serial": ("char-ttyUSB", "char-ttyACM", "char-ttyS"),
    "usb": ("char-usb_device",),
    "usb-at": ("char-usb_device",),
    "input-at": ("char-input",),
    "hidraw-at": ("char-hidraw",),
    "alsa": ("char-alsa",),
    "video": ("char-video4linux",),
    "video-at": ("char-video4linux",),
}


def udev_rules(drivers: Mapping[str, type[Driver]], devices: Iterable[Device] = ()) -> str:
    """The text of 70-hall-edge.rules. `devices` of a site add rules for their sockets: for makes nobody can know."""
    lines = [
        "# Made by `hallctl udev` from the metadata of the drivers; installed as udev/rules.d/70-hall-edge.rules.",
        "# Devices of a hall belong to one group, nobody else touches them, and they never sleep.",
        'ACTION=="remove", GOTO="hall_edge_end"',
        "",
        f"# Serial converters: {', '.join(CONVERTERS.values())}.",
        f'SUBSYSTEM=="tty", SUBSYSTEMS=="usb", ATTRS{{idVendor}}=="{_any(CONVERTERS)}", {_OPEN}, {_NO_MODEM}',
        f'{_DEVICE}, ATTR{{idVendor}}=="{_any(CONVERTERS)}", {_NO_MODEM}, {_AWAKE}',
    ]
    for name, cls in sorted(drivers.items()):
        if cls.info.usb:
            lines += ["", f"# {name}: {cls.info.maker}", *_of_driver(cls)]
    of_site = [line for device in devices for line in _of_socket(device, drivers.get(device.driver))]
    if of_site:
        lines += ["", "# Sockets of the site file.", *of_site]
    return "\n".join([*lines, "", 'LABEL="hall_edge_end"', ""])


def drop_in(drivers: Mapping[str, type[Driver]]) -> str:
    """The text of hall-devices.service.d/devices.conf: nothing but what some driver here needs."""
    nodes = {node for cls in drivers.values() for link in cls.info.links for node in _NODES.get(link, ())}
    return "\n".join(
        [
            "# Made by `hallctl udev --unit` from the metadata of the drivers; installed beside hall-devices.service",
            "# as hall-devices.service.d/devices.conf. Without it the service opens no device node at all.",
            "[Service]",
            *(f"DeviceAllow={node} rw" for node in sorted(nodes)),
            "",
        ]
    )


def _of_driver(cls: type[Driver]) -> list[str]:
    lines = []
    for vendor, product in sorted(usb.lower().split(":") for usb in cls.info.usb):
        own = f'ATTR{{idVendor}}=="{vendor}", ATTR{{idProduct}}=="{product}"'
        above = f'ATTRS{{idVendor}}=="{vendor}", ATTRS{{idProduct}}=="{product}"'
        lines.append(f"{_DEVICE}, {own}, {_OPEN}, {_NO_MODEM}, {_AWAKE}")
        links = set(cls.info.links)
        if "serial" in links:
            lines.append(f'SUBSYSTEM=="tty", SUBSYSTEMS=="usb", {above}, {_OPEN}, {_NO_MODEM}')
        if "input-at" in links:
            # No desktop and no kiosk may take its keys for typing.
            lines.append(f'SUBSYSTEM=="input", KERNEL=="event*", SUBSYSTEMS=="usb", {above}, {_OPEN}, {_NO_TYPING}')
        if "hidraw-at" in links:
            lines.append(f'SUBSYSTEM=="hidraw", SUBSYSTEMS=="usb", {above}, {_OPEN}')
        if links & {"video", "video-at"}:
            lines.append(f'SUBSYSTEM=="video4linux", SUBSYSTEMS=="usb", {above}, {_OPEN}')
        if cls.info.kind is Kind.PRINTER and links & {"usb", "usb-at"}:
            bound = 'ACTION=="bind", SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_interface", ENV{DRIVER}=="usblp"'
            lines.append(f"{bound}, {above}, {_UNBIND}")
    return lines


def _of_socket(device: Device, cls: type[Driver] | None) -> list[str]:
    scheme, _, rest = (device.link or "").partition("?")[0].partition(":")
    path = re.sub(r"-(port|video-index)\d+$", "", rest)
    if not scheme.endswith("-at") or not _PLACE.fullmatch(path):
        return []
    here = f'IMPORT{{builtin}}="path_id", ENV{{ID_PATH}}=="{path}"'
    match scheme:
        case "serial-at":
            return [f'SUBSYSTEM=="tty", {here}, {_OPEN}, {_NO_MODEM}']
        case "input-at":
            return [f'SUBSYSTEM=="input", KERNEL=="event*", {here}, {_OPEN}, {_NO_TYPING}']
        case "video-at":
            return [f'SUBSYSTEM=="video4linux", {here}, {_OPEN}']
        case "usb-at":
            bound = 'ACTION=="bind", SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_interface", ENV{DRIVER}=="usblp"'
            inside = f'IMPORT{{builtin}}="path_id", ENV{{ID_PATH}}=="{path}:*"'
            printer = cls is not None and cls.info.kind is Kind.PRINTER
            free = [f"{bound}, {inside}, {_UNBIND}"] if printer else []
            return [f"{_DEVICE}, {here}, {_OPEN}, {_NO_MODEM}, {_AWAKE}", *free]
    return []


def _any(vendors: Iterable[str]) -> str:
    return "|".join(sorted(vendors))
