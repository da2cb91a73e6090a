"""A case at the clerk's page in Chromium: by keyboard alone, and through every trouble."""

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from drivers.errors import Gone
from edge.api.live import Pace
from edge.catalogue.schema import Kiosk, NotAdmitted
from tests.edge.api.bench import PERSON, serving, until
from tests.edge.web.conftest import Desk
from tests.edge.web.test_clerk_page import CONTRAST

pytestmark = pytest.mark.browser
PACE = Pace(gap=0.02, beat=0.5)
SHOTS = os.environ.get("HALL_SHOTS", "")  # a folder: pictures are kept there


async def shot(desk: Desk, name: str) -> None:
    if SHOTS:
        await desk.page.screenshot(path=Path(SHOTS) / f"{name}.png")


async def press(page: Page, *keys: str) -> None:
    for key in keys:
        await page.keyboard.press(key)


async def serve_one(desk: Desk, service: str = "general") -> None:
    """Signed in, a citizen called and being served."""
    await desk.sign_in()
    await desk.take(service)
    await expect(desk.page.locator("#queue-count")).to_have_text("1 人")
    await press(desk.page, "1")
    await expect(desk.page.locator("#now-state")).to_have_text("已呼叫")
    await press(desk.page, "3")
    await expect(desk.page.locator("#case-start")).to_be_visible()


async def open_case(desk: Desk, item: str = "yljlq") -> None:
    page = desk.page
    desk.hall.reader.lay(PERSON)
    await press(page, "r")
    await expect(page.locator("#start-person")).to_have_text("张*  119999********0012")
    await expect(page.locator("#item-search")).to_be_focused()
    await page.keyboard.type(item)
    await expect(page.locator("#item-list [aria-selected=true]")).to_contain_text("养老金申领")
    await press(page, "Enter")
    await expect(page.locator("#case-open")).to_be_focused()
    await press(page, "Enter")
    await expect(page.locator("#check-0")).to_be_visible()


async def test_from_sign_in_to_receipt_by_keyboard_alone(desk: Desk) -> None:
    page = desk.page
    async with serving(desk.hall, desk.folder, PACE):
        await page.goto(f"{desk.origin}/clerk/")
        await expect(page.locator("#windows input").first).to_be_focused()
        await press(page, "Space", "Tab")
        await page.keyboard.type("2468")
        await press(page, "Enter")
        await expect(page.locator("#desk")).to_be_visible()
        await desk.take()
        await expect(page.locator("#queue-count")).to_have_text("1 人")
        await press(page, "1")
        await expect(page.locator("#now-state")).to_have_text("已呼叫")
        await press(page, "3")
        await expect(page.locator("#case-start")).to_be_visible()
        await shot(desk, "1-start")
        await open_case(desk)
        await expect(page.locator("#case-person")).to_have_text("张*  119999********0012")
        await expect(page.locator("#case-unverified")).to_have_text("未核实")
        await shot(desk, "2-open")
        await press(page, "1")
        await expect(page.locator("#check-0 .check-state")).to_have_text("齐")
        await press(page, "ArrowDown", "u")
        await expect(page.locator("#check-1 .check-state")).to_have_text("免交")
        await expect(page.locator(".case-due")).to_contain_text("必需材料已齐")
        await press(page, "c")
        await expect(page.locator("#camera-says")).to_contain_text("再按 C 拍下")
        await shot(desk, "3-camera")
        await press(page, "c")
        await expect(page.locator("#pages figure")).to_have_count(1)
        await press(page, "Escape")
        await expect(page.locator("#camera")).to_be_hidden()
        await press(page, "Enter")
        await expect(page.locator(".sheet-due")).to_contain_text("以前办结")
        due = await page.locator(".sheet-due").inner_text()
        await shot(desk, "4-receive")
        await press(page, "Enter")
        await expect(page.locator(".done-state")).to_have_text("已收件")
        assert due.endswith(await page.locator(".done-due").inner_text())
        await expect(page.locator("#case-done")).to_contain_text("11999904201")
        case = next(iter(desk.hall.state.cases.values()))
        await desk.hall.paper_ends(case.uid, "failed", "paper_out")
        await expect(page.locator(".done-paper")).to_contain_text("没有打印出来，内容已保存、仍然有效")
        await shot(desk, "5-done")
        await press(page, "p")
        await expect(page.locator(".done-paper")).to_contain_text("正在打印")
        await press(page, "4")
        await expect(page.locator("#rating")).to_have_text("正在请群众评价")
        await expect(page.locator("#case")).to_be_hidden()
    assert case.received is not None
    assert desk.complaints == []


