"""Cases after their receipt at the clerk's page in Chromium: found, moved, handed over and given out by keyboard."""

import json
from typing import Any

import pytest
from playwright.async_api import Page, expect

from edge.rules.about import About
from edge.rules.case_commands import Applicant, MarkMaterial, OpenCase, ReceiveCase
from edge.rules.commands import EndPrint
from edge.rules.dossier_commands import RecordDecision
from tests.edge.api.bench import serving
from tests.edge.api.test_dossiers import parts_noted
from tests.edge.web.conftest import Desk
from tests.edge.web.test_case_page import PACE, press, serve_one, shot
from tests.edge.web.test_clerk_page import CONTRAST

pytestmark = pytest.mark.browser
PERMIT, UNIT = "disability-certificate-apply", "disabled-federation"
APPLICANT = Applicant(name="张测试", id_number="119999199001010012", phone="")


async def received(desk: Desk, item: str = PERMIT, pickup: str = "") -> str:
    """By the clerk in the running turn; without the page, whose case panel has tests of its own."""
    hall = desk.hall
    number = len(hall.state.dossiers)

    async def do(command: Any, what: str) -> Any:
        return await hall.execute(command, id=f"setup-{number}-{what}", actor="clerk:c01")

    opened = await do(OpenCase(window="w1", item=item, applicant=APPLICANT), "open")
    case: str = opened.records[0].subject
    for line in hall.state.cases[case].materials:
        if line.mandatory:
            wish = {"state": "provided", "form": "paper", "originals": line.originals, "copies": line.copies}
            mark = MarkMaterial.model_validate({"window": "w1", "case": case, "material": line.material, **wish})
            await do(mark, line.material)
    await do(ReceiveCase(window="w1", case=case, pickup=pickup), "receive")
    return case


async def said(desk: Desk, case: str, what: str, rev: int = 1) -> None:
    about = About(feed="decisions", id=f"d:{case}:{rev}", rev=rev)
    command = RecordDecision.model_validate({"about": about, "case": case, "said": what, "unit": UNIT})
    await desk.hall.execute(command, id=f"centre-{case}-{rev}", actor="centre")


def acts(page: Page) -> Any:
    return page.locator(".flow-acts .key span")


async def stage(page: Page, text: str) -> None:
    await expect(page.locator(".flow-head .chip-blue")).to_have_text(text)


async def test_one_case_from_the_list_to_the_agent_who_fetches_it_by_keyboard_alone(desk: Desk) -> None:
    page = desk.page
    async with serving(desk.hall, desk.folder, PACE):
        await serve_one(desk)
        case = await received(desk)
        await press(page, "l")
        await expect(page.locator("#flow")).to_be_visible()
        await expect(page.locator("#desk")).to_be_hidden()
        await expect(page.locator(".flow-line")).to_have_count(1)
        await stage(page, "已收件")
        await expect(page.locator(".flow-turn")).to_contain_text("轮到窗口")
        await expect(acts(page)).to_have_text(["要求补正", "转交部门", "申请人撤回"])
        await shot(desk, "flow-1-received")
        await press(page, "2")
        await expect(page.locator(".sheet-choice[aria-checked=true]")).to_have_text("1区残疾人联合会")
        await shot(desk, "flow-2-forward")
        await press(page, "Enter")
        await stage(page, "部门办理中")
        await expect(page.locator("#flow-done")).to_have_text("已办理：转交部门")
        await expect(acts(page)).to_have_text(["材料交给部门", "申请人在厅等候"])
        await press(page, "2")
        await expect(page.locator("#sheet-title")).to_have_text("申请人在大厅等后台的决定？")
        await press(page, "Enter")
        await expect(page.locator("#flow-done")).to_have_text("已办理：申请人在厅等候")
        await expect(acts(page)).to_have_text(["材料交给部门"])

        await said(desk, case, "granted")
        await stage(page, "已决定，等结果")
        await expect(acts(page).first).to_have_text("结果到达")
        for done in ("结果已到，待核对", "已核对", "已登记造册", "待领取"):
            await press(page, "1")
            await expect(page.locator("#sheet-title")).to_be_visible()
            await press(page, "Enter")
            await stage(page, done)
        await press(page, "1")
        await expect(page.locator("#sheet-title")).to_have_text("怎样送达，谁来领取？")
        await press(page, "2", "Enter")
        await expect(page.locator("#sheet-title")).to_have_text("代领人在窗口领取：查验双方身份证和授权书")
        await expect(page.locator("#flow-sheet input").first).to_be_focused()
        await press(page, "Enter")
        await expect(page.locator("#flow-sheet")).to_be_visible()
        await page.keyboard.type("代测试")
        await press(page, "Tab")
        await page.keyboard.type("119999199001010020")
        await shot(desk, "flow-3-deliver")
        await press(page, "Enter")
        await stage(page, "已送达")
        await expect(page.locator(".flow-acts")).to_have_text("窗口现在没有可办的")
        courses = page.locator(".flow-course strong")
        named = ["收件", "转交部门", "作出决定", "结果到达", "核对无误", "登记造册", "上架待领", "送达"]
        await expect(courses).to_have_text(named)
        await expect(page.locator("#flow")).not_to_contain_text("代测试")
        await shot(desk, "flow-4-delivered")
        await press(page, "Escape")
        await expect(page.locator("#desk")).to_be_visible()
        await press(page, "4")
        await expect(page.locator("#rating")).to_have_text("正在请群众评价")
    assert desk.complaints == []


