import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge.journal import DiskFull, FileNotKept, FileTooBig, Journal, PartGone, SealedFile
from edge.journal.verify import verify
from edge.rules.case_records import PageCaptured
from edge.rules.records import Draft, Private
from sync.protocol.parts import CannotOpen, unseal_file, unwrap_key
from sync.protocol.record import Record, digest
from tests.edge.journal.material import BOOT, CENTRE_PRIVATE, SITE, ZONE, Opener, TurnedClock, called

CASE = "case:01JD0000000000000000000009"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + "张测试 119999199001010012".encode() + bytes(range(256)) * 40
DAY_MS = 86_400_000


def captured(stored: SealedFile, page: int = 1) -> Draft:
    body = PageCaptured(material="m1", page=page, width=10, height=10, blur=3, warnings=(), **stored._asdict())
    return Draft(kind="page.captured", subject=CASE, actor="clerk:c01", body=body)


def with_applicant() -> Draft:
    private = Private(owner=CASE, members={"name": "张测试"})
    return called(1).model_copy(update={"subject": CASE, "private": private})


async def keep(journal: Journal, data: bytes = JPEG, page: int = 1) -> Record:
    """Sealed, and named by a record."""
    [made] = await journal.append([captured(await journal.seal_file(CASE, data), page)])
    return made


async def waiting(journal: Journal) -> list[str]:
    return [file.h for file in await journal.files.waiting(journal.next_seq - 1, limit=100)]


def on_disk(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "files").glob("??/*"))


async def test_a_file_comes_back_and_lies_sealed_under_its_digest(open_journal: Opener, tmp_path: Path) -> None:
    journal = await open_journal()
    stored = await journal.seal_file(CASE, JPEG)
    path = tmp_path / "j" / "files" / stored.h[:2] / stored.h
    assert digest(path.read_bytes()) == stored.h
    assert (stored.size, stored.alg) == (len(JPEG) + 16, "aes-256-gcm")
    assert path.stat().st_mode & 0o777 == 0o600
    [made] = await journal.append([captured(stored)])
    assert await journal.open_file(made) == JPEG
    assert await journal.open_file(stored.h) == JPEG
    assert await journal.file_bytes(stored.h) == path.read_bytes()
    with pytest.raises(PartGone):
        await journal.open_file("0" * 64)
    with pytest.raises(ValueError, match="digest"):
        await journal.file_bytes("../" * 20)


async def test_the_key_is_committed_before_and_is_the_cases_own(open_journal: Opener, ring_with_centre: Any) -> None:
    journal = await open_journal(keys=ring_with_centre)
    first = await journal.seal_file(CASE, JPEG)
    second = await journal.seal_file(CASE, JPEG)
    assert (first.kid, first.h != second.h, first.nonce != second.nonce) == (second.kid, True, True)
    [key_issued] = await journal.read(1)
    assert (key_issued.record.kind, key_issued.record.subject) == ("key.issued", CASE)
    wrapped = key_issued.parts[key_issued.record.body["wrapped"][0]["h"]]
    key = unwrap_key(wrapped, private=CENTRE_PRIVATE, site=SITE, kid=first.kid)
    stored = await journal.file_bytes(first.h)
    opened = unseal_file(stored, key=key, kid=first.kid, alg=first.alg, nonce=first.nonce, site=SITE)
    assert opened == JPEG
    with pytest.raises(CannotOpen):
        unseal_file(stored, key=key, kid=first.kid, alg=first.alg, nonce=first.nonce, site="LH-0001")


async def test_the_key_of_the_applicant_seals_the_pages_too(open_journal: Opener) -> None:
    journal = await open_journal()
    [made] = await journal.append([with_applicant()])
    assert (await journal.seal_file(CASE, JPEG)).kid == made.data["sealed"][0]["kid"]
    assert journal.next_seq == 4


