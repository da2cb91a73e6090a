"""A hall whose devices hang in a machine's sockets: driven by scene, by hand and by troubles."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

import config
from hw_sim.clock import VirtualClock
from hw_sim.faults import Fault, FaultWord
from hw_sim.hall import SimulatedHall
from hw_sim.scene import Scene, SceneError, load_scene
from tests.hw_sim.hosts import serial_host
from tests.hw_sim.test_machine import ttys
from tests.hw_sim.test_sam import FIND, STATUS
from tests.hw_sim.test_sam_frames import RESPONSES
from tests.hw_sim.usbip import UsbHost, devices

READERS = Path(config.__file__).parent / "scenes/readers.yaml"
HUB = "pci-0000:00:14.0-usb-0:1"
SOCKET = f"{HUB}.1:1.0-port0"


@pytest.fixture
async def hall(tmp_path: Path) -> AsyncIterator[SimulatedHall]:
    async with SimulatedHall(load_scene(READERS), tmp_path) as hall:
        yield hall


async def test_links_name_sockets(hall: SimulatedHall, tmp_path: Path) -> None:
    links = hall.links()
    server = links["sam-2"].rpartition("/")[0]
    assert links == {
        "sam-1": f"serial-at:{SOCKET}?baud=115200",
        "sam-2": f"{server}/1-1.3",
        "sam-3": f"{server}/1-1.4",
        "scanner-1": f"serial-at:{HUB}.2:1.0-port0?baud=9600",
        "scanner-2": "input-at:pci-0000:00:14.0-usb-0:2:1.0",
        "keys-1": "input-at:pci-0000:00:14.0-usb-0:3:1.0",
        "keys-2": "input-at:pci-0000:00:14.0-usb-0:4:1.0",
        "pcsc-1": "pcsc:Virtual PCD 00 00",
    }
    assert ttys(tmp_path / "machine") == {SOCKET: "ttyUSB0", f"{HUB}.2:1.0-port0": "ttyUSB1"}
    listed = await devices(int(server.rpartition(":")[2]))
    assert [(one.bus_id, one.product) for one in listed] == [("1-1.3", 0xC35A), ("1-1.4", 0x5020)]
    node = tmp_path / "machine/dev/bus/usb/001"
    assert links["sam-2"] in {path.read_text("utf-8").strip() for path in node.iterdir()}


async def asked(hall: SimulatedHall, tmp_path: Path, socket: str = SOCKET) -> bytes:
    root = tmp_path / "machine"
    with serial_host(root / "dev" / ttys(root)[socket]) as host:
        host.write(STATUS)
        return await host.read(11)


async def test_a_reader_is_found_by_its_socket_after_every_kind_of_return(hall: SimulatedHall, tmp_path: Path) -> None:
    reader, machine = hall.device("sam-1"), hall.device("machine")
    root, names = tmp_path / "machine", []
    for happens in (
        lambda: None,
        lambda: machine.act("rename", device="sam-1"),
        lambda: reader.set_fault(Fault(FaultWord.ELSEWHERE)),
        lambda: reader.clear_faults(),
        lambda: machine.act("dip", hub=HUB),
        lambda: machine.act("restart"),
        lambda: (reader.act("unplug"), reader.act("plug")),
    ):
        happens()
        names.append(ttys(root)[SOCKET])
        assert await asked(hall, tmp_path) == RESPONSES["status_ok"]
    assert len(set(names)) > 2
    machine.act("move", device="sam-1", socket=f"{HUB}.7:1.0-port0")
    assert SOCKET not in ttys(root)
    assert reader.link == f"serial-at:{HUB}.7:1.0-port0?baud=115200"
    assert await asked(hall, tmp_path, f"{HUB}.7:1.0-port0") == RESPONSES["status_ok"]


async def test_an_open_port_ends_when_its_hub_loses_power(hall: SimulatedHall, tmp_path: Path) -> None:
    root = tmp_path / "machine"
    with serial_host(root / "dev" / ttys(root)[SOCKET]) as host:
        hall.device("machine").act("dip")
        with pytest.raises(OSError):
            await host.read(1)


async def test_a_reader_without_power_leaves_its_converter_there(hall: SimulatedHall, tmp_path: Path) -> None:
    reader = hall.device("sam-1")
    root = tmp_path / "machine"
    with serial_host(root / "dev" / ttys(root)[SOCKET]) as host:
        reader.set_fault(Fault(FaultWord.POWER_CUT))
        host.write(STATUS)
        assert await host.silent()
        hall.device("machine").act("dip")
    assert SOCKET in ttys(root)
    assert not hall.device("sam-2").view()["faults"]
    reader.clear_faults()
    assert SOCKET in ttys(root)


async def test_a_usb_reader_goes_with_the_hub_and_comes_back(hall: SimulatedHall) -> None:
    reader = hall.device("sam-2")
    host = await UsbHost.borrow(reader.link)
    hall.device("machine").set_fault(Fault(FaultWord.UNPLUG))
    async with asyncio.timeout(30):
        await host.gone.wait()
    await host.close()
    server = int(reader.link.rpartition("/")[0].rpartition(":")[2])
    assert await devices(server) == []
    hall.device("machine").clear_faults()
    host = await UsbHost.borrow(reader.link)
    await host.write(0x02, FIND[:7])
    await host.write(0x06, FIND[7:])
    assert await host.read(0x81) + await host.read(0x85) == RESPONSES["find_none"]
    await host.close()


async def test_nothing_hangs_in_the_machine_after_the_end(tmp_path: Path) -> None:
    async with SimulatedHall(load_scene(READERS), tmp_path):
        pass
    root = tmp_path / "machine"
    assert list((root / "sys/class/tty").iterdir()) == []
    assert [path for path in (root / "dev").rglob("*") if path.is_symlink()] == []
    assert list((tmp_path / "dev").iterdir()) == []


def scene(**changes: Any) -> dict[str, Any]:
    return {
        "scene": "s",
        "devices": [{"id": "sam-1", "sim": "sam"}, {"id": "line", "sim": "scanner"}],
        "machine": {"sockets": {"sam-1": SOCKET}},
        **changes,
    }


async def test_a_hub_that_fails_at_its_moment(tmp_path: Path, clock: VirtualClock) -> None:
    troubled = scene(troubles=[{"at": 5, "device": "machine", "fault": "unplug", "seconds": 2}])
    async with SimulatedHall(Scene.model_validate(troubled), tmp_path, clock=clock) as hall:
        seen = []
        for step in (4.9, 0.2, 2):
            await clock.advance(step)
            seen.append(list(ttys(tmp_path / "machine").values()))
        assert seen == [["ttyUSB0"], [], ["ttyUSB1"]]
        assert os.listdir(tmp_path / "dev") == ["line"]
        assert hall.links()["line"] == "serial:dev/line?baud=9600"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"machine": {"sockets": {"nobody": SOCKET}}},
            "no device 'nobody' that hangs in a socket; there are: sam-1, line",
        ),
        ({"machine": {"sockets": {"sam-1": "usb-1"}}}, "not of the form"),
        ({"machine": {"sockets": {"sam-1": {"path": SOCKET, "adapter": "ch999"}}}}, "no adapter 'ch999'"),
        ({"machine": {"sockets": {}}}, "at least 1"),
        ({"devices": [{"id": "machine", "sim": "sam"}], "machine": {"sockets": {"machine": SOCKET}}}, "twice"),
        ({"devices": [{"id": "sam-1", "sim": "sam"}, {"id": "sam-1", "sim": "pcsc"}]}, "twice"),
    ],
)
def test_what_a_scene_may_not_say(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Scene.model_validate(scene(**changes))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"machine": {"sockets": {"sam-1": SOCKET, "line": SOCKET}}}, "is sam-1"),
        ({"devices": [{"id": "k", "sim": "scanner", "wire": "keyboard"}], "machine": None}, "needs a socket"),
        ({"troubles": [{"at": 1, "device": "machine", "fault": "noise"}]}, "cannot have noise"),
        ({"troubles": [{"at": 1, "device": "sam-1", "fault": "stall"}]}, "cannot have stall"),
    ],
)
def test_what_a_machine_cannot_do(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(SceneError, match=words):
        SimulatedHall(Scene.model_validate(scene(**changes)), tmp_path)
