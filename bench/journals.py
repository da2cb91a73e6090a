"""Journals to measure with: the real one on the real disk, and what a hall writes into it."""

import os
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from edge.clock import SystemClock
from edge.journal.journal import Journal
from edge.journal.keys import KeyRing
from edge.journal.retention import DAY_MS, stamp
from edge.journal.segments.keeping import close_due
from edge.rules.records import DayOpened, Draft, TicketCalled, TicketIssued
from sync.source import Mark

SITE: Final = "LH-0042"
ZONE: Final = ZoneInfo("Asia/Shanghai")
BOOT: Final = "00aa11bb22cc33dd"
_PAGE: Final = 500
_CENTRE_MS: Final = 1_795_395_600_000


@asynccontextmanager
async def journal_in(folder: Path) -> AsyncIterator[Journal]:
    journal = await Journal.open(
        folder,
        site=SITE,
        boot=BOOT,
        clock=SystemClock(),
        zone=ZONE,
        random_bytes=random.Random(5).randbytes,
        keys=KeyRing(bytes(32)),
    )
    try:
        yield journal
    finally:
        await journal.close()


def issued(n: int) -> Draft:
    """A ticket as the kiosk issues it, without a person's data."""
    body = TicketIssued(
        number=f"A{n % 1000:03d}",
        service="general",
        items=("general",),
        area="a",
        channel="kiosk",
        place="k1",
        klass="walk_in",
        declared="",
        booking="",
        key=n,
        arrived=n,
        not_before=0,
        ahead=n % 40,
        person="",
    )
    return Draft(
        kind="ticket.issued", v=2, subject=f"t:{n:026d}", actor="kiosk:k1", body=body, business_date="2026-11-23"
    )


def called(n: int) -> Draft:
    body = TicketCalled(
        window=f"w{n % 8 + 1}", call=1, clerk="c01", why="order", policy="vt", ahead=0, owed=0, reason="", waited=0
    )
    return Draft(
        kind="ticket.called", v=2, subject=f"t:{n:026d}", actor="keypad:keypad-1", body=body, business_date="2026-11-23"
    )


async def fill(journal: Journal, records: int) -> None:
    """Until the journal has `records` records: issued and called in turn, many in one commit."""
    while (have := journal.next_seq - 1) < records:
        count = min(_PAGE, records - have)
        await journal.append([issued(n) if n % 2 else called(n) for n in range(have, have + count)])


async def fill_months(journal: Journal, data: Path, months: int, each: int) -> int:
    """`months` of so many records, and a day of the next; all but the last are closed. Records in closed months."""
    for month in range(months):
        await journal.append([_opened(f"{2020 + month // 12}-{month % 12 + 1:02d}-02")])
        await fill(journal, (month + 1) * each)
        await journal.history.save_snapshot(journal.history.head, b"")
    await journal.append([_opened(f"{2020 + months // 12}-{months % 12 + 1:02d}-05")])
    await journal.history.save_snapshot(journal.history.head, b"")
    upto = journal.next_seq - 1
    await journal.save_mark(Mark(journal.epoch, upto, await journal.hash_at(upto) or "", upto))
    await journal.note(lambda store: stamp(store, _CENTRE_MS, 30 * DAY_MS))
    await close_due(journal, data, _CENTRE_MS + 4 * DAY_MS, lambda _: 0.0)
    return await journal.note(lambda store: int(store.closed.upto))


def _opened(date: str) -> Draft:
    body = DayOpened(date=date, closes=0)
    return Draft(kind="day.opened", subject=f"day:{date}", actor="site", body=body, business_date=date)


async def raw_records(journal: Journal) -> list[bytes]:
    """The canonical bytes of every record, in order: what a peer stores or sends."""
    found: list[bytes] = []
    while page := await journal.read(len(found), _PAGE, 1 << 22):
        found += [stored.record.raw for stored in page]
    return found


def size_of(folder: Path) -> int:
    return sum(os.path.getsize(file) for file in folder.rglob("*") if file.is_file())
