"""What is held already, at the clerk's page in Chromium: offered, used by keyboard, declined."""

import pytest
from playwright.async_api import expect

from tests.edge.api.bench import serving
from tests.edge.api.test_reuse import ACCOUNT, ADDRESS, FIELD, HELD, centre_says, listed
from tests.edge.web.conftest import Desk
from tests.edge.web.test_case_page import CONTRAST, PACE, _fits, open_case, press, serve_one, shot

pytestmark = pytest.mark.browser


async def test_held_already_is_marked_used_shown_and_declined(desk: Desk) -> None:
    page, hall = desk.page, desk.hall
    hall.use_catalogue(listed(hall.catalogue))
    async with serving(hall, desk.folder, PACE):
        await serve_one(desk)
        await open_case(desk)
        case = next(iter(hall.state.cases))
        values = {"bank-account": ACCOUNT, "address": ADDRESS}
        assert await centre_says(hall, case, *HELD, FIELD, **values) == ""
        hall.told.tick()
        line = page.locator("#check-1")
        await expect(line).to_contain_text("可核验复用")
        await expect(line).to_contain_text("基础库 base-1 有效期到 2099-01-04")
        await expect(page.locator("#fields")).to_contain_text("联系地址")
        await press(page, "1", "ArrowDown")
        await expect(page.locator("#detail-marks")).to_contain_text("请交原件")
        await shot(desk, "reuse-1-offered")
        await press(page, "u")
        await expect(line.locator(".check-state")).to_have_text("免交")
        await expect(page.locator("#held-value")).to_contain_text(ACCOUNT)
        await expect(page.locator(".case-due")).to_contain_text("必需材料已齐")
        await page.locator("#field-list").get_by_role("button", name="核验复用").click()
        await expect(page.locator("#held-value")).to_have_text(f"联系地址：{ADDRESS}")
        await shot(desk, "reuse-2-used")
        for language in ("en", "zh-Hant", "zh-Hans"):
            await page.locator("#language").select_option(language)
            await expect(page.locator("html")).to_have_attribute("lang", language)
            await _fits(page)
            assert await page.evaluate(CONTRAST) == [], language
            await shot(desk, f"reuse-fit-{language}")
        await page.locator("#checklist").focus()
        await press(page, "i")
        await expect(page.locator("#sheet")).to_contain_text("为什么不用已有的信息")
        await shot(desk, "reuse-3-decline")
        await press(page, "2")
        await expect(line).to_contain_text("群众说信息已变更")
        await expect(page.locator("#held-value")).to_be_hidden()
        await expect(page.locator(".case-due")).to_contain_text("还缺 1 样")
        await press(page, "q")
        await expect(page.locator("#sheet")).to_contain_text("请群众出示以前的回执")
        await page.keyboard.type("R0000000")
        await press(page, "Enter")
        await expect(page.locator("#refused")).to_contain_text("没有找到")
    assert desk.complaints == []
