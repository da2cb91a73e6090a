"""Journals of earlier releases open, gain what is new, and may be killed at any point of that."""

import re
import shutil
from pathlib import Path
from typing import Final

import apsw
import pytest

from edge.journal import Journal, JournalError, schema
from edge.journal.retention import DAY_MS
from edge.journal.segments import ledger
from edge.journal.segments.keeping import drop_due
from edge.journal.verify import verify
from tests.edge.journal.material import Opener, called
from tests.edge.journal.segments.months import make_safe
from tests.edge.journal.segments.test_dropping import AUGUST_27, KEPT

GOLDEN: Final = Path(__file__).parent / "golden" / "first-release.db"
PERSON = {"name": "张测试"}
STEPS: Final = [step.strip() for step in re.split(r";\n", schema.LATER) if step.strip()]


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """The first release's file: no tables of files, spans and erasures at the centre, no marks."""
    folder = tmp_path / "j"
    folder.mkdir()
    shutil.copy(GOLDEN, folder / "journal.db")
    return folder


async def _is_whole(open_journal: Opener, folder: Path) -> None:
    journal = await open_journal(folder)
    records = [stored.record for stored in await journal.read(0, 100)]
    kinds = [record.kind for record in records]
    assert kinds[:4] == ["epoch.opened", "key.issued", "ticket.issued", "ticket.called"]
    assert kinds[4:] == ["key.issued", "ticket.called", "page.captured"]
    assert await journal.open_part(records[2], records[2].parts[0]) == PERSON
    assert len(await journal.answer_to("cmd-0001") or ()) == 2
    assert await journal.load_snapshot() == (3, b"{}")
    assert [file.h for file in await journal.files.waiting(7, limit=9)] == [records[6].body["h"]]
    assert len(await journal.append([called(9)])) == 1
    await journal.close()
    assert verify(folder / "journal.db").good


async def test_the_first_releases_journal_opens_and_verifies(old: Path, open_journal: Opener) -> None:
    assert verify(old / "journal.db").records == 7
    await _is_whole(open_journal, old)


@pytest.mark.parametrize("done", range(len(STEPS) + 1))
async def test_a_kill_between_any_two_steps_of_the_migration(old: Path, open_journal: Opener, done: int) -> None:
    db = apsw.Connection(str(old / "journal.db"))
    for step in STEPS[:done]:
        db.execute(step)
    db.close()
    await _is_whole(open_journal, old)


async def test_a_cut_within_a_step_is_taken_back(old: Path, open_journal: Opener) -> None:
    """The process dies with statements written and not committed: they stand in the WAL without an end."""
    for n in range(1, len(STEPS) + 1):
        db = apsw.Connection(str(old / "journal.db"))
        db.execute("BEGIN IMMEDIATE")
        for step in STEPS[:n]:
            db.execute(step)
        db.cache_flush()
        died = old.with_name(f"died-{n}")
        died.mkdir()
        for path in old.iterdir():
            shutil.copy(path, died / path.name)
        db.execute("ROLLBACK")
        db.close()
        await _is_whole(open_journal, died)


def test_a_later_releases_format_is_refused_and_left_alone(old: Path) -> None:
    db = apsw.Connection(str(old / "journal.db"))
    db.pragma("user_version", ledger.DROPPING + 1)
    db.close()
    with pytest.raises(JournalError, match="format 4"):
        schema.open_existing(old / "journal.db")


async def test_a_closed_month_of_the_release_that_began_it_is_read(tmp_path: Path, open_journal: Opener) -> None:
    folder = tmp_path / "j"
    shutil.copytree(GOLDEN.with_name("closed-month"), folder)
    verdict = verify(folder / "journal.db")
    assert (verdict.records, verdict.months, verdict.first_bad) == (45, 1, None)
    journal = await open_journal(folder)
    records = [stored.record for stored in await journal.read(0, 100)]
    assert [record.seq for record in records] == list(range(1, 46))
    [sealed] = [record for record in records if record.kind == "ticket.issued" and record.parts]
    assert (await journal.open_part(sealed, sealed.parts[0]))["name"] == PERSON["name"]
    assert len(await journal.answer_to("2026-09-02-3") or ()) == 2
    assert len(await journal.append([called(9)])) == 1


async def test_a_journal_of_the_release_that_first_dropped_a_month_is_read_and_goes_on(
    tmp_path: Path, open_journal: Opener
) -> None:
    """Format 3: July is dropped, August and September are closed; what they name is still here."""
    folder = tmp_path / "j"
    shutil.copytree(GOLDEN.with_name("dropped-month"), folder)
    verdict = verify(folder / "journal.db")
    assert (verdict.records, verdict.months, verdict.first_bad) == (75, 2, None)
    assert [(one.month, one.first, one.last, one.kept) for one in verdict.dropped] == [("2026-07", 1, 34, 12)]
    journal = await open_journal(folder)
    records = [stored.record for stored in await journal.read(0, 100)]
    assert [record.seq for record in records] == list(range(35, 110))
    assert journal.floor == 35
    [said] = [record for record in records if record.kind == "month.dropped"]
    assert (said.body["month"], said.body["digest"][:16]) == ("2026-07", "899971a3b8f2eb7b")
    [_, sealed] = [record for record in records if record.kind == "ticket.issued" and record.parts]
    assert (await journal.open_part(sealed, sealed.parts[0]))["name"] == PERSON["name"]
    assert await journal.answer_to("2026-07-02-0") is None
    assert len(await journal.answer_to("2026-08-02-0") or ()) == 2
    await _next_month_goes(journal, folder)
    await journal.close()
    verdict = verify(folder / "journal.db")
    assert (verdict.months, verdict.first_bad) == (1, None)
    assert [(one.month, bool(one.at)) for one in verdict.dropped] == [("2026-07", True), ("2026-08", True)]


async def _next_month_goes(journal: Journal, folder: Path) -> None:
    """As it would in the hall that has this journal: what it names is erased, then it is dropped."""
    later = AUGUST_27 + 31 * DAY_MS
    assert len(await journal.append([called(9)])) == 1
    await make_safe(journal, later)
    named = [h for stored in await journal.read(0, 31) for h in stored.record.parts]
    await journal.erase(named, "term", actor="system:halld")
    assert await drop_due(journal, folder, later + 4 * DAY_MS, KEPT) == 1
    assert journal.floor == 66
