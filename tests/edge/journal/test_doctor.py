"""hallctl doctor: every finding by the state that causes it, in words of each language, with its exit code."""

import base64
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from config.words import LANGUAGES
from edge.cli import app
from edge.journal import copies, doctor
from edge.journal.backup import back_up, restore
from edge.journal.doctor import Found, examine
from sync.source import Mark
from tests.edge.journal.material import Opener, called, issued
from tests.edge.journal.test_damage import change, replace


@pytest.fixture
async def data(open_journal: Opener, tmp_path: Path) -> Path:
    journal = await open_journal()
    for n in range(4):
        await journal.append([called(n)])
    await journal.save_mark(Mark(journal.epoch, 3, await journal.hash_at(3) or "", 2))
    await journal.close()
    return tmp_path / "j"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "site.key"
    path.write_bytes(bytes(32))
    path.chmod(0o600)
    return path


def told(data: Path, key: Path, *, now: float = 1_795_396_000, used: float = 0.3) -> dict[str, Found]:
    return {one.what: one for one in examine(data, key, now_s=lambda: now, used=lambda _: used)}


def test_a_sound_station(data: Path, key: Path) -> None:
    found = told(data, key)
    assert (found["library"].grade, found["journal"].how, found["clock"].how) == ("good", "sound", "plausible")
    assert found["line"] == Found("line", "look", "behind", {"pending": 2})
    assert found["disk"] == Found("disk", "good", "ok", {"percent": 30})
    assert found["backup"].how == "never"
    assert "gap" not in found
    assert "aside" not in found


def test_a_damaged_journal_and_a_full_disk(data: Path, key: Path) -> None:
    change(data, replace(3, '"w1"', '"w2"'))
    found = told(data, key, used=0.93)
    assert found["journal"] == Found("journal", "bad", "damaged", {"seq": 3, "records": 2})
    assert (found["disk"].how, found["disk"].grade) == ("no_scans", "bad")
    (data / "journal.db").write_bytes(b"no journal" * 999)
    assert told(data, key)["journal"].how == "unreadable"


def test_the_clock_is_compared_with_the_newest_record(data: Path, key: Path) -> None:
    assert told(data, key, now=1_795_395_600 - 3600)["clock"].how == "backwards"
    assert told(data, key, now=0)["clock"].grade == "bad"


def test_how_old_the_backup_is(data: Path, key: Path, tmp_path: Path) -> None:
    back_up(data, tmp_path / "copy")
    made = copies.last_made(data) or 0
    assert told(data, key, now=made + 3600)["backup"] == Found("backup", "good", "made", {"hours": 1})
    assert told(data, key, now=made + 3 * 86_400)["backup"].grade == "look"
    restore(tmp_path / "copy", data, "x")
    found = told(data, key)
    assert (found["gap"].how, found["aside"].facts["count"]) == ("restored", 1)


async def test_whether_copies_still_hold_what_was_erased(
    open_journal: Opener, data: Path, key: Path, tmp_path: Path
) -> None:
    journal = await open_journal()
    [sealed] = await journal.append([issued(9, {"name": "样本"})])
    assert "copies" not in told(data, key)
    copy = tmp_path / "copy"
    back_up(data, copy)
    assert told(data, key)["copies"] == Found("copies", "good", "clean", {"count": 1})
    copy.rename(tmp_path / "away")
    assert told(data, key)["copies"] == Found("copies", "unknown", "away", {"count": 1})
    await journal.erase(list(sealed.parts), "law", actor="system")
    (tmp_path / "away").rename(copy)
    behind = Found("copies", "look", "behind", {"count": 1, "folders": str(copy)})
    assert told(data, key)["copies"] == behind
    (copy / "journal.db").write_bytes(b"nothing that opens" * 1000)
    assert told(data, key)["copies"] == behind


def test_where_the_key_lies_and_how_it_is_protected(data: Path, key: Path, tmp_path: Path) -> None:
    assert told(data, key)["key"].how in ("beside", "encrypted_disk")
    key.chmod(0o644)
    assert told(data, key)["key"].facts["mode"] == "0644"
    key.write_bytes(b"short")
    assert told(data, key)["key"].how == "no_key"
    assert told(data, tmp_path / "none")["key"].how == "none"
    sealed = tmp_path / "site.key.cred"
    for mark, how in doctor._SEALED_TO.items():
        sealed.write_bytes(base64.b64encode(bytes.fromhex(mark) + bytes(80)))
        assert told(data, sealed)["key"].how == f"sealed_{how}"
    sealed.write_bytes(b"AAAA")
    assert told(data, sealed)["key"].how == "sealed_somehow"


def _run(data: Path, key: Path, *words: str, language: str = "en") -> Result:
    return CliRunner().invoke(app, ["--lang", language, "doctor", "--data", str(data), "--site-key", str(key), *words])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_command_speaks_and_its_exit_code_is_the_worst_finding(data: Path, key: Path, language: str) -> None:
    spoken = _run(data, key, language=language)
    assert spoken.exit_code in (1, 2), spoken.output  # a real disk and clock take part
    assert "3.5" in spoken.output
    change(data, replace(3, '"w1"', '"w2"'))
    listed = _run(data, key, "--json", language=language)
    assert listed.exit_code == 2
    found = {one["what"]: one for one in json.loads(listed.output)}
    assert found["journal"]["facts"]["seq"] == 3
    assert all(one["text"] for one in found.values())


def test_a_station_without_anything_is_told_so(data: Path) -> None:
    nothing = _run(data / "nowhere", data / "no.key")
    assert nothing.exit_code == 2  # no key
