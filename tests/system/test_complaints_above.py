"""A complaint that a station left overdue rises, the level above sees and settles it, and both people hear of it."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hw_sim.demo.station import Station, station
from sync.centre import cli
from tests.campaign.morning import output
from tests.system.calendar_days import begins_on, moves_to
from tests.system.evidence import records, seen
from tests.system.people import at_place, leading
from tests.system.sites import change_site, with_a_lead

pytestmark = [pytest.mark.system, pytest.mark.kill, pytest.mark.asyncio, pytest.mark.timeout(300)]
SECONDS = 60.0
SAID, URGED, ANSWER = "窗口没有人应答", "请三个工作日内答复", "街道已核实：当日人手不足，已增派"


@pytest.fixture
async def hall(tmp_path: Path) -> AsyncIterator[Station]:
    async with station("station", tmp_path, seed=17, with_screens=False) as made:
        change_site(made.folder, with_a_lead)
        begins_on(made, "2026-11-23 09:00")
        await made.ready(120)
        yield made


def centre(*words: str) -> str:
    """As the centre's people do, in this process: their tool starts slower than it works."""
    done = CliRunner().invoke(cli.app, list(words))
    assert done.exit_code == 0, done.output
    return done.stdout


def complaints(hall: Station, *more: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in centre("complaints", "--db", str(hall.centre_db), *more).splitlines()]


def say(hall: Station, act: str, uid: str, *more: str, text: str = "") -> None:
    words = ["--feeds", str(hall.feeds), "--signing-key", str(hall.signing_key), "--site", hall.code]
    if text:
        path = hall.folder / "centre" / "words.txt"
        path.write_text(text, "utf-8")
        words += ["--text", str(path)]
    centre("feeds", "complaint", *words, act, uid, *more)


async def card(hall: Station, want: str) -> dict[str, Any]:
    """As the shift leader sees it once its newest step is this."""
    async with leading(hall) as lead:

        async def there() -> dict[str, Any] | None:
            (found,) = (await lead.get("/api/oversight")).json()["complaints"]
            return found if found["history"][-1]["step"] == want else None

        found: dict[str, Any] = await seen(there, SECONDS, f"the step {want} at the lead's page")
        return found


async def test_what_a_station_left_overdue_is_settled_by_the_level_above(hall: Station) -> None:
    public = (await output("hallctl", "feeds", "key", str(hall.folder / "data" / "site.key"))).strip()
    centre("feeds", "site-key", "--feeds", str(hall.feeds), "--site", hall.code, public)
    async with leading(hall) as lead:
        asked = {"id": "complaint-0001", "type": "complaint", "channel": "phone", "text": SAID}
        given = (await lead.post("/api/oversight/complaint", json=asked)).json()
    await seen(lambda: complaints(hall, "--today", "2026-11-23"), SECONDS, "the complaint at the centre")
    (first,) = complaints(hall, "--today", "2026-11-23")
    assert (first["site"], first["level"], first["overdue"], first["risen"]) == (hall.code, "station", False, 0)
    assert first["due"] == given["due"] == "2026-11-30"
    assert given["query_code"] not in json.dumps(first), "who reads the list cannot read the answer as the complainant"
    (late,) = complaints(hall, "--overdue", "--today", "2026-12-01")
    assert (late["uid"], late["risen"]) == (first["uid"], 0), "overdue at the centre though the station has not opened"

    say(hall, "urge", first["uid"], "--due", "2026-11-27", text=URGED)
    urged = await card(hall, "urge")
    assert (urged["due"], urged["urged"], urged["level"], urged["history"][-1]["by"]) == (
        "2026-11-27",
        1,
        "station",
        "centre",
    )
    say(hall, "assign", first["uid"], "--to", "street-office")  # too early: it is the station's own still
    async with leading(hall) as lead:
        alarms = (await lead.get("/api/oversight")).json()["alarms"]
        assert "complaint_urged" in [one["kind"] for one in alarms if one["subject"] == first["uid"]]
        asked = {"id": "note-00001", "subject": first["uid"], "of": "step", "n": len(urged["history"]) - 1}
        assert (await lead.post("/api/oversight/note", json=asked)).json()["text"] == URGED

    await seen(lambda: records(hall, "decision.disputed"), SECONDS, "the word that came too early, kept for people")
    await moves_to(hall, "2026-11-30 09:00")
    risen = await card(hall, "escalate")
    assert (risen["level"], risen["escalated"], risen["to"]) == ("street", 1, "")
    await seen(lambda: complaints(hall, "--risen", "--level", "street"), SECONDS, "the complaint a level up")
    say(hall, "assign", first["uid"], "--to", "street-office", "--due", "2026-12-03")
    assigned = await card(hall, "redirect")
    assert (assigned["to"], assigned["due"], assigned["state"]) == ("street-office", "2026-12-03", "redirected")
    say(hall, "reply", first["uid"], text=ANSWER)
    answered = await card(hall, "reply")
    assert (answered["state"], answered["answered"], answered["steps"]) == ("replied", True, ["revisit", "close"])

    async with at_place(hall, "k1") as kiosk:
        asked = {"id": "look-up-0001", "number": given["number"], "code": given["query_code"]}
        found = (await kiosk.post("/api/kiosk/k1/look-up", json=asked)).json()
    assert ANSWER in json.dumps(found, ensure_ascii=False), "the complainant reads the answer of the level above"

    def settled() -> list[dict[str, Any]]:
        return [one for one in complaints(hall, "--all", "--risen") if one["state"] == "replied"]

    (last,) = await seen(settled, SECONDS, "the answer's record at the centre")
    assert (last["last"], last["last_by"], last["to"], last["urged"]) == ("reply", "centre", "street-office", 1)
    assert complaints(hall, "--risen") == [], "nothing is left to do"
    assert len(records(hall, "complaint.moved")) == 4, "the word that came too early moved nothing"
    for private in (SAID, URGED, ANSWER):
        for path in (hall.feeds, hall.centre_db, hall.journal):
            raw = path.read_bytes() + path.with_name(path.name + "-wal").read_bytes()
            assert private.encode() not in raw, path.name
