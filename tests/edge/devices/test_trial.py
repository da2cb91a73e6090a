"""`hallctl try` against simulated hardware on the real wire."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from config import folder
from drivers.errors import BadConfig
from edge.devices import trial
from edge.devices.claims import Claim, port_of
from edge.devices.trial import Trial, argument_from, attempt, masked, options_from
from hw_sim.hall import SimulatedHall
from hw_sim.scene import load_scene


@pytest.fixture
async def hall(tmp_path: Path) -> AsyncIterator[SimulatedHall]:
    async with SimulatedHall(load_scene(folder() / "scenes" / "station.yaml"), tmp_path, seed=1) as made:
        yield made


def port(hall: SimulatedHall, name: str) -> str:
    return f"serial://{hall.run_folder}/dev/{name}?baud=115200"


async def hallctl(*words: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        str(Path(trial.__file__).parents[2] / ".venv" / "bin" / "hallctl"),
        *("--lang", "en", "try", *words),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await process.communicate()
    return process.returncode or 0, out.decode()


async def test_a_card_is_read_and_its_person_is_masked(hall: SimulatedHall) -> None:
    hall.device("sam-1").act("lay_card", card="card-1")
    code, out = await hallctl("idcard.sam", "--link", port(hall, "sam-1"), "read", "--json")
    assert code == 0
    answer = json.loads(out)["answer"]
    assert answer["name"] == "张测试"
    assert answer["number"] == "119999********0012"
    assert answer["photo_read"] is True
    assert not {"birth", "address", "photo_wlt"} & set(answer)
    assert "19900101" not in out


async def test_a_port_that_is_held_is_not_touched(hall: SimulatedHall) -> None:
    before = hall.device("sam-1").view()["requests"]
    with Claim(port_of(port(hall, "sam-1"), "."), "hall-devices main"):
        code, out = await hallctl("idcard.sam", "--link", port(hall, "sam-1"), "read")
    assert code == 1
    assert "hall-devices main" in out
    assert hall.device("sam-1").view()["requests"] == before


async def test_a_keypad_is_heard_through_its_line(hall: SimulatedHall) -> None:
    heard: list[str] = []
    wanted = Trial("hall485.keypad", port(hall, "rs485-1").replace("115200", "9600"), "listen",
                   {"address": 1, "dialect": "a"}, seconds=1.5)  # fmt: skip
    asyncio.get_running_loop().call_later(0.5, lambda: hall.device("keypad-1").act("press", key="call"))
    assert (await attempt(wanted, heard.append))["events"] == 1
    assert json.loads(heard[0])["data"]["key"] == "next"


async def test_wrong_words_name_what_is_known(hall: SimulatedHall) -> None:
    with pytest.raises(BadConfig, match=r"idcard\.sam"):
        await attempt(Trial("idcard.sma", "tcp://127.0.0.1:9", "read"), print)
    with pytest.raises(BadConfig, match="address"):
        await attempt(Trial("hall485.keypad", port(hall, "rs485-1"), "beep", {"address": 300, "dialect": "a"}), print)


def test_what_is_no_person_is_not_masked() -> None:
    assert masked({"state": "ok"}) == {"state": "ok"}


def test_options_and_arguments() -> None:
    assert options_from(["address=1", "dialect=a", "cutter=false"]) == {"address": 1, "dialect": "a", "cutter": False}
    page = argument_from("show", "a|b", "")
    assert page is not None
    assert [line["text"] for line in page["lines"]] == ["a", "b"]
    with pytest.raises(BadConfig):
        argument_from("show", "", "[1]")