async def test_papers_are_counted_line_by_line_and_the_missing_sheet_stays_in_sight(desk: Desk) -> None:
    page = desk.page
    async with serving(desk.hall, desk.folder, PACE):
        await serve_one(desk)
        await received(desk, "residence-registration")
        await press(page, "l")
        await expect(acts(page)).to_have_text(["受理", "要求补正", "转交部门", "申请人撤回"])
        await press(page, "3")
        await expect(page.locator(".sheet-choice[aria-checked=true]")).to_have_text("1公安机关")
        await press(page, "Enter")
        await stage(page, "部门办理中")
        await press(page, "1")
        await expect(page.locator("#flow-title")).to_have_text("交接单")
        await expect(page.locator(".flow-line")).to_contain_text("交给 公安机关")
        await press(page, "1")
        await expect(page.locator("#flow-done")).to_contain_text("已封装")
        await expect(page.locator(".flow-turn")).to_contain_text("第一签字：窗口一号（封装）")
        await press(page, "1")
        await expect(page.locator("#flow-refused")).to_contain_text("还有 2 行没有清点")
        await expect(page.locator("[name=count-0]")).to_be_focused()
        await page.keyboard.type("2")
        await press(page, "Enter")
        await expect(page.locator("[name=count-1]")).to_be_focused()
        await page.keyboard.type("1")
        await expect(page.locator(".flow-difference")).to_have_text(["相符", "少 1"])
        await shot(desk, "flow-5-counting")
        await press(page, "Enter")
        await expect(page.locator(".sheet-due")).to_contain_text("有 1 处差异")
        await page.keyboard.type("2468")
        await press(page, "Enter")
        await expect(page.locator("#flow-refused")).to_contain_text("第二位经办人的登录码不对")
        await expect(page.locator("[name=count-1]")).to_have_value("1")
        await page.locator("[data-act=sign]").click()
        await page.keyboard.type("6602")
        await press(page, "Enter")
        await expect(page.locator(".flow-turn")).to_contain_text("第二签字：示例取件员二（清点签收）")
        await expect(page.locator(".flow-differs")).to_contain_text("少 1")
        await expect(page.locator(".flow-line").first).to_contain_text("有差异 1 处")
        await shot(desk, "flow-6-differs")
        await page.locator("[data-act=settle]").click()
        await expect(page.locator("#sheet-title")).to_contain_text("交 2，收 1")
        await press(page, "1")
        await page.keyboard.type("7531")
        await press(page, "Enter")
        await expect(page.locator("#flow-done")).to_have_text("差异已处理")
        await expect(page.locator(".flow-line", has_text="可交材料")).to_have_count(1)
        await shot(desk, "flow-7-settled")
    assert desk.complaints == []


