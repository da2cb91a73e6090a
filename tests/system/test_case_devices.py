"""Camera and printer fail in the middle of a case: said in words, nothing half done, and the case goes on."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from config import words
from hw_sim.demo.station import station
from hw_sim.faults import Fault, FaultWord
from tests.system.counter import Counter, counter, fresh_id, named_files, pages_back, stored_files
from tests.system.evidence import records, seen
from tests.system.people import at_place, devices

pytestmark = [pytest.mark.system, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def window(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Counter]:
    """One turn for all cases of this module."""
    folder: Path = tmp_path_factory.mktemp("station")
    async with station("station", folder, seed=11, with_screens=False) as hall:
        await hall.ready()
        async with counter(hall, "w1") as desk:
            yield desk
        assert set(stored_files(hall)) == named_files(hall), "every file has its record, no record lacks its file"
        assert [name for name, program in hall.programs.items() if program.restarts] == [], "nothing was restarted"


@pytest_asyncio.fixture(loop_scope="module")
async def desk(window: Counter) -> AsyncIterator[Counter]:
    """A paper lies under the camera, and a case is open."""
    for device in ("camera-1", "printer-1"):
        window.hall.hall.device(device).clear_faults()
    camera(window).act("lay_page", page="id-copy")
    await window.open()
    yield window
    for device in ("camera-1", "printer-1"):
        window.hall.hall.device(device).clear_faults()
    await window.leave()


def camera(desk: Counter) -> Any:
    return desk.hall.hall.device("camera-1")


def printer(desk: Counter) -> Any:
    return desk.hall.hall.device("printer-1")


def said(answer: httpx.Response) -> str:
    """The trouble's code, once its text was found to be the word list's."""
    assert answer.status_code == 503, answer.text
    trouble = answer.json()
    assert trouble["text"] == words.load("zh-Hans", "device")[f"{trouble['code']}.clerk"]
    return str(trouble["code"])


@pytest.mark.parametrize(("fault", "code"), [(FaultWord.HANG, "late"), (FaultWord.SHORT, "garbled")])
async def test_a_picture_that_never_ends_leaves_nothing_behind(desk: Counter, fault: FaultWord, code: str) -> None:
    before, files, page_id = await desk.content(), set(stored_files(desk.hall)), fresh_id("page")
    camera(desk).set_fault(Fault(fault))
    taking = asyncio.ensure_future(desk.page(id=page_id))
    await seen(lambda: camera(desk).view()["clients"], 20, "the camera is being watched")
    assert not taking.done(), "it hangs in the middle of the picture"
    assert said(await taking) == code
    assert await desk.content() == before
    assert set(stored_files(desk.hall)) == files
    camera(desk).clear_faults()
    after = await pages_back(desk, page_id)
    (page,) = after["materials"][0]["pages"]
    assert set(stored_files(desk.hall)) - files == {page["h"]}
    again = await desk.page(id=page_id)
    assert again.json()["materials"][0]["pages"] == [page], "the same wish once more is the same page"


async def test_a_page_that_is_cut_off_is_told_and_replaced(desk: Counter) -> None:
    camera(desk).act("shift", dx=0.0, dy=70.0)
    (bad,) = (await desk.page()).json()["materials"][0]["pages"]
    assert "cut_off" in bad["warnings"]
    camera(desk).act("shift", dx=0.0, dy=0.0)
    (good,) = (await desk.page(replaces=bad["h"])).json()["materials"][0]["pages"]
    assert "cut_off" not in good["warnings"]
    assert good["h"] != bad["h"]
    assert good["page"] == 2, "a page's number is never given twice"
    assert records(desk.hall, "page.dropped")[-1]["body"] == {"h": bad["h"]}
    await desk.paper()
    received = await desk.on_case("receive")
    assert [each["h"] for each in received["materials"][0]["pages"]] == [good["h"]]
    assert records(desk.hall, "case.received")[-1]["body"]["marks"][0]["pages"] == [good["h"]]
    await desk.papers_end()


async def test_without_a_camera_the_case_is_taken_in_on_paper(desk: Counter) -> None:
    camera(desk).act("unplug")
    try:
        assert said(await desk.page()) in ("absent", "gone")
        assert (await desk.now())["materials"][0]["pages"] == []
        await desk.paper()
        received = await desk.on_case("receive")
        assert received["state"] == "received"
        assert received["number"]
        (paper,) = await desk.papers_end()
        assert paper["print"] == "done"
    finally:
        camera(desk).act("plug")


@pytest.mark.parametrize(
    ("fault", "codes"),
    [(FaultWord.PAPER_OUT, {"paper_out"}), (FaultWord.CUTTER_JAM, {"jam", "outcome_unknown", "late"})],
)
async def test_a_receipt_that_did_not_come_out_is_printed_again_the_same(
    desk: Counter, fault: FaultWord, codes: set[str]
) -> None:
    await desk.paper()
    printer(desk).set_fault(Fault(fault))
    received = await desk.on_case("receive")
    number, (receipt,) = received["number"], received["papers"]
    (failed,) = await desk.papers_end(40)
    assert failed["print"] in ("failed", "unknown")
    assert failed["print_code"] in codes
    assert failed["text"] == words.load("zh-Hans", "device")[f"{failed['print_code']}.clerk"]
    assert (await desk.now())["state"] == "received", "a receipt without paper is a receipt"

    printer(desk).clear_faults()
    first, second = await printed_again(desk, 1), await printed_again(desk, 2)
    assert first == second
    for wanted in (number, receipt["number"], received["query_code"]):
        assert any(wanted in line for line in first), wanted
    after = await desk.now()
    assert (after["number"], after["papers"][0]["number"]) == (number, receipt["number"])
    assert after["papers"][0]["copies"] == 3
    assert len([each for each in records(desk.hall, "case.received") if each["body"]["number"] == number]) == 1


async def printed_again(desk: Counter, again: int) -> list[str]:
    """The lines of the paper without the one that says 补打."""
    mark = words.load("zh-Hans", "ticket").say("case.reprint", copy=again)
    await seen(lambda: printer_is_ready(desk), 25, "the printer works again")
    await desk.on_case("reprint", what="receipt")
    (done,) = await desk.papers_end()
    assert done["print"] == "done", done

    def fallen() -> list[str]:
        lines: list[str] = (printer(desk).view()["last_ticket"] or {"lines": []})["lines"]
        return lines if any(line.strip() == mark for line in lines) else []

    lines: list[str] = await seen(fallen, 10, f"a paper marked {mark}")
    assert sum(line.strip() == mark for line in lines) == 1
    return [line for line in lines if line.strip() != mark]


async def printer_is_ready(desk: Counter) -> bool:
    async with at_place(desk.hall, "technician") as technician:
        return bool((await devices(technician))["printer-1"]["state"] == "ready")
