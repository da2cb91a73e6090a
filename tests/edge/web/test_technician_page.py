"""The technician's page in Chromium: his PIN, every device, the worst first."""

import pytest
from playwright.async_api import expect

from tests.edge.api.bench import serving
from tests.edge.web.conftest import Desk
from tests.edge.web.test_clerk_page import CONTRAST, PACE

pytestmark = pytest.mark.browser


async def test_devices_with_states_and_advice(desk: Desk) -> None:
    page = desk.page
    async with serving(desk.hall, desk.folder, PACE):
        await page.goto(f"{desk.origin}/technician/")
        await page.get_by_label("登录码").fill("2468")
        await page.keyboard.press("Enter")
        await expect(page.locator("#sign-in-error")).to_contain_text("登录码不对")
        await page.get_by_label("登录码").fill("9090")
        await page.keyboard.press("Enter")
        await expect(page.locator("#count")).to_have_text("全部正常")
        await expect(page.locator("#devices tr")).to_have_count(len(desk.hall.site.devices))
        desk.hall.troubles["printer-1"] = ("fault", "paper_out")
        desk.hall.troubles["speaker-1"] = ("warning", "late")
        desk.hall.told.tick()
        first = page.locator("#devices tr").first
        await expect(first).to_contain_text("号票打印机")
        await expect(first).to_contain_text("故障")
        await expect(first).to_contain_text("请清洁纸传感器")
        await expect(first).to_contain_text("port of printer-1")
        await expect(page.locator("#count")).to_have_text("2 台需要处理")
        await desk.shot("technician")
        assert await page.evaluate(CONTRAST) == []
    await expect(page.locator("#loss")).to_contain_text("hallctl doctor")
    assert desk.complaints == []


async def test_a_clerks_session_is_not_enough(desk: Desk) -> None:
    page = desk.page
    async with serving(desk.hall, desk.folder, PACE):
        await desk.sign_in()
        await expect(page.locator("#desk")).to_be_visible()
        await page.goto(f"{desk.origin}/technician/")
        await expect(page.locator("#sign-in")).to_be_visible()
        status = "async () => (await fetch('/api/technician/devices')).status"
        assert await page.evaluate(status) == 403
