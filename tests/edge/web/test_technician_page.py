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
    await expect(page.locator("#loss")).to_contain_text("systemctl status halld")
    assert desk.complaints == []


async def test_a_device_somebody_touches_lights_up_for_a_moment(desk: Desk) -> None:
    page = desk.page
    async with serving(desk.hall, desk.folder, PACE):
        await signed_in(desk)
        row = page.locator("#device-keypad-1")
        await expect(row).to_contain_text("rs485-1 #1")
        await expect(page.locator("#device-sam-1")).to_contain_text("/dev/ttyUSB0")
        await expect(row).not_to_have_class("lit")
        desk.hall.noticed["keypad-1"] = 1
        desk.hall.told.tick()
        await expect(row).to_have_class("lit")
        await expect(row).to_contain_text("刚刚有人操作")
        await expect(page.locator("tr.lit")).to_have_count(1)
        assert await page.evaluate(CONTRAST) == []
        await expect(page.locator("tr.lit")).to_have_count(0)
    assert desk.complaints == []


async def test_a_device_shows_itself_at_the_press_of_a_button(desk: Desk) -> None:
    page = desk.page
    async with serving(desk.hall, desk.folder, PACE):
        await signed_in(desk)
        await page.get_by_role("button", name="示意 led-1").click()
        await expect(page.locator("#device-led-1")).to_contain_text("已示意")
        assert desk.hall.identified == ["led-1"]
        desk.hall.troubles["led-1"] = ("warning", "late")
        desk.hall.told.tick()
        await page.get_by_role("button", name="示意 led-1").click()
        await expect(page.locator("#device-led-1")).to_contain_text("一直寻找")


async def signed_in(desk: Desk) -> None:
    await desk.page.goto(f"{desk.origin}/technician/")
    await desk.page.get_by_label("登录码").fill("9090")
    await desk.page.keyboard.press("Enter")
    await expect(desk.page.locator("#devices tr")).to_have_count(len(desk.hall.site.devices))


async def test_a_clerks_session_is_not_enough(desk: Desk) -> None:
    page = desk.page
    async with serving(desk.hall, desk.folder, PACE):
        await desk.sign_in()
        await expect(page.locator("#desk")).to_be_visible()
        await page.goto(f"{desk.origin}/technician/")
        await expect(page.locator("#sign-in")).to_be_visible()
        status = "async () => (await fetch('/api/technician/devices')).status"
        assert await page.evaluate(status) == 403
