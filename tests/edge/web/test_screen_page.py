"""The citizen's screen in Chromium, on the second screen of the clerk's computer."""

import os
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.edge.api.bench import serving
from tests.edge.web.conftest import Desk
from tests.edge.web.test_case_page import PACE, open_case, press, serve_one
from tests.edge.web.test_clerk_page import CONTRAST

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("HALL_SHOTS", "")  # a folder: pictures are kept there


async def shot(page: Page, name: str) -> None:
    if SHOTS:
        await page.screenshot(path=Path(SHOTS) / f"{name}.png")


async def test_a_turn_on_the_citizens_screen_and_nothing_after_it(desk: Desk) -> None:
    clerk = desk.page
    async with serving(desk.hall, desk.folder, PACE):
        await serve_one(desk)
        async with clerk.expect_popup() as opened:
            await clerk.locator("#second-screen").click()
        screen = await opened.value
        screen.on("pageerror", lambda error: desk.complaints.append(str(error)))
        await expect(screen.locator("#serving")).to_have_text("正在办理 A001 号")
        await expect(screen.locator("#person")).to_be_hidden()
        await clerk.bring_to_front()
        await open_case(desk)
        await expect(screen.locator("#person-name")).to_have_text("张*")
        await expect(screen.locator("#person-number")).to_have_text("119999********0012")
        await press(clerk, "1")
        await expect(screen.locator("#materials li").first).to_contain_text("✓ 齐")
        await expect(screen.locator("#receipt-number")).to_have_text("收件后显示")
        await expect(screen.locator("#receipt-due")).to_contain_text("如现在收件")
        await shot(screen, "screen-turn")
        assert await screen.evaluate(CONTRAST) == []
        await press(clerk, "ArrowDown", "u")
        await expect(screen.locator("#materials .material-there")).to_have_count(2)
        await press(clerk, "Enter")
        await expect(clerk.locator(".sheet-due")).to_contain_text("以前办结")
        await press(clerk, "Enter")
        await expect(screen.locator("#receipt-number")).to_contain_text("11999904201")
        await press(clerk, "4")
        await expect(screen.locator("#rating")).to_be_visible()
        await shot(screen, "screen-rating")
        await expect(screen.locator("#turn")).to_be_hidden()
        assert "张" not in await screen.locator("body").inner_text()
        assert await screen.locator("#person-number").text_content() == ""
    assert desk.complaints == []


async def test_a_lost_line_and_a_sign_out_empty_the_screen(desk: Desk) -> None:
    clerk = desk.page
    async with serving(desk.hall, desk.folder, PACE):
        await serve_one(desk)
        screen = await clerk.context.new_page()
        await screen.goto(f"{desk.origin}/screen/")
        await clerk.bring_to_front()
        await open_case(desk)
        await expect(screen.locator("#person-name")).to_have_text("张*")
    await expect(screen.locator("#loss")).to_be_visible()
    await expect(screen.locator("#turn")).to_be_hidden()
    assert await screen.locator("#person-name").text_content() == ""
    async with serving(desk.hall, desk.folder, PACE):  # sessions ended with the daemon
        await expect(screen.locator("#idle-says")).to_have_text("本窗口没有工作人员登录。", timeout=20_000)
        await expect(screen.locator("#loss")).to_be_hidden()
        await shot(screen, "screen-none")


@pytest.mark.parametrize("width", [1366, 1100, 1024])
async def test_the_way_to_the_screen_is_on_every_width_of_the_bar(desk: Desk, width: int) -> None:
    clerk = desk.page
    await clerk.set_viewport_size({"width": width, "height": 768})
    async with serving(desk.hall, desk.folder, PACE):
        await serve_one(desk)
        link = clerk.get_by_role("link", name="群众屏")
        await expect(link).to_be_visible()
        place = await link.bounding_box()
        out = await clerk.locator("#sign-out").bounding_box()
        assert place is not None
        assert out is not None
        assert min(place["width"], place["height"]) >= 43
        assert place["x"] + place["width"] <= out["x"]
        assert out["x"] + out["width"] <= width
        await shot(clerk, f"bar-{width}")
        async with clerk.expect_popup() as opened:
            await link.click()
        await expect((await opened.value).locator("#serving")).to_be_visible()
