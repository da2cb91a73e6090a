"""Closed months leave the table and nothing else: whoever reads the journal finds what was there before."""

import asyncio
from pathlib import Path
from random import Random
from typing import Any

import apsw
import pytest
from structlog.testing import capture_logs

from edge.journal import Journal, JournalError, PartGone, schema
from edge.journal.epochs import FORK
from edge.journal.exporting import export
from edge.journal.new_epoch import Gap
from edge.journal.retention import DAY_MS, Terms, erase_ripe
from edge.journal.segments import closing, ledger
from edge.journal.segments.keeping import close_due, keep_months
from edge.journal.store import reading
from edge.journal.verify import verify
from edge.statistics.days import Archive
from tests.campaign.storage.journal_script import open_at
from tests.edge.journal.material import ZONE, Opener, called
from tests.edge.journal.segments.months import (
    MONTHS,
    NOW,
    PERSON,
    close_months,
    make_safe,
    segment_files,
    write_day,
    write_months,
)
from tests.edge.journal.test_files import CASE


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "j"


async def everything(journal: Journal) -> list[Any]:
    """What the journal says to those who ask: the hall, the link, an auditor."""
    records = await journal.history.read(0, 10_000, 10**9)
    cmds = sorted({str(one.record.data["cmd"]) for one in records if "cmd" in one.record.data})
    answers = [await journal.answer_to(cmd) for cmd in cmds]
    hashes = [await journal.hash_at(seq) for seq in range(journal.next_seq)]
    return [records, await journal.read(0, 10_000, 10**9), await journal.read(7, 3), answers, hashes]


def live_rows(data: Path) -> int:
    with reading(data / "journal.db") as store:
        return int(store.db.execute("SELECT count(*) FROM records").get)


async def test_three_months_are_closed_and_everybody_reads_on(open_journal: Opener, data: Path, tmp_path: Path) -> None:
    journal = await open_journal()
    tickets = await write_months(journal)
    before, rows = await everything(journal), live_rows(data)
    archive = Archive(data / "journal.db")
    days = [archive.day(date) for date in archive.dates()]
    export(data / "journal.db", tmp_path / "before.jsonl", with_parts=True)
    assert await close_months(journal, data) == 3
    assert [path.name.split("-", 1)[1][:7] for path in segment_files(data)] == list(MONTHS)
    assert live_rows(data) < rows / 3
    assert await everything(journal) == before
    await journal.close()
    verdict = verify(data / "journal.db")
    assert (verdict.records, verdict.first_bad, verdict.snapshots_ok, verdict.months) == (rows, None, True, 3)
    export(data / "journal.db", tmp_path / "after.jsonl", with_parts=True)
    assert (tmp_path / "after.jsonl").read_bytes() == (tmp_path / "before.jsonl").read_bytes()
    archive = Archive(data / "journal.db")
    assert [archive.day(date) for date in archive.dates()] == days
    assert len(days) == 11
    journal = await open_journal()
    assert await everything(journal) == before
    assert (await journal.open_part(tickets[0], tickets[0].parts[0]))["name"] == PERSON["name"]
    assert await close_due(journal, data, NOW + 4 * DAY_MS, lambda _: 0.1) == 0
    again = await journal.append([called(99)], cmd="2026-07-02-0")
    assert [one.birth for one in again] == [one.birth for one in await journal.answer_to("2026-07-02-0") or ()]
    assert len(again) == 2
    assert journal.next_seq == len(before[0]) + 1  # nothing was done twice


async def test_a_month_stays_open_until_nothing_can_need_it(open_journal: Opener, data: Path) -> None:
    journal = await open_journal()

    async def due(now: int = NOW + 4 * DAY_MS) -> int:
        return await close_due(journal, data, now, lambda _: 0.1)

    tickets: list[Any] = []
    await write_day(journal, "2026-07-02", tickets)
    await write_day(journal, "2026-08-10", tickets)
    await make_safe(journal)
    assert await due() == 0  # the next month is not ten days old
    await write_day(journal, "2026-08-11", tickets)
    assert await due(NOW + 3 * DAY_MS - 1) == 0  # 72 h of the centre's time
    await journal.epochs.keep_gap(Gap(FORK))
    assert await due() == 0  # the centre may have what is missing here
    await journal.epochs.keep_gap(None)
    with capture_logs() as logs:
        assert await close_due(journal, data, NOW + 4 * DAY_MS, lambda _: 0.91) == 0
    assert [(one["event"], one["why"]) for one in logs] == [("month_not_closed", "disk: no_scans")]
    assert not segment_files(data)
    assert schema.open_existing(data / "journal.db").pragma("user_version") == 1
    assert await due() == 1
    assert schema.open_existing(data / "journal.db").pragma("user_version") == ledger.FORMAT


