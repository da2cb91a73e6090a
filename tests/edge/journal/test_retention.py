"""What goes by term: only what the centre has kept for long enough by its own clock, class by class."""

from pathlib import Path

import pytest

from edge.journal import Journal, PartGone
from edge.journal.epochs import FORK
from edge.journal.new_epoch import Gap
from edge.journal.retention import DAY_MS, HOUR_MS, Safe, Terms, erase_ripe, keep_terms, stamp
from edge.journal.store import Store
from edge.journal.verify import verify
from edge.rules.queue_records import BookingMirrored
from edge.rules.records import Draft, Private
from sync.protocol.record import Record
from sync.source import Mark
from tests.edge.journal.material import ZONE, Opener, called, issued
from tests.edge.journal.test_files import CASE, captured, on_disk, with_applicant

PERSON = {"name": "张测试", "id_number": "119999199001010012"}
NOW = 1_795_395_600_000  # 2026-11-23 in the zone of the tests
TERMS = Terms(tickets=3 * DAY_MS, bookings=5 * DAY_MS, cases=30 * DAY_MS, scans=7 * DAY_MS, zone=ZONE)


def booked(date: str) -> Draft:
    body = BookingMirrored(date=date, slot=NOW, service="general", person="", phone="")
    return Draft(
        kind="booking.mirrored",
        subject=f"b:{date}",
        actor="system",
        body=body,
        private=Private(owner=f"b:{date}", members=PERSON),
    )


async def durable(journal: Journal, upto: int | None = None) -> None:
    """The centre keeps what is here, or the records up to a seq."""
    upto = journal.next_seq - 1 if upto is None else upto
    await journal.save_mark(Mark(journal.epoch, upto, await journal.hash_at(upto) or "", upto))


async def is_open(journal: Journal, one: Record) -> bool:
    try:
        await journal.open_part(one, one.parts[0])
    except PartGone:
        return False
    return True


class _Enough(Exception):
    pass


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "j"


async def test_72_hours_of_centre_time_count_from_durable(open_journal: Opener, data: Path) -> None:
    journal = await open_journal()
    [made] = await journal.append([issued(1, PERSON)])
    assert await erase_ripe(journal, data, TERMS, NOW) == 0
    assert await erase_ripe(journal, data, TERMS, NOW + 9 * DAY_MS) == 0  # old, but the centre has said nothing
    await durable(journal)
    start = NOW + 10 * DAY_MS
    await erase_ripe(journal, data, TERMS, start)
    await journal.close()
    journal = await open_journal()  # what was stamped outlives the process
    assert await erase_ripe(journal, data, TERMS, start + 72 * HOUR_MS - 1) == 0
    assert await is_open(journal, made)
    assert await erase_ripe(journal, data, TERMS, start + 72 * HOUR_MS) == 1
    assert not await is_open(journal, made)
    last = (await journal.read(journal.next_seq - 2))[0].record
    assert (last.kind, last.body["why"]) == ("part.erased", "term")
    assert await erase_ripe(journal, data, TERMS, start + 90 * HOUR_MS) == 0  # once
    assert verify(data / "journal.db").good


async def test_a_centre_restored_from_before_starts_the_count_again(open_journal: Opener, data: Path) -> None:
    journal = await open_journal()
    [made] = await journal.append([issued(1, PERSON)])
    await durable(journal)
    await erase_ripe(journal, data, TERMS, NOW)
    await durable(journal, 1)  # it lost what it had said to keep
    assert await erase_ripe(journal, data, TERMS, NOW + 4 * DAY_MS) == 0
    await durable(journal)
    assert await erase_ripe(journal, data, TERMS, NOW + 5 * DAY_MS) == 0
    assert await is_open(journal, made)
    assert await erase_ripe(journal, data, TERMS, NOW + 8 * DAY_MS) == 1


async def test_a_booking_stays_until_its_day_is_over(open_journal: Opener, data: Path) -> None:
    journal = await open_journal()
    near, far = await journal.append([booked("2026-11-24"), booked("2026-12-10")])
    await durable(journal)
    await erase_ripe(journal, data, TERMS, NOW)
    assert await erase_ripe(journal, data, TERMS, NOW + 5 * DAY_MS) == 0
    assert await erase_ripe(journal, data, TERMS, NOW + 7 * DAY_MS) == 1
    assert (await is_open(journal, near), await is_open(journal, far)) == (False, True)


async def test_a_case_stays_while_anything_happens_to_it_and_its_pages_go_before(
    open_journal: Opener, data: Path
) -> None:
    journal = await open_journal()
    [opened] = await journal.append([with_applicant()])
    page = await journal.seal_file(CASE, b"a page")
    await journal.append([captured(page)])
    await durable(journal)
    await erase_ripe(journal, data, TERMS, NOW)
    assert await erase_ripe(journal, data, TERMS, NOW + 20 * DAY_MS) == 0  # the page never reached the centre
    await journal.files.delivered(page.h)
    await erase_ripe(journal, data, TERMS, NOW + 20 * DAY_MS)
    await journal.append([called(3).model_copy(update={"subject": CASE})])
    await durable(journal)
    assert await erase_ripe(journal, data, TERMS, NOW + 27 * DAY_MS) == 1
    assert on_disk(data) == []
    assert await erase_ripe(journal, data, TERMS, NOW + 40 * DAY_MS) == 0
    assert await is_open(journal, opened)
    assert await erase_ripe(journal, data, TERMS, NOW + 58 * DAY_MS) == 1
    assert not await is_open(journal, opened)


async def test_stamps_do_not_grow_without_end(open_journal: Opener, data: Path) -> None:
    journal = await open_journal()
    for hour in range(24 * 60):
        if hour % 3 == 0:
            await journal.append([called(hour)])
            await durable(journal)
        safe = await journal.note(lambda store, hour=hour: _stamp(store, hour))
    assert len(safe.records) <= 7 * 4 + 2


def _stamp(store: Store, hour: int) -> Safe:
    return stamp(store, NOW + hour * HOUR_MS, 7 * DAY_MS)


async def test_nothing_goes_without_centre_time_or_in_gap_mode(open_journal: Opener, data: Path) -> None:
    journal = await open_journal()
    [made] = await journal.append([issued(1, PERSON)])
    await durable(journal)
    times: list[int | None] = [NOW, None, NOW + 9 * DAY_MS, NOW + 9 * DAY_MS]
    looked = 0

    async def sleep(_: float) -> None:
        nonlocal looked
        looked += 1
        if looked == 1:
            await journal.epochs.keep_gap(Gap(FORK))
        elif looked == 3:
            assert await is_open(journal, made)
            await journal.epochs.keep_gap(None)
        elif looked == 4:
            raise _Enough

    with pytest.raises(_Enough):
        await keep_terms(journal, data, TERMS, lambda: times[looked], sleep)
    assert looked == 4
    assert not await is_open(journal, made)


async def test_a_centres_time_beyond_all_calendars_erases_nothing_and_stops_nobody(
    open_journal: Opener, data: Path
) -> None:
    journal = await open_journal()
    [made, _] = await journal.append([issued(1, PERSON), booked("2026-11-24")])
    await durable(journal)
    for wild in (2**53 - 1, 0, -(2**53) + 1):
        assert await erase_ripe(journal, data, TERMS, wild) == 0
    assert await is_open(journal, made)
