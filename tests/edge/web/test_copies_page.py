"""Pages printed for citizens on the lead's page: the day in figures, and more of them with a reason."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from edge.rules.copy_commands import EndCopies, ReserveCopies
from tests.edge.api.bench import Bench, bench, free_port, serving
from tests.edge.api.test_copies import copy_site
from tests.edge.web.conftest import Desk
from tests.edge.web.test_clerk_page import CONTRAST, PACE
from tests.edge.web.test_oversight_page import sign_in

pytestmark = pytest.mark.browser


@pytest.fixture
async def hall(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench(tmp_path / "journal", copy_site(free_port())) as made:
        yield made


async def _printed(hall: Bench, account: str, came: int, unsure: int = 0) -> None:
    wish = ReserveCopies(
        kind="own", item="", pages=came + unsure, account=account, by="ticket", kiosk="k1", job=f"j-{account}"
    )
    answer = await hall.execute(wish, id=f"r-{account}", actor="kiosk:k1")
    outcome = "unknown" if unsure else "done"
    end = EndCopies(copy_id=answer.records[0].subject, outcome=outcome, came=came, unsure=unsure, code="")
    await hall.execute(end, id=f"e-{account}", actor="site")


async def test_a_lead_sees_the_day_and_gives_more_pages_with_a_reason(desk: Desk) -> None:
    async with serving(desk.hall, desk.folder, PACE):
        number = await desk.take()
        ticket = next(iter(desk.hall.state.tickets))
        await _printed(desk.hall, ticket, 2)
        await _printed(desk.hall, "t:other", 1, unsure=1)
        page = await sign_in(desk)
        card = page.locator("#copies")
        await expect(card).to_contain_text("本人材料复印 3 页")
        await expect(card).to_contain_text("另有 1 页不知道是否打出")
        left = await page.locator("#copies-left").inner_text()
        await page.locator("#copies-grant").click()
        asking = page.locator("#asking")
        assert await page.evaluate(CONTRAST) == []
        await page.screenshot(path=desk.folder / "grant.png")
        await asking.get_by_label("号票号码").fill("z999")
        await asking.get_by_label("增加的页数").fill("5")
        await asking.get_by_label("材料较多").check()
        await page.keyboard.press("Enter")
        await expect(asking.get_by_role("alert")).not_to_be_empty()
        await asking.get_by_label("号票号码").fill(number.lower())
        await page.keyboard.press("Enter")
        await expect(asking).to_be_hidden()
        assert desk.hall.state.copy_grants == {ticket: 5}
        await expect(page.locator("#copies-left")).to_have_text(left)
        await page.locator("#copies-grant").click()
        await asking.get_by_label("其他原因").check()
        await page.keyboard.press("Enter")
        await expect(card).to_contain_text("已为全厅增加 10 页")
        await page.screenshot(path=desk.folder / "copies.png", full_page=True)
        await page.locator("#language").select_option("en")
        await expect(card).to_contain_text("Copies of own papers: 3 pages")
        assert "copies." not in await page.inner_text("body")
    assert desk.complaints == []
