"""The session machine against a hall, without Qt: order of calls, lost answers, loss and recovery."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from edge.api.client import TroubleError
from edge.api.schema import MaskedHolder, TicketSnapshot, Trouble
from kiosk_ui.terminal.conductor import Conductor
from kiosk_ui.terminal.session import Session
from kiosk_ui.terminal.state import Snapshot, Touch


@dataclass
class Desk:
    conductor: Conductor
    hall: Any
    seen: list[Snapshot]
    news: asyncio.Event

    def do(self, what: str, value: str = "") -> None:
        self.conductor.post(Touch(what, value))  # type: ignore[arg-type]

    async def until(self, met: Callable[[Snapshot], bool]) -> Snapshot:
        async with asyncio.timeout(30):
            while not (self.seen and met(self.seen[-1])):
                self.news.clear()
                await self.news.wait()
        return self.seen[-1]

    async def page(self, name: str) -> Snapshot:
        return await self.until(lambda shown: shown.page == name)


@asynccontextmanager
async def desk_for(hall: Any) -> AsyncIterator[Desk]:
    seen: list[Snapshot] = []
    news = asyncio.Event()

    def show(snapshot: Snapshot) -> None:
        seen.append(snapshot)
        news.set()

    ids = iter(f"attempt-{n:04d}" for n in range(100))
    conductor = Conductor(hall, Session(lambda: next(ids)), show)
    task = asyncio.create_task(conductor.run())
    try:
        yield Desk(conductor, hall, seen, news)
    finally:
        task.cancel()
        await asyncio.wait([task])


async def settled() -> None:
    """What is ready to run has run."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_card_way_reads_takes_and_forgets(fake_hall: Any, holder: MaskedHolder) -> None:
    async with desk_for(fake_hall) as desk:
        await desk.page("service")
        desk.do("choose", "general")
        desk.do("card")
        await desk.page("reading")
        fake_hall.card.put_nowait(holder)
        assert (await desk.page("holder")).holder == holder
        desk.do("confirm")
        shown = await desk.page("number")
        assert (shown.holder, shown.ticket and shown.ticket.number) == (None, "A017")
        desk.do("end")
        await desk.page("service")
        await settled()
        assert fake_hall.calls[:3] == ["read", "take general card-token-1", "end"]


async def test_changing_ones_mind_stops_the_reader_before_forgetting(fake_hall: Any) -> None:
    async with desk_for(fake_hall) as desk:
        await desk.page("service")
        desk.do("choose", "general")
        desk.do("card")
        await desk.page("reading")
        await settled()
        desk.do("back")
        await desk.page("card")
        desk.do("card")
        await desk.page("reading")
        fake_hall.card.put_nowait(TroubleError(Trouble(code="card_moved", text="", retry=False)))
        shown = await desk.page("problem")
        assert shown.problem is not None
        assert shown.problem.code == "card_moved"
        assert fake_hall.calls == ["read", "read stopped", "end", "read"]


async def test_a_lost_answer_and_a_retry_give_one_ticket(fake_hall: Any) -> None:
    fake_hall.answers_lost = 2
    async with desk_for(fake_hall) as desk:
        await desk.page("service")
        desk.do("choose", "general")
        desk.do("no_card")
        for _ in range(2):
            await desk.page("problem")
            desk.do("again")
            await desk.page("taking")
        await desk.page("number")
        assert fake_hall.calls.count("take general") == 3
        assert len(fake_hall.issued) == 1


async def test_print_state_follows_the_ticket(fake_hall: Any, ticket: TicketSnapshot) -> None:
    async with desk_for(fake_hall) as desk:
        await desk.page("service")
        desk.do("choose", "general")
        desk.do("no_card")
        await desk.page("number")
        await settled()
        fake_hall.push(ticket.model_copy(update={"print": "failed", "print_code": "paper_out"}))
        shown = await desk.until(lambda shown: bool(shown.ticket) and shown.ticket.print == "failed")
        assert shown.return_left == 30


async def test_loss_and_recovery(fake_hall: Any) -> None:
    async with desk_for(fake_hall) as desk:
        await desk.page("service")
        fake_hall.go_down()
        await desk.page("gone")
        fake_hall.come_back()
        assert (await desk.page("service")).online


async def test_language_of_refusals_follows_the_reader(fake_hall: Any) -> None:
    async with desk_for(fake_hall) as desk:
        await desk.page("service")
        desk.do("language", "en")
        await desk.until(lambda shown: shown.language == "en")
        assert fake_hall.language == "en"


async def test_a_mistake_of_our_own_ends_the_run(fake_hall: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(_: object) -> TicketSnapshot:
        raise ZeroDivisionError

    monkeypatch.setattr(fake_hall, "take_ticket", broken)
    conductor = Conductor(fake_hall, Session(lambda: "attempt-0001"), lambda _: None)
    task = asyncio.create_task(conductor.run())
    await settled()
    conductor.post(Touch("choose", "general"))
    conductor.post(Touch("no_card"))
    with pytest.raises(ExceptionGroup):
        async with asyncio.timeout(30):
            await task
