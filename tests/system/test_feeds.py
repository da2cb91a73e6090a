"""A real station and a real centre: what is published comes down, and people in the hall see what follows from it."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio

from hw_sim.demo.feeds import bookings, publish_bookings
from hw_sim.demo.station import Station, station
from tests.campaign.morning import output, tool
from tests.system.evidence import records, seen
from tests.system.people import at_place

pytestmark = [pytest.mark.system, pytest.mark.kill, pytest.mark.asyncio(loop_scope="module")]
ZONE = ZoneInfo("Asia/Shanghai")
SECONDS = 60.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hall(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Station]:
    folder: Path = tmp_path_factory.mktemp("station")
    async with station("station", folder, seed=5, with_screens=False) as made:
        await made.ready()
        yield made


async def _publish(hall: Station, feed: str, scope: str, items: list[dict[str, Any]]) -> None:
    path = hall.folder / "centre" / "items.json"
    path.write_text(json.dumps(items), "utf-8")
    await output(
        *("hall-centre", "feeds", "publish", "--feeds", str(hall.feeds), "--signing-key", str(hall.signing_key)),
        *("--feed", feed, "--scope", scope, str(path)),
    )


async def _order(hall: Station, do: str, *more: str) -> str:
    words = ("--feeds", str(hall.feeds), "--signing-key", str(hall.signing_key), "--site", hall.code)
    return (await output("hall-centre", "feeds", "order", *words, do, *more)).strip()


async def _outcome(hall: Station, order: str) -> tuple[str, str]:
    """As the centre knows it, from the station's own record."""
    async with asyncio.timeout(SECONDS):
        while True:
            found = await output("hall-centre", "feeds", "outcomes", "--feeds", str(hall.feeds), "--site", hall.code)
            for line in map(json.loads, found.splitlines()):
                if line["id"] == order:
                    return line["outcome"], line["why"]
            await asyncio.sleep(0.5)


async def _held(hall: Station) -> dict[str, Any]:
    return json.loads(await output("hallctl", "feeds", "show", str(hall.folder / "data"), "--json"))


async def _level(hall: Station, feed: str, scope: str) -> None:
    words = ("--feeds", str(hall.feeds), "--feed", feed, "--scope", scope)
    ver, digest = (await output("hall-centre", "feeds", "show", *words)).split()
    async with asyncio.timeout(SECONDS):
        while (await _held(hall))["feeds"].get(feed) != {"ver": int(ver), "digest": digest}:
            await asyncio.sleep(0.2)


async def _check_in(hall: Station, command: str, n: int) -> dict[str, Any]:
    async with at_place(hall, "k1") as kiosk:
        code = f"b:demo-{datetime.now(ZONE):%Y%m%d}-{n}"
        answer = await kiosk.post("/api/kiosk/k1/check-in", json={"id": command, "code": code, "accept_late": True})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


async def test_a_citizen_checks_in_with_a_booking_of_the_city_also_while_the_line_is_cut(hall: Station) -> None:
    await publish_bookings(hall.folder, hall.code, "general", datetime.now(ZONE))
    await seen(lambda: len(records(hall, "booking.mirrored")) == 3, SECONDS, "the bookings in the hall")
    assert (await _check_in(hall, "check-in-1", 1))["ticket"]["number"]
    await hall.line.set_up(False)
    try:
        hall.programs["halld"].kill()
        await hall.ready()
        assert (await _check_in(hall, "check-in-2", 2))["ticket"]["number"]
        assert len(records(hall, "booking.mirrored")) == 3
    finally:
        await hall.line.set_up(True)


