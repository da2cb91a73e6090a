"""The example halls: each scene is the hardware of its site, and the big one stands up quickly and small."""

import asyncio
import re
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from ruamel.yaml import YAML

import config
from edge.site_check import InstalledDrivers, check_site
from hw_sim.demo.grow import grow_scene, grow_site
from hw_sim.demo.site_file import WrittenSite, write_site
from hw_sim.hall import SimulatedHall
from hw_sim.onbon5k import Onbon5KCard
from hw_sim.scene import Scene, load_scene
from tests.hw_sim.hosts import Tcp
from tests.hw_sim.test_camera import Viewer
from tests.hw_sim.test_onbon5k import CARD

CONFIG = Path(config.__file__).parent
HALLS = ("station", "street", "district")
MEGABYTE = 1 << 20


def plain(kind: str, name: str) -> dict[str, Any]:
    return YAML(typ="safe").load((CONFIG / kind / f"{name}.yaml").read_text("utf-8"))


def links_and_stations(scene: Scene) -> tuple[set[str], dict[str, tuple[str, int]]]:
    wired = {device.id for device in scene.devices}
    stations = {
        name: (device.id, place.address)
        for device in scene.devices
        if device.sim == "hall485"
        for place in device.stations
        for name in (place.keypad, place.pad)
        if name is not None
    }
    return wired, stations


def assert_same_hardware(scene: Scene, site: dict[str, Any]) -> None:
    wired, stations = links_and_stations(scene)
    assert wired == {device["id"] for device in site["devices"] if "link" in device}
    on_lines = {device["id"]: device for device in site["devices"] if "bus" in device}
    assert stations == {id: (device["bus"], device["options"]["address"]) for id, device in on_lines.items()}
    sims = {device.id: device for device in scene.devices}
    for device in site["devices"]:
        if device["driver"].startswith("led."):
            panel = sims[device["id"]]
            assert device["driver"] == f"led.{panel.sim}"
            assert (panel.width, panel.height) == (device["options"]["width"], device["options"]["height"])  # type: ignore[union-attr]
    windows = {place.window for device in scene.devices if device.sim == "hall485" for place in device.stations}
    assert windows == {window["id"] for window in site["windows"]}


@pytest.mark.parametrize("name", HALLS)
def test_a_scene_is_the_hardware_of_its_site(name: str) -> None:
    assert_same_hardware(load_scene(CONFIG / "scenes" / f"{name}.yaml"), plain("sites", name))


@pytest.mark.parametrize("name", HALLS)
def test_every_example_site_is_accepted(name: str) -> None:
    site, mistakes = check_site((CONFIG / "sites" / f"{name}.yaml").read_bytes(), InstalledDrivers())
    assert mistakes == []
    assert site is not None
    assert site.hall.level == name


def test_the_halls_have_the_sizes_they_are_meant_to_have() -> None:
    street, district = plain("sites", "street"), plain("sites", "district")
    assert (len(street["windows"]), len(street["kiosks"]), {area["floor"] for area in street["areas"]}) == (8, 2, {1})
    assert (len(district["windows"]), len(district["kiosks"])) == (40, 4)
    assert {area["floor"] for area in district["areas"]} == {1, 2}
    assert [kiosk["id"] for kiosk in district["kiosks"]] == ["k1", "k2", "k3", "k4"]
    for site in (street, district):
        drivers = [device["driver"] for device in site["devices"]]
        assert drivers.count("led.onbon6e") == drivers.count("led.onbon5k") == len(site["windows"]) / 2
        for window in site["windows"]:
            assert {"reader", "printer", "display", "keypad", "pad"} <= window.keys()
    assert all("camera" in window for window in street["windows"])
    areas = {window["area"] for window in district["windows"] if "camera" in window}
    assert areas == {area["id"] for area in district["areas"]} - {"c"}, "nobody scans at the advice desk"


@pytest.mark.parametrize("name", HALLS)
def test_no_line_has_more_than_sixteen_addresses(name: str) -> None:
    for device in load_scene(CONFIG / "scenes" / f"{name}.yaml").devices:
        if device.sim == "hall485":
            assert len({place.address for place in device.stations}) == len(device.stations) <= 16


@pytest.mark.parametrize("name", HALLS)
def test_a_window_serves_what_is_served_in_its_area(name: str) -> None:
    site = plain("sites", name)
    areas = {service["id"]: service["area"] for service in site["services"]}
    for window in site["windows"]:
        assert {areas[service] for service in window["services"]} == {window["area"]}
    served = {service for window in site["windows"] for service in window["services"]}
    assert served == set(areas)


@pytest.mark.parametrize("kind", ["sites", "scenes"])
def test_every_number_of_a_person_is_of_the_county_that_is_none(kind: str) -> None:
    for path in (CONFIG / kind).glob("*.yaml"):
        for number in re.findall(r"(?<![0-9])[0-9]{17}[0-9Xx](?![0-9])", path.read_text("utf-8")):
            # Foreigners' numbers: 9, two digits of the region, then a country, 999 of which there is none.
            assert number.startswith("119999") or re.match(r"9\d\d999", number), path.name


@pytest.mark.parametrize("name", HALLS)
@pytest.mark.parametrize("windows", [1, 5, 20])
def test_a_hall_of_another_size_is_still_one_hall(name: str, windows: int) -> None:
    site = grow_site(plain("sites", name), windows)
    scene = Scene.model_validate(grow_scene(plain("scenes", name), windows))
    assert len(site["windows"]) == windows
    assert_same_hardware(scene, site)


async def test_a_grown_site_file_is_accepted(tmp_path: Path) -> None:
    target, scene = tmp_path / "site.yaml", Scene.model_validate(grow_scene(plain("scenes", "district"), 18))
    async with SimulatedHall(scene, tmp_path) as hall:
        written = write_site(
            CONFIG / "sites" / "district.yaml",
            target,
            links=hall.links(),
            centre_url="mqtt://127.0.0.1:1883",
            listen="127.0.0.1:8680",
            windows=18,
        )
    assert check_site(target.read_bytes(), InstalledDrivers())[1] == []
    assert written == WrittenSite("LH-0001", written.service, ("k1", "k2", "k3", "k4"), 18, written.devices)


async def test_a_district_hall_stands_up_quickly_and_stays_small(
    tmp_path: Path, tcp: Tcp, record_property: Any
) -> None:
    process = psutil.Process()
    scene, before = load_scene(CONFIG / "scenes" / "district.yaml"), process.memory_info().rss
    began = time.monotonic()
    async with SimulatedHall(scene, tmp_path) as hall:
        took = time.monotonic() - began
        assert len(hall.links()) == len(scene.devices)
        panels = [device for device in hall.simulators.values() if isinstance(device, Onbon5KCard)]
        hosts = [await tcp(panel.link) for panel in panels]
        for host in hosts:
            host.write(CARD["k_dyn_window3"])
        for host in hosts:
            assert await host.read(len(CARD["k_ack"])) == CARD["k_ack"]
        cameras = [device for device in hall.simulators.values() if device.kind == "camera"]
        viewers = await asyncio.gather(*(Viewer.of(camera.link) for camera in cameras[:8]))
        for viewer in viewers:
            await viewer.head(seconds=20)
            await viewer.part(seconds=20)
            viewer.writer.close()
        grown = (process.memory_info().rss - before) / MEGABYTE
    record_property("start_seconds", round(took, 3))
    record_property("grown_megabytes", round(grown, 1))
    assert (len(panels), len(cameras)) == (20, 12)
    assert took < 5
    assert grown < 200
