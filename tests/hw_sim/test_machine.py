"""A machine's /sys and /dev: laid out as Linux does, and what hubs, hands and restarts do to names."""

import os
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hw_sim.clock import VirtualClock
from hw_sim.faults import Fault, FaultWord
from hw_sim.machine import ADAPTERS, Adapter, Occupant, SimulatedMachine, SocketPath

PCI = "pci-0000:00:14.0"
ONE = f"{PCI}-usb-0:1.2:1.0-port0"


class Thing:
    """A device without a wire: it comes and goes when it is told."""

    def __init__(self, machine: SimulatedMachine, id: str, adapter: str, socket: str, serial: str = "") -> None:
        self.occupant: Occupant = machine.occupy(id, ADAPTERS[adapter].with_serial(serial), socket)
        self.occupant.come, self.occupant.go = self.come, self.occupant.vanish
        self.come()

    def come(self) -> None:
        self.occupant.appear(f"/dev/pts/{self.occupant.id}")


@pytest.fixture
async def machine(tmp_path: Path, clock: VirtualClock) -> SimulatedMachine:
    machine = SimulatedMachine(tmp_path, clock, Random(3))
    await machine.start()
    return machine


def read(folder: Path, name: str) -> str:
    return (folder / name).read_text("utf-8").strip()


def upward(folder: Path) -> list[tuple[str, str]]:
    """Name and subsystem of every device from here to the top, as udev walks."""
    found = []
    while folder.name != "devices":
        if (folder / "subsystem").is_symlink():
            found.append((folder.name, (folder / "subsystem").resolve().name))
        folder = folder.parent
    return found


def node_of(root: Path, socket: str) -> str | None:
    return ttys(root).get(socket)


def ttys(root: Path) -> dict[str, str]:
    """Which tty is in which socket: a second reading of path_id's rules, from the files alone."""
    found = {}
    for link in (root / "sys/class/tty").iterdir():
        steps = upward(link.resolve())
        chain = next((name for name, subsystem in steps if subsystem == "usb" and ":" in name), "")
        port = next((root / f"sys/bus/usb-serial/devices/{n}" for n, s in steps if s == "usb-serial"), None)
        parent = next(((s, n) for n, s in steps if s in ("pci", "pnp", "platform")), ("", ""))
        path = "-".join(parent)
        if chain:
            path += f"-usb-0:{chain.split('-', 1)[1]}"
        if port is not None:
            path += f"-port{read(port, 'port_number')}"
        found[path] = link.name
    return found


def test_a_converter_is_laid_out_as_linux_does(machine: SimulatedMachine, tmp_path: Path) -> None:
    Thing(machine, "sam-1", "ft232", ONE, serial="A10K4711")
    tty = tmp_path / "sys/class/tty/ttyUSB0"
    usb = "sys/devices/pci0000:00/0000:00:14.0/usb1/1-1/1-1.2"
    assert os.readlink(tty) == f"../../{usb[4:]}/1-1.2:1.0/ttyUSB0/tty/ttyUSB0"
    device = tmp_path / usb
    told = {
        name: read(device, name) for name in ("idVendor", "idProduct", "serial", "manufacturer", "product", "devpath")
    }
    assert told == {
        "idVendor": "0403",
        "idProduct": "6001",
        "serial": "A10K4711",
        "manufacturer": "FTDI",
        "product": "FT232R USB UART",
        "devpath": "1.2",
    }
    assert read(device / "1-1.2:1.0", "bInterfaceNumber") == "00"
    assert read(device / "1-1.2:1.0/ttyUSB0", "port_number") == "0"
    assert read(tty, "dev") == "188:0"
    assert read(device, "uevent").splitlines()[3:6] == [
        "DEVNAME=bus/usb/001/003",
        "DEVTYPE=usb_device",
        "PRODUCT=403/6001/600",
    ]
    assert upward(tty.resolve()) == [
        ("ttyUSB0", "tty"),
        ("ttyUSB0", "usb-serial"),
        ("1-1.2:1.0", "usb"),
        ("1-1.2", "usb"),
        ("1-1", "usb"),
        ("usb1", "usb"),
        ("0000:00:14.0", "pci"),
    ]
    assert (tty / "device").resolve() == device / "1-1.2:1.0/ttyUSB0"
    assert (device / "1-1.2:1.0/driver").resolve() == tmp_path / "sys/bus/usb/drivers/ftdi_sio"
    assert (tmp_path / "sys/bus/usb/devices/1-1.2").resolve() == device
    assert os.readlink(tmp_path / "dev/ttyUSB0") == "/dev/pts/sam-1"
    assert all(not os.readlink(path).startswith("/") for path in (tmp_path / "sys").rglob("*") if path.is_symlink())


def test_a_converter_without_a_serial_number_has_no_such_file(machine: SimulatedMachine, tmp_path: Path) -> None:
    Thing(machine, "sam-1", "ch340", ONE)
    device = tmp_path / "sys/bus/usb/devices/1-1.2"
    assert not (device / "serial").exists()
    assert not (device / "manufacturer").exists()


