"""How far a restored station's numbers stay from those that the machine before it may have given."""

from types import SimpleNamespace

import pytest

from edge.journal.epochs import FORK
from edge.journal.new_epoch import Gap
from edge.numbering import keep_floors
from edge.rules.commands import CloseDay, OpenDay
from tests.edge.engine.conftest import DAY, issue, open_hall, open_journal, running

NEXT_DAY = "2026-11-24"
BUSY = 7


def site(gap: int) -> SimpleNamespace:
    return SimpleNamespace(queue=SimpleNamespace(restored_gap=gap))


async def first_number(folder, gap: int, *, day: str = DAY, times: int = 1) -> str:
    """After BUSY numbers the image is put back, and the floors are kept `times` times, as by so many starts."""
    journal = await open_journal(folder)
    try:
        async with running(journal) as engine:
            await open_hall(engine)
            for n in range(BUSY):
                await engine.execute(issue(), id=f"i{n}", actor="kiosk:k1")
            await journal.epochs.keep_gap(Gap(FORK))
            if day != DAY:
                await engine.execute(CloseDay(), id="close", actor="clerk:c01")
                await engine.execute(OpenDay(date=day), id="open", actor="clerk:c01")
            for _ in range(times):
                await keep_floors(engine, journal, site(gap), day)  # type: ignore[arg-type]
            made = await engine.execute(issue(), id="after", actor="kiosk:k1")
            return made.records[0].body["number"]
    finally:
        await journal.close()


@pytest.mark.parametrize("times", [1, 3])
async def test_a_busy_hall_stays_twice_its_busiest_day_away(tmp_path, times):
    assert await first_number(tmp_path, 3, times=times) == f"A{BUSY + 2 * BUSY + 1:03d}"


async def test_on_another_day_it_begins_above_twice_the_busiest(tmp_path):
    assert await first_number(tmp_path, 3, day=NEXT_DAY) == f"A{2 * BUSY + 1:03d}"


async def test_a_quiet_hall_stays_as_far_as_its_site_file_says(tmp_path):
    assert await first_number(tmp_path, 500) == "A508"


async def test_days_after_days_in_the_gap_do_not_drift_further(tmp_path):
    """What counts is how many were given, not how high the last one stands."""
    journal = await open_journal(tmp_path)
    async with running(journal) as engine:
        await open_hall(engine)
        await journal.epochs.keep_gap(Gap(FORK))
        for n, day in enumerate((DAY, NEXT_DAY, "2026-11-25")):
            if n:
                await engine.execute(CloseDay(), id=f"close{n}", actor="clerk:c01")
                await engine.execute(OpenDay(date=day), id=f"open{n}", actor="clerk:c01")
            await keep_floors(engine, journal, site(20), day)  # type: ignore[arg-type]
            made = await engine.execute(issue(), id=f"i{n}", actor="kiosk:k1")
            assert made.records[0].body["number"] == "A021"
    await journal.close()
