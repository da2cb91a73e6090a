"""`hallctl identify` against simulated hardware: the right device shows itself, and a held one is not touched."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from config import folder
from drivers.errors import BadConfig, Busy, Unsupported
from edge.devices.claims import Claim, port_of
from edge.devices.identify_cli import trial_of
from edge.devices.trial import attempt
from edge.site_sections.lines import Device
from hw_sim.hall import SimulatedHall
from hw_sim.scene import load_scene


@pytest.fixture
async def hall(tmp_path: Path) -> AsyncIterator[SimulatedHall]:
    async with SimulatedHall(load_scene(folder() / "scenes" / "station.yaml"), tmp_path, seed=1) as made:
        yield made


@pytest.fixture
def devices(hall: SimulatedHall) -> tuple[Device, ...]:
    """Those of the example site, at the simulated hall's wires."""
    tree = YAML(typ="safe").load((folder() / "sites" / "station.yaml").read_text("utf-8"))
    links = hall.links()
    return tuple(
        Device.model_validate(entry | ({"link": links[entry["id"]]} if entry.get("link") else {}))
        for entry in tree["devices"]
    )


async def show(hall: SimulatedHall, devices: tuple[Device, ...], name: str) -> dict[str, Any]:
    return await attempt(trial_of(name, devices, "/", str(hall.run_folder)), lambda line: None)


async def test_a_printer_prints_its_own_name(hall: SimulatedHall, devices: tuple[Device, ...]) -> None:
    before = json.dumps(hall.device("printer-1").view())
    await show(hall, devices, "printer-1")
    assert json.dumps(hall.device("printer-1").view()) != before


async def test_a_keypad_beeps_through_its_bus(hall: SimulatedHall, devices: tuple[Device, ...]) -> None:
    before = {name: json.dumps(hall.device(name).view()) for name in ("keypad-1", "keypad-2")}
    await show(hall, devices, "keypad-2")
    assert json.dumps(hall.device("keypad-2").view()) != before["keypad-2"]
    assert json.dumps(hall.device("keypad-1").view()) == before["keypad-1"]


async def test_a_device_in_use_is_refused(hall: SimulatedHall, devices: tuple[Device, ...]) -> None:
    link = next(str(device.link) for device in devices if device.id == "printer-1")
    with Claim(port_of(link, str(hall.run_folder)), "hall-devices main"), pytest.raises(Busy, match="hall-devices"):
        await show(hall, devices, "printer-1")


async def test_a_device_that_cannot_and_a_name_nobody_has(hall: SimulatedHall, devices: tuple[Device, ...]) -> None:
    with pytest.raises(Unsupported, match="identify"):
        await show(hall, devices, "sam-1")
    with pytest.raises(BadConfig, match=r"there are: .*printer-1"):
        trial_of("printer-9", devices, "/", ".")
