"""打印复印 whole: the kiosk, a camera, an A4 printer of CUPS' makers, and a hall that is killed while it prints.

With HALL_SCREENSHOTS=<folder> a picture of each page met is saved there.
"""

import base64
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from drivers.camera.page import page_from
from edge.api.copy_desk import DPI, grey
from hw_sim.demo.station import Station, station
from tests.support.ippeve import Printer, ippeveprinter
from tests.system import canary
from tests.system.citizen import SECONDS, Citizen
from tests.system.evidence import records, seen, verified
from tests.system.page_canary import Pictures, as_the_camera_sends_them
from tests.system.people import at_place, leading
from tests.system.sites import change_site, with_a_lead, with_copying
from tests.system.temporary import common_folders, new_files

pytestmark = [
    pytest.mark.system, pytest.mark.screen, pytest.mark.kill, pytest.mark.asyncio(loop_scope="module"),
]  # fmt: skip
JSON = {"content-type": "application/json"}
# Holds each sheet until it is let go; a sheet of the past is not.
WAITS = 'n=$(ls "$0".d | wc -l); touch "$0".d/$n; while [ ! -e "$0".go/$n ]; do sleep 0.05; done'


@dataclass(slots=True)
class Copied:
    """`told`: what the kiosk said, by where; `lead`: what a lead saw of the day."""

    hall: Station
    printer: Printer
    temp: Path
    began: float
    told: dict[str, str]
    pictures: Pictures
    knows_the_page: bool = False
    lead: dict[str, Any] | None = None

    @property
    def fallen(self) -> int:
        """Sheets in the printer's tray."""
        return len(self.printer.pages())

    def let_go(self, sheet: int) -> None:
        (self.printer.folder / "print.sh.go" / str(sheet)).touch()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def copied(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Copied]:
    """One person copies two pages; at the first the hall is killed. He looks at how it went and copies one more."""
    folder, temp, tray = (tmp_path_factory.mktemp(name) for name in ("station", "temp", "printer"))
    for name in ("d", "go"):
        (tray / f"print.sh.{name}").mkdir()
    began = time.time()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(temp))
        async with (
            ippeveprinter(tray, "application/pdf,image/pwg-raster", WAITS) as printer,
            station("station", folder, seed=23, with_broker=False, cards=(canary.CARD,)) as hall,
        ):
            change_site(folder, with_a_lead)
            change_site(folder, with_copying(printer.url))
            hall.programs["board"].hold(True)
            del hall.screens["board"]
            await hall.ready(120)
            found = Copied(hall, printer, temp, began, {}, Pictures(await _what_the_paper_may_look_like(hall)))
            citizen = Citizen(hall.screens["kiosk"], "copies")
            await _begins_a_copy(hall, citizen)
            await _is_cut_off(found, citizen)
            await _copies_again(found, citizen)
            found.knows_the_page = await _page_is_known(found)
            async with leading(hall) as lead:
                found.lead = (await lead.get("/api/oversight/copies")).json()
            yield found


async def _what_the_paper_may_look_like(hall: Station) -> list[bytes]:
    """In every form that a program of ours makes of it, from each picture of the camera."""
    camera = hall.hall.device("camera-2")
    camera.act("lay_page", page="application")
    shots = sorted(set(await as_the_camera_sends_them(camera.link)))
    pages = [page_from(shot, rectify=True, max_dpi=DPI).jpeg for shot in shots]
    return [*shots, *pages, *(grey(page) for page in pages)]


async def _lays_the_card(hall: Station, citizen: Citizen) -> None:
    await citizen.meets("reading")
    hall.hall.device("sam-1").act("lay_card", card=canary.CARD.id)
    await citizen.meets("holder")
    hall.hall.device("sam-1").act("lift_card")
    await citizen.tap("confirm")
    await citizen.meets("choices")


async def _begins_a_copy(hall: Station, citizen: Citizen) -> None:
    await citizen.meets("service")
    await citizen.tap("copies", "pick_by_card")
    await _lays_the_card(hall, citizen)
    await citizen.tap("pick_own", "take_page")
    await citizen.told("已拍 1 页")
    await citizen.tap("add_page")
    await citizen.told("已拍 2 页")
    await citizen.meets("copy")
    await citizen.tap("print")