async def test_found_by_a_scanned_receipt_and_offered_only_what_is_possible(desk: Desk) -> None:
    page = desk.page
    async with serving(desk.hall, desk.folder, PACE):
        await serve_one(desk)
        first, second = await received(desk), await received(desk, "residence-registration")
        receipt = desk.hall.state.dossiers[second].receipt
        await press(page, "l")
        await expect(page.locator(".flow-line")).to_have_count(2)
        await press(page, "/")
        await page.keyboard.type(receipt)
        await press(page, "Enter")
        await expect(page.locator(".flow-line")).to_have_count(1)
        await expect(page.locator(".flow-head h2")).to_have_text("居住登记")
        await press(page, "1")
        await expect(page.locator(".sheet-due")).to_contain_text(
            "SAMPLE-2026-2，公安机关，用“示例公安机关居住登记专用章（1）”"
        )
        await press(page, "Enter")
        await stage(page, "已受理")
        await expect(acts(page)).to_have_text(["要求补正", "暂停计时", "转交部门", "作出决定", "申请人撤回"])
        await press(page, "2", "2", "Enter")
        await stage(page, "已暂停")
        await expect(page.locator(".flow-head .flow-light")).to_have_text("不计时")
        await press(page, "/", "Escape")
        await page.locator("#flow-search").fill("nobody")
        await expect(page.locator("#flow-list")).to_contain_text("没有找到")
        await page.locator("#flow-search").fill("")
        await expect(page.locator(".flow-line")).to_have_count(2)
        assert {first, second} == set(desk.hall.state.dossiers)
    assert desk.complaints == []


async def test_what_is_lacking_is_named_material_by_material_and_told_on_paper(desk: Desk) -> None:
    page = desk.page
    async with serving(desk.hall, desk.folder, PACE):
        await serve_one(desk)
        case = await received(desk)
        await press(page, "l")
        await stage(page, "已收件")
        await press(page, "1")
        await expect(page.locator("#sheet-title")).to_have_text("要求补正，原因是？")
        await press(page, "1", "Enter")
        await expect(page.locator("#sheet-title")).to_have_text("哪一样材料要补正？")
        await press(page, "2", "Enter")
        await expect(page.locator("#sheet-title")).to_have_text("居民身份证：怎样不符合？")
        await press(page, "4", "Enter")
        await expect(page.locator("#flow-sheet .told li")).to_have_text(["居民身份证　看不清楚"])
        await expect(page.locator(".sheet-choice").first).to_contain_text("已经选全，打印告知书")
        await shot(desk, "supplement-1-points")
        await press(page, "3", "Enter", "1", "Enter")
        await expect(page.locator("#flow-sheet .told li")).to_have_count(2)
        await press(page, "1", "Enter")
        await stage(page, "待补正")
        told = page.locator(".flow-part", has_text="补正告知")
        await expect(told.locator("li")).to_have_text(["居民户口簿　没有提交", "居民身份证　看不清楚"])
        await expect(told).to_contain_text("还没有打印")
        await expect(acts(page)).to_have_text(["收到补正材料", "申请人撤回", "打印补正告知书"])
        await press(page, "3")
        await expect(told).to_contain_text("正在打印")
        (number,) = desk.hall.state.dossiers[case].papers
        job = desk.hall.state.dossiers[case].papers[number].print_job
        end = EndPrint(case=case, job=job, outcome="failed", code="paper_out")
        await desk.hall.execute(end, id="paper-out", actor="job:printing")
        await expect(told).to_contain_text("没有打印出来，可以补打")
        await expect(acts(page).last).to_have_text("补打补正告知书")
        await shot(desk, "supplement-2-told")
        await page.set_viewport_size({"width": 1024, "height": 768})
        await shot(desk, "supplement-3-1024")
    assert desk.complaints == []


async def test_departments_show_their_own_limits_with_a_light(desk: Desk) -> None:
    page = desk.page
    async with serving(desk.hall, desk.folder, PACE):
        await serve_one(desk)
        case = await received(desk)
        await press(page, "l")
        await stage(page, "已收件")
        await press(page, "2", "Enter")
        await stage(page, "部门办理中")
        await parts_noted(desk.hall, case)
        lines = page.locator(".flow-part", has_text="部门办理").locator("li")
        await expect(lines).to_have_count(2)
        await expect(lines.nth(0)).to_contain_text("公安机关")
        await expect(lines.nth(0)).to_contain_text("前后置 · 办理中 · 部门限 3 个工作日 · 应办结 2026-11-20")
        await expect(lines.nth(0).locator(".chip-red")).to_have_text("红灯 已超期 1 个工作日")
        await expect(lines.nth(1).locator(".chip-green")).to_have_text("绿灯 剩 9 个工作日")
        await shot(desk, "parts-1")
        await page.set_viewport_size({"width": 1024, "height": 768})
        assert (low := await page.evaluate(CONTRAST)) == [], low
        await shot(desk, "parts-2-1024")
    assert desk.complaints == []


