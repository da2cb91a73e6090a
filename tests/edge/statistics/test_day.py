"""Days told again from the journal: figures, another day in between, clocks that jump, nothing personal."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from typer.testing import CliRunner

from edge.cli import app
from edge.clock import Ids
from edge.engine import Engine
from edge.journal.journal import Journal
from edge.journal.keys import KeyRing
from edge.rules.commands import (
    CallNext,
    CloseDay,
    Command,
    FinishService,
    GiveRating,
    Holder,
    IssueTicket,
    MissTicket,
    OpenDay,
    SignIn,
    StartService,
)
from edge.rules.forecasts import NoteForecast
from edge.rules.queue_commands import CallGuidance, CallTicket, EndGuidance, PauseWindow, ResumeWindow
from edge.rules.waits.learned import MINUTE
from edge.statistics.days import Archive, NoSuchDay
from edge.statistics.schema import Day
from tests.edge.api.bench import ZONE, setup, site

CANARY = "119999199001010012"
NAME = "张测试"
DAY = "2026-11-23"


@dataclass
class HandClock:
    """Wall and monotonic clock, moved by hand and apart from each other."""

    wall: int = 1_795_395_600_000  # 2026-11-23 09:00 +08:00
    up: int = 1_000

    def now_ms(self) -> int:
        return self.wall

    def up_ms(self) -> int:
        return self.up

    def pass_minutes(self, minutes: float) -> None:
        self.wall += round(minutes * MINUTE)
        self.up += round(minutes * MINUTE)


@dataclass
class Story:
    engine: Engine
    clock: HandClock
    folder: Path
    ids: Iterator[int] = field(default_factory=lambda: iter(range(10_000)))

    async def do(self, command: Command, minutes: float = 0.0, actor: str = "clerk:c01") -> str:
        self.clock.pass_minutes(minutes)
        answer = await self.engine.execute(command, id=f"c-{next(self.ids)}", actor=actor)
        return answer.records[0].subject

    async def take(self, service: str = "general", minutes: float = 0.0) -> str:
        holder = Holder(ref=f"ref{next(self.ids)}", name=NAME, id_number=CANARY)
        return await self.do(IssueTicket(service=service, channel="kiosk", place="k1", holder=holder), minutes)

    async def serve(self, minutes: float, level: str = "") -> None:
        await self.do(CallNext(window="w1"))
        await self.do(StartService(window="w1"), 1)
        await self.do(FinishService(window="w1"), minutes)
        if level:
            nonce = self.engine.state.windows["w1"].question
            await self.do(GiveRating.model_validate({"nonce": nonce, "level": level}), actor="pad:pad-1")

    def day(self, date: str = DAY) -> Day:
        return Archive(self.folder / "journal.db").day(date)


@pytest.fixture
async def story(tmp_path: Path):
    import asyncio
    from contextlib import suppress

    clock, config = HandClock(), site()
    journal = await Journal.open(
        tmp_path,
        site=config.site,
        boot="00aa11bb22cc33dd",
        clock=clock,
        zone=ZONE,
        random_bytes=random.Random(3).randbytes,
        keys=KeyRing(b"\x07" * 32),
    )
    engine = Engine(journal, clock=clock, ids=Ids(clock, random.Random(4).randbytes), zone=ZONE)
    running = asyncio.create_task(engine.run())
    told = Story(engine, clock, tmp_path)
    await told.do(setup(config))
    await told.do(OpenDay(date=DAY))
    yield told
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    await journal.close()


async def a_morning(story: Story) -> None:
    """Three come at 9:00; the first is served at once for 5 minutes, the second missed, the third by number."""
    await story.do(SignIn(window="w1", clerk="c01"))
    for _ in range(2):
        await story.take()
    last = await story.take("social")
    await story.do(NoteForecast(ticket=last, p50=5 * MINUTE, p90=20 * MINUTE, mean=0, spread=1))
    await story.serve(5, "very_satisfied")
    await story.do(PauseWindow(window="w1", reason="break", until=0))
    await story.do(ResumeWindow(window="w1"), 10)
    await story.do(CallTicket(window="w1", number=story.engine.state.tickets[last].number, reason="emergency"))
    await story.do(StartService(window="w1"))
    await story.do(FinishService(window="w1"), 75)
    await story.do(CallNext(window="w1"))
    await story.do(MissTicket(window="w1"), 2)


async def test_figures_of_a_day(story: Story) -> None:
    await a_morning(story)
    day = story.day()
    assert (day.tickets.issued, day.tickets.served, day.tickets.missed, day.tickets.open) == (3, 2, 1, 0)
    whole = day.whole
    assert (whole.calls, whole.served, whole.missed, whole.out_of_turn, whole.passed) == (3, 2, 1, 1, 1)
    assert whole.services.max == 75 * MINUTE  # does not wrap at the hour
    assert (whole.waits.n, whole.waits.p50, whole.waits.max) == (3, 16 * MINUTE, 91 * MINUTE)
    assert whole.ratings == {"lapsed": 0} | {"very_satisfied": 1} or whole.ratings["very_satisfied"] == 1
    window = day.windows["w1"]
    assert (window.paused_ms, window.serving_ms, window.open_ms) == (10 * MINUTE, 80 * MINUTE, 93 * MINUTE)
    assert day.hours[9].issued == 3
    assert day.clerks["c01"].calls == 3
    assert day.items["social"].services.n == 1
    assert (day.forecasts.told, day.forecasts.within_p90) == (1, 1)


async def test_waiting_for_a_department_is_no_service_time(story: Story) -> None:
    await story.do(SignIn(window="w1", clerk="c01"))
    await story.take()
    await story.do(CallNext(window="w1"))
    await story.do(StartService(window="w1"))
    await story.do(CallGuidance(window="w1", unit="unit-1"), 3)
    await story.do(EndGuidance(window="w1", outcome="came"), 20)
    await story.do(FinishService(window="w1"), 2)
    day = story.day()
    assert day.whole.services.max == 5 * MINUTE
    assert day.windows["w1"].serving_ms == 25 * MINUTE


async def test_a_past_day_reads_the_same_for_ever(story: Story) -> None:
    await a_morning(story)
    await story.do(CloseDay())
    before = story.day()
    story.clock.pass_minutes(24 * 60)
    await story.do(OpenDay(date="2026-11-24"))
    await story.take()
    assert story.day() == before
    assert story.day("2026-11-24").tickets.issued == 1
    assert Archive(story.folder / "journal.db").dates() == [DAY, "2026-11-24"]
    with pytest.raises(NoSuchDay):
        story.day("2026-11-22")


async def test_a_day_opened_again_is_one_day(story: Story) -> None:
    await story.take()
    await story.do(CloseDay())
    await story.do(OpenDay(date=DAY))
    await story.take()
    assert story.day().tickets.model_dump() == {
        "issued": 2, "served": 0, "missed": 0, "cancelled": 0, "expired": 1, "open": 1
    }  # fmt: skip


async def test_a_clock_that_is_set_spoils_no_time(story: Story) -> None:
    await story.take()
    story.clock.wall -= 3 * 60 * MINUTE
    await story.serve(7)
    day = story.day()
    assert (day.whole.waits.max, day.whole.services.max, day.clock_jumps) == (0, 7 * MINUTE, 1)


async def test_a_service_over_night_is_no_service_time(story: Story) -> None:
    await story.take()
    await story.serve(15 * 60)
    whole = story.day().whole
    assert (whole.served, whole.services.n, whole.unmeasured) == (1, 0, 1)
    assert story.day().windows["w1"].serving_ms == 0


async def test_nothing_personal_is_exported(story: Story) -> None:
    await a_morning(story)
    tickets = story.engine.state.tickets.values()
    secret = [NAME, CANARY, *(t.person for t in tickets), *(t.uid for t in tickets), *(t.number for t in tickets)]
    table = story.folder / "day.csv"
    asked = ["stats", DAY, "--journal", str(story.folder / "journal.db"), "--json", "--csv", str(table)]
    answer = CliRunner().invoke(app, asked)
    assert answer.exit_code == 0, answer.output
    told = json.loads(answer.stdout.splitlines()[-1])
    assert told["tickets"]["issued"] == 3
    shown = answer.stdout + table.read_text("utf-8-sig")
    assert not [word for word in secret if word and word in shown]
    assert table.read_text("utf-8-sig").splitlines()[1].startswith(f"LH-0042,{DAY},day,,3,0,1,2,1,1,")


async def test_a_day_without_records_is_said(story: Story) -> None:
    answer = CliRunner().invoke(app, ["stats", "2020-01-01", "--journal", str(story.folder / "journal.db")])
    assert answer.exit_code == 2
    plain = CliRunner().invoke(app, ["stats", DAY, "--journal", str(story.folder / "journal.db")])
    assert plain.exit_code == 0
    assert DAY in plain.output
