"""Pre-check and the call for guidance at the clerk's page, in Chromium, by keyboard."""

import pytest
from playwright.async_api import expect

from tests.edge.api.bench import serving
from tests.edge.web.conftest import Desk
from tests.edge.web.test_case_page import PACE, open_case, press, serve_one, shot
from tests.edge.web.test_clerk_page import CONTRAST

pytestmark = pytest.mark.browser


async def test_a_draft_is_looked_through_by_the_window_and_by_the_department(desk: Desk) -> None:
    page = desk.page
    async with serving(desk.hall, desk.folder, PACE):
        await serve_one(desk)
        await open_case(desk)
        await expect(page.locator(".case-precheck")).to_have_count(0)
        await press(page, "e")
        await expect(page.locator("#sheet-title")).to_have_text("预审：城乡居民基本养老金申领")
        choices = page.locator("#sheet .sheet-choice")
        await expect(choices.nth(0)).to_have_attribute("aria-checked", "true")
        await expect(choices.nth(0)).to_contain_text("窗口自己核对")
        await expect(choices.nth(1)).to_contain_text("社会保险")
        await shot(desk, "precheck-1-sheet")
        await press(page, "2", "Enter")
        line = page.locator(".case-precheck")
        await expect(line).to_contain_text("还有问题：居民身份证")
        await expect(line).not_to_contain_text("又有改动")
        await shot(desk, "precheck-2-found")
        await press(page, "1")
        await expect(line).to_contain_text("之后又有改动，请重新预审")
        await press(page, "ArrowDown", "u")
        await expect(page.locator(".case-due")).to_contain_text("必需材料已齐")
        await press(page, "e")
        await expect(page.locator("#sheet")).to_contain_text("没有发现问题")
        await press(page, "Enter")
        await expect(line).to_contain_text("预审（窗口自己核对，")
        await expect(line).to_contain_text("没有发现问题。")
        await press(page, "Enter")
        await expect(page.locator(".sheet-due")).to_contain_text("以前办结")
    assert desk.complaints == []


async def test_a_department_is_asked_to_the_window_and_the_wait_is_in_sight(desk: Desk) -> None:
    page = desk.page
    async with serving(desk.hall, desk.folder, PACE):
        await desk.sign_in()
        await expect(page.locator("#now-state")).to_have_text("窗口空闲")
        await press(page, "z")
        await expect(page.locator("#done")).to_have_text("请先开始办理，再请部门来指导。")
        await desk.take()
        await expect(page.locator("#queue-count")).to_have_text("1 人")
        await press(page, "1")
        await expect(page.locator("#now-state")).to_have_text("已呼叫")
        await press(page, "3")
        await expect(page.locator("#case-start")).to_be_visible()
        await press(page, "t")
        await page.locator("#typed-name").focus()
        await page.keyboard.type("z")  # a letter in a field calls nobody
        await expect(page.locator("#turn-sheet")).to_be_hidden()
        await page.locator("#desk").click(position={"x": 5, "y": 5})
        await press(page, "z")
        await expect(page.locator("#sheet-title")).to_have_text("请哪个部门派人来窗口指导？")
        await shot(desk, "guidance-1-which")
        name = await page.locator("#turn-sheet .sheet-choice span").nth(1).inner_text()
        await press(page, "2", "Enter")
        waits = page.locator("#now-guidance")
        await expect(waits).to_contain_text(f"已请{name}来窗口指导")
        await expect(page.locator("#done")).to_contain_text("本次办理暂停计时")
        await shot(desk, "guidance-2-waits")
        await page.set_viewport_size({"width": 1024, "height": 768})
        await expect(waits).to_be_visible()
        over = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert await page.evaluate(over) <= 0
        assert (low := await page.evaluate(CONTRAST)) == [], low
        await shot(desk, "guidance-3-1024")
        await press(page, "z")
        await expect(page.locator("#sheet-title")).to_have_text(f"{name}的指导怎样了？")
        await press(page, "1")
        await expect(waits).to_be_hidden()
        await expect(page.locator("#done")).to_contain_text("继续计时")
        assert next(iter(desk.hall.state.tickets.values())).guidance is None
    assert desk.complaints == []