async def test_one_notice_looked_at_before_it_is_printed(desk: Desk) -> None:
    page = desk.page
    async with serving(desk.hall, desk.folder, PACE):
        await serve_one(desk)
        await open_case(desk)
        await press(page, "Enter")
        await expect(page.locator("#refused")).to_contain_text("还有 2 样必需材料")
        await press(page, "d")
        await expect(page.locator("#sheet-title")).to_have_text("居民身份证：哪里不符合？")
        await shot(desk, "6-defect")
        await press(page, "1")
        await expect(page.locator("#check-0 .check-state")).to_have_text("已过有效期")
        await press(page, "n")
        await expect(page.locator(".sheet-paper")).to_contain_text("居民身份证　已过有效期")
        await expect(page.locator(".sheet-paper li")).to_have_count(2)
        await shot(desk, "7-notice")
        await press(page, "Escape")
        await expect(page.locator("#sheet")).to_be_hidden()
        await press(page, "n", "Enter")
        await expect(page.locator(".done-state")).to_contain_text("已一次性告知")
        await press(page, "b")
        await expect(page.locator("#checklist")).to_be_visible()
        await press(page, "n", "Enter")
        await expect(page.locator("#refused")).to_contain_text("已经出过")
        await press(page, "1", "2", "n")
        await expect(page.locator("#refused")).to_contain_text("不用出告知书")
    assert desk.complaints == []


async def test_refused_with_a_reason_and_another_item_in_the_same_turn(desk: Desk) -> None:
    page = desk.page
    async with serving(desk.hall, desk.folder, PACE):
        await serve_one(desk)
        await open_case(desk)
        await press(page, "x", "6", "Enter")
        await expect(page.locator("#sheet")).to_be_visible()
        await page.keyboard.type("rc1 n/x")
        await shot(desk, "8-refuse")
        await press(page, "Enter")
        await expect(page.locator(".done-state")).to_have_text("不予收件")
        await press(page, "o")
        await open_case(desk)
        await press(page, "a", "1")
        await expect(page.locator(".done-state")).to_have_text("已暂存")
        await press(page, "o", "/")
        await expect(page.locator("#item-list")).to_contain_text("取回：")
        await press(page, "Enter")
        await expect(page.locator("#checklist")).to_be_visible()
        await press(page, "w", "2")
        await expect(page.locator(".done-state")).to_have_text("已撤回")
    assert sorted(case.state for case in desk.hall.state.cases.values()) == ["dropped", "refused"]
    assert desk.complaints == []


async def test_a_quick_clerk_may_type_ahead(desk: Desk) -> None:
    page = desk.page
    async with serving(desk.hall, desk.folder, PACE):
        await serve_one(desk)
        await open_case(desk)
        ahead = ("Digit1", "ArrowDown", "KeyU", "Enter", "Enter")
        await page.evaluate(
            """codes => { for (const code of codes) document.getElementById('checklist')
               .dispatchEvent(new KeyboardEvent('keydown', {code, bubbles: true})) }""",
            list(ahead),
        )
        await expect(page.locator(".done-state")).to_have_text("已收件")
    assert desk.complaints == []


async def test_what_the_reader_could_not_read_stands_beside_the_person(desk: Desk) -> None:
    page = desk.page
    async with serving(desk.hall, desk.folder, PACE):
        await serve_one(desk)
        desk.hall.reader.lay(PERSON.model_copy(update={"warnings": ("append_unread", "odd_thing")}))
        await press(page, "r")
        await expect(page.locator("#start-person")).to_have_text("张*  119999********0012")
        await expect(page.locator("#start-warning")).to_contain_text("没有读到证件是否有新地址")
        await expect(page.locator("#start-warning")).to_contain_text("读卡器对这张证件有提示")
        await expect(page.locator("#start-warning")).not_to_contain_text("odd_thing")
    assert desk.complaints == []


