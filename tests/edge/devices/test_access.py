"""The shipped rules are what the drivers' metadata gives, and they open nothing to everybody."""

import re
from pathlib import Path
from typing import Any

import pytest

from drivers.contract import Driver, Info, Kind
from drivers.registry import BrokenDriver, discover
from edge.devices.access import drop_in, udev_rules
from edge.site_sections.lines import Device

SYSTEMD = Path(__file__).parents[3] / "systemd"


def with_info(**facts: Any) -> dict[str, type[Driver]]:
    info = Info(**{"kind": Kind.PRINTER, "maker": "Test", "models": ("t",), "links": ("usb-at",)} | facts)
    return {"test.t": type("Test", (), {"info": info})}  # type: ignore[dict-item]


@pytest.fixture(scope="module")
def shipped() -> dict[str, type[Driver]]:
    """Those of this distribution; a vendor's package on this machine is not ours to ship rules for."""
    found = {name: cls for name, cls in discover().items() if not isinstance(cls, BrokenDriver)}
    return {name: cls for name, cls in found.items() if cls.__module__.startswith("drivers.")}


def test_the_files_are_what_the_generator_gives(shipped: dict[str, type[Driver]]) -> None:
    again = "run `hallctl udev` and `hallctl udev --unit` and commit what they print"
    assert (SYSTEMD / "70-hall-edge.rules").read_text("utf-8") == udev_rules(shipped), again
    assert (SYSTEMD / "hall-devices.service.d/devices.conf").read_text("utf-8") == drop_in(shipped), again


def test_nobody_else_may_open_a_device(shipped: dict[str, type[Driver]]) -> None:
    rules = udev_rules(shipped) + udev_rules(with_info(usb=("04b8:0202",)))
    assert set(re.findall(r'MODE="(\d+)"', rules)) == {"0660"}
    for line in rules.splitlines():
        assert ("MODE=" in line) == ("GROUP=" in line)


def test_a_usb_printer_is_given_never_sleeps_and_loses_usblp() -> None:
    rules = udev_rules(with_info(usb=("04B8:0202",)))
    own = next(line for line in rules.splitlines() if "0202" in line and "usb_device" in line)
    assert 'GROUP="dialout"' in own
    assert 'ATTR{power/control}="on"' in own
    assert 'ENV{ID_MM_DEVICE_IGNORE}="1"' in own
    assert 'ATTRS{idVendor}=="04b8"' in next(line for line in rules.splitlines() if "usblp/unbind" in line)


def test_a_scanners_keys_are_nobodys_typing() -> None:
    rules = udev_rules(with_info(kind=Kind.CODE_READER, links=("input-at",), usb=("0c2e:0b61",)))
    (line,) = (line for line in rules.splitlines() if 'SUBSYSTEM=="input"' in line)
    assert 'ENV{LIBINPUT_IGNORE_DEVICE}="1"' in line
    assert "usblp" not in rules


def test_the_unit_opens_what_some_driver_needs_and_nothing_else() -> None:
    assert drop_in(with_info(links=("tcp", "http"))).count("DeviceAllow=") == 0
    assert drop_in(with_info(links=("input-at", "tcp"))).splitlines()[-1] == "DeviceAllow=char-input rw"


@pytest.mark.parametrize(
    ("link", "words"),
    [
        (
            "input-at:pci-0000:00:14.0-usb-0:1.4:1.0",
            ['ENV{ID_PATH}=="pci-0000:00:14.0-usb-0:1.4:1.0"', "LIBINPUT_IGNORE"],
        ),
        ("serial-at:pci-0000:00:14.0-usb-0:1.2:1.0-port0?baud=9600", ['=="pci-0000:00:14.0-usb-0:1.2:1.0"', "tty"]),
        ("usb-at:pci-0000:00:14.0-usb-0:1.3?id=04b8:0202", ["usb_device", "power/control", ':1.3:*"', "usblp/unbind"]),
    ],
)
def test_a_site_opens_its_own_sockets_whatever_is_in_them(link: str, words: list[str]) -> None:
    device = Device(id="d1", driver="test.t", link=link)
    rules = udev_rules(with_info(), [device]).partition("# Sockets of the site file.")[2]
    assert all(word in rules for word in words)
    assert all('GROUP="dialout", MODE="0660"' in line or "unbind" in line for line in rules.split("\n")[1:-3])


def test_a_link_that_is_no_socket_or_no_name_gives_no_rule() -> None:
    devices = [
        Device(id="a", driver="t", link="tcp://1.2.3.4:5"),
        Device(id="b", driver="t", link='usb-at:x", RUN+="y'),
    ]
    assert "Sockets of the site file" not in udev_rules(with_info(), devices)
