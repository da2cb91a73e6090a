"""A simulated tablet, which others wrote from the page, dials our listener."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from drivers.contract import Prompt
from drivers.links.listen import ListenLink
from drivers.pad.tablet import Tablet
from drivers.pad.tablets import Tablets
from hw_sim.hall import SimulatedHall
from hw_sim.scene import Scene

from .conftest import TOKEN


@pytest.fixture
async def hall(link: ListenLink, bus: Tablets, tmp_path: Path) -> AsyncIterator[SimulatedHall]:
    pad = {"id": "pad", "sim": "tablet", "url": f"ws://127.0.0.1:{link.port}", "window": "1", "token": TOKEN + "1"}
    scene = Scene.model_validate({"scene": "tablet", "site": "station", "devices": [pad]})
    async with SimulatedHall(scene, tmp_path) as hall:
        yield hall


async def ready(tablet: Tablet) -> None:
    async with asyncio.timeout(30):
        while (await tablet.check()).state != "ready":
            await asyncio.sleep(0.01)


async def test_it_logs_in_is_asked_and_found(tablet: Tablet, hall: SimulatedHall) -> None:
    await ready(tablet)
    await tablet.ask(Prompt(nonce="n1", seconds=15))
    assert hall.device("pad").view()["question"] == "n1"
    await tablet.identify(1)
    assert hall.device("pad").view()["identifying"] is True
    hall.device("pad").rate(5)
    async with asyncio.timeout(30):
        event = await anext(aiter(tablet.events()))
    assert event.data == {"nonce": "n1", "level": "very_satisfied"}
    assert (await tablet.check()).state == "ready"
