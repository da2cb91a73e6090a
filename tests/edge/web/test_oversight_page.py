"""Supervision in Chromium: the lead's lists and dialogs, what a clerk registers, and both languages of its figures."""

import pytest
from playwright.async_api import Page, expect

from edge.rules import commands as c
from edge.rules.dossier_commands import StepCase
from edge.rules.followup_commands import DirectComplaint
from tests.edge.api.bench import DATE, serving
from tests.edge.api.test_dossiers import parts_noted
from tests.edge.api.test_oversight import SAID, rated
from tests.edge.web.conftest import Desk
from tests.edge.web.test_case_page import serve_one, shot
from tests.edge.web.test_clerk_page import CONTRAST, PACE
from tests.edge.web.test_flow_page import UNIT, received

pytestmark = pytest.mark.browser


async def sign_in(desk: Desk) -> Page:
    page = desk.page
    await page.goto(f"{desk.origin}/lead/")
    await page.get_by_label("登录码").fill("7531")
    await page.keyboard.press("Enter")
    await expect(page.locator("#tabs")).to_be_visible()
    return page


async def press(page: Page, tab: str) -> None:
    await page.locator(f'[data-view="{tab}"]').click()


async def step(page: Page, name: str) -> None:
    await page.locator(f'.view:visible [data-step="{name}"]').click()


async def test_a_bad_rating_from_its_alarm_to_its_close(desk: Desk) -> None:
    async with serving(desk.hall, desk.folder, PACE):
        uid = await rated(desk.hall, "very_dissatisfied")
        page = await sign_in(desk)
        row = page.locator(f'[data-due="{uid}"]')
        await page.locator("#due-more summary").click()
        await expect(row).to_contain_text("整改任务")
        await expect(row).to_contain_text("还剩")
        await page.screenshot(path=desk.folder / "watch.png", full_page=True)
        await row.get_by_role("button", name="查看").click()
        card = page.locator(f'[id="{uid}"]')
        await expect(card).to_be_focused()
        await expect(card).to_contain_text("号票 A001")
        await expect(card).to_contain_text("非常不满意")
        await expect(card).to_contain_text("等候或办理太久")
        assert SAID not in await page.inner_text("body")
        await card.get_by_role("button", name="看办事人写的话").click()
        await expect(page.locator("#asking")).to_contain_text(SAID)
        await page.screenshot(path=desk.folder / "note.png")
        await page.keyboard.press("Escape")
        await step(page, "take")
        await expect(card).to_contain_text("负责人 值班长一号")
        await step(page, "verify")
        await page.get_by_label("属实", exact=True).check()
        await page.get_by_role("button", name="记录", exact=True).click()
        await expect(card).to_contain_text("核实结论：属实")
        await step(page, "rectify")
        await page.locator("#asking textarea").fill("已增开窗口")
        assert await page.evaluate(CONTRAST) == []
        await page.screenshot(path=desk.folder / "step.png")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(card.locator("[data-step=reply]")).to_be_visible()
        for name in ("reply", "revisit", "close"):
            await step(page, name)
            if name == "revisit":
                await page.get_by_label("没有联系上").check()
            await page.get_by_role("button", name="记录", exact=True).click()
            await expect(page.locator("#asking")).to_be_hidden()
        await expect(card).to_contain_text("已办结")
        await expect(card).to_contain_text("回访结果：没有联系上")
        await card.locator("summary").click()
        await expect(card.locator(".history li")).to_have_count(7)
        await page.screenshot(path=desk.folder / "task.png", full_page=True)
        await page.locator("#language").select_option("en")
        await expect(card).to_contain_text("Asked again: could not be reached")
        await press(page, "assess")
        await expect(page.locator("#assess-tables")).to_contain_text("Tasks, by clerk")
        await expect(page.locator("#assess-tables section").filter(has_text="Ratings, by clerk")).to_contain_text(
            "100%"
        )
        assert "{" not in await page.inner_text("body")
        assert "level_word." not in await page.inner_text("body")
        await page.screenshot(path=desk.folder / "assess-en.png", full_page=True)
        async with page.expect_download() as fetched:
            await page.locator("#assess-table").click()
        download = await fetched.value
        assert download.suggested_filename == f"assessment-{DATE}-{DATE}.csv"
    assert desk.complaints == []


async def test_a_step_that_somebody_else_took_meanwhile_says_so_and_who_can(desk: Desk) -> None:
    async with serving(desk.hall, desk.folder, PACE):
        uid = await rated(desk.hall)
        page = await sign_in(desk)
        await press(page, "tasks")
        await step(page, "assign")
        for command in (c.AssignTask(task=uid, to="l01"), c.VerifyTask(task=uid, verdict="true")):
            await desk.hall.execute(command, id=f"other-{type(command).__name__}", actor="lead:l02")
        await page.get_by_role("button", name="记录", exact=True).click()
        await expect(page.locator("#asking [role=alert]")).to_contain_text("已核实")
        await expect(page.locator("#asking [role=alert]")).to_contain_text("可以办理的人员：值班长")
    assert desk.complaints == []