async def test_letters_typed_into_fields_are_never_taken_for_commands(desk: Desk) -> None:
    page = desk.page
    async with serving(desk.hall, desk.folder, PACE):
        await serve_one(desk)
        await press(page, "t")
        await expect(page.locator("#typed-name")).to_be_focused()
        await page.keyboard.type("rt/4 xn")
        await expect(page.locator("#typed-name")).to_have_value("rt/4 xn")
        await page.locator("#typed-number").fill("119999199001010013")
        await press(page, "Enter")
        await expect(page.locator("#start-warning")).to_contain_text("校验位不对")
        await expect(page.locator("#item-search")).to_be_focused()
        await page.keyboard.type("r1c4t")
        await expect(page.locator("#item-search")).to_have_value("r1c4t")
        await expect(page.locator("#item-list")).to_contain_text("没有找到")
        await shot(desk, "9-typed")
        assert desk.hall.state.windows["w1"].ticket != ""
        await press(page, "Escape", "Enter")
        assert desk.hall.state.cases == {}
    assert desk.complaints == []


async def test_pages_with_troubles_and_a_camera_that_fails(desk: Desk) -> None:
    page, camera = desk.page, desk.hall.camera
    async with serving(desk.hall, desk.folder, PACE):
        await serve_one(desk)
        await open_case(desk)
        camera.lay("blurred", "cut_off")
        await press(page, "c")
        await expect(page.locator("#camera-says")).to_contain_text("再按 C")
        await press(page, "c")
        await expect(page.locator("#done")).to_contain_text("第 1 页已保存，但是：画面模糊。纸张超出画面。")
        await expect(page.locator(".page-warned")).to_have_count(1)
        await expect(page.locator("#check-0 .check-state")).to_have_text("齐")
        await shot(desk, "10-blurred")
        camera.lay()
        await press(page, "g")
        await expect(page.locator(".page-warned")).to_have_count(0)
        await expect(page.locator("#pages figcaption")).to_have_text("第 2 页")
        camera.hangs = True
        await press(page, "c")
        await expect(page.locator("#refused")).not_to_be_empty()
        await expect(page.locator("#pages figure")).to_have_count(1)
        await shot(desk, "11-hangs")
        camera.hangs, camera.trouble = False, Gone("pulled out")
        await expect(page.locator("#camera-says")).to_contain_text("自动重连")
        await expect(page.locator("#camera-says")).to_be_visible()
        camera.trouble = None
        await press(page, "c")
        await expect(page.locator("#camera-says")).to_contain_text("再按 C")
    assert desk.complaints == []


async def test_the_camera_is_off_when_its_panel_is_closed(desk: Desk) -> None:
    page, camera = desk.page, desk.hall.camera
    async with serving(desk.hall, desk.folder, PACE):
        await serve_one(desk)
        await open_case(desk)
        assert camera.frames == 0
        await press(page, "c")
        await expect(page.locator("#camera-says")).to_contain_text("再按 C")
        assert camera.watched == 1
        await press(page, "Escape")
        await until(lambda: camera.watched == 0)
        await press(page, "c")
        await until(lambda: camera.watched == 1)
        await press(page, "a", "1")
        await until(lambda: camera.watched == 0)
        await expect(page.locator(".done-state")).to_have_text("已暂存")
        await press(page, "b")
        await expect(page.locator("#checklist")).to_be_visible()
        await press(page, "c")
        await until(lambda: camera.watched == 1)
        await page.close()
        await until(lambda: camera.watched == 0)
    assert desk.complaints == []


