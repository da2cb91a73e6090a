"""The driver and a simulated card that others wrote from the same page, over TCP."""

import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from drivers.contract import Context, Page, PageLine
from drivers.led.onbon5k import Onbon5K
from drivers.led.onbon5k_config import Onbon5KConfig
from drivers.links import make_link
from hw_sim.clock import VirtualClock
from hw_sim.hall import SimulatedHall
from hw_sim.scene import Scene

PANEL = {"id": "led-1", "sim": "onbon5k", "wire": "tcp", "width": 192, "height": 64, "place": "w1"}
SCENE = {"scene": "one panel", "site": "station", "devices": [PANEL]}
CALL = Page(
    lines=(PageLine(text="A017", big=True), PageLine(text="请到1号窗口")),
    fallback=(PageLine(text="1号窗口"), PageLine(text="暂停服务", big=True)),
    lease=15,
)


class Meeting:
    """One panel in a simulated hall whose time stands still until `wait`."""

    def __init__(self, hall: SimulatedHall, clock: VirtualClock, folder: Path) -> None:
        self.hall, self._clock = hall, clock
        self._ctx = Context(
            clock=clock.now, random=random.Random(1), note=lambda *_, **__: None, extra={}, runtime=str(folder)
        )

    def driver(self, **options: Any) -> Onbon5K:
        settings = Onbon5KConfig(**{"width": 192, "height": 64, "fonts": {16: ["O000", "E000"]}, **options})
        return Onbon5K(settings, make_link(self.hall.links()["led-1"], self._ctx), self._ctx)

    def view(self) -> dict[str, Any]:
        return self.hall.device("led-1").view()

    def shown(self) -> list[str | None]:
        return [area["shown"] for area in self.view()["areas"]]

    async def wait(self, seconds: float) -> None:
        await self._clock.advance(seconds)


@pytest.fixture
async def meeting(tmp_path: Path) -> AsyncIterator[Meeting]:
    clock = VirtualClock()
    async with SimulatedHall(Scene.model_validate(SCENE), tmp_path, clock=clock) as hall:
        yield Meeting(hall, clock, tmp_path)


@pytest.mark.parametrize(
    ("lease_mode", "after"),
    [("vanish", [None, None]), ("logo", ["暂停服务", "1号窗口"]), ("none", ["A017", "请到1号窗口"])],
)
async def test_a_call_and_its_dead_man(meeting: Meeting, lease_mode: str, after: list[str | None]) -> None:
    driver = meeting.driver(lease_mode=lease_mode)
    assert (await driver.open()).model == "BX-5K1"
    for _ in range(4):
        await driver.show(CALL)
        assert meeting.shown() == ["A017", "请到1号窗口"]
        await meeting.wait(5)
    await meeting.wait(11)
    assert meeting.shown() == after
    await driver.show(CALL)
    assert meeting.shown() == ["A017", "请到1号窗口"]
    await driver.close()
    assert (meeting.view()["refused"], meeting.view()["unheard"]) == (0, 0)


async def test_a_font_the_card_lacks_and_a_character_its_font_lacks(meeting: Meeting) -> None:
    driver = meeting.driver(fonts={16: ["O000", "E000"], 32: ["O901", "E901"]})
    await driver.open()
    await driver.show(Page(lines=(PageLine(text="张䶮", big=True), PageLine(text=r"C:\n"))))
    assert meeting.shown() == ["张□", "C:＼n"]
    assert all(not area["strange"] and not area["absent"] for area in meeting.view()["areas"])
    assert (await driver.check()).state == "warning"
    await driver.close()


async def test_clear_and_the_small_verbs(meeting: Meeting) -> None:
    driver = meeting.driver(brightness=8)
    await driver.open()
    await driver.show(CALL)
    assert (await driver.status()).areas == (0, 1)
    await driver.clear()
    status = await driver.status()
    assert (status.areas, status.brightness, status.on) == ((), 8, True)
    assert meeting.view()["lit"] == 0
    await driver.set_power(False)
    assert not (await driver.status()).on
    await driver.close()
