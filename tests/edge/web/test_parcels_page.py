"""Papers by post at the clerk's page, in Chromium by keyboard: counted by two, given to the case in hand."""

import pytest
from playwright.async_api import expect

from edge.rules.case_commands import OpenCase
from edge.rules.parcel_records import ExpectParcel
from tests.edge.api.bench import serving
from tests.edge.web.conftest import Desk
from tests.edge.web.test_case_page import PACE, press, serve_one, shot
from tests.edge.web.test_clerk_page import CONTRAST
from tests.edge.web.test_flow_page import APPLICANT, PERMIT, acts

pytestmark = pytest.mark.browser


async def test_counted_by_two_and_given_to_its_case(desk: Desk) -> None:
    page = desk.page
    async with serving(desk.hall, desk.folder, PACE):
        await serve_one(desk)
        await press(page, "j")
        await expect(page.locator("#flow-list")).to_have_text("还没有待归入办件的邮件")
        await press(page, "1")
        await page.keyboard.type("cjrzsl")
        await press(page, "Enter")
        await expect(page.locator("#sheet-title")).to_have_text("是哪一个事项？")
        await expect(page.locator(".sheet-choice").first).to_contain_text("残疾人证申领")
        await press(page, "Enter")
        await expect(page.locator("[name=waybill]")).to_be_focused()
        await press(page, "Tab", "Tab", "Tab", "Tab")
        await press(page, "Escape", "1")
        await expect(page.locator("#flow-refused")).to_contain_text("请扫描或填写运单号")
        await expect(page.locator("[name=waybill]")).to_be_focused()
        await page.keyboard.type("ems-119-1")
        await press(page, "Enter", "Enter", "Enter")
        await expect(page.locator("[name=listed-0]")).to_be_focused()
        for typed in ("1", "1", "2", "1"):
            await page.keyboard.type(typed)
            await press(page, "Enter")
        await shot(desk, "parcels-1-counting")
        await page.locator("[data-act=sign_this]").click()
        await expect(page.locator(".sheet-due")).to_contain_text("有 1 处与清单不符，须两人拆封")
        await page.keyboard.type("7531")
        await press(page, "Enter")
        await expect(page.locator("#flow-done")).to_have_text("邮件 EMS-119-1 已签收")
        await expect(page.locator(".flow-line")).to_contain_text("与清单不符 1 处")
        await expect(page.locator(".flow-differs td")).to_have_count(3)
        await expect(page.locator(".flow-turn")).to_contain_text("两人拆封：另一人 值班长一号")
        await expect(page.locator("#flow-one .hint")).to_contain_text("要归入办件")
        await shot(desk, "parcels-2-signed")
        opened = OpenCase(window="w1", item=PERMIT, applicant=APPLICANT)
        case = (await desk.hall.execute(opened, id="open-the-case", actor="clerk:c01")).records[0].subject
        await expect(acts(page)).to_have_text(["归入当前办件", "签收邮件"])
        await press(page, "1")
        await expect(page.locator("#sheet-title")).to_have_text("把 EMS-119-1 归入当前办件？")
        await press(page, "Enter")
        await expect(page.locator("#flow-done")).to_contain_text("已归入当前办件")
        await expect(page.locator("#flow-list")).to_have_text("还没有待归入办件的邮件")
        assert [each.waybill for each in desk.hall.state.cases[case].parcels] == ["EMS-119-1"]
    assert desk.complaints == []


async def test_an_announced_one_brings_its_list_and_only_the_count_is_typed(desk: Desk) -> None:
    page = desk.page
    materials = desk.hall.catalogue.items[PERMIT].materials
    told = {
        "about": {"feed": "decisions", "id": "m:1", "rev": 1},
        "application": "WS-2026-0117",
        "waybill": "EMS-119-7",
        "courier": "ems",
        "item": PERMIT,
        "listed": [{"material": each.id, "sheets": 1} for each in materials[:2]],
    }
    async with serving(desk.hall, desk.folder, PACE):
        await desk.hall.execute(ExpectParcel.model_validate(told), id="announced", actor="centre")
        await serve_one(desk)
        await press(page, "j")
        await expect(page.locator(".flow-line")).to_contain_text("网上已申请，待收")
        await page.locator(".flow-line").click()
        await expect(page.locator(".flow-turn")).to_contain_text("网上申请号 WS-2026-0117")
        await shot(desk, "parcels-3-announced")
        await page.locator("[data-act=sign_expected]").click()
        await expect(page.locator("[name=found-0]")).to_be_focused()
        await expect(page.locator("[name=listed-0]")).to_have_count(0)
        await expect(page.locator("[name=waybill]")).to_have_value("EMS-119-7")
        await page.keyboard.type("1")
        assert (low := await page.evaluate(CONTRAST)) == [], low
        await shot(desk, "parcels-4-announced-counting")
        await page.locator("[data-act=sign_this]").click()
        await expect(page.locator(".sheet-due")).to_contain_text("有 1 处与清单不符")
        await page.keyboard.type("7531")
        await press(page, "Enter")
        await expect(page.locator("#flow-done")).to_have_text("邮件 EMS-119-7 已签收")
        (parcel,) = desk.hall.state.parcels.values()
        assert [(each.material, each.listed, each.counted) for each in parcel.differences] == [(materials[1].id, 1, 0)]
    assert desk.complaints == []


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
async def test_words_contrast_and_room_in_every_language(desk: Desk, language: str) -> None:
    page = desk.page
    async with serving(desk.hall, desk.folder, PACE):
        await desk.sign_in()
        await expect(page.locator("#now-state")).to_have_text("窗口空闲")
        await page.set_viewport_size({"width": 1024, "height": 768})
        await page.locator("#language").select_option(language)
        await page.locator("#desk").click(position={"x": 5, "y": 5})
        await press(page, "j")
        await expect(page.locator("[data-act=sign]")).to_be_visible()
        await press(page, "1")
        await page.keyboard.type("cjrzsl")
        await press(page, "Enter")
        await expect(page.locator(".sheet-choice").first).to_be_visible()
        await press(page, "Enter")
        await expect(page.locator("[name=waybill]")).to_be_focused()
        assert "undefined" not in await page.locator("#flow").inner_text()
        assert (low := await page.evaluate(CONTRAST)) == [], low
        for side in ("Width", "Height"):
            over = f"document.documentElement.scroll{side} - document.documentElement.client{side}"
            assert await page.evaluate(over) <= 0, side
        await shot(desk, f"parcels-3-{language}")
        await press(page, "Escape", "2")
        await expect(page.locator("[name=waybill]")).to_have_count(0)
    assert desk.complaints == []
