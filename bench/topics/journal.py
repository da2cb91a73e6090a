"""Durable appends: from asking for one record to its answer after the fsync, alone and fifty at once; then verifying.

Ours and the peer's take turns, a few hundred appends each, on files side by side on one disk. The peer stores the same
record bytes under the same command ids, with one commit an append, and keeps no chain. Alone, it is called straight
from the loop; with fifty waiting it has a thread of its own, so that nobody's event loop stands still.
"""

import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

from bench import journals
from bench.desk import Desk
from bench.peers.plain_table import PlainTable
from bench.rows import Row, alone, higher_is_better, lower_is_better
from bench.samples import p50, p99
from edge.journal.journal import Journal
from edge.journal.verify import verify

PEER: Final = "hand-written sqlite3 table"
ROUNDS: Final = 8
APPENDS: Final = 400  # of each side, in each round
VERIFIED: Final = ((20_000, 3), (1_000_000, 1))  # records, times
MONTHS: Final = (20, 50_000)  # and records each: a million, most of them in closed months

Append = Callable[[int], Awaitable[None]]


@dataclass(slots=True)
class Side:
    """`spent`: seconds of each append; `busy`: seconds of the rounds together."""

    append: Append
    spent: list[float] = field(default_factory=list)
    busy: float = 0.0

    @property
    def rate(self) -> float:
        return len(self.spent) / self.busy

    async def round(self, numbers: range, waiting: int) -> None:
        """Appends `numbers`, `waiting` of them at any time."""
        left = iter(numbers)
        began = time.perf_counter()
        await asyncio.gather(*(self._lane(left) for _ in range(waiting)))
        self.busy += time.perf_counter() - began

    async def _lane(self, left: Iterator[int]) -> None:
        for n in left:
            began = time.perf_counter()
            await self.append(n)
            self.spent.append(time.perf_counter() - began)

    def forget(self) -> None:
        self.spent.clear()
        self.busy = 0.0


Verified = tuple[tuple[int, int], ...]


async def measure(
    desk: Desk,
    rounds: int = ROUNDS,
    appends: int = APPENDS,
    verified: Verified = VERIFIED,
    months: tuple[int, int] = MONTHS,
) -> list[Row]:
    async with journals.journal_in(desk.drawer("sample")) as sample:
        await journals.fill(sample, 1 + rounds * appends)
        raws = await journals.raw_records(sample)
    rows: list[Row] = []
    for waiting in (1, 50):
        desk.tell(f"{rounds} rounds of {appends} appends each, {waiting} waiting; one more to warm up")
        ours, peer = await _appends(desk, rounds, appends, waiting, raws)
        name = f"journal: durable appends, {waiting} waiting"
        rows.append(higher_is_better(f"{name}, rate", ours.rate, "1/s", PEER, peer.rate))
        for percent, of in (("p50", p50), ("p99", p99)):
            rows.append(lower_is_better(f"{name}, {percent}", of(ours.spent) * 1e3, "ms", PEER, of(peer.spent) * 1e3))
    for records, times in verified:
        rows += await _verifying(desk, records, times)
    return rows + await closed_months(desk, *months)


async def _appends(desk: Desk, rounds: int, appends: int, waiting: int, raws: list[bytes]) -> tuple[Side, Side]:
    folder = desk.drawer(f"waiting-{waiting}")
    table = PlainTable(folder / "peer.db")
    async with journals.journal_in(folder / "ours") as journal:
        with ThreadPoolExecutor(1) as thread:
            ours = Side(_into_journal(journal))
            peer = Side(_straight(table, raws) if waiting == 1 else _by_thread(table, raws, thread))
            for number in range(-1, rounds):
                block = range((number + 1) * appends, (number + 2) * appends)
                for side in (ours, peer) if number % 2 else (peer, ours):
                    await side.round(block, waiting)
                    if number < 0:
                        side.forget()
    table.close()
    return ours, peer


def _into_journal(journal: Journal) -> Append:
    async def append(n: int) -> None:
        await journal.append([journals.issued(n) if n % 2 else journals.called(n)], cmd=f"c:{n}")

    return append


def _straight(table: PlainTable, raws: list[bytes]) -> Append:
    async def append(n: int) -> None:
        table.append(f"c:{n}", raws[n % len(raws)])

    return append


def _by_thread(table: PlainTable, raws: list[bytes], thread: ThreadPoolExecutor) -> Append:
    async def append(n: int) -> None:
        await asyncio.get_running_loop().run_in_executor(thread, table.append, f"c:{n}", raws[n % len(raws)])

    return append


async def _verifying(desk: Desk, records: int, times: int) -> list[Row]:
    """Every hash, link, command id and the head, as `hallctl journal verify` does; a plain table has none of that."""
    desk.tell(f"verify {records} records, {times} times")
    folder = desk.drawer(f"verify-{records}")
    async with journals.journal_in(folder) as journal:
        await journals.fill(journal, records)
    spent = []
    for _ in range(times):
        began = time.perf_counter()
        verdict = await asyncio.to_thread(verify, folder / "journal.db")
        spent.append(time.perf_counter() - began)
        if not verdict.good or verdict.records != records:
            raise RuntimeError(f"the journal that was just written does not verify: {verdict}")
    size = journals.size_of(folder) / records
    shutil.rmtree(folder)  # a million are half a gigabyte
    return [
        alone(f"journal: verify, {records} records", records / p50(spent), "1/s"),
        alone(f"journal: verify, {records} records, whole", p50(spent), "s"),
        alone(f"journal: a record on disk, with indexes, of {records}", size, "bytes"),
    ]


async def closed_months(desk: Desk, months: int, each: int) -> list[Row]:
    """Closing them, one after the other, beside a hall that does nothing else; and verifying all that there is then."""
    desk.tell(f"{months} months of {each} records, written and closed")
    folder = desk.drawer("months")
    async with journals.journal_in(folder) as journal:
        begun = time.perf_counter()
        closed = await journals.fill_months(journal, folder, months, each)
        whole = time.perf_counter() - begun
        records = journal.next_seq - 1
    desk.tell(f"verify {records} records, {closed} of them in closed months")
    began = time.perf_counter()
    verdict = await asyncio.to_thread(verify, folder / "journal.db")
    spent = time.perf_counter() - began
    if not verdict.good or verdict.records != records or not verdict.months:
        raise RuntimeError(f"the journal that was just closed does not verify: {verdict}")
    files = journals.size_of(folder / "segments")
    shutil.rmtree(folder)
    name = f"journal: {records} records, {closed} in {verdict.months} closed months"
    return [
        alone(f"{name}: written and closed", whole, "s"),
        alone(f"{name}: verify, rate", records / spent, "1/s"),
        alone(f"{name}: verify, whole", spent, "s"),
        alone(f"{name}: a record in the file of a month", files / closed, "bytes"),
    ]
