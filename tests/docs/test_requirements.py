"""The list of requirements is whole, and every test it names exists."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"\| (\d+) \| ([^|]+) \| ([^|]+) \| (?:`([^`]+)`)? ?\| ?[^|]*\|")
STATES = {"done", "not yet", "centre", "not software"}


def rows() -> list[tuple[int, str, str]]:
    lines = (ROOT / "docs" / "requirements.md").read_text("utf-8").splitlines()
    found = [ROW.fullmatch(line) for line in lines if re.match(r"\| \d", line)]
    assert all(found)
    return [(int(row[1]), row[3].strip(), row[4] or "") for row in found if row is not None]


def test_every_number_stands_once() -> None:
    assert [number for number, _, _ in rows()] == list(range(1, 71))


def test_what_is_done_names_the_test_that_shows_it() -> None:
    for number, state, test in rows():
        assert state in STATES, number
        assert test or state != "done", number


def test_every_named_test_exists() -> None:
    for number, _, test in rows():
        if test:
            path, _, name = test.partition("::")
            assert re.search(rf"^(async def|def|class) {name}\b", (ROOT / path).read_text("utf-8"), re.M), (
                number,
                test,
            )