async def _is_cut_off(found: Copied, citizen: Citizen) -> None:
    """The sheet falls while nobody is there to hear of it."""
    hall = found.hall
    await seen(lambda: found.fallen, SECONDS, "the first sheet at the printer")
    found.told["reserved"] = "; ".join(str(each["at"]) for each in records(hall, "copy.reserved"))
    halld = hall.programs["halld"]
    restarts = halld.restarts
    halld.kill()
    await citizen.meets("problem")
    for name in ("problem_what", "problem_next", "again"):
        found.told[name] = await citizen.reads(name)
    found.told["problem_kept"] = await citizen.told("两次")
    found.let_go(0)
    await seen(lambda: halld.restarts > restarts, SECONDS, "a new daemon")
    await hall.ready(60)
    await citizen.tap("again")
    found.told["end"] = await citizen.told("不能确定")
    found.told["left"] = await citizen.reads("left")
    await citizen.meets("copy")


async def _copies_again(found: Copied, citizen: Citizen) -> None:
    """The hall that started anew has forgotten his card: it says so, and he lays it down once more."""
    await citizen.tap("copies_more", "pick_own", "take_page")
    await citizen.told("已拍 1 页")
    await citizen.tap("print")
    await citizen.meets("problem")
    found.told["card"] = await citizen.reads("problem_what")
    await citizen.tap("again")
    await _lays_the_card(found.hall, citizen)
    await citizen.tap("pick_own", "take_page")
    await citizen.told("已拍 1 页")
    await citizen.tap("print")
    await seen(lambda: found.fallen == 2, SECONDS, "the second sheet")
    found.let_go(1)
    found.told["done"] = await citizen.told("已打印")
    found.told["left at last"] = await citizen.reads("left")
    await citizen.meets("copy")
    await citizen.tap("end")
    await citizen.meets("service")


async def _page_is_known(found: Copied) -> bool:
    """Whether what the hall takes of the paper is among what is looked for."""
    async with at_place(found.hall, "k1") as kiosk:
        answer = await kiosk.post("/api/kiosk/k1/copies/page", json={"id": "look-for-0001"})
        assert answer.status_code == 200, answer.text
        assert (await kiosk.delete("/api/kiosk/k1/copies", headers=JSON)).status_code == 204
    return found.pictures.holds_whole(base64.b64decode(answer.json()["picture"]))


async def test_it_is_reserved_before_the_first_byte(copied: Copied) -> None:
    first = min(path.stat().st_mtime for path in (copied.printer.folder / "print.sh.d").iterdir())
    assert copied.told["reserved"], "it stood in the journal when the printer had the sheet"
    assert datetime.fromisoformat(copied.told["reserved"]).timestamp() <= first


async def test_nothing_is_printed_twice_and_nothing_charged_twice(copied: Copied) -> None:
    hall = copied.hall
    assert copied.fallen == 2, "one of the copy that was cut off, one of the next"
    found = [each for each in records(hall) if each["kind"].startswith("copy.")]
    assert [each["kind"] for each in found] == ["copy.reserved", "copy.unknown", "copy.reserved", "copy.done"]
    assert [(each["body"].get("came"), each["body"].get("unsure")) for each in found[1::2]] == [(0, 2), (1, 0)]
    assert found[0]["body"]["account"] == found[2]["body"]["account"], "one person, on one day"
    assert copied.lead is not None
    day = {name: copied.lead[name] for name in ("printed", "unsure", "left", "prints", "failed")}
    assert day == {"printed": {"own": 1}, "unsure": 2, "left": 17, "prints": 2, "failed": 1}
    assert await verified(hall) == len(records(hall))


async def test_the_kiosk_says_plainly_what_happened(copied: Copied) -> None:
    told = copied.told
    assert told["problem_what"] == "连接断了，还不知道打印出来没有"
    assert told["problem_kept"] == "不会打印两次，也不会多算您的页数"
    assert "出纸口" in told["problem_next"]
    assert told["again"] == "看结果"
    assert told["end"] == "不能确定是否打印出来，这一次不算您的页数。请看一下出纸口，再告诉工作人员"
    assert told["left"] == "今天还可以免费打印 6 页"
    assert told["card"] == "为保护您，刚才刷卡的信息已经清除"
    assert (told["done"], told["left at last"]) == ("已打印 1 页，请取走打印件和原件", "今天还可以免费打印 5 页")


async def test_neither_page_nor_person_lies_anywhere(copied: Copied) -> None:
    assert copied.knows_the_page
    files = [*_left_behind(copied), *(path for each in common_folders() for path in new_files(each, copied.began))]
    betrayed, count = copied.pictures.in_files(files)
    assert betrayed == []
    assert count > 15
    assert canary.in_files(files)[0] == []


def _left_behind(copied: Copied) -> Iterator[Path]:
    yield from copied.hall.folder.rglob("*")
    yield from copied.temp.rglob("*")
