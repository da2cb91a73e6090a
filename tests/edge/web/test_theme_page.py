"""A city's theme in Chromium: logo and colours on the clerk's page and the citizen's screen, and no hole without."""

import os
from pathlib import Path

import pytest
from playwright.async_api import expect

import config
from edge.theme.reading import read_pack, theme_of
from edge.theme.worn import Worn
from tests.edge.api.bench import serving
from tests.edge.theme.packs import make_pack
from tests.edge.web.conftest import Desk
from tests.edge.web.test_case_page import PACE, serve_one
from tests.edge.web.test_clerk_page import CONTRAST

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("HALL_SHOTS", "")  # a folder: pictures are kept there
STATIONS = read_pack(config.folder() / "themes" / "sample-stations")[0]
DRAWN = "document.querySelector('.bar-mark').naturalWidth"
WIDTHS = (1920, 1440, 1366, 1280, 1100, 1024)
# Whose hall it is stands there whole, and the page is no wider than its window.
CUT = """[document.getElementById('hall-name'), document.documentElement]
    .filter(each => each.scrollWidth > each.clientWidth).map(each => each.id || each.tagName)"""
BAR = "getComputedStyle(document.querySelector('.bar')).backgroundColor"


async def shot(desk: Desk, name: str) -> None:
    if SHOTS:
        await desk.page.screenshot(path=Path(SHOTS) / f"{name}.png")


async def test_the_clerks_page_and_the_citizens_screen_wear_the_city(desk: Desk) -> None:
    desk.hall.worn = Worn(STATIONS)
    page = desk.page
    async with serving(desk.hall, desk.folder, PACE):
        await serve_one(desk)
        await expect(page.locator(".bar-mark")).to_have_attribute("alt", "样本市公共服务")
        await page.wait_for_function(DRAWN)
        assert await page.evaluate(BAR) == "rgb(11, 94, 74)"
        for width in WIDTHS:
            await page.set_viewport_size({"width": width, "height": 800})
            assert await page.evaluate(CUT) == [], width
            await shot(desk, f"theme-bar-{width}")
        await page.set_viewport_size({"width": 1280, "height": 800})
        assert await page.evaluate(CONTRAST) == []
        await shot(desk, "theme-clerk")
        await page.goto(f"{desk.origin}/screen/")
        await expect(page.locator("#serving")).to_be_visible()
        await page.wait_for_function(DRAWN)
        assert await page.evaluate(CONTRAST) == []
        await shot(desk, "theme-screen")
        await page.locator("#language").select_option("en")
        await expect(page.locator(".bar-mark")).to_have_attribute("alt", "Sample City Public Services")
        await page.goto(f"{desk.origin}/theme/mark")  # as a page of its own it runs nothing either
    assert desk.complaints == []


async def test_the_technician_sees_why_a_broken_pack_is_not_worn_and_nobody_sees_a_hole(desk: Desk) -> None:
    folder = make_pack(desk.folder / "themes")
    (folder / "logo.svg").write_text("<svg", "utf-8")
    theme, mistakes = theme_of("city", b'theme: "city"\n', desk.folder / "site.yaml")
    desk.hall.site = desk.hall.site.model_copy(update={"theme": "city"})
    desk.hall.worn = Worn(theme, tuple(mistakes))
    page = desk.page
    async with serving(desk.hall, desk.folder, PACE):
        await page.goto(f"{desk.origin}/technician/")
        await page.wait_for_function(DRAWN)
        await expect(page.locator("#theme")).to_be_hidden()
        await page.get_by_label("登录码").fill("9090")
        await page.keyboard.press("Enter")
        await expect(page.locator("#theme-says")).to_contain_text("主题包 city 没有启用")
        await expect(page.locator("#theme-mistakes li")).to_contain_text("themes/city/logo.svg:1:1")
        await shot(desk, "theme-technician")
        assert await page.evaluate(CONTRAST) == []
    assert desk.complaints == []
