"""Copies forget what the journal erased: also when the process dies in between, the medium is away, a backup runs."""

import asyncio
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any, Final

import apsw
import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner

from edge.cli import app
from edge.journal import Journal, JournalError, backup, copies, forgetting
from edge.journal.backup import back_up, restore
from edge.journal.doctor import examine
from edge.journal.erasing import Wanted, erase_offline
from edge.journal.files import Lock
from edge.journal.forgetting import NOT_REACHED, forget_in_copies, is_behind, keep_copies_clean
from edge.journal.retention import DAY_MS, erase_ripe
from edge.journal.segments.keeping import drop_due
from edge.journal.verify import verify
from sync.protocol.record import Record
from tests.campaign.mutants import mutant
from tests.campaign.storage.disk import Disk
from tests.campaign.storage.journal_script import open_at
from tests.edge.journal.material import Opener, issued
from tests.edge.journal.segments.months import NOW, close_months, make_safe, write_day, write_months
from tests.edge.journal.segments.test_dropping import AUGUST_27, KEPT, TERMS
from tests.edge.journal.test_erasing import PERSON, found_in, secrets_of
from tests.edge.journal.test_files import CASE, captured, on_disk, with_applicant

PAGE: Final = b"a page of somebody" * 3000
_EACH: Final = 3  # such call; kills of the campaign meet the others


class Dies(Disk):
    """The process falls to SIGKILL at the `at`-th call that changes something in one folder."""

    def __init__(self, folder: Path, at: int) -> None:
        super().__init__(folder)
        self.trouble.strikes = self._strikes  # type: ignore[method-assign]
        self._left = at

    def _strikes(self, call: str) -> bool:
        if call not in ("read", "shm", "open"):
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return False


def dies_at(folder: Path, at: int, work: Callable[[], Any]) -> bool:
    """Whether it died before it was done. A child does it; it never comes back."""
    pid = os.fork()
    if pid == 0:
        try:
            with Dies(folder, at).in_use():
                work()
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "it ended by a mistake of its own"
    return os.WIFSIGNALED(status)


async def person_and_page(data: Path) -> list[bytes]:
    """A case with an applicant and a page, in a journal that is closed again; what must not be found any more."""
    journal = await open_at(data, Random(3))
    [opened] = await journal.append([with_applicant()])
    page = await journal.seal_file(CASE, PAGE)
    await journal.append([captured(page)])
    secrets = [*await secrets_of(journal, opened), (await journal.file_bytes(page.h))[:200]]
    await journal.append([issued(n, PERSON) for n in range(5)])
    await journal.close()
    return secrets


def erase(data: Path) -> tuple[Path, ...]:
    return erase_offline(data, Wanted(owner=CASE), "law", "technician").unreached


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "j"


@pytest.fixture
def secrets(data: Path) -> list[bytes]:
    return asyncio.run(person_and_page(data))


@pytest.fixture
def copy(data: Path, secrets: list[bytes], tmp_path: Path) -> Path:
    back_up(data, tmp_path / "copy")
    assert set(found_in(tmp_path / "copy", secrets)) >= {"journal.db"}
    assert forget_in_copies(data) == ()
    assert found_in(tmp_path / "copy", secrets)  # nobody has erased anything yet
    return tmp_path / "copy"


def test_a_kill_at_any_call_to_the_disk_of_the_copy_costs_another_look(
    data: Path, copy: Path, secrets: list[bytes], tmp_path: Path
) -> None:
    at, died = 1, True
    before = tmp_path / "before"
    for folder in (data, copy):
        shutil.copytree(folder, before / folder.name)
    while died:
        died = dies_at(copy, at, lambda: erase(data))
        assert verify(copy / "journal.db", a_copy=True).good, at
        assert forget_in_copies(data) == ()
        assert found_in(copy, secrets) == on_disk(copy) == [], at
        assert verify(copy / "journal.db", a_copy=True).good
        for folder in (data, copy):
            shutil.rmtree(folder)
            shutil.copytree(before / folder.name, folder)
        at += _EACH
    assert at > 60


