"""A month whose time is over goes: its file, and nothing else; the chain stands on the digest that stays."""

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import apsw
import orjson
import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from edge.journal import Journal, JournalError, PartGone, schema
from edge.journal.backup import back_up, restore
from edge.journal.cli import app
from edge.journal.epochs import FORK
from edge.journal.exporting import export
from edge.journal.mending import mend
from edge.journal.new_epoch import Gap
from edge.journal.retention import DAY_MS, Terms, erase_ripe
from edge.journal.segments import dropping, ledger, listing
from edge.journal.segments.dropping import Kept, first_day_without
from edge.journal.segments.keeping import close_due, drop_due
from edge.journal.store import reading
from edge.journal.verify import verify
from edge.site import Retention
from edge.statistics.days import Archive
from sync.protocol.record import ZERO
from tests.edge.journal.material import ZONE, Opener, called
from tests.edge.journal.segments.months import (
    MONTHS,
    NOW,
    close_months,
    make_safe,
    segment_files,
    write_day,
    write_months,
)

KEPT = Kept(12, ZONE)
AUGUST_27 = NOW + 260 * DAY_MS  # NOW is 23 November 2026
TERMS = Terms(3 * DAY_MS, 3 * DAY_MS, 30 * DAY_MS, 3 * DAY_MS, ZONE)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "j"


async def written(journal: Journal, data: Path, *, erased: bool = True) -> None:
    """Three closed months; what they name of persons is erased by its term."""
    await write_months(journal)
    assert await close_months(journal, data) == 3
    if erased:
        assert await erase_ripe(journal, data, TERMS, NOW + 31 * DAY_MS) == 6


async def close_at(journal: Journal, data: Path, now: int) -> int:
    """What may be closed four days after the centre had everything, at `now`."""
    await make_safe(journal, now)
    return await close_due(journal, data, now + 4 * DAY_MS, lambda _: 0.1)


async def read_from_the_floor(journal: Journal) -> list[Any]:
    """What is still there, as the hall and the link read it."""
    floor = journal.floor
    link = await journal.read(floor - 1, 10_000, 10**9)
    hall = await journal.history.read(0, 10_000, 10**9)
    return [link, hall, [await journal.hash_at(seq) for seq in range(floor - 1, journal.next_seq)]]


def test_a_month_may_go_when_the_months_after_it_are_over() -> None:
    assert first_day_without("2026-07", 12) == date(2027, 8, 1)
    assert first_day_without("2026-12", 12) == date(2028, 1, 1)
    assert first_day_without("2026-11", 13) == date(2028, 1, 1)


def test_records_stay_for_ever_unless_the_site_says_how_long() -> None:
    assert Retention().records_months is None
    assert Retention(records_months=12).records_months == 12
    with pytest.raises(ValidationError):
        Retention(records_months=11)  # no audit is that short


async def test_the_oldest_month_goes_and_the_chain_stands_on_its_digest(
    open_journal: Opener, data: Path, tmp_path: Path
) -> None:
    journal = await open_journal()
    await written(journal, data)
    july = ledger.held_months(schema.open_existing(data / "journal.db"))[0].title
    places = [one.record.place for one in await journal.history.read(july.last, 10_000, 10**9)]
    assert await drop_due(journal, data, AUGUST_27, KEPT) == 1
    assert len(segment_files(data)) == 3  # somebody may be reading it
    assert await drop_due(journal, data, AUGUST_27, KEPT) == 0
    assert [path.name.split("-", 1)[1][:7] for path in segment_files(data)] == list(MONTHS[1:])
    assert journal.floor == july.last + 1
    assert await journal.hash_at(july.last) == july.tail
    assert await journal.hash_at(july.last - 1) is None
    assert await journal.answer_to("2026-07-02-0") is None
    assert await journal.answer_to("2026-08-02-0") is not None
    before = await read_from_the_floor(journal)
    assert [one.record.place for one in before[1]] == [*places, places[-1] + 1]
    assert before[1][-1].record.kind == "month.dropped"
    assert before[1][-1].record.body == {
        "month": "2026-07", "epoch": journal.epoch, "first": 1, "last": july.last, "tail": july.tail,
        "digest": ledger.sealed_months(schema.open_existing(data / "journal.db"))[0].digest, "why": "term",
        "months": 12,
    }  # fmt: skip
    await journal.append([called(7)], cmd="after")
    await journal.close()
    verdict = verify(data / "journal.db")
    assert (verdict.first_bad, verdict.snapshots_ok, verdict.months) == (None, True, 2)
    assert [(one.month, one.first, one.last, one.kept) for one in verdict.dropped] == [("2026-07", 1, july.last, 12)]
    assert verdict.records == len(before[0]) + 1
    assert export(data / "journal.db", tmp_path / "rest.jsonl")[0] == len(before[1]) + 1
    assert Archive(data / "journal.db").dates()[0] == "2026-08-02"
    assert [one.state for one in listing.listed(data / "journal.db")] == ["dropped", "whole", "whole"]
    journal = await open_journal()
    assert journal.floor == july.last + 1
    assert [one.record.hash for one in (await read_from_the_floor(journal))[0]][:-1] == [
        one.record.hash for one in before[0]
    ]


