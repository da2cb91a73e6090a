"""A hundred presses at once, and one wish asked again and again: one number, one window, one outcome."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from hw_sim.demo.station import Station, station
from tests.campaign.judge import Told, judge
from tests.system.evidence import panel_shows, records, seen, verified
from tests.system.people import at_place, signed_in, take_ticket
from tests.system.sites import a_clerk_at_every_window, change_site

pytestmark = [pytest.mark.system, pytest.mark.kill, pytest.mark.asyncio(loop_scope="module")]

WINDOWS = 8
CITIZENS = 36
KEYS = ("call", "recall", "evaluate", "call")  # never the same twice running: that would be one press
VERBS = ("next", "recall", "finish", "next")
PRESSES = CITIZENS + WINDOWS * (len(KEYS) + len(VERBS))


@dataclass(slots=True)
class Answers:
    """What everybody was told. `browser`: command id -> status."""

    told: Told = field(default_factory=Told)
    browser: dict[str, int] = field(default_factory=dict)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hall(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Station]:
    folder: Path = tmp_path_factory.mktemp("station")
    async with station("station", folder, seed=3, with_screens=False, windows=WINDOWS) as made:
        change_site(folder, a_clerk_at_every_window)
        await made.ready()
        yield made


async def test_a_hundred_presses_at_once(hall: Station) -> None:
    assert PRESSES == 100
    answers = Answers()
    async with AsyncExitStack() as stack:
        kiosk = await stack.enter_async_context(at_place(hall, "k1"))
        clerks = [await stack.enter_async_context(signed_in(hall, f"w{n}")) for n in range(1, WINDOWS + 1)]
        async with asyncio.TaskGroup() as group:
            for n in range(CITIZENS):
                group.create_task(_citizen(kiosk, f"citizen-{n}", answers))
            for n, clerk in enumerate(clerks, 1):
                group.create_task(_fingers(hall, f"keypad-{n}"))
                for turn, verb in enumerate(VERBS):
                    group.create_task(_click(clerk, f"w{n}", verb, f"click-{n}-{turn}", answers))
    await seen(lambda: _keys_settled(hall), 30, "every key that was acknowledged has its outcome")

    found = records(hall)
    assert judge(found, answers.told) == []
    assert len(answers.told.tickets) == CITIZENS
    assert len({number for _, number in answers.told.tickets.values()}) == CITIZENS
    by_command = Counter(record["cmd"] for record in found if record["kind"] == "ticket.called")
    assert set(by_command.values()) <= {1}, "one command calls once"
    for command, status in answers.browser.items():
        made = [record["kind"] for record in found if record.get("cmd") == command]
        assert (status == 200) == bool(made), f"{command} was answered {status} and made {made}"
        assert status in (200, 409)
    assert by_command.total() >= WINDOWS, "every window has called somebody"
    await verified(hall)


async def _citizen(kiosk: httpx.AsyncClient, command: str, answers: Answers) -> None:
    ticket = await take_ticket(kiosk, command)
    answers.told.ticket(command, ticket["ticket"], ticket["number"])


async def _click(clerk: httpx.AsyncClient, window: str, verb: str, command: str, answers: Answers) -> None:
    answer = await clerk.post(f"/api/window/{window}/{verb}", json={"id": command})
    answers.browser[command] = answer.status_code
    if answer.status_code == 409:
        assert answer.json()["text"], "a refusal has words"


async def _fingers(hall: Station, name: str) -> None:
    """One key after the other, each as soon as the keypad has stopped waiting for the last one's echo."""
    keypad = hall.hall.device(name)
    for key in KEYS:
        keypad.act("press", key=key)
        await keypad.changed.until(lambda: not keypad.view()["waiting_for_echo"])


def _keys_settled(hall: Station) -> bool:
    """Each press the line acknowledged is either a command with records or a refusal, and never both."""
    log = (hall.folder / "logs" / "halld.log").read_text()
    assert "key_bounced" not in log
    for n in range(1, WINDOWS + 1):
        keypad = hall.hall.device(f"keypad-{n}").view()
        commands = {record["cmd"] for record in records(hall) if record["actor"] == f"keypad:keypad-{n}"}
        refused = sum("key_refused" in line and f"device=keypad-{n} " in line for line in log.splitlines())
        outcomes = len(commands) + refused
        # A press that nobody acknowledged may have been heard all the same: only its echo was lost.
        if not keypad["sent"] - keypad["unanswered"] <= outcomes <= keypad["sent"] == len(KEYS):
            return False
    return True


async def test_the_panels_show_where_everybody_is_called(hall: Station) -> None:
    async with at_place(hall, "board") as board:
        windows: list[dict[str, Any]] = (await board.get("/api/hall")).json()["windows"]
    called = {window["id"]: window["ticket"] for window in windows if window["state"] == "called"}
    assert len(set(called.values())) == len(called) > 0
    for window, number in called.items():
        await panel_shows(hall, window.replace("w", "led-"), f"请{number}号", 20)


async def test_a_kill_in_the_middle_doubles_nothing_and_loses_nothing(hall: Station) -> None:
    """One wish twenty times at once, then twenty wishes cut off by a kill -9, then all of it once more."""
    before = len(records(hall, "ticket.issued"))
    first = await _asked_at_once(hall, "the-same-wish", 20)
    told = Told()
    wishes = [f"cut-off-{n}" for n in range(20)]
    async with at_place(hall, "k1") as kiosk:
        asked = [asyncio.ensure_future(take_ticket(kiosk, wish)) for wish in wishes]
        await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        hall.programs["halld"].kill()
        early = await asyncio.gather(*asked, return_exceptions=True)
    await seen(lambda: hall.programs["halld"].restarts == 1, 20, "the daemon again")
    await hall.ready()
    second = await _asked_at_once(hall, "the-same-wish", 20)
    async with at_place(hall, "k1") as kiosk:
        late = [await take_ticket(kiosk, wish) for wish in wishes]
    for wish, answer in [*zip(wishes, early, strict=True), *zip(wishes, late, strict=True)]:
        if isinstance(answer, dict):
            told.ticket(wish, answer["ticket"], answer["number"])
        else:
            assert isinstance(answer, httpx.TransportError), answer
    for uid, number, _ in first | second:
        told.ticket("the-same-wish", uid, number)
    assert len(first | second) == 1, "the same answer, before and after"
    assert judge(records(hall), told) == []
    assert len(records(hall, "ticket.issued")) == before + 1 + len(wishes)
    await verified(hall)


async def _asked_at_once(hall: Station, command: str, times: int) -> set[tuple[str, str, str]]:
    async with AsyncExitStack() as stack:
        kiosks = [await stack.enter_async_context(at_place(hall, "k1")) for _ in range(times)]
        answers = await asyncio.gather(*(take_ticket(kiosk, command) for kiosk in kiosks))
    return {(answer["ticket"], answer["number"], answer["at"]) for answer in answers}
