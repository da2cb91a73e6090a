"""The clerk's page in Chromium, from the first wrong PIN to the last finished citizen."""

import re

import pytest
from playwright.async_api import expect

from edge.api.live import Pace
from edge.api.station_schema import LinkSnapshot
from tests.edge.api.bench import PERSON, serving
from tests.edge.web.conftest import Desk

pytestmark = pytest.mark.browser
PACE = Pace(gap=0.02, beat=0.5)
AGE = re.compile(r"[1-9]\d* 秒")  # a slow machine looks later than in the second second


async def test_a_citizen_is_called_served_and_finished(desk: Desk) -> None:
    page = desk.page
    async with serving(desk.hall, desk.folder, PACE):
        await desk.sign_in("0000")
        await expect(page.locator("#sign-in-error")).to_contain_text("登录码不对")
        await expect(page.get_by_label("登录码")).to_have_value("")
        await desk.shot("sign-in")
        await page.get_by_label("登录码").fill("2468")
        await page.keyboard.press("Enter")
        await expect(page.locator("#place")).to_contain_text("1 号窗口")
        await expect(page.locator("#place")).to_contain_text("窗口一号")
        await expect(page.locator("#queue")).to_contain_text("现在没有人等候")

        next_one = page.get_by_role("button", name="下一位")
        before = await next_one.bounding_box()
        await next_one.click()
        await expect(page.locator("#refused")).to_contain_text("现在没有人在等本窗口的业务")
        assert await next_one.bounding_box() == before

        desk.hall.reader.lay(PERSON)
        assert await desk.take(card=await desk.read_card()) == "A001"
        await desk.take("social")
        await expect(page.locator("#queue")).to_contain_text("A001")
        await expect(page.locator("#queue")).to_contain_text("已刷证")
        await expect(page.locator("#queue-count")).to_have_text("2 人")

        await page.keyboard.press("1")
        await expect(page.locator("#now-number")).to_have_text("A001")
        await expect(page.locator("#done")).to_contain_text("已呼叫 A001")
        await page.keyboard.press("Numpad2")
        await expect(page.locator("#now-state")).to_have_text("已呼叫，第 2 次")
        await page.get_by_role("button", name="核对办事人").click()
        await expect(page.locator("#person")).to_have_text("张*  119999********0012")
        await page.get_by_role("button", name="开始办理").click()
        await expect(page.locator("#now-state")).to_have_text("正在办理")
        await page.get_by_role("button", name="下一位").click()
        await expect(page.locator("#refused")).to_contain_text("A001")
        await page.keyboard.press("4")
        await expect(page.locator("#now-number")).to_have_text("—")
        await expect(page.locator("#person")).to_be_hidden()
        await expect(page.locator("#rating")).to_have_text("正在请群众评价")

        await page.keyboard.press("1")
        await expect(page.locator("#now-number")).to_have_text("B001")
        await page.keyboard.press("5")
        await expect(page.locator("#done")).to_contain_text("B001 已过号")
        await page.get_by_role("button", name="退出登录").click()
        await expect(page.locator("#sign-in")).to_be_visible()
    assert desk.hall.state.windows["w1"].clerk == ""
    assert desk.complaints == []


async def test_a_slip_of_which_nobody_knows_is_reprinted_while_its_citizen_waits(desk: Desk) -> None:
    page = desk.page
    async with serving(desk.hall, desk.folder, PACE):
        await desk.sign_in()
        await desk.take()
        await desk.take()
        first = next(iter(desk.hall.state.tickets))
        await desk.hall.print_ends(first, "unknown", "outcome_unknown")
        again = page.locator("#queue").get_by_role("button", name="补打号票")
        await expect(again).to_have_count(1)
        await expect(again).to_have_attribute("title", "A001 不能确定号票是否打印出来，号码仍然有效。")
        await again.click()
        await expect(page.locator("#done")).to_contain_text("已安排补打")
        await expect(again).to_have_count(0)
        assert desk.hall.state.tickets[first].print == "printing"
        await desk.shot("reprint")
    assert desk.complaints == []