async def test_security_paper_comes_before_two_and_is_noted_where_it_is_used(desk: Desk) -> None:
    page = desk.page
    async with serving(desk.hall, desk.folder, PACE):
        await serve_one(desk)
        await press(page, "v")
        await expect(page.locator("#flow-list")).to_have_text("还没有登记证照纸")
        await press(page, "1")
        for typed in ("permit", "101", "120", "7531"):
            await page.keyboard.type(typed)
            await press(page, "Tab")
        await press(page, "Enter")
        await expect(page.locator(".flow-turn")).to_contain_text("在库 20　已用 0　作废 0　共入库 20")
        await press(page, "2", "1")
        await page.keyboard.type("101")
        await press(page, "Tab")
        await page.keyboard.type("7531")
        await press(page, "Enter")
        await expect(page.locator(".flow-turn")).to_contain_text("在库 19　已用 0　作废 1")
        await shot(desk, "flow-8-papers")
    assert desk.complaints == []


async def test_the_sheet_of_results_is_a_file_for_the_other_hall(desk: Desk) -> None:
    page = desk.page
    async with serving(desk.hall, desk.folder, PACE):
        await serve_one(desk)
        case = await received(desk, pickup="LH-0043")
        await press(page, "l")
        await expect(acts(page)).to_have_text(["要求补正", "转交部门", "申请人撤回"])
        await press(page, "2", "Enter")
        await stage(page, "部门办理中")
        await said(desk, case, "granted")
        for done in ("结果已到，待核对", "已核对", "已登记造册"):
            await expect(page.locator(".flow-acts [data-act=security_paper]")).to_be_visible()
            await press(page, "1", "Enter")
            await stage(page, done)
        await expect(acts(page).first).to_have_text("转送其他大厅")
        await press(page, "1")
        await expect(page.locator(".flow-line")).to_contain_text("交给 第二示例社区公共服务站")
        await press(page, "1")
        await expect(page.locator(".flow-line")).to_contain_text("途中，由对方签收")
        async with page.expect_download() as waiting:
            await press(page, "1")
        told = json.loads((await (await waiting.value).path()).read_text("utf-8"))
        assert told["sheet"]["passengers"][0]["case"] == case
        await shot(desk, "flow-9-results")
        foreign = desk.folder / "sheet.json"
        foreign.write_text("[]", "utf-8")
        async with page.expect_file_chooser() as choosing:
            await page.locator("[data-act=file]").click()
        await (await choosing.value).set_files(foreign)
        await expect(page.locator("#flow-refused")).to_have_text("这不是交接单文件。")
        foreign.write_text(json.dumps(told), "utf-8")
        async with page.expect_file_chooser() as choosing:
            await page.locator("[data-act=file]").click()
        await (await choosing.value).set_files(foreign)
        await expect(page.locator(".flow-line").first).to_contain_text("接收：H119999042")
        await page.locator("[name=count-0]").fill("1")
        await press(page, "Enter", "Enter")
        await expect(page.locator("#flow-refused")).to_contain_text(told["sheet"]["number"])
    assert desk.complaints == []


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
async def test_contrast_and_words_in_every_language(desk: Desk, language: str) -> None:
    page = desk.page
    async with serving(desk.hall, desk.folder, PACE):
        await serve_one(desk)
        await received(desk)
        await page.locator("#language").select_option(language)
        await page.locator("#desk").click(position={"x": 5, "y": 5})
        await press(page, "l")
        await expect(page.locator(".flow-acts")).to_be_visible()
        assert "[object" not in (text := await page.locator("#flow").inner_text())
        assert "undefined" not in text
        low = await page.evaluate(CONTRAST)
        assert low == [], low
        await shot(desk, f"flow-10-{language}")
        await page.set_viewport_size({"width": 1024, "height": 768})
        await press(page, "h", "l")
        await expect(page.locator(".flow-head")).to_be_visible()
        for side in ("Width", "Height"):
            over = f"document.documentElement.scroll{side} - document.documentElement.client{side}"
            assert await page.evaluate(over) <= 0, side
        await shot(desk, f"flow-11-{language}")
    assert desk.complaints == []
