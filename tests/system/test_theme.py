"""A hall whose theme pack has a mistake: it opens with its own look, says what to mend, and everything else works."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from hw_sim.demo.station import BIN, Station, station
from tests.edge.theme.packs import make_pack
from tests.system.citizen import Citizen
from tests.system.evidence import records
from tests.system.people import at_place, browser
from tests.system.sites import change_site

pytestmark = [pytest.mark.system, pytest.mark.screen, pytest.mark.asyncio(loop_scope="module")]
WHERE = "themes/city/theme.yaml:7:9"  # file, line and column of the colour that is none


def _names_it(site: Any) -> None:
    site["theme"] = "city"


def _spoil(folder: Path) -> None:
    sheet = make_pack(folder / "themes") / "theme.yaml"
    sheet.write_text(sheet.read_text("utf-8").replace('main: "#0B5E4A"', 'main: "green"'), "utf-8")


@dataclass(slots=True)
class Dressed:
    hall: Station
    citizen: Citizen


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def dressed(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Dressed]:
    folder = tmp_path_factory.mktemp("station")
    async with station("station", folder, seed=16, with_broker=False) as hall:
        change_site(folder, _names_it)
        _spoil(folder)
        hall.programs["board"].hold(True)
        del hall.screens["board"]
        await hall.ready(120)
        yield Dressed(hall, Citizen(hall.screens["kiosk"], "theme"))


async def _hallctl(*words: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        str(BIN / "hallctl"), "--lang", "zh-Hans", *words, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    return process.returncode, said.decode()


async def test_it_opens_with_its_own_look_and_a_citizen_gets_his_number(dressed: Dressed) -> None:
    async with browser(dressed.hall) as anybody:
        worn = (await anybody.get("/api/theme")).json()
        assert not any(worn.values()), "nothing of the broken pack"
        assert (await anybody.get("/theme/theme.css")).text == ""
    citizen = dressed.citizen
    await citizen.meets("service")
    await citizen.tap("service_general", "no_card")
    await citizen.meets("number")
    assert len(records(dressed.hall, "ticket.issued")) == 1


async def test_the_technician_reads_file_line_and_column(dressed: Dressed) -> None:
    async with at_place(dressed.hall, "technician") as technician:
        report = await _json(technician, "/api/technician/theme")
    assert (report["wanted"], report["worn"]) == ("city", False)
    assert [WHERE in mistake for mistake in report["mistakes"]] == [True]
    log = (dressed.hall.folder / "logs" / "halld.log").read_text("utf-8")
    assert WHERE in log
    assert "Traceback" not in log


async def test_check_and_doctor_say_the_same(dressed: Dressed) -> None:
    folder = dressed.hall.folder
    site, data = folder / "site.yaml", folder / "data"
    code, said = await _hallctl("check", str(site))
    assert (code, WHERE in said) == (2, True)
    code, said = await _hallctl(
        *("doctor", "--data", str(data), "--site-key", str(data / "site.key"), "--site", str(site), "--json")
    )
    found = [each for each in json.loads(said) if each["what"] == "theme"]
    assert code in (1, 2)  # a throw-away key has its own word
    assert [(each["grade"], WHERE in each["text"]) for each in found] == [("look", True)]
    assert "用自带外观" in found[0]["text"]


async def _json(client: httpx.AsyncClient, path: str) -> dict[str, Any]:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found