async def test_a_slip_that_did_come_out_is_said_to_be_there(desk: Desk) -> None:
    page = desk.page
    async with serving(desk.hall, desk.folder, PACE):
        await desk.sign_in()
        await desk.take()
        await desk.take()
        first, second = desk.hall.state.tickets
        await desk.hall.print_ends(first, "failed", "paper_out")
        await desk.hall.print_ends(second, "unknown", "outcome_unknown")
        seen = page.locator("#queue").get_by_role("button", name="号票已经打出")
        await expect(seen).to_have_count(1)
        await seen.click()
        await expect(page.locator("#done")).to_contain_text("已记录")
        await expect(seen).to_have_count(0)
        assert desk.hall.state.tickets[second].print == "done"
        await page.keyboard.press("1")
        await expect(page.locator("#now-print")).to_be_visible()
        await expect(page.locator("#came-out")).to_be_hidden()
    assert desk.complaints == []


async def test_at_the_window_too_a_slip_is_said_to_be_there(desk: Desk) -> None:
    page = desk.page
    async with serving(desk.hall, desk.folder, PACE):
        await desk.sign_in()
        await desk.take()
        (ticket,) = desk.hall.state.tickets
        await desk.hall.print_ends(ticket, "unknown", "outcome_unknown")
        await expect(page.locator("#queue").get_by_role("button", name="号票已经打出")).to_have_count(1)
        await page.keyboard.press("1")
        await expect(page.locator("#now-number")).to_have_text("A001")
        await page.locator("#came-out").click()
        await expect(page.locator("#now-print")).to_be_hidden()
        assert desk.hall.state.tickets[ticket].print == "done"
    assert desk.complaints == []


async def test_troubles_and_the_centre_in_words(desk: Desk) -> None:
    page = desk.page
    async with serving(desk.hall, desk.folder, PACE):
        await desk.sign_in()
        await expect(page.locator("#link")).to_have_text("已连接，记录已全部上传")
        await expect(page.locator("#devices")).to_contain_text("设备正常")
        desk.hall.troubles["led-1"] = ("fault", "gone")
        desk.hall.line = LinkSnapshot(online=False, pending=3, oldest=250.0, acked=9)
        desk.hall.told.tick()
        await expect(page.locator("#link")).to_contain_text("已保存在本站；3 条尚未送达中心，最久 4 分钟")
        await expect(page.locator("#devices")).to_contain_text("窗口显示屏")
        await expect(page.locator("#devices")).to_contain_text("系统正在自动重连")
        await page.get_by_label("语言").select_option("en")
        await expect(page.locator("#link")).to_contain_text("3 records not yet at the centre, the oldest for 4 min")
        await expect(page.locator("#devices")).to_contain_text("being reconnected")
        await page.get_by_label("Language").select_option("zh-Hant")
        await expect(page.locator("#devices")).to_contain_text("系統正在自動重連")
        await page.reload()
        await expect(page.locator("#acts")).to_contain_text("開始辦理")
    assert desk.complaints == []


async def test_loss_is_shown_with_its_age_and_overcome(desk: Desk) -> None:
    page = desk.page
    async with serving(desk.hall, desk.folder, PACE):
        await desk.sign_in()
        await desk.take()
        await expect(page.locator("#queue")).to_contain_text("A001")
        await page.keyboard.press("1")
        await expect(page.locator("#now-number")).to_have_text("A001")
    await expect(page.locator("#loss")).to_contain_text("连接已断开")
    await expect(page.locator("#loss")).to_contain_text(AGE)
    await expect(page.locator("#now-number")).to_have_text("A001")
    await desk.shot("loss")
    async with serving(desk.hall, desk.folder, PACE):
        await expect(page.locator("#sign-in-notice")).to_contain_text("系统重新启动过")
        await expect(page.locator("#loss")).to_be_hidden()
        await expect(page.locator("#windows input:checked")).to_have_value("w1")
        await page.get_by_label("登录码").fill("2468")
        await page.keyboard.press("Enter")
        await expect(page.locator("#now-number")).to_have_text("A001")
    assert desk.complaints == []


