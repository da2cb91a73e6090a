"""Every way a journal can be changed behind its back is named by its first bad record, and nothing starts empty."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from edge.journal import JournalDamaged
from edge.journal.files import Head, read_note
from edge.journal.verify import verify
from tests.edge.journal.material import Opener, called, issued

RECORDS = 12


@pytest.fixture
async def folder(open_journal: Opener, tmp_path: Path) -> Path:
    journal = await open_journal()
    for n in range(RECORDS - 3):
        await journal.append([called(n)], cmd=f"cmd-{n:04d}")
    await journal.append([issued(50, {"name": "样本"})])
    await journal.close()
    return tmp_path / "j"


def change(folder: Path, *statements: str) -> None:
    db = apsw.Connection(str(folder / "journal.db"))
    for trigger in ("records_keep", "records_stay", "epochs_keep", "epochs_stay"):
        db.execute(f"DROP TRIGGER {trigger}")
    for statement in statements:
        db.execute(statement)
    db.close()


def swap(first: int, second: int) -> tuple[str, ...]:
    return (
        f"UPDATE records SET pos = -1 WHERE pos = {first}",
        f"UPDATE records SET pos = {first} WHERE pos = {second}",
        f"UPDATE records SET pos = {second} WHERE pos = -1",
    )


def replace(seq: int, old: str, new: str) -> str:
    text = f"replace(CAST(raw AS TEXT), '{old}', '{new}')"
    return f"UPDATE records SET raw = CAST({text} AS BLOB) WHERE pos = {seq}"


def test_a_sound_journal_verifies(folder: Path) -> None:
    verdict = verify(folder / "journal.db")
    assert (verdict.records, verdict.first_bad, verdict.snapshots_ok) == (RECORDS, None, True)


async def test_a_record_that_comes_while_it_is_verified_is_no_damage(
    open_journal: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal, loop = await open_journal(), asyncio.get_running_loop()

    def note_of_a_busy_hall(folder: Path) -> Head | None:
        asyncio.run_coroutine_threadsafe(journal.append([called(1)]), loop).result(20)
        return read_note(folder)

    monkeypatch.setattr("edge.journal.verify.read_note", note_of_a_busy_hall)
    verdict = await asyncio.to_thread(verify, tmp_path / "j" / "journal.db")
    assert (verdict.first_bad, verdict.records) == (None, journal.history.head)


@pytest.mark.parametrize(
    ("statements", "first_bad"),
    [
        ((replace(5, '"w1"', '"w2"'),), (5, "hash")),
        ((replace(12, '"A050"', '"A051"'),), (12, "hash")),
        ((replace(5, '"seq":5', '"seq":x'),), (5, "form")),
        (("UPDATE records SET raw = substr(raw, 1, 40) WHERE pos = 7",), (7, "form")),
        (("DELETE FROM records WHERE pos = 1",), (1, "deleted")),
        (("DELETE FROM records WHERE pos = 6",), (6, "deleted")),
        (swap(4, 9), (4, "swapped")),
        (("DELETE FROM records WHERE pos > 8",), (9, "cut")),
        (("DELETE FROM records",), (1, "cut")),
        (("UPDATE records SET cmd = 'cmd-x' WHERE pos = 3",), (3, "cmd")),
        (("DELETE FROM parts",), (12, "part")),
        (("UPDATE parts SET blob = CAST('x' AS BLOB)",), (12, "part")),
    ],
)
def test_verify_names_the_first_bad_record(
    folder: Path, statements: tuple[str, ...], first_bad: tuple[int, str]
) -> None:
    change(folder, *statements)
    verdict = verify(folder / "journal.db")
    assert verdict.first_bad == first_bad
    if first_bad[1] != "part":
        assert verdict.records == first_bad[0] - 1


@pytest.mark.parametrize(
    ("statements", "seq"),
    [
        ((replace(5, '"w1"', '"w2"'),), 5),
        (("DELETE FROM records WHERE pos = 6",), 6),
        (swap(4, 9), 4),
        (("DELETE FROM records WHERE pos > 8",), 9),
        (("DELETE FROM records WHERE pos > 8", "UPDATE head SET pos = 8"), 8),
    ],
)
async def test_a_damaged_journal_does_not_open_and_stays_as_it_is(
    folder: Path, open_journal: Opener, statements: tuple[str, ...], seq: int
) -> None:
    change(folder, *statements)
    before = (folder / "journal.db").read_bytes()
    with pytest.raises(JournalDamaged) as damaged:
        await open_journal()
    assert damaged.value.seq == seq
    assert (folder / "journal.db").read_bytes() == before


async def test_a_bit_flipped_in_the_file_is_named(folder: Path, open_journal: Opener) -> None:
    path = folder / "journal.db"
    data = bytearray(path.read_bytes())
    place = data.index(b'"subject":"t:3"') + 12
    data[place] ^= 1
    path.write_bytes(data)
    assert verify(path).first_bad == (5, "hash")
    with pytest.raises(JournalDamaged, match="record 5: hash"):
        await open_journal()


async def test_a_bit_flipped_in_any_record_is_noticed(folder: Path, tmp_path: Path) -> None:
    path = folder / "journal.db"
    sound = path.read_bytes()
    for place in _record_places(sound):
        data = bytearray(sound)
        data[place] ^= 0x10
        copy = tmp_path / "flip" / "journal.db"
        shutil.rmtree(copy.parent, ignore_errors=True)
        shutil.copytree(folder, copy.parent)
        copy.write_bytes(data)
        assert _is_noticed(copy), place


def _record_places(data: bytes) -> list[int]:
    """One byte in each record's text, found by its constant beginning."""
    places, start = [], data.find(b'{"actor"')
    while start >= 0:
        places.append(start + 30)
        start = data.find(b'{"actor"', start + 1)
    assert len(places) == RECORDS
    return places