def is_cut_off(copy: Path) -> bool:
    """In the middle of a commit: whoever reads has to take it back first."""
    db = apsw.Connection(str(copy / "journal.db"), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return db.pragma("user_version") is None
    except apsw.ReadOnlyError:
        return True
    finally:
        db.close()


def test_whoever_only_looks_leaves_a_copy_that_was_cut_off_as_it_is(
    data: Path, copy: Path, secrets: list[bytes], tmp_path: Path
) -> None:
    away = copy.rename(tmp_path / "away")
    erase(data)
    away.rename(copy)
    at = 1
    while not is_cut_off(copy):
        assert dies_at(copy, at, lambda: forget_in_copies(data)), "no kill met an open commit"
        at += 1
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    assert is_behind(data, copy)
    assert [(one.grade, one.how) for one in examine(data, tmp_path / "no.key") if one.what == "copies"] == [
        ("look", "behind")
    ]
    assert {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()} == before
    assert forget_in_copies(data) == ()
    assert not is_behind(data, copy)
    assert not found_in(copy, secrets)


def test_a_kill_between_the_commit_and_the_copies_is_made_good(data: Path, copy: Path, secrets: list[bytes]) -> None:
    away = copy.rename(copy.with_name("unplugged"))
    assert erase(data) == (copy / "journal.db",)
    assert found_in(data, secrets) == []
    away.rename(copy)  # as the kill left it: with everything
    assert is_behind(data, copy)
    assert found_in(copy, secrets)
    assert forget_in_copies(data) == ()
    assert found_in(copy, secrets) == on_disk(copy) == []
    assert not is_behind(data, copy)


def test_a_copy_that_kept_what_was_erased_is_seen(data: Path, copy: Path, secrets: list[bytes]) -> None:
    """The mistake that the campaign's kills catch by night: nobody looks for what a kill left."""
    away = copy.rename(copy.with_name("unplugged"))
    erase(data)
    away.rename(copy)
    with mutant("months-copies-keep-erased"):
        assert forget_in_copies(data) == ()
    assert found_in(copy, secrets)
    assert is_behind(data, copy)


def test_a_copy_that_has_forgotten_all_is_not_written_to(data: Path, copy: Path, secrets: list[bytes]) -> None:
    assert erase(data) == ()
    before = {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in copy.iterdir() if path.is_file()}
    for _ in range(3):
        assert forget_in_copies(data) == ()
    assert {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in copy.iterdir() if path.is_file()} == (
        before
    )


def test_what_is_erased_while_a_backup_is_copied_goes_from_it(
    data: Path, secrets: list[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = backup._copy_files

    def erased_meanwhile(*what: Any, **named: Any) -> int:
        count = real(*what, **named)
        assert erase(data) == ()  # who makes the backup looks himself
        return count

    monkeypatch.setattr(backup, "_copy_files", erased_meanwhile)
    back_up(data, tmp_path / "copy")
    assert found_in(tmp_path / "copy", secrets) == on_disk(tmp_path / "copy") == []
    assert verify(tmp_path / "copy" / "journal.db", a_copy=True).good


def test_what_is_erased_while_another_looks_after_the_copy_goes_too(
    data: Path, copy: Path, secrets: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    real, done = forgetting._forget, list[bool]()

    def erased_meanwhile(*what: Any) -> int:
        count = real(*what)
        if not done:
            done.append(True)
            assert erase(data) == ()
            assert found_in(copy, secrets)  # refused: the other holds the copy
        return count

    erase_offline(data, Wanted(owner="t:1"), "law", "technician")
    shutil.copy(data / "journal.db", copy / "journal.db")  # without a mark: there is work
    shutil.copytree(data / "files", copy / "files", dirs_exist_ok=True)
    monkeypatch.setattr(forgetting, "_forget", erased_meanwhile)
    assert forget_in_copies(data) == ()
    assert done
    assert found_in(copy, secrets) == on_disk(copy) == []


def test_a_backup_that_was_killed_leaves_no_half_that_nobody_knows(
    data: Path, secrets: list[bytes], tmp_path: Path
) -> None:
    copy, empty, at, died = tmp_path / "copy", tmp_path / "empty", 1, True
    shutil.copytree(data, empty)
    halves = 0
    while died:
        copy.mkdir()
        died = dies_at(copy, at, lambda: back_up(data, copy))
        halves += bool(copies.halves(copy))
        erase(data)
        assert found_in(copy, secrets) == on_disk(copy) == [], at
        for folder in (data, copy):
            shutil.rmtree(folder)
        shutil.copytree(empty, data)
        at += _EACH
    assert halves > 3


def test_pages_of_a_hall_are_never_taken_for_those_of_a_half_made_copy(
    data: Path, copy: Path, secrets: list[bytes]
) -> None:
    """Its journal is lost, a restore was cut off, and somebody types the folders the wrong way round."""
    (data / "journal.db").rename(data / "journal.db.new")
    pages = on_disk(data)
    assert pages
    with pytest.raises(JournalError, match="no copy"):
        forgetting.forget(copy, data)
    with pytest.raises(FileNotFoundError):
        forgetting.forget(data, data)
    assert on_disk(data) == pages


def test_a_restore_that_was_cut_off_leaves_nothing_in_the_data_folder(
    data: Path, copy: Path, secrets: list[bytes]
) -> None:
    shutil.copy(copy / "journal.db", data / "journal.db.new")
    erase(data)
    asyncio.run(_opened_and_closed(data))
    assert found_in(data, secrets) == []


async def _opened_and_closed(data: Path) -> None:
    await (await open_at(data, Random(4))).close()


def test_an_older_copy_in_the_place_of_a_clean_one_is_seen(
    data: Path, copy: Path, secrets: list[bytes], tmp_path: Path
) -> None:
    shutil.copytree(copy, tmp_path / "older")
    assert erase(data) == ()
    shutil.rmtree(copy)
    (tmp_path / "older").rename(copy)
    assert is_behind(data, copy)
    assert forget_in_copies(data) == ()
    assert found_in(copy, secrets) == on_disk(copy) == []


def test_a_copy_of_another_history_is_looked_through_from_the_first_record(
    data: Path, copy: Path, secrets: list[bytes], tmp_path: Path
) -> None:
    """What was set aside by a restore knows nothing of the journal that stands there now, and the reverse."""
    shutil.copytree(data, tmp_path / "as-it-was")
    assert erase(data) == ()
    restore(copy, data, "x")
    aside = data / "before-restore-x"
    for name in ("journal.db", "journal.db-wal", "journal.db-shm"):
        (aside / name).unlink(missing_ok=True)
    shutil.copy(tmp_path / "as-it-was" / "journal.db", aside / "journal.db")
    assert found_in(aside, secrets)
    asyncio.run(_opened_and_closed(data))
    assert forget_in_copies(data) == ()
    assert found_in(data, secrets) == []
    assert not is_behind(data, aside)


def test_a_set_aside_journal_whose_wal_was_never_emptied(data: Path, copy: Path, secrets: list[bytes]) -> None:
    """Its own erasing was cut off behind the commit: the rows are gone, the bytes are not."""
    aside = data / "broken-x"
    aside.mkdir()
    pid = os.fork()
    if pid == 0:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("edge.journal.erasing.empty_wal", lambda _: os.kill(os.getpid(), signal.SIGKILL))
            erase(data)
        os._exit(1)
    assert os.WIFSIGNALED(os.waitpid(pid, 0)[1])
    for name in ("journal.db", "journal.db-wal", "journal.db-shm"):
        shutil.copy(data / name, aside / name)
    assert found_in(aside, secrets)
    assert forget_in_copies(data) == ()
    assert found_in(aside, secrets) == found_in(copy, secrets) == []


async def test_a_medium_that_was_away_is_cleaned_when_it_comes_and_a_damaged_copy_stops_nobody(
    open_journal: Opener, data: Path, tmp_path: Path
) -> None:
    journal = await open_journal(data)
    [made] = await journal.append([issued(1, PERSON)])
    secrets = await secrets_of(journal, made)
    for name in ("rotten", "away", "there"):
        back_up(data, tmp_path / name)
    (tmp_path / "rotten" / "journal.db").write_bytes(b"nothing that opens" * 1000)
    (tmp_path / "away").rename(tmp_path / "unplugged")
    await journal.erase(list(made.parts), "law", actor="system")
    assert found_in(tmp_path / "there", secrets) == []
    looks = 0

    async def sleep(_: float) -> None:
        nonlocal looks
        looks += 1
        if looks == 2:
            (tmp_path / "unplugged").rename(tmp_path / "away")
        if looks == 4:
            raise asyncio.CancelledError

    with capture_logs() as logs, pytest.raises(asyncio.CancelledError):
        await keep_copies_clean(journal, sleep)
    assert found_in(tmp_path / "away", secrets) == []
    told = [one["folder"] for one in logs if one["event"] == "copy_not_looked_at"]
    assert told == ["rotten", "away"]  # once each


@pytest.mark.parametrize("seed", range(40))
async def test_a_rotten_copy_raises_what_is_caught(open_journal: Opener, data: Path, tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    journal = await open_journal(data)
    [made] = await journal.append([issued(1, PERSON)])
    back_up(data, tmp_path / "copy")
    file = tmp_path / "copy" / "journal.db"
    rotten = bytearray(file.read_bytes())
    for _ in range(random.randint(1, 60)):
        rotten[random.randrange(len(rotten))] = random.randrange(256)
    file.write_bytes(rotten)
    await journal.erase(list(made.parts), "law", actor="system")
    await journal.forget_in_copies()


def test_a_copy_without_a_right_mark_is_not_reached_rather_than_an_end(data: Path, copy: Path) -> None:
    for mark in (b"", b"[1]", b'{"pos":"x","hash":1}', b'{"pos":1}', b"\xff"):
        db = apsw.Connection(str(copy / "journal.db"))
        db.execute("INSERT OR REPLACE INTO marks VALUES('forgotten', ?)", (mark,))
        db.close()
        assert set(forget_in_copies(data)) <= {copy / "journal.db"}
    assert issubclass(ValueError, NOT_REACHED)


async def test_copies_from_before_dropped_months_lose_what_these_named(
    open_journal: Opener, data: Path, tmp_path: Path
) -> None:
    """The records of erasing went with their months; a copy may even end in the middle of one."""
    journal = await open_journal(data)
    within = tmp_path / "within"

    tickets: list[Record] = []
    await write_day(journal, "2026-06-02", tickets)
    back_up(data, within)
    tickets += await write_months(journal)
    whole = tmp_path / "whole"
    back_up(data, whole)
    await _all_dropped(journal, data, (within, whole))
    secrets = [raw for one in tickets if one.parts for raw in await _sealed(whole, one.parts)]
    assert found_in(within, secrets)
    assert found_in(whole, secrets)
    assert await journal.forget_in_copies() == ()
    assert found_in(within, secrets) == found_in(whole, secrets) == []
    assert verify(whole / "journal.db", a_copy=True).good


async def _all_dropped(journal: Journal, data: Path, away: tuple[Path, ...]) -> None:
    """While these copies are away."""
    for one in away:
        one.rename(one.with_suffix(".away"))
    await close_months(journal, data)
    await erase_ripe(journal, data, TERMS, NOW + 31 * DAY_MS)
    for month in ("11", "12"):
        await write_day(journal, f"2026-{month}-28", [])
    await make_safe(journal, AUGUST_27)
    later = AUGUST_27 + 300 * DAY_MS
    assert await drop_due(journal, data, later, KEPT) == 4
    for one in away:
        one.with_suffix(".away").rename(one)


async def _sealed(copy: Path, hashes: tuple[str, ...]) -> list[bytes]:
    db = apsw.Connection(str(copy / "journal.db"), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return [db.execute("SELECT blob FROM parts WHERE h=?", (h,)).get for h in hashes]
    finally:
        db.close()


def test_the_list_of_copies_gives_up_only_those_that_are_away(data: Path, copy: Path, tmp_path: Path) -> None:
    for n in range(80):
        copies.note_folder(data, tmp_path / f"never-{n}")
    assert copy in copies.folders(data)
    assert len(copies.folders(data)) == 64
    assert copies.folders(data)[-1] == tmp_path / "never-79"


def test_who_asks_by_hand_is_told_that_another_is_at_work(data: Path, copy: Path) -> None:
    shutil.copy(data / "journal.db", copy / "journal.db")  # there is something to look at
    lock = Lock(copy)
    said = CliRunner().invoke(app, ["--lang", "en", "journal", "forget", str(data), str(copy)])
    lock.release()
    assert (said.exit_code, "at work on this copy" in said.output) == (2, True)
