"""One person through the whole slice, and then a search for the person in everything the station left behind."""

import os
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import zstandard

from hw_sim.demo.station import Station, station
from tests.system import canary
from tests.system.eavesdropper import Eavesdropper, plain
from tests.system.evidence import delivered, on_panel, panel_shows, records, seen, verified
from tests.system.people import SECOND_PIN, signed_in
from tests.system.temporary import common_folders, new_files

pytestmark = [pytest.mark.system, pytest.mark.kill, pytest.mark.asyncio(loop_scope="module")]


@dataclass(slots=True)
class Slice:
    """What was seen while the person went through; the programs still run."""

    hall: Station
    temp: Path
    began: float
    ticket: str = ""
    told: dict[str, Any] = field(default_factory=dict)
    bytes_delivered: int = 0
    messages: list[tuple[str, bytes]] = field(default_factory=list)
    in_processes: list[str] = field(default_factory=list)
    processes: int = 0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gone_through(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Slice]:
    folder, temp = tmp_path_factory.mktemp("station"), tmp_path_factory.mktemp("temp")
    began = time.time()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(temp))
        async with station("station", folder, seed=1, with_broker=False, cards=(canary.CARD,)) as hall:
            found = Slice(hall, temp, began)
            hall.programs["broker"].hold(False)
            await hall.ready()
            ear = Eavesdropper(hall.broker_port)
            try:
                await seen(lambda: ear.listening, 20, "the broker takes the eavesdropper")
                await _visit(found)
                found.bytes_delivered = sum(map(len, await delivered(hall)))
                found.messages = list(ear.heard)
            finally:
                ear.stop()
            running = [program.pid for program in hall.programs.values() if program.pid]
            found.processes = len(running)
            found.in_processes = [line for pid in running for line in canary.in_process(pid)]
            yield found


async def _visit(found: Slice) -> None:
    """Card on the real kiosk, paper, call, clerk looks at the holder, service, rating."""
    hall = found.hall
    reader, printer, pad = (hall.hall.device(name) for name in ("sam-1", "printer-1", "pad-1"))
    kiosk = hall.screens["kiosk"]
    await kiosk.page("service")
    await kiosk.tap("service_general")
    await kiosk.page("card")
    await kiosk.tap("use_card")
    await kiosk.page("reading")
    reader.act("lay_card", card="canary")
    await kiosk.page("holder")
    await kiosk.tap("confirm")
    await kiosk.page("number")
    await seen(lambda: printer.view()["printed"], 30, "a ticket on paper")
    reader.act("lift_card")
    found.ticket = records(hall, "ticket.issued")[0]["body"]["number"]
    async with signed_in(hall, "w1") as clerk:
        await _do(clerk, "next")
        await panel_shows(hall, "led-1", f"请{found.ticket}号", 20)
        found.told = (await clerk.get("/api/window/w1/holder")).json()
        refused = await clerk.get("/api/window/w2/holder")
        assert refused.status_code == 403
        await _do(clerk, "start")
        await _do(clerk, "finish")
    await seen(lambda: pad.view()["state"] == "rate", 30, "the pad asks")
    pad.act("rate", value=4)
    await seen(lambda: records(hall, "rating.given"), 30, "the rating")
    async with signed_in(hall, "w2", SECOND_PIN) as clerk:
        answer = await clerk.get("/api/window/w2/holder")
        assert answer.status_code == 409, "nobody is at window 2"


async def _do(clerk: Any, verb: str) -> None:
    answer = await clerk.post(f"/api/window/w1/{verb}", json={"id": f"canary-{verb}"})
    assert answer.status_code == 200, answer.text


async def test_the_person_really_went_through(gone_through: Slice) -> None:
    hall = gone_through.hall
    assert gone_through.told["name"] == canary.NAME[0] + "*"
    assert gone_through.told["id_number"] == "119999********0034"
    kinds = [record["kind"] for record in records(hall)]
    for kind in ("ticket.issued", "print.done", "ticket.called", "part.disclosed", "service.finished", "rating.given"):
        assert kind in kinds, kind
    (issued,) = records(hall, "ticket.issued")
    assert issued["sealed"], "name and number lie sealed beside the record"
    assert await verified(hall) == len(kinds)
    assert not on_panel(hall, "led-1", f"请{gone_through.ticket}号")


async def test_nothing_of_the_person_lies_in_any_file(gone_through: Slice) -> None:
    betrayed, count = canary.in_files(gone_through.hall.folder.rglob("*"))
    names = {path.name for path in gone_through.hall.folder.rglob("*")}
    assert {"journal.db", "site.key", "centre.db", "halld.log", "devices.log", "kiosk.log", "001.json"} <= names
    assert betrayed == []
    assert count > 20


async def test_nothing_of_the_person_lies_in_a_temporary_place(gone_through: Slice) -> None:
    own = list(gone_through.temp.rglob("*"))
    fresh = [path for folder in common_folders() for path in new_files(folder, gone_through.began)]
    assert canary.in_files([*own, *fresh])[0] == []


async def test_nothing_of_the_person_crossed_the_broker(gone_through: Slice) -> None:
    payloads = [payload for _, payload in gone_through.messages]
    assert sum(map(len, payloads)) > gone_through.bytes_delivered / 10, "the eavesdropper heard the station"
    assert any(b"ticket.issued" in payload or b"ticket.issued" in plain(payload) for payload in payloads)
    for topic, payload in gone_through.messages:
        assert canary.betrayals(topic.encode(), "topic") == []
        assert canary.betrayals(payload, topic) == []


async def test_no_program_was_started_with_it(gone_through: Slice) -> None:
    assert gone_through.processes == 6
    assert gone_through.in_processes == []


@pytest.mark.parametrize("form", ["plain", "hex", "base64"])
@pytest.mark.parametrize("encoding", canary.ENCODINGS)
@pytest.mark.parametrize("secret", canary.SECRETS, ids=["number", "birthday", "name", "given name", "phone", "reason"])
async def test_the_search_finds_what_is_planted(secret: str, encoding: str, form: str, tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    planted = tmp_path / "deep" / "log.1"
    planted.write_bytes(os.urandom(999) + canary.encoded(secret, encoding, form) + b"\n" + os.urandom(99))
    betrayed, count = canary.in_files(tmp_path.rglob("*"))
    assert betrayed
    assert count == 1
    assert not any(canary.NUMBER in line or canary.NAME in line for line in betrayed), "a report must not betray"


async def test_the_search_finds_it_compressed_and_in_a_file_name(tmp_path: Path) -> None:
    (tmp_path / "frame").write_bytes(b"head" + zstandard.compress(f'{{"x":"{canary.NUMBER}"}}'.encode()))
    (tmp_path / f"scan-{canary.NUMBER}.png").touch()
    (tmp_path / "escaped").write_text("\\u91d1\\u4e1d\\u96c0")
    betrayed = "\n".join(canary.in_files(tmp_path.iterdir())[0])
    assert "unfolded" in betrayed
    assert "the name of" in betrayed
    assert "escaped" in betrayed


async def test_the_search_passes_over_masked_forms() -> None:
    assert canary.betrayals("䶮* 119999********0034".encode(), "page") == []