async def test_reload_second_page_and_a_new_start_find_the_draft_again(desk: Desk) -> None:
    page = desk.page
    async with serving(desk.hall, desk.folder, PACE):
        await serve_one(desk)
        await open_case(desk)
        await press(page, "1")
        await expect(page.locator("#check-0 .check-state")).to_have_text("齐")
        await page.reload()
        await expect(page.locator("#check-0 .check-state")).to_have_text("齐")
        await expect(page.locator("#case-person")).to_have_text("")
        await press(page, "k")
        await expect(page.locator("#case-person")).to_have_text("张*  119999********0012")

        second = await page.context.new_page()
        await second.goto(f"{desk.origin}/clerk/")
        await expect(second.locator("#check-0 .check-state")).to_have_text("齐")
        await press(second, "2")
        await expect(page.locator("#check-1 .check-state")).to_have_text("齐")
        await press(page, "c")
        await until(lambda: desk.hall.camera.watched == 1)
        await press(second, "c")
        await expect(page.locator("#camera-says")).to_contain_text("另一个页面")
        await press(second, "Escape", "Enter", "Enter")
        await expect(second.locator(".done-state")).to_have_text("已收件")
        await expect(page.locator(".done-state")).to_have_text("已收件")
        await second.close()
        await press(page, "o")
        await open_case(desk)
    await expect(page.locator("#loss")).to_contain_text("连接已断开")
    async with serving(desk.hall, desk.folder, PACE):
        await expect(page.locator("#sign-in-notice")).to_contain_text("系统重新启动过")
        await page.get_by_label("登录码").fill("2468")
        await press(page, "Enter")
        await expect(page.locator("#checklist")).to_contain_text("居民身份证")
    assert desk.complaints == []


async def test_what_no_window_admits_is_found_and_says_where_to_go(desk: Desk) -> None:
    page, hall = desk.page, desk.hall
    uid = "resident-pension-claim"
    where = {"zh-Hans": "请到区保密局办理。", "zh-Hant": "請到區保密局辦理。", "en": "Ask the office itself."}
    closed = {"not_admitted": NotAdmitted(why="secret", where=where), "kiosk": Kiosk(shown=False)}
    item = hall.catalogue.items[uid].model_copy(update=closed)
    hall.use_catalogue(replace(hall.catalogue, items={**hall.catalogue.items, uid: item}))
    async with serving(hall, desk.folder, PACE):
        await serve_one(desk)
        await press(page, "/")
        await page.keyboard.type("yljlq")
        await expect(page.locator("#item-list [aria-selected=true]")).to_contain_text("不在窗口受理")
        await press(page, "Enter")
        await expect(page.locator("#done")).to_contain_text(where["zh-Hans"])
        await expect(page.locator("#case-open")).to_have_class(re.compile("key-off"))
        await shot(desk, "not-admitted")
    assert not hall.state.cases
    assert desk.complaints == []


@pytest.mark.parametrize("size", [(1280, 800), (1024, 768)])
async def test_the_case_fits_and_has_contrast_in_three_languages(desk: Desk, size: tuple[int, int]) -> None:
    page = desk.page
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    async with serving(desk.hall, desk.folder, PACE):
        await serve_one(desk)
        for _ in range(9):
            await desk.take("social")
        await open_case(desk)
        desk.hall.camera.lay("blurred")
        await press(page, "c")
        await expect(page.locator("#camera-says")).to_contain_text("再按 C")
        await press(page, "c")
        await expect(page.locator("#pages figure")).to_have_count(1)
        for language in ("en", "zh-Hant", "zh-Hans"):
            await page.locator("#language").select_option(language)
            await expect(page.locator("html")).to_have_attribute("lang", language)
            await page.locator("#checklist").focus()
            for keys, name in (((), "work"), (("n",), "notice"), (("x",), "refuse")):
                await press(page, *keys)
                await _fits(page)
                assert await page.evaluate(CONTRAST) == [], (language, name)
                await shot(desk, f"fit-{size[0]}-{language}-{name}")
                if keys:
                    await press(page, "Escape")
    assert desk.complaints == []


async def _fits(page: Page) -> None:
    assert await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    assert await page.evaluate("document.documentElement.scrollHeight - innerHeight") <= 0
    hidden = await page.evaluate(
        """[...document.querySelectorAll('#case .key, #case .sheet-choice, #acts .act')].filter((e) => {
             if (!e.offsetParent || e.closest('.case-detail')) return false;
             const box = e.getBoundingClientRect();
             const card = e.closest('.card').getBoundingClientRect();
             return box.bottom > card.bottom || box.right > card.right || e.scrollWidth > e.clientWidth + 1;
           }).map((e) => e.textContent)"""
    )
    assert hidden == []
    unnamed = await page.evaluate(
        """[...document.querySelectorAll('button, input, select, textarea')]
           .filter(e => e.offsetParent && !e.textContent.trim() && !e.labels?.length && !e.ariaLabel).length"""
    )
    assert unnamed == 0
