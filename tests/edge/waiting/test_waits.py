"""Waits in a running hall: told once to every ticket, said again by a reprint, learned again after a restart."""

import asyncio
from contextlib import suppress
from pathlib import Path

from edge.clock import SystemClock
from edge.reactions import slip
from edge.rules.commands import CallNext, FinishService, IssueTicket, SignIn
from edge.waiting.waits import Waits
from tests.edge.api.bench import bench, site, until


async def test_a_ticket_is_told_its_wait_once_and_its_slip_says_it(tmp_path: Path) -> None:
    async with bench(tmp_path / "journal", site()) as hall:
        waits = Waits(hall.journal, hall.engine, clock=SystemClock())
        running = asyncio.create_task(waits.run())
        await hall.execute(SignIn(window="w1", clerk="c01"), id="sign-in-1", actor="clerk:c01")
        for n in range(8):
            command = IssueTicket(service="residence", channel="kiosk", place="k1")
            await hall.execute(command, id=f"take-{n}", actor="kiosk:k1")
        tickets = list(hall.state.tickets.values())
        await until(lambda: all(one.told is not None for one in tickets))
        assert tickets[0].told == (0, 0)
        assert tickets[7].told is not None
        assert 0 < tickets[7].told[0] < tickets[7].told[1]
        first = [line.text for line in slip.lines(hall.state, hall.site, tickets[0])]
        last = [line.text for line in slip.lines(hall.state, hall.site, tickets[7])]
        assert "预计很快叫到您" in first
        assert [text for text in last if text.startswith("预计等候约 ")]
        before, seq = tickets[7].told, hall.state.seq
        await waits.tell(tickets[7].uid)
        assert (tickets[7].told, hall.state.seq) == (before, seq)
        shown = waits.of_service("residence")
        assert shown is not None
        assert shown[1] > shown[0] > 10
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def test_what_was_learned_is_learned_again_after_a_restart(tmp_path: Path) -> None:
    async with bench(tmp_path / "journal", site()) as hall:
        await hall.execute(SignIn(window="w1", clerk="c01"), id="sign-in-1", actor="clerk:c01")
        for n in range(3):
            await hall.execute(IssueTicket(service="general", channel="clerk", place="w1"), id=f"take-{n}", actor="c")
            await hall.execute(CallNext(window="w1"), id=f"call-{n}", actor="c")
            await hall.execute(FinishService(window="w1"), id=f"finish-{n}", actor="c")
        learned = []
        for _ in range(2):
            waits = Waits(hall.journal, hall.engine, clock=SystemClock())
            running = asyncio.create_task(waits.run())
            await until(lambda of=waits: of._forecaster.learner.learned(0).working == {"w1"})  # type: ignore[misc]
            await asyncio.sleep(0)
            learned.append(waits._forecaster.learner.learned(0).pace)
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
        assert learned[0] == learned[1]
