"""The workbench: its site is its scene, every device in its own socket, and each one answers there."""

import asyncio
from pathlib import Path

import pytest

import config
from edge.site_check import InstalledDrivers, check_site
from hw_sim.hall import SimulatedHall
from hw_sim.onbon5k.simulator import Onbon5KCard
from hw_sim.scene import Scene, load_scene
from tests.hw_sim.hosts import serial_host
from tests.hw_sim.test_cpower import SERIAL
from tests.hw_sim.test_halls import plain
from tests.hw_sim.test_onbon5k import CARD
from tests.hw_sim.test_sam import STATUS
from tests.hw_sim.test_sam_frames import RESPONSES
from tests.hw_sim.test_strips import VECTORS

CONFIG = Path(config.__file__).parent
SCENE = CONFIG / "scenes" / "workbench.yaml"


@pytest.fixture
async def hall(tmp_path: Path):
    scene = load_scene(SCENE).model_dump(mode="json", exclude_defaults=True)
    for device in scene["devices"]:
        device.pop("port", None)  # any free one: other tests run beside
    async with SimulatedHall(Scene.model_validate(scene), tmp_path) as hall:
        yield hall


async def test_the_site_names_every_device_where_the_scene_has_it(hall: SimulatedHall) -> None:
    site = plain("sites", "workbench")
    named = {device["id"]: device for device in site["devices"]}
    assert set(hall.simulators) - {"machine"} == set(named) - {"tablets-1"}
    fixed = {device.id: device for device in load_scene(SCENE).devices}
    for id, link in hall.links().items():
        if link.startswith(("tcp:", "http:")):
            link = f"{link.rsplit(':', 1)[0]}:{fixed[id].port}{'/main' if link.startswith('http') else ''}"  # type: ignore[union-attr]
        assert named[id]["link"] == link
    dials = fixed["tablet-2"]
    assert dials.url.rstrip("/") == named["tablets-1"]["link"]  # type: ignore[union-attr]
    assert (dials.window, dials.token) == tuple(named["tablet-2"]["options"][key] for key in ("window", "token"))  # type: ignore[union-attr]


def test_the_site_is_accepted() -> None:
    site, mistakes = check_site((CONFIG / "sites" / "workbench.yaml").read_bytes(), InstalledDrivers())
    assert mistakes == []
    assert site is not None
    assert len(site.devices) == 14


def node(hall: SimulatedHall, id: str) -> Path:
    (name,) = hall._ports.machine.names()[id]  # type: ignore[union-attr]
    return hall.run_folder / "machine" / "dev" / name


async def test_each_device_answers_in_its_socket(hall: SimulatedHall) -> None:
    nodes = {id: node(hall, id).name for id in ("sam-1", "rs485-1", "led-1", "led-3", "scanner-1")}
    assert sorted(nodes.values()) == ["ttyACM0", "ttyUSB0", "ttyUSB1", "ttyUSB2", "ttyUSB3"]
    strip = VECTORS["strip_A001"].replace(b"\x03\xa5", b"\x01\xa5", 1)
    strip = strip[:-1] + bytes([strip[-1] ^ 0x03 ^ 0x01])
    asked = (
        ("sam-1", 115200, STATUS, RESPONSES["status_ok"]),
        ("rs485-1", 9600, strip, b"\xa0\x90\x01\xa5\xaa"),
        ("led-1", 57600, CARD["k_ping"], CARD["k_ack"]),
        ("led-3", 115200, SERIAL["cp_text_pure"], SERIAL["cp_ack"]),
    )
    for id, baud, frame, answer in asked:
        with serial_host(node(hall, id), baud) as host:
            host.write(frame)
            assert await host.read(len(answer)) == answer, id
    with serial_host(node(hall, "scanner-1"), 9600) as host:
        hall.device("scanner-1").act("scan", text="A017")
        assert await host.read(5) == b"A017\r"
    assert hall.device("strip-1").view()["text"] == "A001号"


async def test_after_a_restart_each_is_in_its_socket_whatever_its_name(hall: SimulatedHall) -> None:
    hall.device("machine").act("restart")
    led = hall.device("led-1")
    assert isinstance(led, Onbon5KCard)
    async with asyncio.timeout(30):
        await hall.device("machine").changed.until(lambda: len(hall._ports.machine.names()) == 5)  # type: ignore[union-attr]
    with serial_host(node(hall, "led-1"), 57600) as host:
        host.write(CARD["k_dyn_window3"])
        assert await host.read(len(CARD["k_ack"])) == CARD["k_ack"]
    assert led.view()["areas"][0]["text"] == "3号窗口\n社会保障"