async def test_a_booking_that_the_centre_moved_meanwhile_is_a_conflict_for_a_person(hall: Station) -> None:
    now = datetime.now(ZONE)
    moved = bookings("general", now)[2]
    moved["body"]["slot"] = f"{now - timedelta(minutes=3):%H:%M}"
    await hall.line.set_up(False)
    try:
        await _publish(hall, "bookings", hall.code, [moved])
        assert (await _check_in(hall, "check-in-3", 3))["ticket"]["number"]
    finally:
        await hall.line.set_up(True)
    words = ("--feeds", str(hall.feeds), "--site", hall.code)

    async def conflicts() -> list[dict[str, Any]]:
        return [json.loads(line) for line in (await output("hall-centre", "feeds", "conflicts", *words)).splitlines()]

    (found,) = await seen(conflicts, SECONDS, "the conflict at the centre")
    assert found["record"]["body"]["about"] == {"feed": "bookings", "id": moved["id"], "rev": 1}
    assert (found["ours"]["rev"], found["ours"]["body"], found["kept"]) == (2, moved["body"], None)

    async def held() -> int:
        report = await tool("hall-centre", "report", "--db", str(hall.centre_db), "--site", hall.code, "--json")
        return int(report["held"])

    assert await held() == 1
    await output("hall-centre", "feeds", "settle", *words, found["birth"], "--keep", "site", "--by", "c01")
    async with asyncio.timeout(SECONDS):
        while await held():
            await asyncio.sleep(0.2)
    assert (await conflicts())[0]["kept"] == "site"


async def test_names_and_numbers_are_nowhere_in_the_clear(hall: Station) -> None:
    for path in (hall.feeds, hall.folder / "data" / "feeds.db", hall.folder / "data" / "journal.db"):
        raw = path.read_bytes() + path.with_name(path.name + "-wal").read_bytes()
        for private in ("李示例", "119999199001010023", "13900005678"):
            assert private.encode() not in raw, path.name


async def test_the_centre_orders_a_test_page_a_check_and_a_notice(hall: Station) -> None:
    page = await _order(hall, "print", "--args", '{"what":"test page"}')
    check = await _order(hall, "journal.verify", "--effect", "idempotent")
    notice = await _order(hall, "hall.notice", "--args", '{"text":{"zh-Hans":"今天下午停电"}}')
    gate = await _order(hall, "open the gate")
    late = await _order(hall, "print", "--minutes", "0")
    assert await _outcome(hall, page) == ("done", "")
    outcome, why = await _outcome(hall, check)
    assert (outcome, why.partition(":")[0]) == ("done", "records")
    assert await _outcome(hall, notice) == ("done", "")
    assert await _outcome(hall, gate) == ("refused", "unknown")
    assert await _outcome(hall, late) == ("refused", "expired")
    await _level(hall, "commands", hall.code)
    assert len(records(hall, "command.done")) == 5


async def test_the_queue_is_set_up_from_the_centre_and_what_is_the_sites_own_is_not(hall: Station) -> None:
    await _publish(hall, "config", hall.code, [{"id": "queue", "body": {"recalls": 7}}])
    await seen(lambda: records(hall, "site.configured")[-1]["body"]["recalls"] == 7, SECONDS, "the set-up")
    await _publish(hall, "config", hall.code, [{"id": "queue", "body": {"restored_gap": 1}}])
    await seen(lambda: records(hall, "site.configured")[-1]["body"]["recalls"] != 7, SECONDS, "the site's own again")
    async with asyncio.timeout(SECONDS):
        while [one["why"] for one in (await _held(hall))["refused"] if one["feed"] == "config"] != ["not_allowed"]:
            await asyncio.sleep(0.2)


async def test_a_snapshot_of_5000_survives_kills_of_the_station_in_the_middle(hall: Station) -> None:
    items = [{"id": f"n:{n:05}", "body": {"text": {"zh-Hans": f"第{n}条" * 20}, "until": 1}} for n in range(5_000)]
    await _publish(hall, "notices", "local", items)
    for seconds in (0.6, 0.9, 1.2):
        await asyncio.sleep(seconds)
        hall.programs["halld"].kill()
    await hall.ready()
    await _level(hall, "notices", "local")
    await _publish(hall, "notices", "local", [{"id": f"n:{n:05}", "gone": True} for n in range(10)])
    await _level(hall, "notices", "local")