async def test_without_the_centre_or_a_snapshot_nothing_is_closed(open_journal: Opener, data: Path) -> None:
    journal = await open_journal()
    await write_months(journal)
    assert await close_due(journal, data, NOW + 4 * DAY_MS, lambda _: 0.1) == 0
    await make_safe(journal)
    await journal.note(lambda store: store.db.execute("DELETE FROM snapshots").fetchall())
    assert await close_due(journal, data, NOW + 4 * DAY_MS, lambda _: 0.1) == 0


async def test_rows_go_only_where_a_sealed_month_holds_them(open_journal: Opener, data: Path) -> None:
    journal = await open_journal()
    await write_months(journal)
    assert await close_months(journal, data) == 3
    await journal.close()
    db = schema.open_existing(data / "journal.db")
    for statement in (
        "DELETE FROM records",
        "DELETE FROM segments",
        "UPDATE segments SET digest = ''",
        "INSERT INTO segments VALUES(5,9,'s','e','2026-01','','','d',1)",
    ):
        with pytest.raises(apsw.ConstraintError, match=r"append-only|follows"):
            db.execute(statement)


async def test_a_journal_with_a_closed_month_is_refused_by_the_releases_before(
    open_journal: Opener, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = await open_journal()
    await write_months(journal)
    await close_months(journal, data)
    await journal.close()
    monkeypatch.setattr("edge.journal.segments.ledger.FORMAT", schema.FORMAT)  # they knew one format only
    with pytest.raises(JournalError, match="format 2"):
        schema.open_existing(data / "journal.db")


async def test_epochs_end_a_month_and_are_read_through(open_journal: Opener, data: Path) -> None:
    journal = await open_journal()
    await write_months(journal, MONTHS[:2])
    common = journal.next_seq - 30
    await journal.epochs.continue_above("fork", common, [], complete=True)
    journal.begin_history()
    await write_months(journal, ("2026-11", "2026-12"), last_day="2027-01-20")
    before = [one.record.birth for one in await journal.history.read(0, 10_000, 10**9)]
    assert await close_months(journal, data) >= 4
    assert len({path.name[:16] for path in segment_files(data)}) == 2
    assert [one.record.birth for one in await journal.history.read(0, 10_000, 10**9)] == before
    assert verify(data / "journal.db").good
    answer = await journal.answer_to("2026-08-27-3")
    assert answer is not None
    assert len(answer) == 2
    await journal.epochs.continue_above("fork", 5, [], complete=True)  # a centre that has almost nothing of it
    assert verify(data / "journal.db").good
    # The opening is never written again; what stands above `common` is, once.
    assert len(await journal.history.read(0, 10_000, 10**9)) == len(before) + 1
    assert await journal.answer_to("2026-08-27-3") is not None


async def test_terms_reach_parts_of_closed_months(open_journal: Opener, data: Path) -> None:
    journal = await open_journal()
    tickets = await write_months(journal)
    await close_months(journal, data)
    terms = Terms(3 * DAY_MS, 3 * DAY_MS, 30 * DAY_MS, 3 * DAY_MS, ZONE)
    sealed = [one for one in tickets if one.parts]
    assert len(sealed) == 3
    assert await erase_ripe(journal, data, terms, NOW + 4 * DAY_MS) == 3
    for one in sealed:
        with pytest.raises(PartGone):
            await journal.open_part(one, one.parts[0])
    assert await journal.note(lambda store: ledger.last_of_cases(store.db)[CASE]) > 0
    assert await erase_ripe(journal, data, terms, NOW + 29 * DAY_MS) == 0
    assert await erase_ripe(journal, data, terms, NOW + 31 * DAY_MS) == 3  # the case was quiet for long enough
    assert verify(data / "journal.db").good


async def test_the_hall_closes_months_while_nobody_is_served(open_journal: Opener, data: Path) -> None:
    journal = await open_journal()
    await write_months(journal)
    await make_safe(journal)
    looks, done = iter((False, True)), asyncio.Event()

    async def sleep(_: float) -> None:
        if segment_files(data):
            done.set()
            await asyncio.Event().wait()

    keeping = asyncio.create_task(
        keep_months(journal, data, lambda: NOW + 4 * DAY_MS, lambda: next(looks), lambda _: 0.1, sleep)
    )
    await asyncio.wait_for(done.wait(), 30)
    keeping.cancel()
    assert len(segment_files(data)) == 3


async def test_a_bad_record_is_not_sealed(open_journal: Opener, data: Path) -> None:
    journal = await open_journal()
    await write_months(journal)
    await make_safe(journal)
    await journal.close()
    db = apsw.Connection(str(data / "journal.db"))
    db.execute("DROP TRIGGER records_keep")
    db.execute("UPDATE records SET raw = CAST(replace(raw, '\"A001\"', '\"A009\"') AS BLOB) WHERE pos = 4")
    db.close()
    journal = await open_journal()  # its newest snapshot stands far above
    with capture_logs() as logs:
        assert await close_due(journal, data, NOW + 4 * DAY_MS, lambda _: 0.1) == 0
    assert logs[-1]["event"] == "month_not_closed"
    assert live_rows(data) == journal.next_seq - 1
    assert not segment_files(data)


async def test_rows_stay_where_the_file_of_their_month_is_lost(open_journal: Opener, data: Path) -> None:
    journal = await open_journal()
    await write_months(journal)
    await make_safe(journal)
    with reading(data / "journal.db") as store:
        stretch = closing.next_stretch(store, journal.next_seq)
    assert stretch is not None
    sealed = closing.seal(data, stretch)
    await journal.note(lambda store: closing.commit(store, sealed))
    rows = live_rows(data)
    segment_files(data)[0].rename(data / "elsewhere")
    with capture_logs() as logs:
        await close_due(journal, data, NOW + 4 * DAY_MS, lambda _: 0.95)
    assert logs[0]["event"] == "rows_kept_for_a_closed_month"
    assert live_rows(data) == rows
    (data / "elsewhere").rename(data / "segments" / sealed.name)
    await journal.append([called(3)])  # the hall works on
    assert await close_due(journal, data, NOW + 4 * DAY_MS, lambda _: 0.1) == 2
    assert verify(data / "journal.db").good


def test_commands_whose_keys_meet_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.journal.segments.ledger.command_key", lambda cmd: len(cmd))

    async def life() -> None:
        journal = await open_at(tmp_path / "j", Random(1))
        await write_months(journal)
        before = await everything(journal)
        assert await close_months(journal, tmp_path / "j") == 3
        assert await everything(journal) == before
        assert await journal.answer_to("2026-07-02-9") is None
        await journal.close()

    asyncio.run(life())


@pytest.mark.parametrize("moved", [None, 0, 1])
async def test_a_run_that_ended_early_is_finished_by_the_next(
    open_journal: Opener, data: Path, moved: int | None
) -> None:
    journal = await open_journal()
    await write_months(journal)
    await make_safe(journal)
    before = await everything(journal)
    with reading(data / "journal.db") as store:
        stretch = closing.next_stretch(store, journal.next_seq)
    assert stretch is not None
    sealed = closing.seal(data, stretch)
    (data / "segments" / f"{stretch.epoch}-{stretch.month}-0123456789abcdef.segment").write_bytes(b"of another zstd")
    if moved is not None:
        assert await journal.note(lambda store: closing.commit(store, sealed))
        assert not await journal.note(lambda store: closing.commit(store, sealed))
        for _ in range(moved):
            await journal.note(lambda store: closing.move_some(store, 7))
    assert verify(data / "journal.db").good
    assert await everything(journal) == before
    await journal.close()
    journal = await open_journal()
    assert await everything(journal) == before
    assert await close_due(journal, data, NOW + 4 * DAY_MS, lambda _: 0.1) == (3 if moved is None else 2)
    assert len(segment_files(data)) == (3 if moved is None else 4)
    assert await everything(journal) == before
    assert verify(data / "journal.db").good
    assert live_rows(data) < 30
