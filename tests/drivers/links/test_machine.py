"""Sockets have udev's names, whatever the nodes are called; expected names are what udev gives on such machines."""

from pathlib import Path

import pytest

from drivers.errors import Absent
from drivers.links.machine import Machine
from tests.support.sysfs import FakeMachine, Usb


@pytest.fixture
def fake(tmp_path: Path) -> FakeMachine:
    return FakeMachine(tmp_path)


def paths(fake: FakeMachine, subsystem: str) -> list[str]:
    return [socket.path for socket in Machine(fake.root).sockets(subsystem)]  # type: ignore[arg-type]


def test_a_converter_behind_a_hub_has_the_name_of_by_path(fake: FakeMachine) -> None:
    usb = Usb("1.2", serial="FT4711", maker="FTDI", product="USB-RS485")
    fake.usb_serial(usb, "ttyUSB3", "/dev/null")
    (socket,) = Machine(fake.root).sockets("tty")
    assert socket.path == "pci-0000:00:14.0-usb-0:1.2:1.0-port0"
    assert (socket.node, socket.usb_id, socket.serial) == ("ttyUSB3", "1a86:7523", "FT4711")
    assert (socket.maker, socket.product, socket.subsystem) == ("FTDI", "USB-RS485", "tty")
    assert Machine(fake.root).node(socket) == fake.root / "dev/ttyUSB3"


def test_the_ports_of_one_converter_keep_their_numbers_under_any_node(fake: FakeMachine) -> None:
    quad = Usb("4", usb_id="1a40:55d2")
    fake.usb_serial(quad, "ttyUSB7", "/dev/null", port=0)
    fake.usb_serial(quad, "ttyUSB0", "/dev/null", port=1)
    machine = Machine(fake.root)
    assert machine.find("tty", "pci-0000:00:14.0-usb-0:4:1.0-port0").node == "ttyUSB7"
    assert machine.find("tty", "pci-0000:00:14.0-usb-0:4:1.0-port1").node == "ttyUSB0"


def test_a_modem_has_no_port_number(fake: FakeMachine) -> None:
    fake.usb_modem(Usb("3"), "ttyACM0", "/dev/null")
    assert paths(fake, "tty") == ["pci-0000:00:14.0-usb-0:3:1.0"]


def test_of_nested_bridges_the_innermost_gives_the_name(fake: FakeMachine) -> None:
    fake.usb_serial(Usb("2"), "ttyUSB0", "/dev/null", parent="pci0000:00/0000:00:1c.0/0000:02:00.0")
    assert paths(fake, "tty") == ["pci-0000:02:00.0-usb-0:2:1.0-port0"]


def test_a_controller_on_an_arm_board_is_a_platform_device(fake: FakeMachine) -> None:
    fake.usb_serial(Usb("1"), "ttyUSB0", "/dev/null", parent="platform/soc/fd880000.usb")
    assert paths(fake, "tty") == ["platform-fd880000.usb-usb-0:1:1.0-port0"]


def test_ports_on_the_board_are_numbered_and_lines_without_a_chip_left_out(fake: FakeMachine) -> None:
    fake.on_board("pnp0/00:05", "pnp", "ttyS0", "/dev/null")
    card = "pci0000:00/0000:03:00.0"
    fake.on_board(card, "pci", "ttyS10", "/dev/null")
    fake.on_board(card, "pci", "ttyS9", "/dev/null")
    fake.on_board("platform/serial8250", "platform", "ttyS1", "/dev/null", chip="0")
    fake.terminal("tty1")
    assert paths(fake, "tty") == ["pci-0000:03:00.0-port0", "pci-0000:03:00.0-port1", "pnp-00:05"]
    assert Machine(fake.root).find("tty", "pci-0000:03:00.0-port0").node == "ttyS9"


def test_usb_devices_without_hubs(fake: FakeMachine) -> None:
    fake.usb(Usb("1.3", usb_id="0400:C35A", number=12))
    (socket,) = Machine(fake.root).sockets("usb")
    assert (socket.path, socket.usb_id) == ("pci-0000:00:14.0-usb-0:1.3", "0400:c35a")
    assert socket.node == "bus/usb/001/012"


def test_a_scanner_that_is_a_keyboard(fake: FakeMachine) -> None:
    fake.keyboard(Usb("1.4", usb_id="0c2e:0b61"), 5, "/dev/null")
    (socket,) = Machine(fake.root).sockets("input")
    assert (socket.path, socket.node) == ("pci-0000:00:14.0-usb-0:1.4:1.0", "input/event5")
    assert socket.usb_id == "0c2e:0b61"


def test_an_empty_socket_is_absent(fake: FakeMachine) -> None:
    fake.usb_serial(Usb("1.2"), "ttyUSB0", "/dev/null")
    with pytest.raises(Absent, match=r"1\.1:1\.0-port0"):
        Machine(fake.root).find("tty", "pci-0000:00:14.0-usb-0:1.1:1.0-port0")


def test_a_longer_port_is_not_taken_for_a_shorter(fake: FakeMachine) -> None:
    fake.usb_serial(Usb("1.21"), "ttyUSB0", "/dev/null")
    with pytest.raises(Absent):
        Machine(fake.root).find("tty", "pci-0000:00:14.0-usb-0:1.2:1.0-port0")


def test_two_devices_under_one_name_are_never_chosen_between(fake: FakeMachine) -> None:
    """A controller's USB 2 and USB 3 halves number their ports apart; udev gives both the same name."""
    fake.usb_serial(Usb("1", bus=1), "ttyUSB0", "/dev/null")
    fake.usb_serial(Usb("1", bus=2), "ttyUSB1", "/dev/null")
    with pytest.raises(Absent, match="ttyUSB0 and ttyUSB1 both"):
        Machine(fake.root).find("tty", "pci-0000:00:14.0-usb-0:1:1.0-port0")


def test_a_machine_without_sysfs_has_no_sockets(tmp_path: Path) -> None:
    assert Machine(tmp_path).sockets("tty") == ()


def test_unplugged_is_gone_at_the_next_look(fake: FakeMachine) -> None:
    fake.usb_serial(Usb("1.2"), "ttyUSB0", "/dev/null")
    machine = Machine(fake.root)
    assert len(machine.sockets("tty")) == 1
    fake.unplug("ttyUSB0")
    assert machine.sockets("tty") == ()
