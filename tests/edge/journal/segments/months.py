"""Months of work in small: a few business days each, tickets with sealed names, a case that goes on for months."""

from collections.abc import Sequence
from pathlib import Path

from edge.journal import Journal
from edge.journal.retention import DAY_MS, stamp
from edge.journal.segments.keeping import close_due
from edge.rules.records import DayClosed, DayOpened, Draft
from sync.protocol.record import Record
from sync.source import Mark
from tests.edge.journal.material import called, issued
from tests.edge.journal.test_files import with_applicant

NOW = 1_795_395_600_000
PERSON = {"name": "张测试", "id_number": "119999199001010012"}
DAYS = ("02", "16", "27")
MONTHS = ("2026-07", "2026-08", "2026-09")
LAST_DAY = "2026-10-20"


async def write_months(journal: Journal, months: Sequence[str] = MONTHS, *, last_day: str = LAST_DAY) -> list[Record]:
    """Days of `months` and one of October, then `last_day`, which stays open.

    Returns the tickets; the first of each month is somebody's. A case is spoken of once a month.
    """
    tickets: list[Record] = []
    for month in months:
        for day in DAYS:
            await write_day(journal, f"{month}-{day}", tickets)
        await journal.append([with_applicant()], cmd=f"case-{month}")
    await write_day(journal, "2026-10-12", tickets)
    await journal.append([opened(last_day)], cmd=f"open-{last_day}")
    return tickets


async def write_day(journal: Journal, date: str, tickets: list[Record]) -> None:
    await journal.append([opened(date)], cmd=f"open-{date}")
    for n in range(4):
        person = PERSON if date.endswith("02") and n == 0 else None
        drafts = [issued(n + 1, person), called(n + 1)]
        tickets += (await journal.append(drafts, cmd=f"{date}-{n}"))[:1]
    closed = DayClosed(date=date, expired=())
    await journal.append([Draft(kind="day.closed", subject=f"day:{date}", actor="site", body=closed)])
    await journal.history.save_snapshot(journal.history.head, date.encode())


def opened(date: str) -> Draft:
    body = DayOpened(date=date, closes=0)
    return Draft(kind="day.opened", subject=f"day:{date}", actor="site", body=body, business_date=date)


async def make_safe(journal: Journal, now: int = NOW) -> None:
    """The centre has all that is here, and says so now."""
    upto = journal.next_seq - 1
    await journal.save_mark(Mark(journal.epoch, upto, await journal.hash_at(upto) or "", upto))
    await journal.note(lambda store: stamp(store, now, 30 * DAY_MS))


async def close_months(journal: Journal, data: Path) -> int:
    """All that may be, at a centre that has had everything for days; how many."""
    await make_safe(journal)
    return await close_due(journal, data, NOW + 4 * DAY_MS, lambda _: 0.1)


def segment_files(data: Path) -> list[Path]:
    return sorted((data / "segments").glob("*.segment"))
