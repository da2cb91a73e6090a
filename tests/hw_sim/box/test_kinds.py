"""Panels of every family, strips, tablets and devices without a part of their own, on the page in a real browser."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Page, async_playwright, expect

from config import folder
from hw_sim.box import sights
from hw_sim.cpower.frames import checksum
from hw_sim.device import Device
from hw_sim.faults import FaultWord
from hw_sim.hall import SimulatedHall
from hw_sim.hall485.frames import StripFrame
from hw_sim.scene import Scene, load_scene
from tests.hw_sim.box.conftest import Served, Simulators, serving
from tests.hw_sim.box.test_page import CHROMIUM, FLAGS, READ_CANVAS, SIZE

STATION = {"keypad": "keypad-1", "pad": "pad-1", "strip": "strip-1", "address": 1, "window": "w1"}
SCENE = Scene.model_validate(
    {
        "scene": "kinds",
        "devices": [
            {"id": "rs485-1", "sim": "hall485", "stations": [STATION]},
            {"id": "led-1", "sim": "onbon5k", "width": 96, "height": 32, "place": "w1"},
            {"id": "led-2", "sim": "cpower", "width": 128, "height": 32, "lamps": "full", "place": "w2"},
            {"id": "led-3", "sim": "onbon6e", "width": 96, "height": 32, "device_type": 0x0154, "place": "w2"},
            {"id": "tablet-2", "sim": "tablet", "url": "ws://127.0.0.1:9/", "window": "2"},
        ],
    }
)
pytestmark = pytest.mark.browser


class Spare(Device):
    """A device of no kind that the page knows, with acts of every form."""

    kind = "spare"
    troubles = frozenset({FaultWord.SILENT})

    def __init__(self, hall: SimulatedHall) -> None:
        super().__init__("spare-1", hall.clock, hall._random("spare-1"))
        self.done: list[tuple[Any, ...]] = []

    def actions(self) -> dict[str, Any]:
        return {**super().actions(), "turn": self.turn, "fall": self.fall}

    def turn(self, card: str, times: int, share: float = 0.5, *, fast: bool, note: str | None = "无") -> None:
        self.done.append((card, times, share, fast, note))

    def fall(self) -> None:
        self.done.append(("fall",))

    def look(self) -> dict[str, Any]:
        return {"cards": ["card-1", "card-2"], "text": "请出示证件", "acts": len(self.done)}


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[Served]:
    hall = SimulatedHall(SCENE, tmp_path)
    spare = Spare(hall)
    hall.simulators[spare.id] = spare
    async with hall, serving(Simulators(hall, line=None)) as served:  # type: ignore[arg-type]
        yield served


@pytest.fixture
async def page(box: Served) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await browser.new_page(viewport=SIZE)
        page.set_default_timeout(10_000)
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        await page.goto(box.url)
        await page.wait_for_selector("body[data-built=yes]")
        yield page
        await browser.close()
        assert wrong == []


def test_the_plan_gives_each_device_its_place(tmp_path: Path) -> None:
    plan = sights.plan(Simulators(SimulatedHall(SCENE, tmp_path), line=None))  # type: ignore[arg-type]
    assert plan["windows"] == [
        {"id": "w1", "keypad": "keypad-1", "pad": "pad-1", "strip": "strip-1", "led": "led-1"},
        {"id": "w2", "led": "led-2", "pad": "tablet-2"},
        {"id": "led-3", "led": "led-3"},
    ]


def test_every_panel_shows_its_lamps_and_nothing_else_does(tmp_path: Path) -> None:
    hall = SimulatedHall(SCENE, tmp_path)
    shown = {id: sights.lamps(device) for id, device in hall.simulators.items()}
    assert {id for id, lamps in shown.items() if lamps} == {"led-1", "led-2", "led-3", "strip-1"}
    strip = hall.simulators["strip-1"]
    strip.hear_strip(StripFrame(1, 0xA5, "红".encode("gbk") + b"\0" + "绿".encode("gbk") + b"\1"))  # type: ignore[attr-defined]
    lamps = sights.lamps(strip)
    assert lamps is not None
    lit = {colour: any(base64.b64decode(lamps[colour])) for colour in ("red", "green", "blue")}
    assert lit == {"red": True, "green": True, "blue": False}


def test_a_machine_offers_the_devices_in_its_sockets(tmp_path: Path) -> None:
    hall = SimulatedHall(load_scene(folder() / "scenes" / "workbench.yaml"), tmp_path)
    (device, socket) = sights.device(hall.simulators["machine"])["hands"]["move"]
    assert (device["form"], set(device["options"])) == ("choice", {"sam-1", "rs485-1", "led-1", "led-3", "scanner-1"})
    assert (socket["form"], socket["options"]) == ("text", [])


async def test_a_full_colour_panel_and_its_brightness(box: Served, page: Page) -> None:
    led = box.station.hall.simulators["led-2"]
    body = b"\x68\x32\x01\x7b\x01\x17\x00\x00\x00\x03\x00\x00\x01\xff\xff\x04\x00\x00\x00\x00I1\x08\x00\x01\x00\x07\x00"
    body = body[:5] + (len(body) - 9 + 3).to_bytes(2, "little") + body[7:] + b"\xa0\x20\x01"
    frame = b"\xff" * 4 + (len(body) + 2).to_bytes(2, "little") + bytes(2) + body + checksum(body)
    led.heard(frame)  # type: ignore[attr-defined]
    assert list(led.colours()[:8]) == [1, 0, 3, 0, 0, 0, 0, 4]  # type: ignore[attr-defined]
    await page.wait_for_function(
        f"() => ({READ_CANVAS})(document.querySelector('[data-panel=led-2]')).lit.some(Boolean)"
    )
    led.act("set_brightness", level=0)
    canvas = page.locator("[data-panel=led-2]")
    await expect(canvas).to_have_css("filter", "brightness(0.6)")


async def test_a_tablet_says_that_it_is_offline_and_takes_presses_when_asked(box: Served, page: Page) -> None:
    tablet = box.station.hall.simulators["tablet-2"]
    part = page.locator("[data-window=w2] .pad")
    await expect(part).to_have_attribute("data-state", "offline")
    await expect(part.locator(".pad-screen")).to_contain_text("未连接")
    tablet.state, tablet.question = "rate", "r-1"  # type: ignore[attr-defined]
    tablet.changed.tell()
    await expect(part).to_have_attribute("data-state", "rate")
    assert await part.locator(".faces button").count() == 5
    await part.locator("[data-value='5']").click()
    await expect(part).to_have_attribute("data-state", "sent")
    assert tablet.view()["given"] == [5]
    await expect(page.locator("#log [data-what=rated_level]")).to_have_count(1)


async def test_a_strip_stands_at_its_window(box: Served, page: Page) -> None:
    strip = box.station.hall.simulators["strip-1"]
    strip.hear_strip(StripFrame(1, 0xA5, "号".encode("gbk") + b"\2"))  # type: ignore[attr-defined]
    await page.wait_for_function(
        "lit => { const c = document.querySelector('[data-window=w1] [data-panel=strip-1]');"
        f" return ({READ_CANVAS})(c).lit.filter(Boolean).length === lit; }}",
        arg=strip.view()["lit"],
    )


async def test_any_device_is_shown_with_what_a_hand_can_do(box: Served, page: Page) -> None:
    spare = box.station.hall.simulators["spare-1"]
    assert isinstance(spare, Spare)
    thing = page.locator("[data-thing=spare-1]")
    await expect(thing.locator("[data-fact=text]")).to_have_text("请出示证件")
    await thing.locator("[data-action=fall]").click()
    await expect(thing.locator("[data-fact=acts]")).to_have_text("1")
    await thing.locator("[data-value=card]").select_option(label="card-2")
    await thing.locator("[data-value=times]").fill("3")
    await thing.locator("[data-value=fast]").select_option(label="否")
    await thing.locator("[data-action=turn]").click()
    await expect(thing.locator("[data-fact=acts]")).to_have_text("2")
    assert spare.done == [("fall",), ("card-2", 3, 0.5, False, "无")]
    await thing.locator("[data-do=trouble]").click()
    await page.locator("#menu button[data-word=silent]").click()
    await expect(thing.locator(".chip")).to_have_count(1)
    assert [fault.word for fault in spare.faults.active()] == [FaultWord.SILENT]


async def test_brightness_of_a_card_is_set_in_its_menu(box: Served, page: Page) -> None:
    await page.locator(".bar[data-device=led-2] [data-do=trouble]").click()
    hand = page.locator("#menu .hand", has=page.locator("[data-action=set_brightness]"))
    await hand.locator("input").fill("12")
    await hand.locator("button").click()
    await expect(page.locator("[data-panel=led-2]")).to_have_css("filter", "brightness(0.755)")
    assert box.station.hall.device("led-2").view()["brightness"] == 12
    await hand.locator("input").fill("99")
    await hand.locator("button").click()
    await expect(page.locator("#notices .notice")).to_contain_text("0..31")


async def test_without_a_centre_there_is_no_line_to_pull(box: Served, page: Page) -> None:
    await expect(page.locator("#line")).to_be_hidden()
    async with httpx.AsyncClient(base_url=box.url, headers={"Origin": box.url}) as client:
        answer = await client.post("/line", json={"up": False})
    assert (answer.status_code, answer.text) == (400, "there is no line to a centre here")


async def test_nothing_is_cut_off_in_either_language(box: Served, page: Page) -> None:
    for language in ("en", "zh"):
        await page.click(f"[data-language={language}]")
        for width, height in ((1600, 1000), (1280, 800), (800, 1000)):
            await page.set_viewport_size({"width": width, "height": height})
            assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (language, width)
