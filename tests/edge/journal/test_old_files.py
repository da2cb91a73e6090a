"""Journals of earlier releases open, gain what is new, and may be killed at any point of that."""

import re
import shutil
from pathlib import Path
from typing import Final

import apsw
import pytest

from edge.journal import JournalError, schema
from edge.journal.segments import ledger
from edge.journal.verify import verify
from tests.edge.journal.material import Opener, called

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
