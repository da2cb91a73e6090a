"""Damage to a closed month is named by its first bad record, and mended from a copy that has the month whole."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random

import apsw
import pytest
from typer.testing import CliRunner

from edge.cli import app
from edge.journal import JournalDamaged
from edge.journal.backup import BadCopy, back_up, restore
from edge.journal.doctor import examine
from edge.journal.erasing import Wanted, erase_offline
from edge.journal.mending import mend_now
from edge.journal.segments.form import SegmentFile
from edge.journal.store import reading
from edge.journal.verify import verify
from tests.edge.journal.material import Opener
from tests.edge.journal.segments.months import PERSON, close_months, segment_files, write_months
from tests.edge.journal.test_damage import change, replace

FIRSTS = (1, 35, 66)
run = CliRunner()


@pytest.fixture
async def data(open_journal: Opener, tmp_path: Path) -> Path:
    """Three closed months, the first seq of each as in FIRSTS, and what came after."""
    journal = await open_journal()
    await write_months(journal)
    assert await close_months(journal, tmp_path / "j") == 3
    await journal.close()
    with reading(tmp_path / "j" / "journal.db") as store:
        assert tuple(month.title.first for month in store.closed.months) == FIRSTS
    return tmp_path / "j"


def flip(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 4
    path.write_bytes(content)


def swap(data: Path) -> None:
    first, second, _ = segment_files(data)
    first.rename(data / "x")
    second.rename(first)
    (data / "x").rename(second)


def without_trigger(data: Path, statement: str) -> None:
    db = apsw.Connection(str(data / "journal.db"))
    db.execute("DROP TRIGGER segments_keep; DROP TRIGGER segments_stay")
    db.execute(statement)
    db.close()


@pytest.mark.parametrize(
    ("harm", "first_bad"),
    [
        (lambda data: flip(segment_files(data)[1], 900), (35, "segment")),
        (lambda data: flip(segment_files(data)[1], 30), (35, "segment")),
        (lambda data: flip(segment_files(data)[2], -3), (66, "segment")),
        (lambda data: segment_files(data)[0].unlink(), (1, "segment")),
        (lambda data: segment_files(data)[2].write_bytes(b""), (66, "segment")),
        (lambda data: segment_files(data)[2].write_bytes(segment_files(data)[2].read_bytes()[:-1]), (66, "segment")),
        (lambda data: segment_files(data)[2].write_bytes(segment_files(data)[2].read_bytes() + b"x"), (66, "segment")),
        (swap, (1, "segment")),
        (lambda data: shutil.rmtree(data / "segments"), (1, "segment")),
        (lambda data: without_trigger(data, "DELETE FROM segments WHERE first = 35"), (35, "deleted")),
        (lambda data: without_trigger(data, "DELETE FROM segments WHERE first = 66"), (66, "deleted")),
        (lambda data: without_trigger(data, "UPDATE segments SET tail = prev WHERE first = 35"), (35, "segment")),
        (lambda data: change(data, "DELETE FROM closed_commands WHERE pos = 40"), (40, "cmd")),
        (lambda data: change(data, replace(101, '"w1"', '"w2"')), (101, "hash")),
        (lambda data: change(data, "DELETE FROM parts"), (4, "part")),
    ],
)
def test_verify_names_the_first_bad_record(
    data: Path, harm: Callable[[Path], None], first_bad: tuple[int, str]
) -> None:
    harm(data)
    verdict = verify(data / "journal.db")
    assert verdict.first_bad == first_bad
    assert verdict.records == first_bad[0] - 1 or first_bad[1] == "part"


def test_every_byte_of_a_month_counts(data: Path) -> None:
    path, random = segment_files(data)[1], Random(1)
    whole = path.read_bytes()
    for place in random.sample(range(len(whole)), 60):
        flip(path, place)
        assert verify(data / "journal.db").first_bad == (35, "segment"), place
        path.write_bytes(whole)
    assert verify(data / "journal.db").good


async def test_the_hall_starts_without_a_month_and_doctor_says_which(data: Path, open_journal: Opener) -> None:
    segment_files(data)[1].unlink()
    journal = await open_journal(data)
    assert len(await journal.history.read(FIRSTS[2] - 1)) > 40
    with pytest.raises(JournalDamaged, match="segment"):
        await journal.history.read(FIRSTS[1] - 1)
    await journal.append([], cmd=None)
    await journal.close()
    told = run.invoke(app, ["--lang", "en", "doctor", "--data", str(data), "--site-key", str(data / "none")])
    assert "Record 35 of the journal is bad" in told.output


def test_hallctl_lists_the_months_and_tests_each(data: Path) -> None:
    def told(*more: str) -> tuple[int, str]:
        made = run.invoke(app, ["--lang", "zh-Hans", "journal", "segments", str(data / "journal.db"), *more])
        return made.exit_code, made.output

    code, text = told()
    assert (code, text.count("完好")) == (0, 3)
    assert text.startswith("2026-07")
    segment_files(data)[0].unlink()
    flip(segment_files(data)[0], 100)
    code, text = told("--json")
    states = [(one["month"], one["first"], one["last"], one["state"]) for one in json.loads(text)]
    assert (code, states[0]) == (1, ("2026-07", 1, 34, "missing"))
    assert [one[3] for one in states] == ["missing", "changed", "whole"]


async def test_doctor_tells_of_months_closed_and_overdue(open_journal: Opener, data: Path, tmp_path: Path) -> None:
    def told(folder: Path) -> list[tuple[str, str]]:
        found = examine(folder, tmp_path / "none", used=lambda _: 0.1)
        return [(one.how, str(one.facts)) for one in found if one.what == "months"]

    assert told(data) == [("closed", "{'count': 3, 'first': '2026-07', 'last': '2026-09', 'megabytes': 0}")]
    journal = await open_journal(tmp_path / "late")
    await write_months(journal)
    assert told(tmp_path / "late") == [("overdue", "{'month': '2026-07'}")]


async def test_a_month_comes_back_from_a_backup(data: Path, tmp_path: Path, open_journal: Opener) -> None:
    back_up(data, tmp_path / "copy")
    wholes = [path.read_bytes() for path in segment_files(data)]
    segment_files(data)[0].unlink()
    flip(segment_files(data)[-1], 100)
    made = mend_now(data)
    assert (made.sound, made.broken, made.aside, made.months) == (verify(data / "journal.db").records, (), None, 2)
    assert [path.read_bytes() for path in segment_files(data)] == wholes
    journal = await open_journal(data)
    assert journal.epochs.gap is None  # nothing was lost: no number has to be skipped
    segment_files(data)[0].unlink()
    await journal.close()
    told = run.invoke(app, ["--lang", "zh-Hans", "journal", "mend", str(data)])
    assert "取回 1 个月的归档文件" in told.output


def test_a_month_that_no_copy_has_is_not_mended_away(data: Path) -> None:
    segment_files(data)[1].unlink()
    before = (data / "journal.db").read_bytes()
    with pytest.raises(JournalDamaged) as caught:
        mend_now(data)
    assert (caught.value.seq, caught.value.why) == (35, "segment")
    assert (data / "journal.db").read_bytes() == before


async def test_a_bad_record_behind_closed_months_is_mended_and_they_stay(data: Path, open_journal: Opener) -> None:
    change(data, replace(101, '"w1"', '"w2"'), "DELETE FROM closed_commands WHERE pos < 50")
    files = segment_files(data)
    made = mend_now(data)
    assert (made.sound, made.broken) == (100, (101,))
    assert segment_files(data) == files
    assert verify(data / "journal.db").months == 3
    assert made.aside is not None
    assert verify(made.aside / "journal.db").first_bad == (2, "cmd")
    assert len(segment_files(made.aside)) == 3  # what was set aside can be looked at, or put back, by itself
    journal = await open_journal(data)
    assert len(await journal.answer_to("2026-07-02-0") or ()) == 2


def test_a_backup_holds_the_months_and_copies_each_once(data: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    back_up(data, copy)
    stamps = {path.name: path.stat().st_ino for path in segment_files(copy)}
    assert len(stamps) == 3
    flip(segment_files(copy)[1], 200)
    (copy / "segments" / "0-2020-01-0.segment").write_bytes(b"of another journal")
    back_up(data, copy)
    now = {path.name: path.stat().st_ino for path in segment_files(copy)}
    assert now.keys() == stamps.keys()
    assert [now[name] == stamps[name] for name in sorted(now)] == [True, False, True]  # the rotten one came anew
    assert verify(copy / "journal.db", a_copy=True).months == 3


def test_no_backup_and_no_restore_without_a_month(data: Path, tmp_path: Path) -> None:
    back_up(data, tmp_path / "copy")
    shutil.copytree(tmp_path / "copy", tmp_path / "older")
    segment_files(data)[1].unlink()
    with pytest.raises(BadCopy) as caught:
        back_up(data, tmp_path / "new")
    assert (caught.value.seq, caught.value.why) == (35, "segment")
    assert not (tmp_path / "new" / "journal.db").exists()
    segment_files(tmp_path / "copy")[0].unlink()
    with pytest.raises(BadCopy):
        restore(tmp_path / "copy", tmp_path / "empty", "x")
    assert not (tmp_path / "empty" / "journal.db").exists()
    made = restore(tmp_path / "older", data, "x")
    assert made.verdict.months == 3
    assert verify(data / "journal.db").good


async def test_a_restored_journal_has_its_months_and_what_was_there_keeps_its_own(
    data: Path, tmp_path: Path, open_journal: Opener
) -> None:
    back_up(data, tmp_path / "copy")
    other = await open_journal(tmp_path / "other", site="LH-0042")
    await write_months(other, ("2025-01", "2025-02"))
    assert await close_months(other, tmp_path / "other") == 2
    await other.close()
    made = restore(tmp_path / "copy", tmp_path / "other", "x")
    assert made.aside is not None
    assert len(segment_files(made.aside)) == 2
    assert verify(made.aside / "journal.db").good
    assert [path.name for path in segment_files(tmp_path / "other")] == [path.name for path in segment_files(data)]
    assert verify(tmp_path / "other" / "journal.db").good
    restore(made.aside, tmp_path / "other", "y")
    assert verify(tmp_path / "other" / "journal.db").months == 2


async def test_an_erased_person_is_in_no_byte_of_any_file(data: Path, tmp_path: Path, open_journal: Opener) -> None:
    back_up(data, tmp_path / "copy")
    with reading(data / "journal.db") as store:
        blobs = [bytes(blob) for (blob,) in store.db.execute("SELECT blob FROM parts WHERE use = 'sealed'").fetchall()]
        keys = [bytes(key) for (key,) in store.db.execute("SELECT wrapped FROM keys").fetchall()]
        titles = [month.title for month in store.closed.months]
    assert len(blobs) == 6
    for owner in ("t:1", "case:01JD0000000000000000000009"):
        erase_offline(data, Wanted(owner=owner), "law", "clerk:c01")
    needles = [*blobs, *keys, *(value.encode() for value in PERSON.values())]
    unfolded = [
        raw
        for path, title in zip(segment_files(data), titles, strict=True)
        for _, raw in SegmentFile(path, title).rows(1, 10_000)
    ]
    files = [path.read_bytes() for folder in (data, tmp_path / "copy") for path in folder.rglob("*") if path.is_file()]
    assert len(unfolded) == 96
    assert not [needle[:8] for needle in needles for content in [*files, *unfolded] if needle in content]
    for folder in (data, tmp_path / "copy"):
        assert verify(folder / "journal.db").good
