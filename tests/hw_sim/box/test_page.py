"""The page in a real browser, over simulators only."""

import base64
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, ViewportSize, async_playwright, expect

from hw_sim.box.sights import lamps
from hw_sim.faults import FaultWord
from hw_sim.hall485 import Keypad
from hw_sim.hall485.frames import Frame
from hw_sim.onbon6e import Onbon6ECard
from hw_sim.onbon6e.areas import Area
from hw_sim.onbon6e.areas import Page as PanelPage
from tests.hw_sim.box.conftest import Served
from tests.hw_sim.box.screen_program import HEIGHT, WIDTH, ScreenProgram

expect.set_options(timeout=30_000)  # also for test_kinds.py, which takes its browser from here
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIZE: ViewportSize = {"width": 1600, "height": 1000}
SHOW = 0x02
# Red above half where a lamp shines; one number a lamp, row by row.
READ_CANVAS = """canvas => {
  const pitch = Number(canvas.dataset.pitch), half = Math.floor(pitch / 2);
  const [wide, high] = [canvas.width / pitch, canvas.height / pitch];
  const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  const lit = [];
  for (let y = 0; y < high; y += 1)
    for (let x = 0; x < wide; x += 1)
      lit.push(data[4 * ((y * pitch + half) * canvas.width + x * pitch + half)] > 128 ? 1 : 0);
  return {wide, high, pitch, lit};
}"""

pytestmark = pytest.mark.browser


@pytest.fixture
async def page(box: Served) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await browser.new_page(viewport=SIZE)
        page.set_default_timeout(10_000)
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if "Security Policy" in said.text else None)
        await page.goto(box.url)
        await page.wait_for_selector("body[data-built=yes]")
        yield page
        await browser.close()
        assert wrong == []


async def test_cards_keys_cables_troubles_and_the_line(box: Served, page: Page) -> None:
    hall = box.station.hall
    reader, keypad, led = hall.device("sam-1"), hall.simulators["keypad-1"], hall.simulators["led-1"]

    await page.click("[data-card=card-1]")
    await expect(page.locator("[data-card=card-1]")).to_have_attribute("aria-pressed", "true")
    assert reader.view()["card"] == "card-1"
    await page.click("[data-card=card-1]")
    await expect(page.locator("[data-card=card-1]")).to_have_attribute("aria-pressed", "false")
    assert reader.view()["card"] is None

    first = page.locator("[data-window=w1]")
    for key in "42":
        await first.locator(f"[data-key='{key}']").click()
    await expect(first.locator(".typed")).to_have_text("42")
    assert isinstance(keypad, Keypad)
    keypad.hear(Frame(keypad.address, SHOW, bytes([0x0A, 0x0A, 0x0A, 0, 1, 7])))
    await expect(first.locator(".display")).to_have_attribute("data-text", "   017")
    await expect(first.locator(".display polygon.on")).to_have_count(6 + 2 + 3)

    bar = page.locator(".bar[data-device=led-1]")
    await bar.locator("[data-do=plug]").click()
    await expect(bar).to_contain_class("off")
    assert not led.plugged
    await bar.locator("[data-do=plug]").click()
    await expect(bar).not_to_contain_class("off")
    assert led.plugged

    await bar.locator("[data-do=trouble]").click()
    await page.locator("#menu select").select_option("3")
    await page.locator("#menu button[data-word=nak]").click()
    await expect(bar.locator(".chip")).to_have_count(1)
    assert [(fault.word, fault.times) for fault in led.faults.active()] == [(FaultWord.NAK, 3)]
    await page.locator("#menu [data-do=clear]").click()
    await expect(bar.locator(".chip")).to_have_count(0)
    await page.keyboard.press("Escape")
    await expect(page.locator("#menu")).to_be_hidden()

    await page.click("#line")
    await expect(page.locator("#line")).to_have_attribute("aria-checked", "false")
    assert not box.station.line.up
    await page.click("[data-program=halld] [data-do=kill]")
    await expect(page.locator("[data-program=halld] .restarts")).to_have_text("↻ 1")
    await expect(page.locator("#log [data-what=program_kill]")).to_have_count(1)


async def test_every_lamp_is_drawn_as_it_shines(box: Served, page: Page) -> None:
    card = box.station.hall.simulators["led-2"]
    assert isinstance(card, Onbon6ECard)
    lit = bytes((x * 7 + y * 13 + x * y) % 5 == 0 for y in range(40) for x in range(150))
    card.panel.update(Area(0, 0, 0, 21, 9, 150, 40, (PanelPage(lit, 3600.0, 0),)), card.clock.now())
    card.changed.tell()
    sent = base64.b64decode(str(lamps(card)["red"]))
    await page.wait_for_function(
        "([id, lit]) => { const c = document.querySelector(`[data-panel=${id}]`);"
        f" return ({READ_CANVAS})(c).lit.filter(Boolean).length === lit; }}",
        arg=["led-2", sum(card.pixels())],
    )
    drawn = await page.eval_on_selector("[data-panel=led-2]", READ_CANVAS)
    assert (drawn["wide"], drawn["high"]) == (192, 64)
    assert drawn["pitch"] >= 3
    assert bytes(drawn["lit"]) == card.pixels()
    assert "".join(f"{octet:08b}" for octet in sent) == "".join(map(str, drawn["lit"]))


async def test_the_pad_is_asked_and_rated(box: Served, page: Page) -> None:
    pad = box.station.hall.simulators["pad-1"]
    pad.hear(Frame(pad.address, 0x01, bytes([0x0B])))  # type: ignore[attr-defined]
    body = page.locator("[data-window=w1] .pad")
    await expect(body).to_have_attribute("data-state", "rate")
    await body.locator("[data-value='4']").click()
    await expect(body).to_have_attribute("data-state", "sent")
    assert pad.view()["given"] == [4]


async def test_a_tap_on_the_picture_reaches_the_screen(box: Served, page: Page) -> None:
    program = ScreenProgram(box.station.screens["kiosk"].path)
    await program.start()
    picture = page.locator("[data-screen=kiosk] img")
    await page.wait_for_selector("[data-screen=kiosk].there")
    await expect(picture).to_have_js_property("naturalWidth", WIDTH)
    place = await picture.bounding_box()
    assert place is not None
    await page.mouse.click(place["x"] + place["width"] * 0.25, place["y"] + place["height"] * 0.75)
    await program.tapped.wait()
    (x, y) = program.taps[0]
    assert (x, y) == (pytest.approx(WIDTH * 0.25, abs=1), pytest.approx(HEIGHT * 0.75, abs=1))
    await expect(picture).to_have_attribute("src", "/screen/kiosk.png?n=2")
    await program.stop()


async def test_wishes_that_cannot_be_met_are_said_in_both_languages_nothing_is_cut_off(box: Served, page: Page) -> None:
    await page.locator(".bar[data-device=led-1] [data-do=trouble]").click()
    await page.locator("#menu input[data-word=nak]").fill("99999999")
    await page.locator("#menu button[data-word=nak]").click()
    await expect(page.locator("#notices .notice")).to_contain_text("nak amount")
    await page.click("[data-language=en]")
    await expect(page.locator("#top h1")).to_contain_text("Hall in a box")
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    for width, height in ((1600, 1000), (1280, 800)):
        await page.set_viewport_size({"width": width, "height": height})
        assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
