"""Nobody is sent to a window by a hall that nobody runs: displays say so by themselves, and recover by themselves.

Two stations fail at the same time, because each needs its silence: in one the daemon is gone, in the other the host.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio

from hw_sim.demo.programs import Program
from hw_sim.demo.station import Station, station
from tests.system.evidence import on_panel, panel_shows, records, seen
from tests.system.people import at_place, press, take_ticket

pytestmark = [pytest.mark.system, pytest.mark.kill, pytest.mark.asyncio(loop_scope="module")]

PAUSED = "暂停服务"


@dataclass(slots=True)
class Seen:
    """Seconds after the kill at which a panel said so, and after the release at which it was right again."""

    paused: dict[str, float] = field(default_factory=dict)
    early: list[float] = field(default_factory=list)
    right: dict[str, float] = field(default_factory=dict)
    number: str = ""
    later_number: str = ""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def both(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[dict[str, Seen]]:
    folders = {name: tmp_path_factory.mktemp(name) for name in ("halld", "devices")}
    async with asyncio.TaskGroup() as group:
        runs = {name: group.create_task(_gone_for_a_while(folder, name)) for name, folder in folders.items()}
    yield {name: run.result() for name, run in runs.items()}


async def _gone_for_a_while(folder: Path, victim: str) -> Seen:
    """A call stands on a panel; the victim is killed and held until the panels say so, then let go."""
    found = Seen()
    async with station("station", folder, seed=5, with_screens=False) as hall:
        await hall.ready()
        found.number = await _called(hall, "1", "first")
        await panel_shows(hall, "led-1", f"请{found.number}号", 20)
        program = hall.programs[victim]
        began = _kill_and_hold(program)
        async with asyncio.TaskGroup() as group:
            for panel in ("led-1", "led-2"):
                group.create_task(_until_paused(hall, panel, began, found))
        assert not on_panel(hall, "led-1", f"请{found.number}号"), "no stale call"
        program.hold(False)
        released = time.monotonic()
        await panel_shows(hall, "led-1", f"请{found.number}号", 20)
        found.right["led-1"] = time.monotonic() - released
        await hall.ready()
        await seen(lambda: not on_panel(hall, "led-2", PAUSED), 12, "led-2 is right again")
        found.later_number = await _called(hall, "2", "second")
        await panel_shows(hall, "led-2", f"请{found.later_number}号", 20)
        assert program.restarts == 1
        others = [name for name, other in hall.programs.items() if other.restarts and name != victim]
        assert others == [], "nobody else had to be started again"
    return found


def _kill_and_hold(program: Program) -> float:
    program.held = True
    program.kill()
    return time.monotonic()


async def _until_paused(hall: Station, panel: str, began: float, found: Seen) -> None:
    await panel_shows(hall, panel, PAUSED, 20)
    found.paused[panel] = time.monotonic() - began


async def _called(hall: Station, window: str, wish: str) -> str:
    async with at_place(hall, "k1") as kiosk:
        ticket = await take_ticket(kiosk, f"wish-{wish}")
    uid = ticket["ticket"]

    def called() -> bool:
        return any(call["subject"] == uid for call in records(hall, "ticket.called"))

    await press(hall.hall.device(f"keypad-{window}"), "call", called, "the call")
    number: str = ticket["number"]
    return number


async def test_without_the_daemon_panels_say_so_within_sixteen_seconds(both: dict[str, Seen]) -> None:
    """Not at once, either: a daemon that restarts in two seconds is no reason to send people away."""
    assert both["halld"].paused.keys() == {"led-1", "led-2"}
    assert all(8 <= seconds <= 16 for seconds in both["halld"].paused.values()), both["halld"].paused


async def test_without_the_device_host_the_cards_own_time_out_says_so(both: dict[str, Seen]) -> None:
    """The lease is 15 s, renewed every 5 s: between 10 and 16 s after the kill."""
    assert both["devices"].paused.keys() == {"led-1", "led-2"}
    assert all(8 <= seconds <= 17 for seconds in both["devices"].paused.values()), both["devices"].paused


@pytest.mark.parametrize("victim", ["halld", "devices"])
async def test_back_again_the_same_call_stands_there_and_the_next_one_comes(both: dict[str, Seen], victim: str) -> None:
    assert both[victim].right["led-1"] < 12
    assert both[victim].number != both[victim].later_number
