"""The line to the centre, the broker and the centre fail in turn: nothing missing, nothing double, in order."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from hw_sim.demo.station import Station, station
from tests.campaign.morning import tool
from tests.system.evidence import (
    arrival_order,
    centre_bytes,
    delivered,
    journal_bytes,
    line_state,
    records,
    seen,
    verified,
)
from tests.system.people import at_place, signed_in, take_ticket

pytestmark = [pytest.mark.system, pytest.mark.kill, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hall(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Station]:
    folder: Path = tmp_path_factory.mktemp("station")
    async with station("station", folder, seed=2, with_screens=False, with_broker=False) as made:
        await made.ready()
        yield made


async def _visits(hall: Station, name: str, count: int) -> None:
    """Tickets, calls, services, ratings."""
    async with at_place(hall, "k1") as kiosk, signed_in(hall, "w1") as clerk:
        for n in range(count):
            await take_ticket(kiosk, f"{name}-ticket-{n}")
            for verb in ("next", "recall", "start", "finish"):
                answer = await clerk.post(f"/api/window/w1/{verb}", json={"id": f"{name}-{verb}-{n}"})
                assert answer.status_code == 200, answer.text
            await _rate(hall)


async def _rate(hall: Station) -> None:
    """Every question is answered, or its 15 s are over before a busy machine comes to it: a visit ends either way.

    A key pressed while the next one is on its way would count for nobody. With another key than last time: the same
    within 1.2 s is taken for one press.
    """
    pad, given, lapsed = (
        hall.hall.device("pad-1"),
        len(records(hall, "rating.given")),
        len(records(hall, "rating.lapsed")),
    )

    def over() -> bool:
        return len(records(hall, "rating.lapsed")) > lapsed

    await seen(lambda: pad.view()["state"] == "rate" or over(), 60, "the pad asks")
    pad.act("rate", value=3 + given % 2)
    await seen(lambda: len(records(hall, "rating.given")) > given or over(), 60, "the rating")


@asynccontextmanager
async def _pulled(hall: Station) -> AsyncIterator[None]:
    await hall.line.set_up(False)
    try:
        yield
    finally:
        await hall.line.set_up(True)


async def _whole(hall: Station) -> None:
    """The centre has the journal, byte for byte, every record once."""
    mine = await delivered(hall)
    assert centre_bytes(hall) == mine
    report = await tool("hall-centre", "report", "--db", str(hall.centre_db), "--site", hall.code, "--json")
    wrong = {name: report[name] for name in ("missing", "duplicates", "held", "broken")}
    assert wrong == {"missing": 0, "duplicates": 0, "held": 0, "broken": 0}
    assert report["records"] == len(mine) == await verified(hall)


async def test_a_visit_without_any_broker_arrives_once_it_is_there(hall: Station) -> None:
    try:
        await _visits(hall, "alone", 3)
        link = await line_state(hall)
        assert link["online"] is False
        assert link["pending"] == len(journal_bytes(hall)) > 15
        assert centre_bytes(hall) == []
    finally:
        hall.programs["broker"].hold(False)
    await _whole(hall)
    assert arrival_order(hall) == journal_bytes(hall)
    await seen(lambda: _is_settled(hall), 20, "the hall knows that all arrived")


async def _is_settled(hall: Station) -> bool:
    link = await line_state(hall)
    return bool(link["online"]) and link["pending"] == 0


async def test_the_line_is_pulled_in_the_middle(hall: Station) -> None:
    await _visits(hall, "before", 1)
    async with _pulled(hall):
        written = len(journal_bytes(hall))
        await _visits(hall, "pulled", 2)
        assert len(centre_bytes(hall)) <= written < len(journal_bytes(hall))
    await _whole(hall)


async def test_the_broker_is_killed_and_started_again(hall: Station) -> None:
    broker = hall.programs["broker"]
    restarts = broker.restarts
    broker.kill()
    await _visits(hall, "brokerless", 2)
    await seen(lambda: broker.restarts > restarts, 20, "the broker again")
    await _whole(hall)


async def test_the_centre_is_killed_while_records_arrive(hall: Station) -> None:
    centre = hall.programs["centre"]
    restarts = centre.restarts
    await _visits(hall, "arriving", 1)
    centre.kill()
    await _visits(hall, "centreless", 2)
    await seen(lambda: centre.restarts > restarts, 20, "the centre again")
    await _whole(hall)


async def test_everything_at_once(hall: Station) -> None:
    """Line, broker and centre go while the daemon itself is killed."""
    hall.programs["centre"].kill()
    await _visits(hall, "storm", 1)
    hall.programs["broker"].kill()
    hall.programs["halld"].kill()
    async with _pulled(hall):
        await hall.ready()
        await _visits(hall, "after", 1)
    await _whole(hall)
