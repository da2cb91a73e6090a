"""A station with a real centre over TLS: enrolled, it works; its box dies, a new one takes its place by voucher."""

import asyncio
import json
import sqlite3
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from edge.masking import mask_name
from hw_sim.demo.station import BIN, Station, station
from sync.site_isolation import CHECKS
from tests.support.centre_kit import CentreKit
from tests.system.counter import NAME, NUMBER, Counter, begin_turn, fresh_id
from tests.system.evidence import line_state, records, seen, verified
from tests.system.people import at_place, signed_in, take_ticket

pytestmark = [
    pytest.mark.system, pytest.mark.kill, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(400),
]  # fmt: skip
MINUTES_15 = 15 * 60


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CentreKit]:
    made = CentreKit(tmp_path_factory.mktemp("centre"))
    try:
        made.start()
        yield made
    finally:
        made.end()


def enrol(hall: Station, voucher: str, *words: str) -> subprocess.CompletedProcess[str]:
    where = ("--site", str(hall.folder / "site.yaml"), "--data", str(hall.folder / "data"))
    return subprocess.run(
        [str(BIN / "hallctl"), "enrol", *where, *words], input=voucher + "\n", capture_output=True, text=True
    )


@asynccontextmanager
async def box(folder: Path, seed: int) -> AsyncIterator[Station]:
    """A station without the demo's own broker and centre; its halld makes no key of its own and is held."""
    async with station("station", folder, seed=seed, with_screens=False, with_broker=False) as made:
        made.programs["centre"].hold(True)
        halld = made.programs["halld"]
        halld.hold(True)
        halld.argv = [word for word in halld.argv if word != "--make-throw-away-key"]
        yield made


async def _level(hall: Station, kit: CentreKit) -> None:
    """Every fact of the journal is at the centre, and the journal knows it."""

    await seen(lambda: {one["hash"] for one in records(hall)} <= _held(kit), 90, "all records at the centre")


