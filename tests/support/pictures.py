"""Makes the README's pictures anew from the running product: `.venv/bin/python -m tests.support.pictures`."""

import asyncio
import io
import shutil
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, Page, async_playwright

from hw_sim.box.server import serve_box
from hw_sim.demo.station import Station, free_port, station
from hw_sim.demo.visit import Visit

TARGET = Path(__file__).parents[2] / "docs" / "pictures"
CHROMIUM = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


# What the page itself would ask, without its own reader at this window: person by word, one page, one mark.
CASE = """async () => {
  let n = 0;
  const post = async (path, wish) => (await fetch("/api/window/w1/" + path, {method: "POST",
    headers: {"content-type": "application/json"}, body: JSON.stringify({id: "picture-" + n++, ...wish})})).json();
  const person = await post("person", {name: "张测试", id_number: "119999199001010012"});
  const {case: uid} = await post("case", {item: "social-card-apply", person: person.token});
  await post("case/page", {case: uid, material: "id-card"});
  await post("case/mark", {case: uid, material: "id-card", state: "provided", form: "paper", originals: 1});
}"""


async def main() -> None:
    data = Path(".hall/pictures").absolute()
    shutil.rmtree(data, ignore_errors=True)
    TARGET.mkdir(exist_ok=True)
    async with station("station", data, seed=1) as made:
        await made.ready()
        port = free_port()
        box = asyncio.create_task(serve_box(made, port))
        await Visit(made, data).run()
        async with async_playwright() as play:
            browser = await play.chromium.launch(executable_path="/usr/bin/chromium", args=list(CHROMIUM))
            await _clerk(browser, made)
            page = await browser.new_page(viewport={"width": 1600, "height": 1000})
            await page.goto(f"http://127.0.0.1:{port}/")
            made.hall.device("sam-1").act("lay_card", card="card-1")
            await asyncio.sleep(4)
            await _keep(page, "box.png", 1200)
            await browser.close()
        box.cancel()
        await asyncio.gather(box, return_exceptions=True)
    for name, width in (("kiosk-1-service", 405), ("kiosk-2-card", 405), ("kiosk-3-number", 405), ("board", 720)):
        _save(Image.open(data / f"{name}.png"), f"{name}.png", width)
    for name in ("ticket", "receipt"):
        _save(Image.open(data / f"{name}.png"), f"{name}.png", 405)
    led = Image.open(data / "led.png").convert("RGB")
    led.resize((led.width * 3, led.height * 3), Image.Resampling.NEAREST).save(TARGET / "led.png", optimize=True)


async def _clerk(browser: Browser, made: Station) -> None:
    """Two more people wait; one is called from the page."""
    kiosk = made.screens["kiosk"]
    for service in ("service_general", "service_social", "service_residence"):
        await kiosk.page("service")
        await kiosk.tap(service)
        await kiosk.page("card")
        await kiosk.tap("no_card")
        await kiosk.page("number")
        await kiosk.tap("done")
    page = await browser.new_page(viewport={"width": 1280, "height": 800})
    await page.goto(f"{made.hall_url}/")
    await page.get_by_text("1 号窗口").click()
    await page.locator("input[type=password]").fill("2468")
    await page.keyboard.press("Enter")
    await page.get_by_text("等候队列").wait_for()
    await page.keyboard.press("1")
    await page.get_by_text("已呼叫").first.wait_for()
    await asyncio.sleep(1)
    await _keep(page, "clerk.png", 960)
    await page.keyboard.press("3")
    await page.locator("#case-start").wait_for()
    made.hall.device("camera-1").act("lay_page", page="id-copy")
    await page.evaluate(CASE)
    await page.locator("#check-0").wait_for()
    await asyncio.sleep(3)
    await _keep(page, "clerk-case.png", 960)


async def _keep(page: Page, name: str, width: int) -> None:
    _save(Image.open(io.BytesIO(await page.screenshot())), name, width)


def _save(picture: Image.Image, name: str, width: int) -> None:
    height = round(picture.height * width / picture.width)
    small = picture.convert("RGB").resize((width, height), Image.Resampling.LANCZOS)
    small.quantize(192).save(TARGET / name, optimize=True)


if __name__ == "__main__":
    asyncio.run(main())
