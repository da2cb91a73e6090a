"""`hallctl spool` as two technicians run it, in every language."""

from pathlib import Path

import pytest

from config.words import LANGUAGES
from edge.cli_words import language, use
from edge.spool.folder import Folder
from tests.edge.spool.ends import answer, answers_in
from tests.edge.test_hallctl import hallctl

SITE = Path(__file__).parents[3] / "config" / "sites" / "station.yaml"


@pytest.fixture(autouse=True)
def keep_language():
    before = language()
    yield
    use(before)


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_both_ends_from_the_cards_to_the_status(tmp_path: Path, spoken: str) -> None:
    inner, outer, stick = (tmp_path / name for name in ("inner", "outer", "stick"))
    for folder in (inner, outer, stick):
        folder.mkdir()

    def run(*words: object, code: int = 0) -> str:
        told = hallctl("spool", *map(str, words), language=spoken)
        assert told.exit_code == code, told.output
        return told.output

    run("export", inner, stick, "--by", "t01", code=2)
    run("begin", inner, "hall-042", "--out", tmp_path / "hall.card", "--site", SITE)
    run("begin", outer, "outer-042", "--out", tmp_path / "outer.card")
    run("export", inner, stick, "--by", "t01", code=2)
    run("trust", inner, tmp_path / "hall.card", "--by", "t01", code=2)
    run("trust", inner, tmp_path / "outer.card", "--by", "t01")
    run("trust", outer, tmp_path / "hall.card", "--by", "t02")
    answers_in(Folder(outer), "web.jsonl", answer())
    run("export", outer, stick, "--by", "王测试", code=2)
    run("export", outer, stick, "--by", "t02")
    assert "1" in run("import", inner, stick, "--by", "t01")
    status = run("status", inner)
    assert "outer-042" in status
    assert "t01" in status
    (path,) = stick.iterdir()
    path.write_bytes(path.read_bytes().replace(b"satisfied", b"satisfies"))
    run("import", inner, stick, "--by", "t01", code=1)
    run("status", inner, "--json", code=1)
    run("export", inner, stick, "--by", "t01", "--journal", tmp_path / "none.db", code=2)
    assert "ticket.called window: place" in run("list")