def test_nothing_is_left_of_what_was_pulled(machine: SimulatedMachine, tmp_path: Path) -> None:
    def everything() -> set[str]:
        return {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if "drivers" not in path.parts}

    hub = Thing(machine, "hub-keeper", "ch340", f"{PCI}-usb-0:1.1:1.0-port0")
    before = everything()
    for adapter, interface in (("ft232", ":1.0-port0"), ("cdc", ":1.0"), ("keyboard", ":1.0")):
        thing = Thing(machine, adapter, adapter, f"{PCI}-usb-0:1.3.1{interface}")
        assert len(everything()) > len(before)
        thing.occupant.vanish()
        machine._occupants.pop(adapter)
    hubs = {name for name in everything() - before if "/1-1.3" in name or "bus/usb/001" in name}
    assert everything() - before == hubs
    assert hub.occupant.present


def test_other_kinds_of_ports(machine: SimulatedMachine, tmp_path: Path) -> None:
    Thing(machine, "scanner", "cdc", f"{PCI}-usb-0:3:1.0")
    Thing(machine, "board", "board", "platform-serial8250")
    Thing(machine, "card", "board", "pci-0000:03:00.0")
    Thing(machine, "pnp", "board", "pnp-00:05")
    Thing(machine, "arm", "ch340", "platform-xhci-hcd.0.auto-usb-0:1:1.0-port0")
    for socket, node in (
        (f"{PCI}-usb-0:3:1.0", "ttyACM0"),
        ("platform-serial8250", "ttyS0"),
        ("pci-0000:03:00.0", "ttyS1"),
        ("pnp-00:05", "ttyS2"),
        ("platform-xhci-hcd.0.auto-usb-0:1:1.0-port0", "ttyUSB0"),
    ):
        assert node_of(tmp_path, socket) == node
    assert read(tmp_path / "sys/class/tty/ttyS0", "type") == "4"
    assert read(tmp_path / "sys/bus/usb/devices/1-3:1.1", "bInterfaceClass") == "0a"
    assert (tmp_path / "sys/bus/usb/devices/3-1").exists()
    assert "0000:00:1c.3/0000:03:00.0" in os.readlink(tmp_path / "sys/class/tty/ttyS1")


def test_a_keyboard_has_an_event_node_and_its_identity(machine: SimulatedMachine, tmp_path: Path) -> None:
    Thing(machine, "scanner", "keyboard", f"{PCI}-usb-0:1.4:1.0")
    event = (tmp_path / "sys/class/input/event0").resolve()
    assert read(event, "dev") == "13:64"
    assert read(event.parent, "name") == "Honeywell Barcode Scanner"
    assert (read(event.parent, "id/vendor"), read(event.parent, "id/product")) == ("0c2e", "0200")
    assert [subsystem for _, subsystem in upward(event)] == ["input", "input", "hid", "usb", "usb", "usb", "usb", "pci"]
    assert (tmp_path / "sys/class/hidraw/hidraw0/device").resolve() == event.parents[2]
    assert (tmp_path / "dev/input/event0").is_symlink()
    assert (tmp_path / "dev/hidraw0").exists()


@pytest.mark.parametrize(
    ("adapter", "sockets"),
    [
        ("mos7840", [f"{PCI}-usb-0:2:1.0-port{port}" for port in range(4)]),
        ("ft4232", [f"{PCI}-usb-0:2:1.{interface}-port0" for interface in range(4)]),
    ],
)
def test_the_ports_of_one_converter_go_and_come_together(
    machine: SimulatedMachine, tmp_path: Path, adapter: str, sockets: list[str]
) -> None:
    things = [Thing(machine, f"p{place}", adapter, socket) for place, socket in enumerate(sockets)]
    assert [node_of(tmp_path, socket) for socket in sockets] == [f"ttyUSB{place}" for place in range(4)]
    things[2].occupant.vanish()
    assert machine.names() == {}
    assert not (tmp_path / "sys/bus/usb/devices/1-2").exists()
    things[2].come()
    assert sorted(machine.names()) == ["p0", "p1", "p2", "p3"]
    assert node_of(tmp_path, sockets[2]) == "ttyUSB0"
    machine.act("move", device="p1", socket=sockets[1].replace("0:2:", "0:7:"))
    assert [node_of(tmp_path, socket.replace("0:2:", "0:7:")) for socket in sockets].count(None) == 0


def test_the_lowest_free_name_is_given_unless_it_is_held(machine: SimulatedMachine, tmp_path: Path) -> None:
    one, two = (Thing(machine, f"p{port}", "ch340", f"{PCI}-usb-0:{port}:1.0-port0") for port in (1, 2))
    one.occupant.vanish()
    two.occupant.vanish()
    two.come()
    assert machine.names() == {"p2": ["ttyUSB0"]}
    machine.act("rename", device="p2")
    assert machine.names() == {"p2": ["ttyUSB1"]}
    assert node_of(tmp_path, str(two.occupant.socket)) == "ttyUSB1"
    one.come()
    assert machine.names()["p1"] == ["ttyUSB0"]