async def test_a_complaint_spoken_at_a_window_reaches_the_lead(desk: Desk) -> None:
    page = desk.page
    async with serving(desk.hall, desk.folder, PACE):
        await desk.sign_in()
        await page.get_by_role("button", name="登记投诉").click()
        dialog = page.locator("dialog.asking[open]")
        await page.get_by_role("button", name="登记", exact=True).click()
        await expect(dialog.locator("[role=alert]")).to_contain_text("请先填写内容")
        await dialog.get_by_label("投诉电话").check()
        await dialog.get_by_label("关于").select_option("window")
        await dialog.get_by_label("内容").click()
        await page.keyboard.type(f"{SAID}123")  # a digit typed here calls nobody
        pale = [each for each in await page.evaluate(CONTRAST) if "now-number" not in each[1]]  # the dash of nobody
        assert pale == []
        await page.screenshot(path=desk.folder / "register.png")
        await page.get_by_role("button", name="登记", exact=True).click()
        await expect(dialog).to_contain_text("查询码")
        (complaint,) = desk.hall.state.complaints.values()
        await expect(dialog).to_contain_text(complaint.number)
        await expect(dialog).to_contain_text(complaint.query_code)
        assert (complaint.channel, complaint.target, complaint.anonymous) == ("phone", "w1", True)
        await page.screenshot(path=desk.folder / "registered.png")
        await page.keyboard.press("Escape")
        await expect(dialog).to_have_count(0)
        await page.get_by_role("button", name="整改任务").click()
        await expect(page.locator("dialog.asking[open]")).to_contain_text("没有需要您处理的整改任务")
        await page.keyboard.press("Escape")
        await desk.hall.execute(c.UrgeComplaint(complaint=complaint.uid), id="urge-it-now", actor="centre:district")
        page = await sign_in(desk)
        await expect(page.locator('[data-alarm="complaint_urged"]')).to_contain_text(complaint.number)
        assert await page.evaluate(CONTRAST) == []
        await page.screenshot(path=desk.folder / "alarm.png", full_page=True)
        await press(page, "complaints")
        for name in ("accept", "investigate"):
            await step(page, name)
            await page.get_by_role("button", name="记录", exact=True).click()
            await expect(page.locator("#asking")).to_be_hidden()
        await step(page, "reply")
        await page.get_by_role("button", name="记录", exact=True).click()  # needs a text: the browser says so
        await expect(page.locator("#asking")).to_be_visible()
        await page.locator("#asking textarea").fill("已向窗口了解，增派人手。")
        await page.get_by_role("button", name="记录", exact=True).click()
        await expect(page.locator("#complaints")).to_contain_text("已答复")
        await page.locator("#complaints summary").click()
        await page.screenshot(path=desk.folder / "complaint.png", full_page=True)
    assert desk.complaints == []


async def test_a_clerk_answers_the_task_of_his_own_rating(desk: Desk) -> None:
    page = desk.page
    async with serving(desk.hall, desk.folder, PACE):
        uid = await rated(desk.hall)
        for command in (c.AssignTask(task=uid, to="l01"), c.VerifyTask(task=uid, verdict="true")):
            await desk.hall.execute(command, id=f"lead-{type(command).__name__}", actor="lead:l01")
        await desk.sign_in()
        await page.get_by_role("button", name="整改任务").click()
        dialog = page.locator("dialog.asking[open]")
        await expect(dialog).to_contain_text("被评为不满意")
        assert "A001" not in await dialog.inner_text()
        await page.screenshot(path=desk.folder / "own.png")
        await dialog.locator("textarea").fill("当时系统故障")
        await dialog.get_by_role("button", name="申诉").click()
        await expect(dialog).to_contain_text("申诉中")
        assert desk.hall.state.tasks[uid].state == "appealed"
        page = await sign_in(desk)
        await press(page, "tasks")
        await expect(page.locator(f'[id="{uid}"]')).to_contain_text("现在由中心平台办理")
    assert desk.complaints == []


async def test_a_departments_part_that_is_late_stands_among_what_is_due(desk: Desk) -> None:
    async with serving(desk.hall, desk.folder, PACE):
        await serve_one(desk)
        case = await received(desk)
        step = StepCase(window="w1", case=case, act="forward", unit=UNIT)
        await desk.hall.execute(step, id="forwarded-1", actor="clerk:c01")
        await parts_noted(desk.hall, case)
        page = await sign_in(desk)
        row = page.locator(f'[data-due="{case}#check"]')
        for said in ("部门办理", "前后置办理中", "2026-11-20", "公安机关"):
            await expect(row).to_contain_text(said)
        await shot(desk, "parts-3-lead")
    assert desk.complaints == []


async def test_an_order_from_above_stands_first_and_one_that_does_not_fit_is_settled(desk: Desk) -> None:
    async def order(n: int, uid: str, act: str, **more: str) -> None:
        told = {"about": {"feed": "decisions", "id": f"k:{n}", "rev": 1}, "complaint": uid, "act": act, **more}
        await desk.hall.execute(DirectComplaint.model_validate(told), id=f"order-{n}", actor="centre")

    async with serving(desk.hall, desk.folder, PACE):
        first, second = [await complained(desk, n) for n in (1, 2)]
        await order(1, first, "urge", due="2026-11-30", text="请三天内办结")
        await order(2, second, "assign", to="street-office")
        page = await sign_in(desk)
        alarm = page.locator("[data-alarm=word_disputed]")
        await expect(alarm).to_contain_text("意见是“转办”")
        await alarm.get_by_role("button", name="查看").click()
        await expect(page.locator(f'[id="{second}"]')).to_be_focused()
        cards = page.locator("#complaints article")
        await expect(cards.first).to_have_attribute("id", first)
        await expect(cards.first.locator(".chip-red")).to_have_text("上级督办 1 次")
        await cards.first.locator("summary").click()
        await expect(cards.first.locator(".history button")).to_have_count(1)
        assert await page.evaluate(CONTRAST) == []
        await press(page, "watch")
        await alarm.get_by_role("button", name="已与上级核对").click()
        await expect(alarm).to_have_count(0)


async def complained(desk: Desk, n: int) -> str:
    told = {"type": "complaint", "channel": "kiosk", "about": "window", "target": "w1", "text": f"等了很久 {n}"}
    command = c.RegisterComplaint.model_validate(told)
    return (await desk.hall.execute(command, id=f"complain-{n}", actor="kiosk:k1")).records[0].subject
