"""`hallctl catalogue` as a technician runs it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from config.words import LANGUAGES
from edge import cli_words
from edge.cli import app

Write = Callable[..., Path]


@pytest.fixture(autouse=True)
def keep_language() -> Iterator[None]:
    before = cli_words.language()
    yield
    cli_words.use(before)


def catalogue(*words: str, language: str = "en") -> Result:
    return CliRunner().invoke(app, ["--lang", language, "catalogue", *words])


@pytest.mark.parametrize("language", LANGUAGES)
def test_check_of_what_is_shipped_tells_what_nobody_verified(language: str) -> None:
    told = catalogue("check", language=language)
    assert told.exit_code == 0
    assert "flexible-work-subsidy" in told.output
    assert "2026" in told.output
    assert "{" not in told.output


def test_check_as_json_is_for_programs() -> None:
    report = json.loads(catalogue("check", "--json").output)
    assert (report["mistakes"], report["years"], report["incomplete_years"]) == ([], [2026], [2027])
    assert len(report["version"]) == 64
    assert "materials" in report["unverified"]["flexible-work-subsidy"]


def test_check_names_the_mistake_and_exits_2(write: Write) -> None:
    folder = write(("promised: 10", "promised: 16"))
    told = catalogue("check", "--folder", str(folder))
    assert told.exit_code == 2
    assert "items.yaml:8:35 permit.limits.promised: promised in 16 days, but the law gives 15" in told.output
    (found,) = json.loads(catalogue("check", "--json", "--folder", str(folder)).output)["mistakes"]
    assert (found["file"], found["line"], found["item"]) == ("items.yaml", 8, "permit")
    listed = catalogue("list", "--folder", str(folder))
    assert (listed.exit_code, "permit.limits" in listed.output) == (2, True)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    for words in (("check", "--folder"), ("check", "--calendar"), ("list", "--folder")):
        told = catalogue(*words, str(tmp_path / "none"))
        assert (told.exit_code, "none cannot be read" in told.output) == (2, True)


def test_list_by_level(write: Write) -> None:
    folder = str(write())
    assert [line.split()[0] for line in catalogue("list", "--folder", folder).output.splitlines()] == [
        "advice",
        "permit",
    ]
    station = catalogue("list", "--level", "station", "--folder", folder, language="zh-Hans").output
    assert (station.split()[:2], "10 个工作日" in station) == (["permit", "居住证申领"], True)
    assert catalogue("list", "--level", "village", "--folder", folder).exit_code == 2
    as_json = json.loads(catalogue("list", "--json", "--folder", folder).output)
    assert as_json[1]["limits"]["promised"] == 10


def test_search_says_when_nothing_is_found(write: Write) -> None:
    folder = str(write())
    assert catalogue("search", "zzz", "--folder", folder).output.startswith("permit")
    nothing = catalogue("search", "xyz", "--folder", folder)
    assert (nothing.exit_code, nothing.output) == (1, "Nothing found\n")
    assert json.loads(catalogue("search", "xyz", "--json", "--folder", folder).output) == []
