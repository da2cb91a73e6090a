"""Erased means gone: from the file, its WAL, copies set aside and backups; and nobody can read it any more."""

import json
from pathlib import Path

import apsw
import pytest
from typer.testing import CliRunner

from edge.cli import app
from edge.journal import Journal, JournalBusy, KeyRing, PartGone, erasing
from edge.journal.backup import back_up, restore
from edge.journal.erasing import Wanted, erase_offline
from edge.journal.store import Store
from edge.journal.verify import verify
from sync.protocol.record import Record
from sync.protocol.tail import read as read_tail
from tests.edge.journal.material import SITE, Opener, called, issued
from tests.edge.journal.test_files import CASE, captured, on_disk, with_applicant

PERSON = {"name": "张测试", "id_number": "119999199001010012"}


async def secrets_of(journal: Journal, named: Record) -> list[bytes]:
    """Sealed bytes of a record's parts and the site's wrap of their key: what must not be found any more."""
    kid = str(named.data["sealed"][0]["kid"])
    wrap = await journal._read(lambda store: store.key(kid))
    [stored] = await journal.read(named.seq - 1, 1)
    assert wrap is not None
    return [wrap, *stored.parts.values()]


def found_in(folder: Path, secrets: list[bytes]) -> list[str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if any(secret in path.read_bytes() for secret in secrets)]


async def test_a_reader_beside_us_delays_the_emptying_of_the_wal_and_the_next_start_does_it(
    open_journal: Opener, tmp_path: Path
) -> None:
    journal = await open_journal()
    [made] = await journal.append([issued(1, PERSON)])
    secrets = await secrets_of(journal, made)
    reader = apsw.Connection(str(tmp_path / "j" / "journal.db"), flags=apsw.SQLITE_OPEN_READONLY)
    reader.execute("BEGIN")
    assert reader.execute("SELECT count(*) FROM parts").get == 1
    await journal.erase(list(made.parts), "law", actor="system")
    assert not await journal.empty_wal()
    assert found_in(tmp_path / "j", secrets)  # the scan finds what is there
    await journal._writer.stop()  # as a kill: nothing more is done
    reader.close()
    await journal.close()
    await open_journal()
    assert found_in(tmp_path / "j", secrets) == []


async def test_everything_of_an_owner_goes_pages_and_key_too(open_journal: Opener, tmp_path: Path) -> None:
    journal = await open_journal()
    [opened] = await journal.append([with_applicant()])
    page = await journal.seal_file(CASE, b"a page of somebody")
    await journal.append([captured(page)])
    [other] = await journal.append([issued(2, PERSON)])
    secrets = await secrets_of(journal, opened)
    await journal.close()
    made = erase_offline(tmp_path / "j", Wanted(owner=CASE), "law", "technician")
    assert set(made.hashes) == {*opened.parts, page.h}
    assert found_in(tmp_path / "j", secrets) == []
    assert on_disk(tmp_path / "j") == []
    assert verify(tmp_path / "j" / "journal.db").good
    journal = await open_journal()
    with pytest.raises(PartGone):
        await journal.open_part(opened, opened.parts[0])
    with pytest.raises(PartGone):
        await journal.open_file(page.h)
    assert await journal.open_part(other, other.parts[0]) == PERSON
    last = (await journal.read(journal.next_seq - 2))[0].record
    assert (last.kind, last.body["why"], last.actor) == ("part.erased", "law", "technician")
    [again] = await journal.append([with_applicant()])  # a new key, since the old one is gone
    assert await journal.open_part(again, again.parts[0]) == {"name": "张测试"}
    await journal.close()
    with pytest.raises(LookupError):
        erase_offline(tmp_path / "j", Wanted(owner="case:nobody"), "law", "technician")


async def test_a_running_halld_is_asked_to_stop_first(open_journal: Opener, tmp_path: Path) -> None:
    journal = await open_journal()
    [made] = await journal.append([issued(1, PERSON)])
    with pytest.raises(JournalBusy):
        erase_offline(tmp_path / "j", Wanted(owner="t:1"), "law", "technician")
    told = CliRunner().invoke(app, ["--lang", "en", "journal", "erase", str(tmp_path / "j"), "--owner", "t:1"])
    assert (told.exit_code, "systemctl stop halld" in told.output) == (2, True)
    assert await journal.open_part(made, made.parts[0]) == PERSON


async def test_the_commands_erase_and_export(open_journal: Opener, tmp_path: Path) -> None:
    journal = await open_journal()
    await journal.append([issued(1, PERSON), issued(2, PERSON), called(1)])
    await journal.close()
    run, data = CliRunner(), str(tmp_path / "j")
    nothing = run.invoke(app, ["--lang", "en", "journal", "erase", data, "--owner", "t:9"])
    assert nothing.exit_code == 1
    unclear = run.invoke(app, ["--lang", "en", "journal", "erase", data, "--owner", "t:1", "--case", "x"])
    assert unclear.exit_code == 2
    done = run.invoke(app, ["--lang", "en", "journal", "erase", data, "--owner", "t:1", "--json"])
    assert (done.exit_code, len(json.loads(done.output)["erased"])) == (0, 1)
    out = tmp_path / "out.ndjson"
    made = run.invoke(app, ["--lang", "zh-Hans", "journal", "export", f"{data}/journal.db", str(out), "--parts"])
    assert (made.exit_code, "已写出 7 条记录" in made.output) == (0, True)
    assert out.stat().st_mode & 0o777 == 0o600
    found = read_tail(out.read_bytes(), site=SITE, n=7)
    assert [len(entry.gone) for entry in found if entry.record.kind == "ticket.issued"] == [1, 0]
    run.invoke(app, ["journal", "export", f"{data}/journal.db", str(out), "--after", "5"])
    kinds = [json.loads(line)["kind"] for line in out.read_text("utf-8").splitlines()]
    assert kinds == ["ticket.called", "part.erased"]