async def test_a_cut_line_to_a_living_hall_comes_back_by_itself(desk: Desk) -> None:
    page = desk.page
    await page.clock.install()
    async with serving(desk.hall, desk.folder, PACE):
        await desk.sign_in()
        await expect(page.locator("#now-number")).to_have_text("—")
        await page.context.set_offline(True)
        await page.clock.fast_forward(9_000)
        await expect(page.locator("#loss")).to_contain_text("连接已断开")
        await desk.take()
        await page.context.set_offline(False)
        await page.clock.fast_forward(9_000)
        await expect(page.locator("#loss")).to_be_hidden()
        await expect(page.locator("#done")).to_have_text("已恢复连接。")
        await expect(page.locator("#queue")).to_contain_text("A001")
    assert desk.complaints == []


async def test_everything_is_reached_by_keyboard_and_named(desk: Desk) -> None:
    page = desk.page
    async with serving(desk.hall, desk.folder, PACE):
        await desk.sign_in()
        await expect(page.locator("#desk")).to_be_visible()
        reached = []
        for _ in range(32):
            await page.keyboard.press("Tab")
            at = "document.activeElement"
            reached.append(await page.evaluate(f"{at}.dataset.verb || {at}.dataset.turn || {at}.id"))
        assert {"next", "recall", "start", "finish", "miss", "language", "sign-out"} <= set(reached)
        assert {"undo", "hold", "back", "transfer", "call", "green", "revive", "pause"} <= set(reached)
        unnamed = await page.evaluate(
            """[...document.querySelectorAll('button, input, select')]
               .filter(e => e.offsetParent && !e.textContent.trim() && !e.labels?.length).length"""
        )
        assert unnamed == 0
        assert await page.evaluate("document.documentElement.lang") == "zh-Hans"


CONTRAST = """() => {
  const light = (c) => { const v = c / 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
  const parse = (s) => s.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => 0.2126 * light(r) + 0.7152 * light(g) + 0.0722 * light(b);
  const ground = (e) => {
    for (; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (c.length < 4 || c[3] === 1) return c;
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const e of document.querySelectorAll('body *')) {
    const text = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!text || !e.offsetParent || e.tagName === 'OPTION') continue;
    const style = getComputedStyle(e);
    const [a, b] = [luminance(parse(style.color)), luminance(ground(e))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const needed = parseFloat(style.fontSize) >= 24 ? 3 : 4.5;
    if (ratio < needed) poor.push([e.tagName, e.className, e.textContent.trim().slice(0, 20), ratio]);
  }
  return poor;
}"""


@pytest.mark.parametrize("size", [(1280, 800), (1024, 768)])
async def test_all_fits_and_has_contrast(desk: Desk, size: tuple[int, int]) -> None:
    page = desk.page
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    async with serving(desk.hall, desk.folder, PACE):
        await page.goto(f"{desk.origin}/clerk/")
        await expect(page.locator("#sign-in")).to_be_visible()
        assert await page.evaluate(CONTRAST) == []
        await desk.shot(f"sign-in-{size[0]}")
        await desk.sign_in()
        for n in range(14):
            await desk.take(("general", "social", "residence")[n % 3])
        await expect(page.locator("#queue-count")).to_have_text("14 人")
        await page.keyboard.press("1")
        desk.hall.troubles["pad-1"] = ("fault", "late")
        desk.hall.line = LinkSnapshot(online=False, pending=3, oldest=250.0, acked=9)
        desk.hall.told.tick()
        await expect(page.locator("#now-number")).to_have_text("A001")
        await expect(page.locator("#devices")).to_contain_text("评价器")
        await desk.shot(f"desk-{size[0]}")
        assert await page.evaluate(CONTRAST) == []
        await page.keyboard.press("1")
        await expect(page.locator("#refused")).not_to_be_empty()
        for language, title in (("en", "Window desk"), ("zh-Hant", "窗口工作台")):
            await page.locator("#language").select_option(language)
            await expect(page).to_have_title(title)
            overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert await page.evaluate(overflow) <= 0
            assert await page.evaluate("document.documentElement.scrollHeight - innerHeight") <= 0
            await desk.shot(f"desk-{size[0]}-{language}")
        assert await page.evaluate(CONTRAST) == []
