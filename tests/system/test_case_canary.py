"""A person's case, taken in and another one refused; then a search for person and paper in everything left behind."""

import base64
import os
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest
import pytest_asyncio
import zstandard

from hw_sim.demo.station import Station, station
from tests.campaign.morning import tool
from tests.system import canary
from tests.system.counter import Counter, counter, stored_files
from tests.system.eavesdropper import Eavesdropper, plain
from tests.system.evidence import delivered, records, seen, verified
from tests.system.page_canary import RUN, Pictures, as_the_camera_sends_them
from tests.system.temporary import common_folders, new_files

pytestmark = [pytest.mark.system, pytest.mark.asyncio(loop_scope="module")]


@dataclass(slots=True)
class Taken:
    """What was seen while the case was taken in; `printed`: where the citizen's papers fell."""

    hall: Station
    temp: Path
    began: float
    pictures: Pictures
    page: bytes = b""
    applicant: dict[str, Any] = field(default_factory=dict)
    messages: list[tuple[str, bytes]] = field(default_factory=list)
    processes: list[str] = field(default_factory=list)

    @property
    def printed(self) -> Path:
        return self.hall.folder / "printed" / "printer-1"

    def left_behind(self) -> list[Path]:
        return [*self.hall.folder.rglob("*"), *self.temp.rglob("*")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def taken(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Taken]:
    folder, temp = tmp_path_factory.mktemp("station"), tmp_path_factory.mktemp("temp")
    began = time.time()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(temp))
        async with station("station", folder, seed=14, with_screens=False, with_broker=False) as hall:
            hall.programs["broker"].hold(False)
            await hall.ready()
            ear = Eavesdropper(hall.broker_port)
            try:
                await seen(lambda: ear.listening, 20, "the broker takes the eavesdropper")
                found = Taken(hall, temp, began, Pictures(()))
                async with counter(hall, "w1") as desk:
                    await _received(found, desk)
                    await _refused(desk)
                await delivered(hall)
                await seen(lambda: _files_are_there(hall), 30, "the page at the centre")
                found.messages = list(ear.heard)
            finally:
                ear.stop()
            running = [program.pid for program in hall.programs.values() if program.pid]
            found.processes = [line for pid in running for line in canary.in_process(pid)]
            yield found


async def _received(found: Taken, desk: Counter) -> None:
    camera = found.hall.hall.device("camera-1")
    camera.act("lay_page", page="id-copy")
    shots = await as_the_camera_sends_them(camera.link)
    await desk.open(name=canary.NAME, number=canary.NUMBER, phone=canary.PHONE)
    assert (await desk.page()).status_code == 200
    await desk.paper()
    (page,) = (await desk.now())["materials"][0]["pages"]
    shown = await desk.browser.get(f"/api/window/w1/case/page/{page['h']}")
    found.page = shown.content
    found.applicant = (await desk.browser.get("/api/window/w1/case/applicant")).json()
    found.pictures = Pictures([shown.content, *shots])
    await desk.on_case("receive")
    await desk.papers_end()


async def _refused(desk: Counter) -> None:
    await desk.open(name=canary.NAME, number=canary.NUMBER, phone=canary.PHONE)
    await desk.on_case("refuse", reason="other", text=canary.TEXT)
    await desk.papers_end()


async def _files_are_there(hall: Station) -> bool:
    report = await tool("hall-centre", "report", "--db", str(hall.centre_db), "--site", hall.code, "--json")
    return bool(report["files"]["delivered"] == report["files"]["count"] == 1)


async def test_the_case_really_went_through(taken: Taken) -> None:
    kinds = [record["kind"] for record in records(taken.hall)]
    for kind in ("case.opened", "page.captured", "case.received", "case.refused", "part.disclosed", "print.done"):
        assert kind in kinds, kind
    assert taken.applicant["id_number"] == "119999********0034"
    assert taken.page.startswith(b"\xff\xd8")
    assert len(taken.pictures.blocks) > 100_000
    assert await verified(taken.hall) == len(kinds)
    assert any(canary.TEXT.encode() in path.read_bytes() for path in taken.printed.glob("*.json")), (
        "the text is on the citizen's own paper"
    )


async def test_nothing_of_the_applicant_lies_in_any_file_but_his_papers(taken: Taken) -> None:
    """On the papers the name is masked too; only the reason, which is for him, is in words."""
    betrayed, count = canary.in_files(path for path in taken.left_behind() if taken.printed not in path.parents)
    assert betrayed == []
    assert count > 15
    on_paper = [line for path in taken.printed.glob("*") for line in canary.betrayals(path.read_bytes(), path.name)]
    assert {line.split(": ")[1].split(" as ")[0] for line in on_paper} <= {f"secret {len(canary.SECRETS) - 1}"}


async def test_nothing_of_the_page_lies_in_any_file(taken: Taken) -> None:
    betrayed, count = taken.pictures.in_files(taken.left_behind())
    assert betrayed == []
    (sealed,) = stored_files(taken.hall).values()
    assert count > 15
    assert sealed.stat().st_size == len(taken.page) + 16, "the page is there, sealed, with its tag"


async def test_nothing_lies_in_a_temporary_place(taken: Taken) -> None:
    fresh = [path for folder in common_folders() for path in new_files(folder, taken.began)]
    assert canary.in_files(fresh)[0] == []
    assert taken.pictures.in_files(fresh)[0] == []


async def test_nothing_crossed_the_broker(taken: Taken) -> None:
    payloads = [payload for _, payload in taken.messages]
    assert any(b"case.received" in plain(payload) for payload in payloads), "the eavesdropper heard the case"
    assert sum(map(len, payloads)) > len(taken.page), "and its page"
    for topic, payload in taken.messages:
        assert canary.betrayals(topic.encode(), "topic") == []
        assert canary.betrayals(payload, topic) == []
        assert not taken.pictures.betray(payload), topic


async def test_no_program_was_started_with_it(taken: Taken) -> None:
    assert taken.processes == []


@pytest.mark.parametrize("form", ["plain", "hex", "base64", "zstd"])
@pytest.mark.parametrize("start", [0.1, 0.35, 0.5, 0.501, 0.77, 0.93])
async def test_the_search_finds_64_bytes_of_the_page(taken: Taken, form: str, start: float, tmp_path: Path) -> None:
    random = Random(f"{form}{start}")
    place = int(len(taken.page) * start)
    piece = taken.page[place : place + RUN]
    written = {
        "plain": piece,
        "hex": piece.hex().encode(),
        "base64": base64.b64encode(random.randbytes(1) + piece + random.randbytes(1)),
        "zstd": zstandard.compress(b"{" + piece + b"}"),
    }[form]
    planted = tmp_path / "core"
    planted.write_bytes(random.randbytes(random.randrange(200)) + b"\n" + written + b"\n" + os.urandom(99))
    assert taken.pictures.in_files([planted]) == ([str(planted)], 1)


async def test_the_search_passes_over_another_picture_of_the_same_camera(taken: Taken) -> None:
    camera = taken.hall.hall.device("camera-1")
    camera.act("lay_page", page="blank")
    (other, *_) = await as_the_camera_sends_them(camera.link)
    assert not taken.pictures.betray(other[: other.index(b"\xff\xda")]), "tables are everybody's"
