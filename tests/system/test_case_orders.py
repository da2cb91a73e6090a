"""What is done in the wrong order or by the wrong person is refused in words; what is told, is told once and whole."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from config import words
from hw_sim.demo.station import Station, station
from tests.system.counter import Counter, begin_turn, counter
from tests.system.evidence import journal_bytes, records, seen
from tests.system.people import SECOND_PIN, signed_in

pytestmark = [pytest.mark.system, pytest.mark.asyncio(loop_scope="module")]

# Of the catalogue: an application form, an ID card and two photos, all mandatory; a household book, and a residence
# permit that need not be there.
MANY = "disability-certificate-apply"
FORM, CARD, PHOTO, PERMIT = "application-form", "id-card", "photo", "residence-permit"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def window(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Counter]:
    folder: Path = tmp_path_factory.mktemp("station")
    async with station("station", folder, seed=12, with_screens=False) as hall:
        await hall.ready()
        async with counter(hall, "w1") as desk:
            yield desk


@pytest_asyncio.fixture(loop_scope="module")
async def desk(window: Counter) -> AsyncIterator[Counter]:
    yield window
    await window.leave()


def refused(answer: httpx.Response, code: str, **values: Any) -> dict[str, Any]:
    """Refused for this reason, in the words that the list has for a clerk."""
    assert answer.status_code == 409, answer.text
    found: dict[str, Any] = answer.json()
    assert found["code"] == code
    assert found["text"] == words.load("zh-Hans", "refusal").say(f"{code}.clerk", **values)
    return found


async def unchanged(hall: Station, before: list[bytes], *allowed: str) -> None:
    """Nothing was written since, but for these kinds."""
    new = [record["kind"] for record in records(hall)[len(before) :]]
    assert [kind for kind in new if kind not in allowed] == []


async def test_a_case_that_lacks_a_material_is_not_received(desk: Counter) -> None:
    opened = await desk.open()
    before = journal_bytes(desk.hall)
    answer = await desk.ask("case/receive", case=desk.case)
    name = next(each for each in opened["materials"] if each["material"] == CARD)["name"]["zh-Hans"]
    refusal = refused(answer, "case_lacks", count=1, materials=name)
    assert name in refusal["text"], "the clerk is told which"
    assert refusal["instead"] == "case.notice"
    await unchanged(desk.hall, before)
    assert [each["material"] for each in (await desk.now())["materials"] if each["lack"] == "missing"] == [CARD]


async def test_a_visit_does_not_end_over_an_open_draft(desk: Counter) -> None:
    await desk.open()
    before = journal_bytes(desk.hall)
    refused(await desk.ask("finish"), "case_open")
    refused(await desk.ask("case", item=MANY, person=(await _person(desk))), "case_open")
    await unchanged(desk.hall, before)


async def _person(desk: Counter) -> str:
    return str((await desk.do("person", name="张测试", id_number="119999199001010012"))["token"])


async def test_no_notice_where_nothing_is_missing(desk: Counter) -> None:
    await desk.open()
    await desk.paper()
    before = journal_bytes(desk.hall)
    refused(await desk.ask("case/notice", case=desk.case), "case_complete")
    await unchanged(desk.hall, before)


async def test_nobody_is_turned_away_without_a_reason(desk: Counter) -> None:
    await desk.open()
    before = journal_bytes(desk.hall)
    refused(await desk.ask("case/refuse", case=desk.case, reason="other", text="  "), "reason_needs_text")
    assert (await desk.ask("case/refuse", case=desk.case)).status_code == 422
    await unchanged(desk.hall, before)
    assert (await desk.now())["state"] == "draft"


async def test_another_windows_clerk_cannot_touch_the_case(desk: Counter) -> None:
    hall = desk.hall
    await desk.open()
    await desk.paper()
    before = journal_bytes(hall)
    async with signed_in(hall, "w2", SECOND_PIN) as browser:
        browser.headers["accept-language"] = "zh-Hans"
        stranger = Counter(hall, "w2", browser, desk.case)
        through_our_window = await browser.post(
            "/api/window/w1/case/receive", json={"id": "stranger-1", "case": desk.case}
        )
        assert through_our_window.status_code == 403
        assert (await browser.get("/api/window/w1/case")).status_code == 403
        refused(await stranger.ask("case/receive", case=desk.case), "case_elsewhere", window="1")
        await unchanged(hall, before, "clerk.signed_in")
        await begin_turn(hall, browser, "w2")
        refused(await stranger.ask("case/receive", case=desk.case), "case_elsewhere", window="1")
        refused(await stranger.ask("case/take-up", case=desk.case), "case_elsewhere", window="1")
        assert (await stranger.now()) is None
    assert (await desk.now())["state"] == "draft"


async def test_one_notice_names_everything_and_a_second_that_differs_is_an_alarm(desk: Counter) -> None:
    hall, printer = desk.hall, desk.hall.hall.device("printer-1")
    opened = await desk.open(MANY)
    names = {each["material"]: each["name"]["zh-Hans"] for each in opened["materials"]}
    await desk.on_case("mark", material=FORM, state="missing", form="none")
    await desk.on_case("mark", material=CARD, state="defect", form="paper", originals=1, copies=1, defect="expired")
    printed = printer.view()["printed"]
    noticed = await desk.on_case("notice")  # the photos were not even looked at: that is missing, too
    points = [{"material": FORM, "why": "missing"}, {"material": CARD, "why": "expired"}]
    points.append({"material": PHOTO, "why": "missing"})
    assert noticed["state"] == "noticed"
    assert [{"material": each["material"], "why": each["why"]} for each in noticed["tell"]] == points
    (first,) = _notices(desk)
    assert (first["points"], first["differs"], first["added"]) == (points, False, 0)
    (paper,) = await desk.papers_end()
    assert (paper["what"], paper["number"], paper["print"]) == ("notice", first["notice"], "done")
    await seen(lambda: printer.view()["printed"] == printed + 1, 30, "one paper, not three")
    lines = "\n".join(printer.view()["last_ticket"]["lines"])
    why = words.load("zh-Hans", "ticket")
    for n, point in enumerate(points, 1):
        assert f"{n}. {names[point['material']]}" in lines
        assert why[f"why.{point['why']}"] in lines
    assert first["notice"] in lines
    refused(await desk.ask("case/receive", case=desk.case), "case_noticed")

    await desk.on_case("take-up")
    refused(await desk.ask("case/notice", case=desk.case), "notice_given", number=first["notice"])
    await desk.paper(FORM, 1, 0)
    await desk.on_case("mark", material=PERMIT, state="defect", form="paper", originals=1, copies=0, defect="no_seal")
    await desk.on_case("notice")
    first_again, second = _notices(desk)
    assert first_again == first
    assert second["differs"] is True
    assert second["added"] == 1, "the permit was never spoken of before"
    assert second["notice"] != first["notice"]
    assert [each["print"] for each in await desk.papers_end()] == ["done", "done"]
    assert len(records(hall, "case.noticed")) == 2


def _notices(desk: Counter) -> list[dict[str, Any]]:
    return [each["body"] for each in records(desk.hall, "case.noticed") if each["subject"] == desk.case]
