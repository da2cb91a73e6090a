"""A clerk's further acts by keyboard, and the guide's page, in Chromium."""

import pytest
from playwright.async_api import expect

from edge.api.live import Pace
from edge.rules.commands import IssueTicket
from tests.edge.api.bench import serving
from tests.edge.api.test_queue_acts import mirror
from tests.edge.web.conftest import Desk

pytestmark = pytest.mark.browser
PACE = Pace(gap=0.02, beat=0.5)


async def declare(desk: Desk, ground: str) -> None:
    wish = {"service": "general", "channel": "kiosk", "place": "k1", "declared": ground}
    await desk.hall.execute(IssueTicket.model_validate(wish), id=f"declared-{ground}", actor="kiosk:k1")


async def test_green_settled_called_undone_and_called_out_of_turn(desk: Desk) -> None:
    page = desk.page
    async with serving(desk.hall, desk.folder, PACE):
        await desk.sign_in()
        await desk.take()
        await desk.take()
        await declare(desk, "pregnant")
        queue = page.locator("#queue li")
        await expect(queue.nth(2)).to_contain_text("申报绿色通道：孕妇，待核对")
        await page.keyboard.press("F8")
        await expect(page.locator("#turn-sheet .sheet-choice").first).to_contain_text("A003")
        await page.keyboard.press("1")
        await expect(page.locator("#turn-sheet")).to_contain_text("群众申报：孕妇")
        await page.keyboard.press("1")
        await expect(page.locator("#done")).to_contain_text("A003 按绿色通道排队")
        await expect(queue.first).to_contain_text("绿色通道：孕妇")
        await page.keyboard.press("1")
        await expect(page.locator("#now-number")).to_have_text("A003")
        await expect(page.locator("#now-why")).to_contain_text("绿色通道，按规则提前")
        await expect(page.locator('[data-turn="undo"]')).to_contain_text("秒")
        await page.keyboard.press("F2")
        await expect(page.locator("#done")).to_contain_text("呼叫已撤销")
        await page.keyboard.press("F7")
        await page.keyboard.type("2")
        await page.keyboard.press("Enter")
        await page.keyboard.press("2")
        await expect(page.locator("#now-why")).to_contain_text("指定叫号，越过 2 位。原因：引导员陪同")
        await desk.shot("out-of-turn")
    assert desk.complaints == []


async def test_put_aside_missed_sent_on_and_paused(desk: Desk) -> None:
    page = desk.page
    async with serving(desk.hall, desk.folder, PACE):
        await desk.sign_in()
        for _ in range(3):
            await desk.take()
        await expect(page.locator("#queue-count")).to_contain_text("3")
        await page.keyboard.press("1")
        await expect(page.locator("#now-number")).to_have_text("A001")
        await page.keyboard.press("3")
        await expect(page.locator("#now-state")).to_have_text("正在办理")
        await page.keyboard.press("F3")
        await expect(page.locator("#held-list")).to_contain_text("A001")
        await page.keyboard.press("1")
        await expect(page.locator("#now-number")).to_have_text("A002")
        await page.keyboard.press("5")
        await expect(page.locator("#missed-list")).to_contain_text("A002")
        await page.keyboard.press("F10")
        await page.keyboard.press("1")
        await page.keyboard.press("3")
        await expect(page.locator("#now-state")).to_contain_text("暂停办理：午休")
        assert desk.hall.state.windows["w1"].paused == "lunch"
        await page.keyboard.press("F10")
        await expect(page.locator("#now-state")).to_have_text("窗口空闲")
        await page.keyboard.press("F9")
        await page.keyboard.press("1")
        await expect(page.locator("#done")).to_contain_text("A002 已恢复等候")
        await page.keyboard.press("F3")
        await expect(page.locator("#now-number")).to_have_text("A001")
        await page.keyboard.press("F6")
        await expect(page.locator("#turn-sheet")).to_contain_text("2 号窗口　无人值班")
        await page.keyboard.press("1")
        await page.keyboard.press("1")
        await expect(page.locator("#done")).to_contain_text("A001 已转出")
        assert next(iter(desk.hall.state.tickets.values())).to == "w2"
    assert desk.complaints == []


async def test_a_guide_takes_checks_in_and_cancels(desk: Desk) -> None:
    page = desk.page
    async with serving(desk.hall, desk.folder, PACE):
        await mirror(desk.hall, "b:YY0001", -50)
        await page.goto(f"{desk.origin}/guide/")
        await page.get_by_label("登录码").fill("5579")
        await page.keyboard.press("Enter")
        await expect(page.locator("#place")).to_contain_text("引导员一号")
        await expect(page.locator("#booked")).to_contain_text("1")
        await page.keyboard.press("2")
        await page.keyboard.press("1")
        await page.keyboard.press("g")
        await page.keyboard.press("3")
        await expect(page.locator("#ground")).to_contain_text("老年人")
        await page.keyboard.press("Enter")
        await expect(page.locator("#done")).to_contain_text("已取号 B001")
        await expect(page.locator("#numbers li").first).to_contain_text("申报绿色通道：老年人，待核对")
        await page.keyboard.press("b")
        await page.keyboard.type("1234")
        await page.keyboard.press("Enter")
        await expect(page.locator("#sheet")).to_contain_text("已失效")
        await page.keyboard.press("1")
        await expect(page.locator("#done")).to_contain_text("这是普通号")
        await page.get_by_role("button", name="取消 B001").click()
        await page.keyboard.press("1")
        await expect(page.locator("#done")).to_contain_text("B001 已取消")
        await expect(page.locator("#numbers")).not_to_contain_text("B001")
        await page.keyboard.press("i")
        await page.keyboard.type("lnz")
        await page.get_by_role("button", name="打印给群众 老年人优待证").click()
        await expect(page.locator("#done")).to_contain_text("办事指南已在取号机打印")
        assert [line.text for line in desk.hall.guides[0]][2] == "老年人优待证（颐年卡）申领"
        await desk.shot("guide")
    assert desk.complaints == []