async def test_no_clear_byte_reaches_the_disk(open_journal: Opener, tmp_path: Path) -> None:
    journal = await open_journal()
    for page in range(1, 5):
        await keep(journal, JPEG, page)
    canaries = ["张测试".encode(), b"119999199001010012", b"JFIF", bytes(range(64))]
    files = [path for path in (tmp_path / "j").rglob("*") if path.is_file()]
    assert len([path for path in files if path.stat().st_size == len(JPEG) + 16]) == 4
    for path in files:
        assert not [canary for canary in canaries if canary in path.read_bytes()], path.name


async def test_an_altered_file_is_not_opened(open_journal: Opener, tmp_path: Path) -> None:
    journal = await open_journal()
    made = await keep(journal)
    path = tmp_path / "j" / "files" / made.body["h"][:2] / made.body["h"]
    good = path.read_bytes()
    path.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    with pytest.raises(CannotOpen, match="not the one"):
        await journal.open_file(made)
    assert not await journal.files.is_whole(made.body["h"])
    path.unlink()
    with pytest.raises(PartGone):
        await journal.open_file(made)
    assert await journal.files.read_at(made.body["h"], 0, 9) == b""


async def test_a_full_disk_refuses_scans_and_takes_records(tmp_path: Path, ring: Any) -> None:
    used = 0.0
    journal = await Journal.open(
        tmp_path, site=SITE, boot=BOOT, clock=TurnedClock(), zone=ZONE, random_bytes=os.urandom, keys=ring,
        disk=lambda _: used,
    )  # fmt: skip
    used = 0.9
    with pytest.raises(DiskFull) as refused:
        await journal.seal_file(CASE, JPEG)
    assert refused.value.code == "disk_full"
    await journal.append([called(1)])
    assert (journal.next_seq, (tmp_path / "files").exists()) == (3, False)
    used = 0.899
    await journal.seal_file(CASE, JPEG)
    await journal.close()


@pytest.mark.parametrize(("number", "raised"), [(errno.ENOSPC, DiskFull), (errno.EIO, FileNotKept)])
async def test_a_write_that_fails_leaves_nothing(
    open_journal: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, raised: type[Exception]
) -> None:
    journal = await open_journal()
    await journal.seal_file(CASE, JPEG)
    before = on_disk(tmp_path / "j")

    def fails(_: int) -> None:
        raise OSError(number, "as the disk says")

    with monkeypatch.context() as patch:
        patch.setattr("edge.journal.file_folder.os.fsync", fails)
        with pytest.raises(raised):
            await journal.seal_file(CASE, JPEG + b"more")
    assert on_disk(tmp_path / "j") == before
    await keep(journal)


