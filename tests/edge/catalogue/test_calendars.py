"""Calendar files: into the values of the rules, or every mistake at its line."""

from datetime import date, time
from pathlib import Path

import pytest

from config.words import LANGUAGES
from edge.catalogue import HOURS_FILE, DataMistakes, check_calendars, load_calendars, load_hours

YEAR = """\
year: 2026
complete: true
sources:
  notice: {title: "通知", at: "https://example.org/notice"}
off:
  - {from: "2026-10-01", to: "2026-10-07", name: {zh-Hans: "国庆节", zh-Hant: "國慶節", en: "Nation"}, source: "notice"}
worked:
  - {date: "2026-10-10", name: {zh-Hans: "调休", zh-Hant: "調休", en: "Worked"}, source: "notice"}
"""
HOURS = """\
unverified: true
sessions:
  - {opens: "09:00", closes: "12:00"}
  - {opens: "14:00", closes: "17:30"}
"""


def write(folder: Path, year: str = YEAR, hours: str = HOURS) -> Path:
    (folder / "cn-2026.yaml").write_text(year, encoding="utf-8")
    (folder / HOURS_FILE).write_text(hours, encoding="utf-8")
    return folder


def test_a_right_folder(tmp_path: Path) -> None:
    known = load_calendars(write(tmp_path))
    assert known.calendar.holidays == {date(2026, 10, day) for day in range(1, 8)}
    assert known.calendar.working_weekend_days == {date(2026, 10, 10)}
    assert (known.calendar.years, known.incomplete, known.unverified) == ({2026}, frozenset(), {})
    assert known.names[date(2026, 10, 7)]["en"] == "Nation"
    assert known.names[date(2026, 10, 10)]["zh-Hans"] == "调休"
    hours = load_hours(tmp_path / HOURS_FILE)
    assert (hours.sessions[0].opens, hours.sessions[0].closes, hours.close) == (time(9), time(12), time(17, 30))


def test_an_incomplete_year_is_not_counted_with(tmp_path: Path) -> None:
    doubted = YEAR.replace("complete: true", "complete: false").replace('source: "notice"}', "unverified: true}")
    known = load_calendars(write(tmp_path, doubted))
    assert (known.calendar.years, known.calendar.holidays, known.names) == (frozenset(), frozenset(), {})
    assert (known.incomplete, known.unverified) == ({2026}, {2026: 8})


@pytest.mark.parametrize(
    ("old", "new", "line", "code"),
    [
        ('from: "2026-10-01"', 'from: "2026-10-32"', 6, "catalogue.want_date"),
        ('from: "2026-10-01"', 'from: "1 Oct"', 6, "catalogue.want_date"),
        ('from: "2026-10-01"', 'from: "2025-10-01"', 6, "catalogue.other_year"),
        ('from: "2026-10-01"', 'from: "2026-10-08"', 6, "catalogue.ends_before"),
        ('date: "2026-10-10"', 'date: "2026-10-09"', 8, "catalogue.no_weekend"),
        ('date: "2026-10-10"', 'date: "2026-10-03"', 8, "catalogue.off_and_worked"),
        ('date: "2026-10-10"', 'date: "2027-10-10"', 8, "catalogue.other_year"),
        ('"Worked"}, source: "notice"', '"Worked"}', 8, "catalogue.no_source"),
        ('"Worked"}, source: "notice"', '"Worked"}, source: "notise"', 8, "unknown_id"),
        ("complete: true", "complete: 1", 2, "want_bool"),
        ("year: 2026", 'year: "2026"', 1, "want_int"),
        ("worked:", "work:", 7, "unknown_key"),
    ],
)
def test_a_mistake_is_named_by_its_line(tmp_path: Path, old: str, new: str, line: int, code: str) -> None:
    assert YEAR.count(old) == 1
    known, mistakes = check_calendars(write(tmp_path, YEAR.replace(old, new)))
    assert known is None
    assert (mistakes[0].file, mistakes[0].mistake.line, mistakes[0].mistake.code) == ("cn-2026.yaml", line, code)
    for language in LANGUAGES:
        assert "{" not in mistakes[0].sentence(language)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('"17:30"', '"25:30"', "catalogue.want_time"),
        ('"17:30"', '"5pm"', "catalogue.want_time"),
        ('"17:30"', '"13:00"', "catalogue.hours_order"),
        ('opens: "14:00"', 'opens: "11:00"', "catalogue.hours_order"),
        ("closes: \"17:30\"", "close: \"17:30\"", "unknown_key"),
    ],
)  # fmt: skip
def test_mistakes_in_the_hours(tmp_path: Path, old: str, new: str, code: str) -> None:
    folder = write(tmp_path, hours=HOURS.replace(old, new))
    _, mistakes = check_calendars(folder)
    assert (mistakes[0].file, mistakes[0].mistake.code) == (HOURS_FILE, code)
    with pytest.raises(DataMistakes):
        load_hours(folder / HOURS_FILE)


def test_a_year_stands_in_one_file_only(tmp_path: Path) -> None:
    folder = write(tmp_path)
    (folder / "zz.yaml").write_text(YEAR, encoding="utf-8")
    with pytest.raises(DataMistakes) as wrong:
        load_calendars(folder)
    assert "zz.yaml:1:7 year: 2026 stands already in cn-2026.yaml:1" in str(wrong.value)


def test_hours_alone_are_no_calendar(tmp_path: Path) -> None:
    (tmp_path / HOURS_FILE).write_text(HOURS, encoding="utf-8")
    known, mistakes = check_calendars(tmp_path)
    assert (known, mistakes[0].mistake.code) == (None, "catalogue.no_files")