def _held(kit: CentreKit) -> set[str]:
    """Hashes of all records at the centre."""
    with closing(sqlite3.connect(f"file:{kit.db}?mode=ro", uri=True, timeout=20)) as db:
        return {json.loads(raw)["hash"] for (raw,) in db.execute("SELECT raw FROM records")}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def dead(kit: CentreKit, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a box did before it died; its folder stays for whoever found it."""
    found: dict[str, Any] = {"folder": tmp_path_factory.mktemp("first-box")}
    async with box(found["folder"], 21) as hall:
        found["site"] = hall.code
        assert enrol(hall, kit.voucher("XX-9999")).returncode == 1, "a voucher of another site"
        voucher = kit.voucher(hall.code)
        said = enrol(hall, voucher, "--json")
        assert said.returncode == 0, said.stderr
        assert json.loads(said.stdout)["site"] == hall.code
        hall.programs["halld"].hold(False)
        await hall.ready(90)
        async with signed_in(hall, "w1") as clerk:
            await begin_turn(hall, clerk, "w1")
            desk = Counter(hall, "w1", clerk)
            await desk.open()
            await desk.paper()
        async with at_place(hall, "k1") as kiosk:
            found["tickets"] = [(await take_ticket(kiosk, fresh_id("before")))["number"] for _ in range(3)]
        await _level(hall, kit)
        found |= {"case": desk.case, "line": await line_state(hall)}
        found["issued"] = [one["body"] for one in records(hall, "key.issued")]
        found["isolation"] = await isolation(hall)
        await seen(lambda: _says(hall, ""), 60, "the line is back after the check")
        hall.programs["halld"].kill()
        hall.programs["halld"].hold(True)
    found["births"] = _held(kit)
    return found


async def isolation(hall: Station) -> dict[str, Any]:
    """How each check of the broker came out, by hallctl as a technician runs it."""
    where = ("--data", str(hall.folder / "data"), "--socket", str(hall.folder / "hall.sock"))
    words = [str(BIN / "hallctl"), "doctor", "--isolation", "--json", *where]
    said = await asyncio.to_thread(subprocess.run, words, capture_output=True, text=True)
    found = json.loads(said.stdout)
    return {one["what"].removeprefix("isolation_"): one["how"] for one in found if one["what"].startswith("isolation")}


async def test_it_proves_by_delivery_that_its_broker_keeps_it_apart(dead: dict[str, Any]) -> None:
    """Halld does it; its line stands aside meanwhile."""
    assert dead["isolation"] == dict.fromkeys(CHECKS, "kept") | {"read_down": "unseen"}


async def test_an_enrolled_station_works_over_tls_and_says_so_in_numbers(dead: dict[str, Any]) -> None:
    line = dead["line"]
    assert line["online"]
    assert line["connected"]
    assert line["why"] == ""
    assert line["credit"] > 0
    assert line["rtt_ms"] is not None
    assert line["certificate"] > f"{time.gmtime().tm_year + 1}"


async def test_every_key_is_wrapped_for_the_centre_which_reads_the_parts(dead: dict[str, Any], kit: CentreKit) -> None:
    assert dead["issued"]
    assert all(len(body["wrapped"]) == 1 for body in dead["issued"])
    key = kit.folder / "part-key.pem"
    kid = kit.run("authority", "part-key", "--folder", str(kit.authority), "--to", str(key))
    person = ("--who", "tester", "--why", "test")
    where = ("--db", str(kit.db), "--site", dead["site"], "--key", str(key), "--key-id", kid)
    said = kit.run("timeline", dead["case"], *where, *person)
    opened = [json.loads(line)["opened"] for line in said.splitlines()]
    assert any(NAME in json.dumps(one, ensure_ascii=False) for one in opened)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def new_box(
    dead: dict[str, Any], kit: CentreKit, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Station]:
    began = time.monotonic()
    async with box(tmp_path_factory.mktemp("second-box"), 22) as hall:
        voucher = kit.voucher(dead["site"], "--replaces")
        said = enrol(hall, voucher, "--json")
        assert said.returncode == 0, said.stderr
        assert json.loads(said.stdout)["keys"] == len({body["kid"] for body in dead["issued"]})
        hall.programs["halld"].hold(False)
        await hall.ready(120)
        await _level(hall, kit)
        assert time.monotonic() - began < MINUTES_15
        yield hall


async def test_everything_that_the_centre_had_is_back(new_box: Station, dead: dict[str, Any]) -> None:
    def births() -> set[str]:
        return {(one.get("was") or ["", 0, one["hash"]])[2] for one in records(new_box)}

    opened = {one["hash"] for one in records(new_box, "epoch.opened")}
    assert dead["births"] <= births() | opened
    await verified(new_box)
    assert (await line_state(new_box))["gap"] is False


async def test_numbers_go_on_above_those_that_were_given(new_box: Station, dead: dict[str, Any]) -> None:
    async with at_place(new_box, "k1") as kiosk:
        number = (await take_ticket(kiosk, fresh_id("after")))["number"]
    assert int(number[1:]) > max(int(given[1:]) for given in dead["tickets"])


async def test_the_case_can_be_read_again(new_box: Station, dead: dict[str, Any]) -> None:
    async with signed_in(new_box, "w1") as clerk:
        shown = (await clerk.get("/api/window/w1/case")).json()
        assert shown["case"] == dead["case"]
        answer = await clerk.get("/api/window/w1/case/applicant")
    assert answer.status_code == 200, answer.text
    person = answer.json()
    assert person["name"] == mask_name(NAME)
    assert NUMBER not in json.dumps(person)


async def test_the_dead_box_has_no_way_in_any_more_and_says_why(
    new_box: Station, dead: dict[str, Any], kit: CentreKit
) -> None:
    states = [
        json.loads(line) for line in kit.run("authority", "list", "--folder", str(kit.authority), "--json").splitlines()
    ]
    assert [one["state"] for one in states if one["site"] == dead["site"]] == ["good", "revoked"]
    async with box(dead["folder"], 21) as found:
        found.programs["halld"].hold(False)
        await found.ready(90)
        await seen(lambda: _says(found, "own_revoked"), 60, "the revoked box says so")
        async with at_place(found, "k1") as kiosk:
            assert (await take_ticket(kiosk, fresh_id("found")))["number"], "the hall itself works on"
        assert not (await line_state(found))["online"]


async def _says(hall: Station, why: str) -> bool:
    return bool((await line_state(hall))["why"] == why)
