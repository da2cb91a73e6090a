"""A case over a crash of the daemon and over a cut line: nothing lost, nothing double, its pages at the centre."""

from collections import Counter as Tally
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from hw_sim.demo.station import Station, station
from tests.campaign.morning import tool
from tests.system.counter import ID_CARD, Counter, begin_turn, counter, fresh_id, named_files, stored_files
from tests.system.evidence import centre_bytes, delivered, records, seen, verified
from tests.system.people import SECOND_PIN, browser, signed_in

pytestmark = [pytest.mark.system, pytest.mark.kill, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hall(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Station]:
    folder: Path = tmp_path_factory.mktemp("station")
    async with station("station", folder, seed=13, with_screens=False) as made:
        await made.ready()
        made.hall.device("camera-1").act("lay_page", page="id-copy")
        made.hall.device("camera-2").act("lay_page", page="household")
        yield made


async def kill(hall: Station) -> None:
    """Returns when a new daemon serves; its devices may still be on their way back."""
    halld = hall.programs["halld"]
    restarts = halld.restarts
    halld.kill()
    await seen(lambda: halld.restarts > restarts, 30, "a new daemon")
    async with browser(hall) as anybody:
        await seen(lambda: _serves(anybody), 15, "it serves")


async def _serves(anybody: httpx.AsyncClient) -> bool:
    try:
        return bool((await anybody.get("/api/health")).json().get("ready"))
    except (httpx.TransportError, ValueError):
        return False


@dataclass(frozen=True, slots=True)
class Before:
    """As it was when the daemon was killed: a draft at window 1, a receipt at window 2, and the wish for that one."""

    draft: dict[str, Any]
    received: dict[str, Any]
    wish: str


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def before(hall: Station) -> Before:
    wish = fresh_id("receive")
    async with counter(hall, "w1") as desk, counter(hall, "w2", SECOND_PIN) as other:
        await desk.open()
        assert (await desk.page()).status_code == 200
        assert (await desk.page()).status_code == 200
        await desk.paper()
        await other.open()
        await other.paper()
        received = await other.on_case("receive", id=wish)
        draft = await desk.content()
        await kill(hall)
    return Before(draft, received, wish)


async def test_a_kill_between_capture_and_receipt_loses_nothing(hall: Station, before: Before) -> None:
    async with signed_in(hall, "w1") as clerk:
        desk = Counter(hall, "w1", clerk, before.draft["case"])
        assert await desk.content() == before.draft, "the same draft with the same pages"
        pages = [page["h"] for page in before.draft["materials"][0]["pages"]]
        for h in pages:
            shown = await clerk.get(f"/api/window/w1/case/page/{h}")
            assert shown.status_code == 200
            assert shown.content.startswith(b"\xff\xd8"), "the page still opens"
        command = fresh_id("receive")
        received = await desk.on_case("receive", id=command)
        repeated = await desk.on_case("receive", id=command)
        assert received["number"] == repeated["number"] != ""
        await desk.papers_end()
    bodies = [each["body"] for each in records(hall, "case.received") if each["subject"] == before.draft["case"]]
    assert [body["number"] for body in bodies] == [received["number"]]
    assert len(pages) == 2
    assert bodies[0]["marks"][0]["pages"] == pages
    assert set(stored_files(hall)) == named_files(hall)


async def test_a_wish_repeated_after_the_kill_gives_no_second_number(hall: Station, before: Before) -> None:
    """The answer got lost with the process: the page asks again with the same id."""
    async with signed_in(hall, "w2", SECOND_PIN) as clerk:
        repeated = await Counter(hall, "w2", clerk, before.received["case"]).on_case("receive", id=before.wish)
    assert repeated["number"] == before.received["number"]
    assert repeated["papers"][0]["number"] == before.received["papers"][0]["number"]
    numbers = Tally(record["body"]["number"] for record in records(hall, "case.received"))
    assert numbers[repeated["number"]] == 1
    assert max(numbers.values()) == 1


async def test_pages_taken_without_a_line_reach_the_centre_once_and_unopened(hall: Station) -> None:
    await delivered(hall)
    written, files = len(centre_bytes(hall)), set(stored_files(hall))
    await hall.line.set_up(False)
    try:
        async with signed_in(hall, "w1") as clerk:
            desk = Counter(hall, "w1", clerk)
            await desk.do("finish")
            await begin_turn(hall, clerk, "w1")
            await desk.open()
            for _ in range(3):
                assert (await desk.page(ID_CARD)).status_code == 200
            await desk.paper()
            received = await desk.on_case("receive")
            await desk.papers_end()
        fresh = set(stored_files(hall)) - files
        assert len(fresh) == 3
        assert len(centre_bytes(hall)) == written
        assert not fresh & set(at_centre(hall))
    finally:
        await hall.line.set_up(True)
    await delivered(hall)
    report = await seen(lambda: all_files(hall), 30, "every file at the centre")
    assert report["files"] == {"count": 5, "delivered": 5, "missing": 0}
    wrong = {name: report[name] for name in ("missing", "duplicates", "held", "broken")}
    assert wrong == {"missing": 0, "duplicates": 0, "held": 0, "broken": 0}

    async def as_many_there() -> bool:
        here = await verified(hall)  # asked after the centre: a question that lapses meanwhile is on its way
        return bool((await all_files(hall))["records"] == here)

    await seen(as_many_there, 30, "as many records at the centre as here")
    ours = {name: path.read_bytes() for name, path in stored_files(hall).items()}
    theirs = {name: path.read_bytes() for name, path in at_centre(hall).items()}
    assert theirs == ours, "the sealed bytes themselves, no half beside them"
    marks = [each["body"] for each in records(hall, "case.received") if each["body"]["number"] == received["number"]]
    assert set(marks[0]["marks"][0]["pages"]) == fresh


def at_centre(hall: Station) -> dict[str, Path]:
    return {path.name: path for path in (hall.centre_db.parent / "files" / hall.code).glob("*/*")}


async def all_files(hall: Station) -> dict[str, Any]:
    found = await tool("hall-centre", "report", "--db", str(hall.centre_db), "--site", hall.code, "--json")
    return found if found["files"]["missing"] == 0 else {}
