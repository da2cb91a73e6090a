"""A day of cases without the line on a real station and a real centre: each fact once, every conflict before people."""

import json
from collections import Counter as Counts
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio

from hw_sim.demo.station import Station, station
from tests.campaign.morning import output, tool
from tests.system.counter import Counter, begin_turn
from tests.system.evidence import centre_bytes, delivered, line_state, records, seen, verified
from tests.system.people import MESSENGER_PIN, PIN, at_place, leading, signed_in
from tests.system.sites import change_site, with_a_lead

pytestmark = [pytest.mark.system, pytest.mark.kill, pytest.mark.asyncio(loop_scope="module")]
ZONE = ZoneInfo("Asia/Shanghai")
SECONDS = 60.0
UNIT = "social-insurance"
AGENT = {"way": "counter", "collector": "agent", "proof": "id_card_and_authority"}
PERSON = {"name": "代测试", "id_number": "119999199001010020"}
WORST_KEY = 0  # the left-most of five
VOICE = {"type": "complaint", "about": "site", "points": ["waited", "devices"]}
SPOKEN = {"type": "complaint", "channel": "phone", "about": "window", "target": "w1", "text": "等了一个小时"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hall(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Station]:
    folder: Path = tmp_path_factory.mktemp("station")
    async with station("station", folder, seed=21, with_screens=False) as made:
        change_site(made.folder, with_a_lead)
        await made.ready()
        yield made


async def _say(hall: Station, id: str, **body: Any) -> None:
    """A unit speaks at the centre: the file and the command that its people use."""
    path = hall.folder / "centre" / "words.json"
    told = {"unit": UNIT, "date": datetime.now(ZONE).date().isoformat(), **body}
    path.write_text(json.dumps([{"id": id, "body": told}]), "utf-8")
    await output(
        *("hall-centre", "feeds", "publish", "--feeds", str(hall.feeds), "--signing-key", str(hall.signing_key)),
        *("--feed", "decisions", "--scope", hall.code, str(path)),
    )


async def _take(hall: Station, desk: Counter) -> str:
    """A citizen's turn, from the number to the receipt."""
    await begin_turn(hall, desk.browser, "w1")
    await desk.open()
    await desk.paper()
    await desk.on_case("receive")
    await desk.do("finish")
    return desk.case


async def _step(desk: Counter, case: str, *acts: str, **more: Any) -> None:
    for act in acts:
        if act == "register":
            await desk.do(f"dossiers/{case}/register")
        else:
            await desk.do(f"dossiers/{case}/step", act=act, **more)


async def _stepped(hall: Station, case: str, kind: str) -> None:
    await seen(lambda: any(one["subject"] == case for one in records(hall, kind)), SECONDS, f"{kind} of {case}")


async def test_a_day_of_cases_without_the_line(hall: Station) -> None:
    async with signed_in(hall, "w1") as browser:
        browser.headers["accept-language"] = "zh-Hans"
        desk = Counter(hall, "w1", browser)
        lacking, granted = await _take(hall, desk), await _take(hall, desk)
        for case in (lacking, granted):
            await _step(desk, case, "forward", unit=UNIT)
        await _say(hall, "d.lacking.1", case=lacking, said="lack", reason="materials", saw="forwarded")
        await _say(hall, "d.granted.1", case=granted, said="granted", saw="forwarded")
        await _stepped(hall, granted, "case.decided")
        await seen(lambda: _stages(hall, lacking)[-1] == "supplement", SECONDS, "the unit asks for a paper")
        await delivered(hall)

        await hall.line.set_up(False)
        try:
            await _step(desk, lacking, "supply", brought=[{"material": "id-card", "sheets": 1}])
            await _step(desk, granted, "arrive", "verify", "register", "shelve")
            given = {"id": "case-give-offline-1", **AGENT, **PERSON}
            first = await browser.post(f"/api/window/w1/dossiers/{granted}/deliver", json=given)
            assert first.status_code == 200, first.text
            fresh = await _take(hall, desk)
            await _rated_badly(hall)
            voiced, spoken = (
                await _complained(hall, "case-voice-1"),
                await desk.do("complaint", id="spoken-1", **SPOKEN),
            )
            batch, signing = await _handed_over_one_sheet_short(desk, fresh)
            hall.programs["halld"].kill()
            await hall.ready()
            signed = await browser.post("/api/session", json={"window": "w1", "pin": PIN})
            assert signed.status_code == 200, signed.text
            again = await browser.post(f"/api/window/w1/dossiers/{granted}/deliver", json=given)
            assert again.status_code == 200, again.text
            twice = await desk.ask(f"dossiers/{granted}/deliver", **AGENT, **PERSON)
            assert (twice.status_code, twice.json()["code"]) == (409, "flow_over")
            assert await _complained(hall, "case-voice-1") == voiced
            assert await desk.do("complaint", id="spoken-1", **SPOKEN) == spoken
            await desk.do(f"batches/{batch}/sign", id="offline-sign-1", **signing)
            # Meanwhile the unit decides on what it last saw, and changes its mind.
            await _say(hall, "d.lacking.2", case=lacking, said="denied", saw="supplement")
            await _say(hall, "d.granted.1", case=granted, said="denied")
            assert (await line_state(hall))["online"] is False
        finally:
            await hall.line.set_up(True)

        for case in (lacking, granted):
            await _stepped(hall, case, "decision.disputed")
        await _whole(hall)
        _each_once_at_the_centre(hall)
        await _before_the_lead(hall, lacking, granted, batch)
        assert _stages(hall, lacking)[-1] == "forwarded", "the denial moved nothing"
        waiting = {(one["record"]["subject"], one["record"]["body"]["said"]) for one in await _conflicts(hall)}
        assert waiting == {(lacking, "denied"), (granted, "denied")}
        assert (await desk.browser.get(f"/api/window/w1/dossiers/{fresh}")).json()["stage"] == "forwarded"

        # The unit looks again, sees the paper, and its new word is followed.
        await _say(hall, "d.lacking.2", case=lacking, said="granted", saw="forwarded")
        await _stepped(hall, lacking, "case.decided")
        await _whole(hall)


async def _rated_badly(hall: Station) -> None:
    """At the pad, of the turn that just ended."""
    pad = hall.hall.device("pad-1")
    await seen(lambda: pad.view()["state"] == "rate", SECONDS, "the pad asks")
    pad.act("rate", value=WORST_KEY)
    await seen(lambda: records(hall, "task.opened"), SECONDS, "the task of a bad rating")


async def _complained(hall: Station, id: str) -> tuple[str, str]:
    """At the kiosk: number and code of the slip. A kiosk that got no answer asks again under the same id."""
    async with at_place(hall, "k1") as kiosk:
        answer = await kiosk.post("/api/kiosk/k1/complain", json={"id": id, **VOICE})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    return told["number"], told["query_code"]


async def _handed_over_one_sheet_short(desk: Counter, case: str) -> tuple[str, dict[str, Any]]:
    """The messenger counts one less than was sealed; the batch, and what he signed."""
    await _step(desk, case, "forward", unit=UNIT)
    sealed = await desk.do("batches", id="offline-seal-1", what="materials", to=UNIT, cases=[case])
    counted = [{"case": case, "material": line["material"], "sheets": line["sheets"]} for line in sealed["lines"]]
    counted[0]["sheets"] -= 1
    signing = {"counted": counted, "pin": MESSENGER_PIN}
    await desk.do(f"batches/{sealed['batch']}/sign", id="offline-sign-1", **signing)
    return sealed["batch"], signing


def _each_once_at_the_centre(hall: Station) -> None:
    """What was said, complained, sealed, signed and given out without the line: one record each, asked twice or not."""
    kinds = Counts(json.loads(raw)["kind"] for raw in centre_bytes(hall))
    once = ("rating.given", "task.opened", "batch.sealed", "batch.received", "result.delivered")
    assert {kind: kinds[kind] for kind in once} == dict.fromkeys(once, 1)
    assert kinds["complaint.registered"] == 2


async def _before_the_lead(hall: Station, lacking: str, granted: str, batch: str) -> None:
    """Nothing was decided silently: all of it waits on the shift leader's page."""
    numbers = {one["subject"]: one["body"]["number"] for one in records(hall, "case.received")}
    (sealed,) = records(hall, "batch.sealed")
    async with leading(hall) as lead:
        answer = await lead.get("/api/oversight")
    assert answer.status_code == 200, answer.text
    page = answer.json()
    alarms = {(each["kind"], each["number"]) for each in page["alarms"]}
    assert {("word_disputed", numbers[case]) for case in (lacking, granted)} < alarms
    assert ("batch_difference", sealed["body"]["sheet"]["number"]) in alarms
    assert sealed["subject"] == batch
    assert [each["state"] for each in page["tasks"]] == ["opened"]
    assert sorted(each["channel"] for each in page["complaints"]) == ["kiosk", "phone"]


def _stages(hall: Station, case: str) -> list[str]:
    return [one["body"]["stage"] for one in records(hall, "case.stepped") if one["subject"] == case] or [""]


async def _conflicts(hall: Station) -> list[dict[str, Any]]:
    words = ("--feeds", str(hall.feeds), "--site", hall.code)
    return [json.loads(line) for line in (await output("hall-centre", "feeds", "conflicts", *words)).splitlines()]


async def _whole(hall: Station) -> None:
    """The centre has the journal, byte for byte, every record once, and nothing waits for the line."""
    mine = await _level(hall)
    report = await tool("hall-centre", "report", "--db", str(hall.centre_db), "--site", hall.code, "--json")
    assert {name: report[name] for name in ("missing", "duplicates", "broken")} == dict.fromkeys(
        ("missing", "duplicates", "broken"), 0
    )
    assert report["records"] >= len(mine) <= await verified(hall)


async def _level(hall: Station) -> list[bytes]:
    """A question may lapse at any moment: what was there before is compared."""
    mine = await delivered(hall)
    assert centre_bytes(hall)[: len(mine)] == mine
    return mine
