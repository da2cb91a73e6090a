"""hallctl as a technician runs it."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import apsw
import pytest
from typer.testing import CliRunner, Result

from config.words import LANGUAGES, load
from edge import cli_words
from edge.cli import app
from edge.cli_words import choose
from edge.clock import SystemClock
from edge.journal import Journal, KeyRing
from edge.pins import verify_pin
from tests.edge.journal.material import called, issued

FIVE = Path(__file__).parent / "site" / "golden" / "five.yaml"


@pytest.fixture(autouse=True)
def keep_language() -> Iterator[None]:
    before = cli_words.language()
    yield
    cli_words.use(before)


def hallctl(*words: str, language: str = "en", typed: str | None = None) -> Result:
    return CliRunner().invoke(app, ["--lang", language, *words], input=typed)


@pytest.fixture
async def journal_file(tmp_path: Path) -> Path:
    journal = await Journal.open(
        tmp_path / "j",
        site="LH-0042",
        boot="0" * 16,
        clock=SystemClock(),
        zone=ZoneInfo("Asia/Shanghai"),
        random_bytes=lambda size: b"\7" * size,
        keys=KeyRing(bytes(32)),
    )
    await journal.append([issued(1, {"name": "张测试"}), called(1)], cmd="cmd-0001")
    await journal.close()
    return tmp_path / "j" / "journal.db"


def test_verify_says_sound(journal_file: Path) -> None:
    told = hallctl("journal", "verify", str(journal_file))
    assert (told.exit_code, told.output.startswith("The journal is sound: 4 records")) == (0, True)
    as_json = json.loads(hallctl("journal", "verify", str(journal_file), "--json").output)
    assert (as_json["good"], as_json["records"], as_json["first_bad"]) == (True, 4, None)


@pytest.mark.parametrize("language", LANGUAGES)
def test_verify_names_the_first_bad_record(journal_file: Path, language: str) -> None:
    db = apsw.Connection(str(journal_file))
    db.execute("DROP TRIGGER records_stay; DELETE FROM records WHERE pos = 3")
    db.close()
    told = hallctl("journal", "verify", str(journal_file), language=language)
    assert told.exit_code == 1
    assert load(language, "technician")["journal.why.deleted"] in told.output
    as_json = json.loads(hallctl("journal", "verify", str(journal_file), "--json").output)
    assert as_json["first_bad"] == {"seq": 3, "why": "deleted"}


def test_a_file_that_is_no_journal_is_told_and_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "journal.db"
    other.write_bytes(b"")
    assert hallctl("journal", "verify", str(other)).exit_code == 2
    assert other.read_bytes() == b""
    missing = hallctl("journal", "show", str(tmp_path / "none.db"))
    assert (missing.exit_code, missing.output) == (2, "There is no such journal file\n")
    assert not (tmp_path / "none.db").exists()


def test_show_lists_records_and_opens_no_part(journal_file: Path) -> None:
    told = hallctl("journal", "show", str(journal_file)).output
    kinds = [line.split()[2] for line in told.splitlines()]
    assert kinds == ["epoch.opened", "key.issued", "ticket.issued", "ticket.called"]
    assert "[1 sealed]" in told
    assert "张" not in told
    one = hallctl("journal", "show", str(journal_file), "--kind", "ticket.called", "--json").output
    assert json.loads(one)["seq"] == 4
    some = hallctl("journal", "show", str(journal_file), "--after", "1", "--limit", "2").output
    assert [int(line.split()[0]) for line in some.splitlines()] == [2, 3]


def test_check_names_the_mistakes_and_exits_2(tmp_path: Path) -> None:
    told = hallctl("check", str(FIVE))
    assert told.exit_code == 2
    assert "five.yaml:33:13 windows[1].number: 2 is a number here; put it in quotes" in told.output
    as_json = json.loads(hallctl("check", str(FIVE), "--json", language="zh-Hans").output)
    assert {"line": 33, "column": 13, "code": "quote", "meant": '"2"'}.items() <= as_json[2].items()
    assert hallctl("check", str(tmp_path / "none.yaml")).exit_code == 2


def test_check_of_a_good_file_is_one_line(tmp_path: Path) -> None:
    good = tmp_path / "site.yaml"
    shutil.copy(Path(__file__).parents[2] / "config" / "sites" / "station.yaml", good)
    told = hallctl("check", str(good))
    assert (told.exit_code, told.output) == (0, "The file is good: LH-0042; windows: 2, services: 3, devices: 12\n")


def test_pin_makes_a_line_from_what_is_typed() -> None:
    told = hallctl("pin", typed="2468\n")
    assert told.exit_code == 0
    assert verify_pin(told.output.strip(), "2468")


@pytest.mark.parametrize("typed", ["", "123\n", "12a4\n", "1234567890123\n"])
def test_pin_refuses_what_a_keypad_cannot_type(typed: str) -> None:
    told = hallctl("pin", typed=typed)
    assert (told.exit_code, "scrypt" in told.output) == (2, False)


def test_the_language_follows_the_option_then_the_locale() -> None:
    assert choose(["hallctl", "--lang", "zh-Hant"], {"LANG": "en_US.UTF-8"}) == "zh-Hant"
    assert choose(["hallctl", "--lang=en"], {"LANG": "zh_CN.UTF-8"}) == "en"
    assert choose(["hallctl"], {"LANG": "zh_CN.UTF-8"}) == "zh-Hans"
    assert choose(["hallctl"], {"LC_ALL": "zh_HK.UTF-8", "LANG": "en_US"}) == "zh-Hant"
    assert choose(["hallctl", "--lang"], {"LANG": "C"}) == "en"
    assert hallctl("check", "x", language="fr").exit_code == 2


def test_technicians_words_are_the_same_keys_with_the_same_places_in_every_language() -> None:
    lists = [load(language, "technician") for language in LANGUAGES]
    for other in lists[1:]:
        assert set(other) == set(lists[0])
        for key in other:
            assert _places(other[key]) == _places(lists[0][key]), key


def _places(text: str) -> set[str]:
    return {part.split("}")[0] for part in text.split("{")[1:]}