async def test_a_file_too_long_for_the_line_is_refused(open_journal: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.journal.sealed_files.MAX_FILE", 1000)
    journal = await open_journal()
    assert (await journal.seal_file(CASE, bytes(984))).size == 1000
    with pytest.raises(FileTooBig):
        await journal.seal_file(CASE, bytes(985))


async def test_only_files_that_records_name_wait_and_answers_outlive_a_restart(open_journal: Opener) -> None:
    journal = await open_journal()
    first, second = await keep(journal), await keep(journal, page=2)
    unnamed = await journal.seal_file(CASE, JPEG)
    assert await waiting(journal) == [first.body["h"], second.body["h"]]
    assert [file.h for file in await journal.files.waiting(first.seq, limit=9)] == [first.body["h"]]
    assert [file.size for file in await journal.files.waiting(99, limit=1)] == [len(JPEG) + 16]
    await journal.files.delivered(first.body["h"])
    await journal.close()
    journal = await open_journal()
    assert await waiting(journal) == [second.body["h"]]
    assert await journal.files.count_waiting() == 1
    assert await journal.file_bytes(unnamed.h)


async def test_another_centre_is_offered_everything_again(open_journal: Opener) -> None:
    journal = await open_journal()
    made = await keep(journal)
    await journal.files.meet_centre("d00dfeed01234567")
    await journal.files.delivered(made.body["h"])
    await journal.files.meet_centre("d00dfeed01234567")
    assert await waiting(journal) == []
    await journal.files.meet_centre("ffffffffffffffff")
    assert await waiting(journal) == [made.body["h"]]


async def test_a_broken_file_is_recorded_once_and_waits_no_more(open_journal: Opener, tmp_path: Path) -> None:
    journal = await open_journal()
    made = await keep(journal)
    for _ in range(2):
        await journal.files.broken(made.body["h"])
    assert await waiting(journal) == []
    told = [stored.record for stored in await journal.read(made.seq)]
    assert [(record.kind, record.body) for record in told] == [("file.broken", {"h": made.body["h"]})]
    await journal.files.meet_centre("ffffffffffffffff")
    assert await waiting(journal) == []
    assert verify(tmp_path / "j" / "journal.db").good


async def test_erasing_takes_the_file_and_at_last_the_key(open_journal: Opener, tmp_path: Path) -> None:
    journal = await open_journal()
    first, second = await keep(journal), await keep(journal, page=2)
    erased = await journal.erase([first.body["h"]], "term", actor="system:halld")
    assert list(erased.body["h"]) == [first.body["h"]]
    assert on_disk(tmp_path / "j") == [second.body["h"]]
    with pytest.raises(PartGone):
        await journal.open_file(first)
    assert await journal.open_file(second) == JPEG
    assert await waiting(journal) == [second.body["h"]]
    await journal.erase([second.body["h"]], "term", actor="system:halld")
    with pytest.raises(PartGone, match="key"):
        await journal.open_file(second)
    assert on_disk(tmp_path / "j") == []


async def test_the_key_of_a_file_outlives_the_applicants_part(open_journal: Opener) -> None:
    journal = await open_journal()
    [made] = await journal.append([with_applicant()])
    page = await keep(journal)
    await journal.erase([made.data["sealed"][0]["h"]], "term", actor="system:halld")
    assert await journal.open_file(page) == JPEG


def age(folder: Path, h: str, ms: int) -> None:
    seconds = (TurnedClock().now - ms) / 1000
    os.utime(folder / "files" / h[:2] / h, (seconds, seconds))


async def test_a_start_forgets_halves_erased_and_old_unnamed_files(open_journal: Opener, tmp_path: Path) -> None:
    folder = tmp_path / "j"
    journal = await open_journal()
    named, gone = await keep(journal), await keep(journal, page=2)
    old, young = await journal.seal_file(CASE, JPEG), await journal.seal_file(CASE, JPEG)
    stored = await journal.file_bytes(gone.body["h"])
    await journal.erase([gone.body["h"]], "law", actor="system:halld")
    await journal.close()
    (folder / "files" / gone.body["h"][:2] / gone.body["h"]).write_bytes(stored)  # as if it ended before it was removed
    half = folder / "files" / named.body["h"][:2] / f"{named.body['h']}.part"
    half.write_bytes(b"half")
    age(folder, named.body["h"], 9 * DAY_MS)
    age(folder, old.h, DAY_MS + 1000)
    age(folder, young.h, DAY_MS - 1000)
    await open_journal()
    assert on_disk(folder) == sorted([named.body["h"], young.h])


async def test_a_journal_of_an_earlier_release_finds_its_files(
    open_journal: Opener, tmp_path: Path, forget_files: Callable[[Path], None]
) -> None:
    journal = await open_journal()
    made = await keep(journal)
    await journal.append([called(1)])
    await journal.close()
    forget_files(tmp_path / "j")
    age(tmp_path / "j", made.body["h"], 9 * DAY_MS)
    journal = await open_journal()
    assert await waiting(journal) == [made.body["h"]]
    assert await journal.open_file(made) == JPEG


@pytest.fixture
def forget_files() -> Callable[[Path], None]:
    def forget(folder: Path) -> None:
        import apsw

        db = apsw.Connection(str(folder / "journal.db"))
        db.execute("DROP TABLE files; DELETE FROM marks WHERE name LIKE 'files%'")
        db.close()

    return forget