async def test_all_may_go_and_the_hall_goes_on(open_journal: Opener, data: Path) -> None:
    journal = await open_journal()
    await written(journal, data)
    late = NOW + 400 * DAY_MS
    assert await drop_due(journal, data, late, KEPT) == 3
    await drop_due(journal, data, late, KEPT)
    assert not segment_files(data)
    for day in ("2026-11-02", "2026-11-16", "2026-12-12"):
        await write_day(journal, day, [])
    assert await close_at(journal, data, late) == 2  # the next one stands on the tail of the last that went
    await journal.close()
    assert verify(data / "journal.db").good
    journal = await open_journal()
    with reading(data / "journal.db") as store:
        store.check_tail(0)
    assert await drop_due(journal, data, NOW + 900 * DAY_MS, KEPT) >= 1
    told = verify(data / "journal.db").dropped
    assert [bool(one.at) for one in told] == [False, False, False, True, True][-len(told) :] or told[-1].at


async def test_nothing_goes_while_something_of_it_is_needed(open_journal: Opener, data: Path) -> None:
    journal = await open_journal()
    await written(journal, data, erased=False)
    assert await drop_due(journal, data, NOW + 180 * DAY_MS, KEPT) == 0  # its time is not over
    assert await drop_due(journal, data, AUGUST_27, KEPT) == 0  # somebody's name is still sealed beside it
    assert await erase_ripe(journal, data, TERMS, NOW + 31 * DAY_MS) == 6
    await journal.epochs.keep_gap(Gap(FORK))
    assert await drop_due(journal, data, AUGUST_27, KEPT) == 0  # the centre may have what is missing here
    await journal.epochs.keep_gap(None)
    mark = await journal.load_mark()
    assert mark is not None
    await journal.note(lambda store: store.db.execute("DELETE FROM marks WHERE name = 'safe_since'").fetchall())
    assert await drop_due(journal, data, AUGUST_27, KEPT) == 0  # not known to be at the centre
    await make_safe(journal, AUGUST_27 - 4 * DAY_MS)
    assert await drop_due(journal, data, 10**18, KEPT) == 0  # no calendar has that day
    assert await drop_due(journal, data, AUGUST_27, KEPT) == 1


async def kids(journal: Journal) -> list[str]:
    return [kid for (kid,) in await journal.note(lambda store: store.db.execute("SELECT kid FROM keys").fetchall())]


async def test_keys_that_seal_nothing_go_with_their_month(
    open_journal: Opener, data: Path, ring_with_centre: Any
) -> None:
    journal = await open_journal(keys=ring_with_centre)
    sealed = await journal.seal_file("case:idle", b"never named by a record")
    await written(journal, data)
    await journal.note(lambda store: store.db.execute("DELETE FROM files").fetchall())
    assert sealed.kid in {
        kid for (kid,) in await journal.note(lambda s: s.db.execute("SELECT kid FROM keys").fetchall())
    }
    assert await drop_due(journal, data, AUGUST_27, KEPT) == 1
    assert sealed.kid not in await kids(journal)
    await journal.close()
    assert verify(data / "journal.db").good


async def test_the_journal_lets_only_the_oldest_closed_month_go(open_journal: Opener, data: Path) -> None:
    journal = await open_journal()
    await written(journal, data)
    assert await drop_due(journal, data, AUGUST_27, KEPT) == 1
    await journal.close()
    db = schema.open_existing(data / "journal.db")
    assert db.pragma("user_version") == ledger.DROPPING
    (newest,) = db.execute("SELECT max(last) FROM segments").fetchone()  # type: ignore[misc]
    for statement in (
        "DELETE FROM dropped",
        "UPDATE dropped SET said = 1",
        f"INSERT INTO dropped VALUES({newest}, {newest + 5}, 12)",
        "INSERT INTO dropped VALUES(3, 90, 12)",
    ):
        with pytest.raises(apsw.ConstraintError, match=r"append-only|oldest"):
            db.execute(statement)


async def test_a_month_that_goes_without_a_word_is_told(open_journal: Opener, data: Path) -> None:
    """Whoever deletes a month's file and writes it down as dropped has no record that says so."""
    journal = await open_journal()
    await written(journal, data)
    await journal.close()
    db = schema.open_existing(data / "journal.db")
    months = ledger.held_months(db)
    with db:
        ledger.drop(db, months[0].title.last, months[-1].title.last + 2, 12)
    db.close()
    (data / "segments" / months[0].name).unlink()
    assert verify(data / "journal.db").first_bad == (months[-1].title.last + 2, "dropped")


