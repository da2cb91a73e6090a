"""With a paper in his hand, at the real kiosk of a hall: a service is judged, a complaint made, and its answer read."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from hw_sim.demo.station import Station, station
from tests.system.citizen import SECONDS, Citizen
from tests.system.counter import counter, fresh_id
from tests.system.evidence import records, seen
from tests.system.people import leading
from tests.system.sites import change_site, with_a_lead

pytestmark = [pytest.mark.system, pytest.mark.screen, pytest.mark.asyncio]
REPLY = "窗口已由两个增加到三个。"


@pytest.fixture
async def hall(tmp_path: Path) -> AsyncIterator[Station]:
    async with station("station", tmp_path, seed=41) as made:
        change_site(made.folder, with_a_lead)
        made.programs["board"].hold(True)
        del made.screens["board"]
        await made.ready(120)
        yield made


def _printed(hall: Station, pattern: str) -> str:
    """What the newest paper of the kiosk says there, '' while it says nothing of the kind."""
    lines = (hall.hall.device("printer-1").view()["last_ticket"] or {"lines": []})["lines"]
    found = re.search(pattern, "".join(lines))
    return found.group(1) if found else ""


async def test_a_citizen_judges_complains_and_reads_the_answer(hall: Station) -> None:
    async with counter(hall, "w1") as at:
        code = await seen(lambda: _printed(hall, r"评价码\s*([0-9A-Z]{8})"), SECONDS, "the code on the ticket")
        await at.do("finish")
    citizen = Citizen(hall.screens["kiosk"])
    await _judges(hall, citizen, code)
    number, query = await _complains(hall, citizen)
    await _answered(hall)
    await _reads_the_answer(citizen, number, query)
    for private in (number[-6:], query):
        await seen(lambda private=private: _gone(citizen, private), SECONDS, "nothing of it left on the screen")


async def _judges(hall: Station, citizen: Citizen, code: str) -> None:
    await citizen.meets("service")
    await citizen.tap("papers")
    await citizen.meets("choices")
    await citizen.tap("pick_rate")
    await citizen.meets("keys")
    await citizen.types(code)
    await citizen.tap("next", "pick_dissatisfied", "next", "pick_took_long")
    await citizen.meets("choices")
    await citizen.tap("next")
    await citizen.meets("rated")
    (given,) = records(hall, "rating.given")
    assert (given["body"]["level"], given["body"]["by"]) == ("dissatisfied", "kiosk")
    assert given["body"]["reasons"] == ["took_long"]
    assert len(records(hall, "task.opened")) == 1
    await citizen.tap("end")


async def _complains(hall: Station, citizen: Citizen) -> tuple[str, str]:
    """Number and query code, as the slip in his hand says them."""
    await citizen.meets("service")
    await citizen.tap("papers", "pick_voice", "pick_complaint")
    await citizen.meets("choices")
    await citizen.tap("pick_site", "pick_waited", "next")
    await citizen.meets("keys")
    await citizen.tap("skip")
    await citizen.meets("review")
    await citizen.tap("next")
    await citizen.meets("voiced")
    query = await seen(lambda: _printed(hall, r"查询码\s*([0-9A-Z]{8})"), SECONDS, "the code on the slip")
    number = _printed(hall, r"登记编号\s*(T[0-9A-Z]{25})")
    assert await citizen.reads("number") == number
    assert (await citizen.reads("code")).replace(" ", "") == query
    await citizen.tap("end")
    return number, query


async def _answered(hall: Station) -> None:
    async with leading(hall) as lead:
        page = (await lead.get("/api/oversight")).json()
        (complaint,) = page["complaints"]
        assert complaint["anonymous"] is True
        for step in ("accept", "investigate", "reply"):
            wish: dict[str, Any] = {"text": REPLY} if step == "reply" else {}
            path = f"/api/oversight/complaint/{complaint['uid']}/{step}"
            answer = await lead.post(path, json={"id": fresh_id(step), **wish})
            assert answer.status_code == 200, answer.text


async def _reads_the_answer(citizen: Citizen, number: str, query: str) -> None:
    await citizen.meets("service")
    await citizen.tap("papers", "pick_look_up")
    await citizen.types(number[-6:])
    await citizen.meets("keys")
    await citizen.tap("next")
    await citizen.types(query)
    await citizen.tap("next")
    await citizen.meets("answer")
    assert await citizen.reads("answer") == REPLY
    await citizen.tap("language_en", "large")
    await citizen.meets("answer")
    await citizen.tap("end")
    await citizen.meets("service")


async def _gone(citizen: Citizen, private: str) -> bool:
    return all(private not in each["name"] for each in (await citizen.screen.look())["controls"])
