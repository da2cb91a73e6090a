"""Restored images on real programs: station and centre put back from older copies, with and without a line."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from hw_sim.demo.station import BIN, Station, station
from tests.system.evidence import centre_bytes, records, seen
from tests.system.people import at_place, take_ticket

pytestmark = [pytest.mark.system, pytest.mark.kill, pytest.mark.asyncio(loop_scope="module")]
GAP = 500


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hall(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Station]:
    folder: Path = tmp_path_factory.mktemp("restored")
    async with station("station", folder, seed=4, with_screens=False) as made:
        await made.ready()
        yield made


async def _run(program: str, *words: str) -> str:
    process = await asyncio.create_subprocess_exec(
        str(BIN / program), *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    return said.decode()


async def _tickets(hall: Station, name: str, count: int) -> list[str]:
    async with at_place(hall, "k1") as kiosk:
        return [(await take_ticket(kiosk, f"restored-{name}-ticket-{n}"))["number"] for n in range(count)]


async def _stopped(hall: Station, program: str) -> None:
    hall.programs[program].hold(True)
    await seen(lambda: hall.programs[program].pid is None, 15, f"{program} has ended")


async def _restored(hall: Station, copy: Path) -> None:
    await _stopped(hall, "halld")
    await _run("hallctl", "journal", "restore", str(copy), str(hall.folder / "data"))
    hall.programs["halld"].hold(False)


def _born(raws: list[bytes]) -> set[tuple[Any, ...]]:
    found = (json.loads(raw) for raw in raws)
    return {tuple(one.get("was") or (one["epoch"], one["seq"], one["hash"])) for one in found if one["seq"] > 1}


def _numbers(raws: list[bytes]) -> list[str]:
    """Of every ticket that was ever issued, each fact once."""
    facts = {}
    for one in map(json.loads, raws):
        if one["kind"] == "ticket.issued":
            facts[tuple(one.get("was") or (one["epoch"], one["seq"], one["hash"]))] = one["body"]["number"]
    return sorted(facts.values())


async def _level(hall: Station) -> dict[str, Any]:
    """Once the centre has every fact of the journal, and the journal every fact of the centre."""

    def equal() -> bool:
        raws = [json.dumps(one).encode() for one in records(hall)]
        return bool(raws) and _born(raws) == _born(centre_bytes(hall))

    await seen(equal, 40, "both ends are level")
    words = ("report", "--db", str(hall.centre_db), "--site", hall.code, "--json")
    found: dict[str, Any] = json.loads(await _run("hall-centre", *words))
    assert (found["missing"], found["duplicates"], found["broken"], found["held"]) == (0, 0, 0, 0)
    verdict = json.loads(await _run("hallctl", "journal", "verify", str(hall.journal), "--json"))
    assert verdict["first_bad"] is None
    return found


async def test_restored_while_the_centre_is_ahead_everything_is_back_before_anybody_may_ask(hall: Station) -> None:
    await _tickets(hall, "before", 3)
    copy = hall.folder / "copy-1"
    await _run("hallctl", "journal", "backup", str(hall.folder / "data"), str(copy))
    given = await _tickets(hall, "lost", 4)
    await _level(hall)
    await _restored(hall, copy)
    await hall.ready()
    again = await _tickets(hall, "lost", 4)
    assert again == given, "the commands are known: the same answers"
    new = await _tickets(hall, "after", 1)
    assert int(new[0][1:]) == int(given[-1][1:]) + 1, "nothing had to be skipped"
    found = await _level(hall)
    assert found["epochs"] == 2
    numbers = _numbers(centre_bytes(hall))
    assert len(numbers) == len(set(numbers)) == 8


async def test_restored_without_a_line_numbers_keep_apart_and_the_days_meet_later(hall: Station) -> None:
    copy = hall.folder / "copy-2"
    await _run("hallctl", "journal", "backup", str(hall.folder / "data"), str(copy))
    lost = await _tickets(hall, "second-lost", 5)
    await _level(hall)
    await hall.line.set_up(False)
    await _restored(hall, copy)
    await hall.ready(60)
    apart = await _tickets(hall, "apart", 3)
    assert min(int(number[1:]) for number in apart) > int(lost[0][1:]) - 1 + GAP
    await hall.line.set_up(True)
    found = await _level(hall)
    await hall.ready()
    assert found["epochs"] == 3
    new = await _tickets(hall, "met", 1)
    numbers = _numbers(centre_bytes(hall))
    await _level(hall)
    assert set(lost) | set(apart) <= set(numbers)
    assert new[0] not in set(lost) | set(apart)
    assert len(numbers) == len(set(numbers))


async def test_a_centre_put_back_from_an_older_copy_gets_everything_again(hall: Station) -> None:
    copy = hall.folder / "centre-copy.db"
    await _level(hall)
    await _run("hall-centre", "backup", "--db", str(hall.centre_db), "--to", str(copy))
    await _tickets(hall, "hour", 6)
    await _level(hall)
    await _stopped(hall, "centre")
    await _run("hall-centre", "restore", str(copy), "--db", str(hall.centre_db))
    hall.programs["centre"].hold(False)
    await _tickets(hall, "next", 1)  # an idle station would ask by itself within 300 s
    await _level(hall)
    numbers = _numbers(centre_bytes(hall))
    assert len(numbers) == len(set(numbers))