async def test_a_case_is_found_by_the_number_on_its_receipt(open_journal: Opener, tmp_path: Path) -> None:
    journal = await open_journal()
    await journal.append([issued(1, PERSON)])
    await journal.close()
    db = apsw.Connection(str(tmp_path / "j" / "journal.db"))
    assert erasing.owner_of_case(Store(db), "A001") is None  # a ticket's number is no case's
    db.close()


async def test_what_was_erased_after_the_backup_is_erased_in_what_a_restore_puts_back(
    open_journal: Opener, tmp_path: Path
) -> None:
    journal = await open_journal()
    [opened] = await journal.append([with_applicant()])
    page = await journal.seal_file(CASE, b"a page of somebody")
    await journal.append([captured(page)])
    secrets = await secrets_of(journal, opened)
    back_up(tmp_path / "j", tmp_path / "plugged-in")
    (tmp_path / "plugged-in").rename(tmp_path / "copy")  # away: nobody can take anything out of it
    assert found_in(tmp_path / "copy", secrets)
    await journal.erase([*opened.parts, page.h], "law", actor="system")
    assert found_in(tmp_path / "copy", secrets)
    await journal.close()
    restore(tmp_path / "copy", tmp_path / "j", "x")
    assert found_in(tmp_path / "j", secrets) == []
    assert on_disk(tmp_path / "j") == []
    assert verify(tmp_path / "j" / "journal.db").good
    journal = await open_journal()
    with pytest.raises(PartGone):
        await journal.open_part(opened, opened.parts[0])
    back_up(tmp_path / "j", tmp_path / "copy")
    assert found_in(tmp_path / "copy", secrets) == []
    assert on_disk(tmp_path / "copy") == []


async def test_erasing_reaches_every_backup_that_is_there_and_names_the_others(
    open_journal: Opener, tmp_path: Path
) -> None:
    journal = await open_journal()
    [opened] = await journal.append([with_applicant()])
    page = await journal.seal_file(CASE, b"a page of somebody")
    await journal.append([captured(page)])
    secrets = await secrets_of(journal, opened)
    for name in ("monday", "friday", "away"):
        back_up(tmp_path / "j", tmp_path / name)
    await journal.close()
    (tmp_path / "away").rename(tmp_path / "elsewhere")
    made = erase_offline(tmp_path / "j", Wanted(owner=CASE), "law", "technician")
    assert made.unreached == (tmp_path / "away" / "journal.db",)
    for name in ("monday", "friday"):
        assert found_in(tmp_path / name, secrets) == on_disk(tmp_path / name) == []
        assert verify(tmp_path / name / "journal.db", a_copy=True).good
    assert found_in(tmp_path / "elsewhere", secrets)
    said = CliRunner().invoke(
        app, ["--lang", "en", "journal", "forget", str(tmp_path / "j"), str(tmp_path / "elsewhere"), "--json"]
    )
    assert json.loads(said.output) == {"forgotten": len(made.hashes)}
    assert found_in(tmp_path / "elsewhere", secrets) == on_disk(tmp_path / "elsewhere") == []
    restore(tmp_path / "elsewhere", tmp_path / "j", "x")
    assert verify(tmp_path / "j" / "journal.db").good


async def test_a_journal_set_aside_by_a_restore_forgets_too(open_journal: Opener, tmp_path: Path) -> None:
    journal = await open_journal()
    [made] = await journal.append([issued(1, PERSON)])
    secrets = await secrets_of(journal, made)
    await journal.close()
    back_up(tmp_path / "j", tmp_path / "copy")
    restore(tmp_path / "copy", tmp_path / "j", "x")
    broken = tmp_path / "j" / "before-restore-y"
    broken.mkdir()
    (broken / "journal.db").write_bytes(b"nothing that opens" * 100)
    made_gone = erase_offline(tmp_path / "j", Wanted(owner="t:1"), "law", "technician")
    assert made_gone.unreached == (broken / "journal.db",)
    assert found_in(tmp_path / "j", secrets) == []


async def test_200_people_leave_no_trace_before_and_are_unreadable_after(
    open_journal: Opener, tmp_path: Path, ring: KeyRing
) -> None:
    journal = await open_journal()
    people = [{"name": f"金丝雀{n:03d}", "id_number": f"119999199001{n:05d}X"} for n in range(200)]
    canaries = [
        text.encode(code) for one in people for text in one.values() for code in ("utf-8", "utf-16-le", "gb18030")
    ]
    made = [(await journal.append([issued(n, one)]))[0] for n, one in enumerate(people)]
    for n in range(0, 200, 20):
        page = await journal.seal_file(f"t:{n}", json.dumps(people[n]).encode())
        await journal.append([captured(page)])
    back_up(tmp_path / "j", tmp_path / "copy")
    assert found_in(tmp_path, canaries) == []
    secrets = [secret for one in made for secret in await secrets_of(journal, one)]
    await journal.close()
    for n in range(200):
        erase_offline(tmp_path / "j", Wanted(owner=f"t:{n}"), "law", "technician")
    assert found_in(tmp_path / "j", secrets) == []
    assert on_disk(tmp_path / "j") == []
    assert verify(tmp_path / "j" / "journal.db").good
    journal = await open_journal()
    for one in made:
        with pytest.raises(PartGone):
            await journal.open_part(one, one.parts[0])
    stored = [one for one in await journal.read(0, 2000, 10_000_000) if one.record.kind == "ticket.issued"]
    assert [one.gone for one in stored] == [one.record.parts for one in stored]  # what the uplink says of them
