"""Signed commands: acted on once, whatever is repeated, altered, late or cut off; each end is a record."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from edge.clock import SystemClock
from edge.engine import Engine
from edge.feeds.following import Following
from edge.feeds.orders import Orders
from edge.feeds.store import FeedStore
from edge.journal.journal import Journal
from edge.rules.orders import OrderOutcome
from tests.edge.engine.conftest import open_journal, running
from tests.edge.feeds.conftest import SITE, TRUSTED, command, gone, item, put

NOW = 1_795_000_000_000


class Desk:
    """A station's journal, engine and feeds; `acted` is what a device would have done."""

    def __init__(self, journal: Journal, engine: Engine, store: FeedStore) -> None:
        self.journal, self.engine, self.store = journal, engine, store
        self.acted: list[Mapping[str, Any]] = []
        self.centre_now: int | None = NOW
        self.outcome: tuple[OrderOutcome, str] = ("done", "")

    def following(self) -> Following:
        orders = Orders(
            self.engine, self.journal, {"print": self._print}, site=SITE, trusted=TRUSTED,
            centre_now=lambda: self.centre_now,
        )  # fmt: skip
        return Following(self.store, (orders,), (), clock=SystemClock())

    async def _print(self, args: Mapping[str, Any]) -> tuple[OrderOutcome, str]:
        self.acted.append(args)
        return self.outcome

    async def follow(self) -> bool:
        """Everything that is pending; True when something waits."""
        return await self.following()._once()

    async def records(self) -> list[tuple[str, dict[str, Any]]]:
        found = await self.journal.read(0, 1_000, 8_000_000)
        return [(one.record.kind, dict(one.record.body)) for one in found if one.record.kind.startswith("command.")]


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Desk]:
    journal, store = await open_journal(folder), await FeedStore.open(folder)
    try:
        async with running(journal) as engine:
            yield Desk(journal, engine, store)
    finally:
        await store.close()
        await journal.close()


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with opened(tmp_path) as found:
        yield found


async def test_once_is_begun_acted_on_and_done(desk: Desk) -> None:
    await put(desk.store, "commands", command("c:1", "print", args={"what": "test page"}))
    assert not await desk.follow()
    assert desk.acted == [{"what": "test page"}]
    done = {"id": "c:1", "outcome": "done", "why": ""}
    assert await desk.records() == [("command.begun", {"id": "c:1"}), ("command.done", done)]


async def test_the_same_again_does_nothing_and_says_nothing(desk: Desk) -> None:
    made = command("c:1", "print")
    await put(desk.store, "commands", made)
    await desk.follow()
    await put(desk.store, "commands", {**made, "rev": 2})
    await desk.follow()
    await put(desk.store, "commands", gone("c:1"))
    await put(desk.store, "commands", {**made, "rev": 4})
    await desk.follow()
    assert len(desk.acted) == 1
    assert len(await desk.records()) == 2


async def test_idempotent_leaves_no_begun(desk: Desk) -> None:
    await put(desk.store, "commands", command("c:1", "print", effect="idempotent"))
    await desk.follow()
    assert [kind for kind, _ in await desk.records()] == ["command.done"]


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (command("c:1", "print", private=b"\x12" * 32), "signature"),
        ({**command("c:9", "print"), "id": "c:1"}, "signature"),
        (item("c:1", do="print"), "signature"),
        (command("c:1", "print", site="LH-0043"), "site"),
        (command("c:1", "print", not_after=NOW - 1), "expired"),
        (command("c:1", "open the gate"), "unknown"),
    ],
)
async def test_refused_is_a_record_and_no_act(desk: Desk, made: dict[str, Any], why: str) -> None:
    await put(desk.store, "commands", made)
    await desk.follow()
    assert desk.acted == []
    assert await desk.records() == [("command.done", {"id": "c:1", "outcome": "refused", "why": why})]
    assert [one.why for one in await desk.store.refused()] == [why]


async def test_nothing_is_judged_before_the_centre_said_the_time(desk: Desk) -> None:
    desk.centre_now = None
    await put(desk.store, "commands", command("c:1", "print"), command("c:2", "print", not_after=NOW - 1))
    assert await desk.follow(), "it is tried again"
    assert (desk.acted, await desk.records()) == ([], [])
    desk.centre_now = NOW
    assert not await desk.follow()
    assert len(desk.acted) == 1
    assert (await desk.records())[-1][1] == {"id": "c:2", "outcome": "refused", "why": "expired"}


async def test_begun_without_an_end_is_unknown_and_never_repeated(tmp_path: Path) -> None:
    async with opened(tmp_path) as first:
        await put(first.store, "commands", command("c:1", "print"))
        hang = asyncio.Event()

        async def never(args: Mapping[str, Any]) -> tuple[OrderOutcome, str]:
            hang.set()
            await asyncio.Event().wait()
            raise AssertionError

        first._print = never  # type: ignore[method-assign]
        cut_off = asyncio.create_task(first.follow())
        await hang.wait()
        cut_off.cancel()
        await asyncio.gather(cut_off, return_exceptions=True)
        assert [kind for kind, _ in await first.records()] == ["command.begun"]
    async with opened(tmp_path) as again:
        again.centre_now = None  # this needs no clock
        await again.follow()
        assert again.acted == []
        assert (await again.records())[-1][1] == {"id": "c:1", "outcome": "unknown", "why": "cut_off"}
        await again.follow()
        assert len(await again.records()) == 2


async def test_a_mistake_in_one_is_failed_and_the_next_goes_on(desk: Desk) -> None:
    async def broken(args: Mapping[str, Any]) -> tuple[OrderOutcome, str]:
        if args:
            raise LookupError("paper")
        return "done", ""

    desk._print = broken  # type: ignore[method-assign]
    await put(desk.store, "commands", command("c:1", "print", args={"n": 1}), command("c:2", "print"))
    await desk.follow()
    ends = [body for kind, body in await desk.records() if kind == "command.done"]
    assert ends == [
        {"id": "c:1", "outcome": "failed", "why": "mistake"},
        {"id": "c:2", "outcome": "done", "why": ""},
    ]
