"""Drivers of graphic and C-Power panels beside simulated cards that others wrote from the same page."""

import random
import time
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from drivers.contract import Adjustment, Context, DisplayCondition, Page, PageLine
from drivers.errors import Unsupported
from drivers.glyphs import FontFiles, Glyphs
from drivers.led.cpower.config import CPowerConfig
from drivers.led.cpower.driver import CPower
from drivers.led.onbon6e import Onbon6E
from drivers.led.onbon6e_config import Onbon6EConfig
from drivers.led.raster import Panel
from drivers.links import make_link
from hw_sim.hall import SimulatedHall
from hw_sim.scene import Scene

DEVICES = [
    {"id": "e6", "sim": "onbon6e", "width": 192, "height": 64},
    {"id": "e5", "sim": "onbon6e", "width": 192, "height": 64, "device_type": 0x0154},
    {"id": "e5-old", "sim": "onbon6e", "width": 192, "height": 64, "device_type": 0x0154, "long_header": False},
    {"id": "tcp", "sim": "cpower", "width": 192, "height": 48},
    {"id": "serial", "sim": "cpower", "width": 192, "height": 48, "wire": "pty"},
]
CALL = Page(
    lines=(PageLine(text="A017", big=True), PageLine(text="请䶮到1号窗口")),
    fallback=(PageLine(text="暂停服务", big=True),),
    lease=15,
)
LONG = PageLine(text="Social and medical insurance: please bring your identity card and the receipt you were given")
MORNING = datetime(2026, 11, 22, 9, 30, 5)  # noqa: DTZ001 - cards know local time only


@pytest.fixture
async def hall(tmp_path: Path) -> AsyncIterator[SimulatedHall]:
    scene = {"scene": "panels", "site": "station", "devices": DEVICES}
    async with SimulatedHall(Scene.model_validate(scene), tmp_path) as hall:
        yield hall


@pytest.fixture
def here(tmp_path: Path, fonts: FontFiles) -> Context:
    async def no_time(seconds: float) -> None:
        return

    return Context(
        clock=time.monotonic,
        random=random.Random(1),
        note=lambda *_, **__: None,
        runtime=str(tmp_path),
        extra={"fonts": fonts, "sleep": no_time},
    )


def graphic(hall: SimulatedHall, here: Context, name: str, **options: Any) -> Onbon6E:
    settings = Onbon6EConfig(width=192, height=64, **options)
    return Onbon6E(settings, make_link(hall.links()[name], here), here)


@pytest.mark.parametrize(("name", "model"), [("e6", "BX-6E1"), ("e5", "BX-5E1")])
async def test_both_generations_show_the_same(
    hall: SimulatedHall, here: Context, glyphs: Glyphs, name: str, model: str
) -> None:
    panel = graphic(hall, here, name)
    assert (await panel.open()).model == model
    await panel.show(CALL)
    seen = hall.device(name).view()
    assert seen["lit"] == int(np.count_nonzero(Panel(192, 64, glyphs).pages(CALL.lines)[0]))
    assert [(area["run_mode"], area["timeout"], area["pages"]) for area in seen["areas"]] == [(3, 15, 2)]
    await panel.identify(1)
    assert hall.device(name).view()["lit"] == seen["lit"]
    await panel.close()


@pytest.mark.parametrize("name", ["e6", "e5"])
async def test_settings(hall: SimulatedHall, here: Context, name: str) -> None:
    panel = graphic(hall, here, name)
    await panel.open()
    await panel.adjust(Adjustment(brightness=40, power=False, clock=MORNING))
    seen = hall.device(name).view()
    assert (seen["on"], seen["brightness"], seen["clock"]) == (False, 6, "2026-11-22 09:30:05")
    assert await panel.condition() == DisplayCondition(brightness=40)
    await panel.close()


async def test_a_card_without_the_long_header(hall: SimulatedHall, here: Context) -> None:
    panel = graphic(hall, here, "e5-old", reply_timeout=0.2)
    await panel.open()
    with pytest.raises(Unsupported):
        await panel.adjust(Adjustment(power=False))
    await panel.show(CALL)
    await panel.close()


def cpower(hall: SimulatedHall, here: Context, name: str, **options: Any) -> CPower:
    settings = CPowerConfig(**{"width": 192, "height": 48, "fonts": (16,), **options})
    return CPower(settings, make_link(hall.links()[name], here), here)


@pytest.mark.parametrize("name", ["tcp", "serial"])
async def test_c_power_pictures(hall: SimulatedHall, here: Context, glyphs: Glyphs, name: str) -> None:
    panel = cpower(hall, here, name)
    await panel.open()
    await panel.show(CALL)
    seen = hall.device(name).view()
    assert [window["place"] for window in seen["windows"]] == [[0, 0, 192, 48]]
    assert seen["lit"] == int(np.count_nonzero(Panel(192, 48, glyphs).pages(CALL.lines)[0]))
    await panel.identify(1)
    assert hall.device(name).view()["lit"] == seen["lit"]
    await panel.adjust(Adjustment(power=False))
    assert hall.device(name).view()["on"] is False
    await panel.clear()
    assert hall.device(name).view()["live"] is False
    await panel.close()


async def test_c_power_text_that_moves(hall: SimulatedHall, here: Context) -> None:
    panel = cpower(hall, here, "tcp")
    await panel.open()
    await panel.show(Page(lines=(*CALL.lines[:1], LONG, LONG)))
    windows = hall.device("tcp").view()["windows"]
    assert [window["place"] for window in windows] == [[0, 0, 192, 16], [0, 16, 192, 16], [0, 32, 192, 16]]
    assert [(window["items"][0]["text"], window["items"][0]["effect"]) for window in windows] == [
        ("A017", 0),
        (LONG.text, 11),
        (LONG.text, 11),
    ]
    assert hall.device("tcp").view()["refused"] == 0
    await panel.close()
