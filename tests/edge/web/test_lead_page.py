"""The shift leader's page in Chromium: his PIN, today's figures and plot, another day, three languages, keys alone."""

from itertools import count

import pytest
from playwright.async_api import expect

from edge.rules.commands import (
    CallNext,
    CloseDay,
    FinishService,
    GiveRating,
    IssueTicket,
    OpenDay,
    SignIn,
    StartService,
)
from edge.rules.queue_commands import SettleGreen
from tests.edge.api.bench import DATE, Bench, serving
from tests.edge.web.conftest import Desk
from tests.edge.web.test_clerk_page import CONTRAST, PACE

pytestmark = pytest.mark.browser
NEXT = "2026-11-24"
_ids = count()


async def do(hall: Bench, command: object, actor: str = "clerk:c01") -> str:
    answer = await hall.execute(command, id=f"story-{next(_ids)}", actor=actor)  # type: ignore[arg-type]
    return answer.records[0].subject


async def a_day(hall: Bench, guests: int) -> None:
    """Everybody is served at w1, every third is green."""
    if hall.state.windows["w1"].clerk != "c01":
        await do(hall, SignIn(window="w1", clerk="c01"))
    for n in range(guests):
        uid = await do(hall, IssueTicket(service="general", channel="clerk", place="w1"))
        if n % 3 == 0:
            await do(hall, SettleGreen(ticket=uid, ground="elderly", holds=True))
        await do(hall, CallNext(window="w1"))
        await do(hall, StartService(window="w1"))
        await do(hall, FinishService(window="w1"))
        question = hall.state.windows["w1"].question
        await do(hall, GiveRating(nonce=question, level="satisfied"), "pad:pad-1")
    await do(hall, IssueTicket(service="social", channel="clerk", place="w1"))


async def test_a_day_in_numbers_and_another_one(desk: Desk) -> None:
    page = desk.page
    await a_day(desk.hall, 4)
    await do(desk.hall, CloseDay())
    await do(desk.hall, OpenDay(date=NEXT))
    await a_day(desk.hall, 6)
    async with serving(desk.hall, desk.folder, PACE):
        await page.goto(f"{desk.origin}/lead/")
        await page.get_by_label("登录码").fill("2468")
        await page.keyboard.press("Enter")
        await expect(page.locator("#sign-in-error")).to_contain_text("登录码不对")
        await page.get_by_label("登录码").fill("7531")
        await page.keyboard.press("Enter")
        await page.get_by_role("button", name="当日统计").click()
        await expect(page.locator("#state")).to_contain_text("尚未结束")
        await expect(page.locator("#date")).to_have_value(NEXT)
        issued = page.locator('[data-number="issued"] strong')
        await expect(issued).to_have_text("7")
        await expect(page.locator('[data-number="good"] strong')).to_have_text("100%")
        await expect(page.locator("#windows tbody tr")).to_have_count(1)
        await expect(page.locator("#windows")).to_contain_text("1 号窗口")
        await expect(page.locator("#plot g.walk_in")).to_have_count(1)
        await expect(page.locator("#plot g.green")).to_have_count(1)
        assert await page.evaluate(CONTRAST) == []
        await page.screenshot(path=desk.folder / "lead.png", full_page=True)
        await page.locator("#earlier").focus()
        await page.keyboard.press("Enter")
        await expect(page.locator("#date")).to_have_value(DATE)
        await expect(issued).to_have_text("5")
        await expect(page.locator('[data-number="expired"] strong')).to_have_text("1")
        await page.locator("#language").select_option("en")
        await expect(page.locator("#state")).to_contain_text("Open ")
        assert "{" not in await page.inner_text("main#day")
        assert ".wait" not in await page.inner_text("main#day")
        await page.screenshot(path=desk.folder / "lead-en.png", full_page=True)
    assert desk.complaints == []


async def test_a_clerks_session_sees_no_figures(desk: Desk) -> None:
    page = desk.page
    async with serving(desk.hall, desk.folder, PACE):
        await desk.sign_in()
        await expect(page.locator("#desk")).to_be_visible()
        await page.goto(f"{desk.origin}/lead/")
        await expect(page.locator("#sign-in")).to_be_visible()
        status = f"async () => (await fetch('/api/lead/days/{DATE}')).status"
        assert await page.evaluate(status) == 403