def test_another_socket_is_another_path(machine: SimulatedMachine, tmp_path: Path) -> None:
    Thing(machine, "sam-1", "ch340", ONE)
    machine.act("move", device="sam-1", socket=f"{PCI}-usb-0:4:1.0-port0")
    assert node_of(tmp_path, ONE) is None
    assert node_of(tmp_path, f"{PCI}-usb-0:4:1.0-port0") == "ttyUSB0"


@pytest.mark.parametrize("word", [FaultWord.UNPLUG, FaultWord.ELSEWHERE])
def test_sixty_ports_return_in_another_order_under_other_names(
    machine: SimulatedMachine, tmp_path: Path, word: FaultWord
) -> None:
    things = [Thing(machine, f"p{n}", "ch340", f"{PCI}-usb-0:{1 + n // 12}.{1 + n % 12}:1.0-port0") for n in range(60)]
    before = machine.names()
    machine.set_fault(Fault(word))
    if word is FaultWord.UNPLUG:
        assert machine.names() == {}
        assert list((tmp_path / "sys/class/tty").iterdir()) == []
        machine.clear_faults()
    after = machine.names()
    assert all(before[id] != after[id] for id in before)
    assert sorted(after) == sorted(before)
    found = ttys(tmp_path)
    for thing in things:
        assert os.readlink(tmp_path / "dev" / found[str(thing.occupant.socket)]) == f"/dev/pts/{thing.occupant.id}"


def test_a_restart_may_number_the_buses_otherwise(machine: SimulatedMachine, tmp_path: Path) -> None:
    other = "pci-0000:03:00.0-usb-0:1:1.0-port0"
    Thing(machine, "sam-1", "ch340", ONE)
    Thing(machine, "led-1", "ch340", other)
    assert (tmp_path / "sys/bus/usb/devices/3-1").exists()
    machine.act("restart")
    assert (tmp_path / "sys/bus/usb/devices/1-1").resolve().parent.parent.name == "0000:03:00.0"
    for socket, id in ((ONE, "sam-1"), (other, "led-1")):
        assert os.readlink(tmp_path / "dev" / str(node_of(tmp_path, socket))) == f"/dev/pts/{id}"


def test_only_what_hangs_on_the_hub_goes(machine: SimulatedMachine) -> None:
    Thing(machine, "near", "ch340", f"{PCI}-usb-0:2:1.0-port0")
    Thing(machine, "far", "ch340", f"{PCI}-usb-0:1.1:1.0-port0")
    Thing(machine, "board", "board", "platform-serial8250")
    machine.act("dip", hub=f"{PCI}-usb-0:1")
    assert machine.names() == {"near": ["ttyUSB0"], "far": ["ttyUSB2"], "board": ["ttyS0"]}


@pytest.mark.parametrize(
    ("adapter", "socket", "words"),
    [
        ("ch340", "usb-0:1", "not of the form"),
        ("ch340", f"{PCI}-usb-0:1:1.0", "port numbers"),
        ("cdc", f"{PCI}-usb-0:1:1.0-port0", "port numbers"),
        ("ch340", f"{PCI}-usb-0:1:1.0-port1", "no such port"),
        ("ch340", f"{PCI}-usb-0:1:1.1-port0", "no such port"),
        ("ch340", "platform-serial8250", "does not fit"),
        ("board", ONE, "does not fit"),
        ("keyboard", f"{PCI}-usb-0:1", "must name an interface"),
        ("ch340", ONE, "in .* is sam-1"),
        ("keyboard", f"{PCI}-usb-0:1.2:1.0", "adapter of sam-1"),
    ],
)
def test_a_wrong_socket_is_refused(machine: SimulatedMachine, adapter: str, socket: str, words: str) -> None:
    Thing(machine, "sam-1", "ch340", ONE)
    with pytest.raises(ValueError, match=words):
        machine.occupy("two", ADAPTERS[adapter], socket)


def test_a_plain_usb_device_names_its_link_at_its_node(machine: SimulatedMachine, tmp_path: Path) -> None:
    reader = machine.occupy("sam-1", Adapter("plain", 0x0400, 0xC35A), f"{PCI}-usb-0:1.3")
    reader.appear()
    reader.reached_by("usbip://127.0.0.1:3240/1-1.3")
    assert reader.bus_id == "1-1.3"
    assert (tmp_path / "dev/bus/usb/001/003").read_text("utf-8") == "usbip://127.0.0.1:3240/1-1.3\n"
    assert read(tmp_path / "sys/bus/usb/devices/1-1.3", "idProduct") == "c35a"


_socket = st.builds(
    SocketPath,
    st.sampled_from([PCI, "pci-0000:03:00.1", "platform-xhci-hcd.0.auto", "platform-fe201000.serial"]),
    st.lists(st.integers(1, 16), min_size=1, max_size=5).map(tuple),
    st.sampled_from(["1.0", "1.3"]),
    st.one_of(st.none(), st.integers(0, 7)),
)


@given(_socket)
@settings(max_examples=60, deadline=None)
def test_a_socket_is_read_as_it_is_written(socket: SocketPath) -> None:
    assert SocketPath.parse(str(socket)) == socket
    assert SocketPath.parse(str(socket.usb)) == socket.usb
