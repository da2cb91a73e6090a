"""Limits of departments' parts: each timed by itself, by the calendar of the case, put off with the case."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.rules import commands as c
from edge.rules import parts, supervision
from edge.rules.about import About
from edge.rules.moment import Moment
from tests.edge.rules.test_case_story import CENTRE, next_day, received, said, site, step

OFF = date(2026, 11, 25)  # a Wednesday
WORKED = date(2026, 11, 29)  # a Sunday


@pytest.fixture
def hall():
    made = site()
    limit(made, {"unit-2": 3, "unit-3": 1})
    return made


def limit(hall, part_days):
    items = {uid: replace(item, part_days=part_days) for uid, item in hall.books.items.items()}
    hall.books = replace(hall.books, items=items)


def told(hall, case, task, unit, status, rev=1, **more):
    about = About(feed="decisions", id=f"{case}:{task}", rev=rev)
    form = {"about": about, "case": case, "task": task, "unit": unit, "mode": "serial", "status": status}
    hall.do(c.RecordTask.model_validate(form | more), CENTRE)


def now(hall, case):
    dossier, today = hall.state.dossiers[case], date.fromisoformat(hall.state.date)
    return {
        task.task: (parts.due(dossier, task, hall.books), parts.light(dossier, task, today, hall.books))
        for task in dossier.tasks.values()
    }


def watched(hall):
    moment = Moment(hall.clock.ms, f"{hall.state.date}T10:00:00+08:00", str, "lead:l01", hall.books)
    return [
        (one.unit, one.due, one.pace, one.left) for one in supervision.due(hall.state, moment) if one.kind == "part"
    ]


def forwarded(hall):
    case = received(hall)
    step(hall, case, "forward", unit="unit-1")
    return case


def test_a_part_is_timed_from_its_start_and_the_next_one_only_when_it_begins(hall):
    case = forwarded(hall)  # on Monday 23 November; Wednesday is off, Sunday is worked
    told(hall, case, "visit", "unit-2", "running")
    told(hall, case, "tax", "unit-3", "waiting", order=2)
    assert now(hall, case) == {"visit": ("2026-11-27", "green"), "tax": ("", None)}
    assert watched(hall) == [("unit-2", "2026-11-27", "in_time", 3)]
    next_day(hall, "2026-11-26")
    assert now(hall, case)["visit"] == ("2026-11-27", "yellow")
    next_day(hall, "2026-11-29")
    assert watched(hall) == [("unit-2", "2026-11-27", "overdue", -1)]
    told(hall, case, "visit", "unit-2", "done", 2)
    told(hall, case, "tax", "unit-3", "running", 2, order=2)
    assert now(hall, case) == {"visit": ("", None), "tax": ("2026-11-30", "yellow")}
    assert hall.replayed() == hall.state


def test_a_new_catalogue_changes_no_part_under_way_and_the_units_own_date_counts(hall):
    case = forwarded(hall)
    told(hall, case, "visit", "unit-2", "running")
    limit(hall, {"unit-2": 9})
    told(hall, case, "visit", "unit-2", "running", 2)
    assert now(hall, case)["visit"][0] == "2026-11-27"
    told(hall, case, "visit", "unit-2", "running", 3, due="2026-12-04")
    assert now(hall, case)["visit"][0] == "2026-12-04"
    told(hall, case, "other", "unit-9", "running")
    assert now(hall, case)["other"] == ("", None)


def test_parts_stand_still_with_their_case_and_end_with_its_decision(hall):
    case = forwarded(hall)
    told(hall, case, "visit", "unit-2", "running")
    hall.do(said(case, "suspend", 1, reason="inspection"), CENTRE)
    assert now(hall, case)["visit"] == ("", None)
    next_day(hall, "2026-11-26")
    hall.do(said(case, "resume", 2), CENTRE)
    assert now(hall, case)["visit"][0] == "2026-11-29"  # 23 and 24 November do not count; 26, 27, 29
    hall.do(said(case, "granted", 3), CENTRE)
    assert (now(hall, case)["visit"], watched(hall)) == (("", None), [])


def test_a_start_that_is_no_date_gives_no_due_date(hall):
    case = forwarded(hall)
    told(hall, case, "visit", "unit-2", "running", started="soon")
    assert now(hall, case)["visit"] == ("", None)


@given(st.integers(0, 30), st.integers(1, 12))
def test_due_dates_as_a_pencil_counts_them(after, days):
    made = site()
    limit(made, {"unit-2": days})
    case = forwarded(made)
    begin = date(2026, 11, 1) + timedelta(days=after)
    told(made, case, "visit", "unit-2", "running", started=begin.isoformat())
    worked = [day for n in range(60) if works(day := begin + timedelta(days=n))]
    first = worked[0]
    expected = [day for day in worked if day > first][days - 1]
    found = now(made, case)["visit"][0]
    assert found == (expected.isoformat() if expected.year == 2026 else "")


def works(day):
    return day == WORKED or (day.weekday() < 5 and day != OFF)
