"""`hallctl link` beside a running hall in every state of its line, and what the centre knows of the hall's numbers."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from hw_sim.demo.station import BIN, Station, station
from tests.campaign.morning import output
from tests.system.evidence import delivered, journal_bytes, records, seen
from tests.system.people import at_place, take_ticket

pytestmark = [pytest.mark.system, pytest.mark.kill, pytest.mark.asyncio(loop_scope="module")]
SECONDS = 60.0
TICKETS = 5


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hall(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Station]:
    folder: Path = tmp_path_factory.mktemp("station")
    async with station("station", folder, seed=6, with_screens=False) as made:
        await made.ready()
        yield made


async def _link(hall: Station, *more: str) -> tuple[int, str]:
    """What a technician types: the exit code and what stands on the screen."""
    words = (str(BIN / "hallctl"), "--lang", "en", "link", "--socket", str(hall.folder / "hall.sock"), *more)
    asked = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.PIPE)
    said = (await asked.communicate())[0].decode()
    assert asked.returncode is not None
    return asked.returncode, said


async def _told(hall: Station, exit_code: int, **members: Any) -> dict[str, Any]:
    """Its numbers in JSON, once these are among them and it ends with this code."""

    async def fits() -> dict[str, Any] | None:
        code, said = await _link(hall, "--json")
        found: dict[str, Any] = json.loads(said)
        return found if code == exit_code and members.items() <= found.items() else None

    found: dict[str, Any] = await seen(fits, SECONDS, f"exit {exit_code} with {members}")
    return found


async def _at_the_centre(hall: Station) -> dict[str, float]:
    said = await output("hall-centre", "telemetry", "--db", str(hall.centre_db), "--site", hall.code)
    return {one["name"]: one["value"] for one in map(json.loads, said.splitlines())}


async def _centre_that_knows(hall: Station, kinds: Iterable[str] | None) -> None:
    """The centre is another release from now on; None: the one of today."""
    centre, known = hall.programs["centre"], hall.folder / "kinds.json"
    centre.argv = [word for word in centre.argv if word not in ("--kinds", str(known))]
    if kinds is not None:
        known.write_text(json.dumps(dict.fromkeys(kinds, 99)), "utf-8")
        centre.argv = [*centre.argv, "--kinds", str(known)]
    restarts = centre.restarts
    centre.kill()
    await seen(lambda: centre.restarts > restarts and centre.pid, SECONDS, "the centre again")


async def test_a_line_that_is_well_and_its_numbers_at_the_centre(hall: Station) -> None:
    link = await _told(hall, 0, online=True, pending=0, held=0, files=0)
    assert link["acked"] == len(journal_bytes(hall))
    assert link["rtt_ms"] is not None
    assert "The centre answers\nWaiting: 0\nOldest waits: –\n" in (await _link(hall))[1]
    told = await seen(lambda: _at_the_centre(hall), SECONDS, "the numbers at the centre, the first without waiting")
    quiet = {"link.pending": 0, "link.oldest": 0, "link.held": 0, "files.waiting": 0, "telemetry.dropped": 0}
    assert {name: told[name] for name in quiet} == quiet
    assert told["journal.next"] == len(journal_bytes(hall)) + 1
    assert 0 < told["disk.used"] < 100
    assert told["journal.commits"] > 0
    assert told["link.rtt"] >= 0


async def test_a_backlog_is_counted_and_what_the_centre_puts_aside_is_told(hall: Station) -> None:
    before = len(journal_bytes(hall))
    await hall.line.set_up(False)
    try:
        async with at_place(hall, "k1") as kiosk:
            for n in range(TICKETS):
                await take_ticket(kiosk, f"pulled-ticket-{n}")
        await seen(lambda: len(records(hall, "print.done")) == TICKETS, SECONDS, "the tickets on paper")
        waits = len(journal_bytes(hall)) - before
        link = await _told(hall, 1, online=False, pending=waits, acked=before)
        assert link["why"]
        assert link["oldest"] > 0
        assert f"Waiting: {waits}\nOldest waits: " in (await _link(hall))[1]
        await _centre_that_knows(hall, {one["kind"] for one in records(hall)} - {"ticket.issued"})
    finally:
        await hall.line.set_up(True)
    await delivered(hall)
    link = await _told(hall, 1, online=True, pending=0, held=TICKETS, why="")
    issued = {(one["seq"], "kind") for one in records(hall, "ticket.issued")}
    assert {(one["seq"], one["reason"]) for one in link["bad"]} == issued
    assert f"The centre has put {TICKETS} records of this site aside" in (await _link(hall))[1]


async def test_the_centre_learns_the_kind_and_nothing_is_held_any_more(hall: Station) -> None:
    await _centre_that_knows(hall, None)
    async with at_place(hall, "k1") as kiosk:
        await take_ticket(kiosk, "healed-ticket")
    await delivered(hall)
    await _told(hall, 0, online=True, pending=0, held=0, bad=[])