async def test_a_release_before_refuses_a_journal_with_a_dropped_month(
    open_journal: Opener, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = await open_journal()
    await written(journal, data)
    await drop_due(journal, data, AUGUST_27, KEPT)
    await journal.close()
    monkeypatch.setattr("edge.journal.segments.ledger.DROPPING", ledger.FORMAT)
    with pytest.raises(JournalError, match="format 3"):
        schema.open_existing(data / "journal.db")


@pytest.mark.parametrize("word", ['"A003"', '"months":12'])
async def test_backup_restore_and_mending_know_of_it(
    open_journal: Opener, data: Path, tmp_path: Path, word: str
) -> None:
    """Also where the record of the drop is the one that is broken."""
    journal = await open_journal()
    await written(journal, data)
    back_up(data, tmp_path / "copy")
    await drop_due(journal, data, AUGUST_27, KEPT)
    await journal.close()
    made = back_up(data, tmp_path / "copy")
    assert [one.month for one in made.verdict.dropped] == ["2026-07"]
    assert [path.name.split("-", 1)[1][:7] for path in segment_files(tmp_path / "copy")] == list(MONTHS[1:])
    restored = restore(tmp_path / "copy", tmp_path / "new", "x")
    assert (restored.verdict.months, len(restored.verdict.dropped)) == (2, 1)
    db = apsw.Connection(str(data / "journal.db"))
    db.execute("DROP TRIGGER records_keep")
    other = word.translate(str.maketrans("32", "98"))
    db.execute(f"UPDATE records SET raw = CAST(replace(raw, '{word}', '{other}') AS BLOB) WHERE pos > 96")
    db.close()
    assert not verify(data / "journal.db").good
    mended = mend(data, None, "m")
    assert mended.broken
    now = verify(data / "journal.db")
    assert (now.good, [(one.month, one.kept) for one in now.dropped]) == (True, [("2026-07", 12)])
    again = await open_journal()
    if again.epoch == journal.epoch:  # only the end was bad: it goes on as a restored one
        assert again.floor == now.dropped[0].last + 1
    else:
        assert (again.floor, await again.hash_at(0)) == (1, ZERO)


@pytest.mark.parametrize("closed_then", [True, False])
async def test_an_older_image_drops_the_month_again(
    open_journal: Opener, data: Path, tmp_path: Path, *, closed_then: bool
) -> None:
    """Also who was erased by law in it stays erased, although the record of that went with a month."""
    journal = await open_journal()
    tickets = await write_months(journal)
    if closed_then:
        assert await close_months(journal, data) == 3
    await journal.close()
    shutil.copytree(data, tmp_path / "image")
    journal = await open_journal()
    if not closed_then:
        assert await close_months(journal, data) == 3
    await erase_ripe(journal, data, TERMS, NOW + 31 * DAY_MS)
    for day in ("2026-11-02", "2026-11-16", "2026-12-12"):  # a month with the records of erasing
        await write_day(journal, day, [])
    assert await close_at(journal, data, NOW + 60 * DAY_MS) == 2
    dropped = await drop_due(journal, data, NOW + 900 * DAY_MS, KEPT)
    assert dropped == 4  # October with the records of erasing, too
    await journal.close()
    restore(tmp_path / "image", data, "x")
    journal = await open_journal()
    sealed = next(one for one in tickets if one.parts)
    with pytest.raises(PartGone):
        await journal.open_part(sealed, sealed.parts[0])
    assert await drop_due(journal, data, NOW + 900 * DAY_MS, KEPT) == 0  # until the centre has said what is missing
    await journal.epochs.continue_above("restore", journal.next_seq - 1, [], complete=True)
    await make_safe(journal, NOW + 890 * DAY_MS)
    if not closed_then:
        assert await close_at(journal, data, NOW + 890 * DAY_MS) == 3
    assert await drop_due(journal, data, NOW + 900 * DAY_MS, KEPT) >= 3
    await journal.close()
    verdict = verify(data / "journal.db")
    assert verdict.good
    assert [one.month for one in verdict.dropped][:3] == list(MONTHS)


async def test_a_technician_is_told_which_months_went(open_journal: Opener, data: Path) -> None:
    journal = await open_journal()
    await written(journal, data)
    await drop_due(journal, data, AUGUST_27, KEPT)
    await journal.close()
    file, run = str(data / "journal.db"), CliRunner()
    for words in (["verify", file], ["show", file], ["segments", file]):
        shown = run.invoke(app, words)
        assert shown.exit_code == 0, shown.output
        assert "2026-07" in shown.output
        assert "12" in shown.output
    told = orjson.loads(run.invoke(app, ["verify", file, "--json"]).output)
    assert [one["month"] for one in told["dropped"]] == ["2026-07"]
    lines = run.invoke(app, ["show", file, "--json", "--limit", "3"]).stdout.splitlines()
    assert orjson.loads(lines[0])["seq"] == told["dropped"][0]["last"] + 1


async def test_a_file_that_cannot_be_removed_stops_nothing(open_journal: Opener, data: Path) -> None:
    journal = await open_journal()
    await written(journal, data)
    assert await drop_due(journal, data, AUGUST_27, KEPT) == 1
    oldest = segment_files(data)[0]
    oldest.unlink()
    oldest.mkdir()
    assert await drop_due(journal, data, AUGUST_27 + 40 * DAY_MS, KEPT) == 1
    assert dropping.told_in(data / "journal.db")[-1].month == "2026-08"