def _is_noticed(path: Path) -> bool:
    try:
        return not verify(path).good
    except JournalDamaged:
        return True


def cut_file(folder: Path) -> None:
    path = folder / "journal.db"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty_file(folder: Path) -> None:
    (folder / "journal.db").write_bytes(b"")


def other_file(folder: Path) -> None:
    (folder / "journal.db").write_bytes(b"no database at all" * 500)


def no_file(folder: Path) -> None:
    (folder / "journal.db").unlink()


@pytest.mark.parametrize("harm", [cut_file, empty_file, other_file, no_file])
async def test_a_lost_journal_is_never_replaced_by_an_empty_one(
    folder: Path, open_journal: Opener, harm: Callable[[Path], None]
) -> None:
    harm(folder)
    for _ in range(2):
        with pytest.raises(JournalDamaged):
            await open_journal()


async def test_an_older_copy_put_back_is_noticed(folder: Path, open_journal: Opener, tmp_path: Path) -> None:
    shutil.copy(folder / "journal.db", tmp_path / "copy.db")
    journal = await open_journal()
    await journal.append([called(1)])
    await journal.close()
    shutil.copy(tmp_path / "copy.db", folder / "journal.db")
    assert verify(folder / "journal.db").first_bad == (RECORDS + 1, "cut")
    with pytest.raises(JournalDamaged, match=f"record {RECORDS + 1}: cut"):
        await open_journal()


async def test_another_journal_put_in_its_place_is_noticed(folder: Path, open_journal: Opener, tmp_path: Path) -> None:
    other = await open_journal(tmp_path / "other")
    for n in range(RECORDS * 2):
        await other.append([called(n)])
    await other.close()
    shutil.copy(tmp_path / "other" / "journal.db", folder / "journal.db")
    with pytest.raises(JournalDamaged, match="another journal"):
        await open_journal()


async def test_a_torn_note_of_the_head_stops_nobody(folder: Path, open_journal: Opener) -> None:
    (folder / "journal.head").write_bytes(b"\0" * 40)
    assert (await open_journal()).next_seq == RECORDS + 1


@pytest.mark.parametrize("kept", [0, 5, 20, 40, 90, 102, 105, 110])
async def test_a_note_torn_between_two_heads_is_no_note(folder: Path, open_journal: Opener, kept: int) -> None:
    older = (folder / "journal.head").read_bytes()
    journal = await open_journal()
    await journal.append([called(9)])
    await journal.close()
    newer = (folder / "journal.head").read_bytes()
    (folder / "journal.head").write_bytes(newer[:kept] + older[kept:])
    assert verify(folder / "journal.db").good
    assert (await open_journal()).next_seq == RECORDS + 2


async def test_a_note_of_an_earlier_release_is_believed(folder: Path, open_journal: Opener) -> None:
    note = (folder / "journal.head").read_text().split()
    (folder / "journal.head").write_text(f"{int(note[0]) + 1:020d} {note[1]} {note[2]}\n")
    with pytest.raises(JournalDamaged, match="cut"):
        await open_journal()


async def test_a_birth_that_was_cut_off_is_begun_again(tmp_path: Path, open_journal: Opener) -> None:
    folder = tmp_path / "j"
    folder.mkdir()
    (folder / "journal.new").write_bytes(b"half")
    (folder / "journal.new-wal").write_bytes(b"half")
    assert (await open_journal()).next_seq == 2
    assert not list(folder.glob("journal.new*"))


async def test_a_bad_record_met_while_reading_is_named(open_journal: Opener, tmp_path: Path) -> None:
    journal = await open_journal()
    await journal.append([called(n) for n in range(5)])
    await journal.save_snapshot(6, b"{}")
    await journal.close()
    change(tmp_path / "j", replace(3, '"w1"', '"w2"'))
    journal = await open_journal()  # the snapshot stands behind the damage: the hall can work
    with pytest.raises(JournalDamaged, match="record 3"):
        await journal.read(0)
    assert len(await journal.append([called(9)])) == 1


async def test_verify_reads_beside_a_running_journal(open_journal: Opener, tmp_path: Path) -> None:
    journal = await open_journal()
    await journal.append([called(1)])
    assert verify(tmp_path / "j" / "journal.db").records == 2
    await journal.append([called(2)])
    assert verify(tmp_path / "j" / "journal.db").records == 3


async def test_a_bad_snapshot_shows_in_the_verdict(folder: Path, open_journal: Opener) -> None:
    journal = await open_journal()
    await journal.save_snapshot(4, b"{}")
    await journal.close()
    change(folder, "UPDATE snapshots SET data = CAST('[]' AS BLOB)")
    verdict = verify(folder / "journal.db")
    assert (verdict.good, verdict.snapshots_ok) == (True, False)
