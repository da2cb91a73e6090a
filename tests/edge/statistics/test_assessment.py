"""Figures of 考核 over several days: what was answered in time, by whom, told again from the records alone."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from edge.cli import app
from edge.rules import commands as c
from edge.rules.moment import Decided
from edge.statistics.assessment import assess
from edge.statistics.assessment_schema import Assessment, CaseFigures, ComplaintFigures, RatingFigures, TaskFigures
from edge.statistics.assessment_table import HEAD
from edge.statistics.chains import _FOLDS, KINDS
from edge.statistics.days import Archive, NoSuchDay
from tests.edge.api.bench import DATE, bench, site
from tests.edge.rules.conftest import DAY, SETUP, Hall
from tests.edge.rules.test_case_story import CENTRE, next_day, received, said, step
from tests.edge.rules.test_case_story import site as licence_site

LEAD = "lead:l01"
CANARY = "119999199001010012"
SAID = "等了一个小时"


@pytest.fixture
def hall() -> Hall:
    made = Hall()
    made.do(SETUP)
    made.do(c.OpenDay(date=DAY))
    return made


def figures(hall: Hall, first: str = DAY, last: str = "2026-12-31") -> Assessment:
    """As the journal gives them: bodies are JSON, and only kinds that count."""
    raw = [
        Decided(r.seq, r.kind, r.v, r.subject, r.actor, r.at, json.loads(r.body.model_dump_json()), r.parts)
        for r in hall.records
    ]
    counted = [(record.seq, record) for record in raw if record.kind in KINDS]
    return assess("LH-0042", first, last, counted)  # type: ignore[arg-type]


def complain(hall: Hall, **more: object) -> str:
    told = {"type": "complaint", "channel": "phone", "text": SecretStr(SAID), **more}
    return hall.do(c.RegisterComplaint.model_validate(told), LEAD)[0].subject


def answer(hall: Hall, uid: str) -> None:
    for command in (c.AcceptComplaint(complaint=uid), c.InvestigateComplaint(complaint=uid)):
        hall.do(command, LEAD)
    hall.do(c.ReplyComplaint(complaint=uid, text=SecretStr("已处理")), LEAD)


def rate(hall: Hall, level: str) -> str:
    """A service at w1 and its rating; the task, '' without one."""
    hall.serve()
    hall.finish()
    nonce = hall.state.windows["w1"].question
    given = c.GiveRating.model_validate({"nonce": nonce, "level": level, "by": "kiosk", "reasons": ("took_long",)})
    drafts = hall.do(given, "kiosk:k1")
    return drafts[1].subject if len(drafts) > 1 else ""


def test_kinds_that_are_read_are_those_that_count() -> None:
    assert set(KINDS) == set(_FOLDS)


def test_complaints_by_what_became_of_them(hall: Hall) -> None:
    in_time, late, never = complain(hall), complain(hall, channel="paper_box"), complain(hall, type="suggestion")
    answer(hall, in_time)
    hall.do(c.RevisitComplaint(complaint=in_time, content=False), LEAD)
    hall.do(c.CloseComplaint(complaint=in_time), LEAD)
    hall.do(c.UrgeComplaint(complaint=never), CENTRE)
    for day in ("2026-11-24", "2026-11-30", "2026-12-01"):
        next_day(hall, day)
    answer(hall, late)  # its limit was the 30th; on the 1st it rose a level
    recent = complain(hall, name=SecretStr("张测试"))
    found = figures(hall, last="2026-12-01")
    assert found.complaints == ComplaintFigures(
        registered=4,
        anonymous=3,
        answered=2,
        closed=1,
        urged=1,
        escalated=2,
        discontent=1,
        in_time=1,
        late=1,
        overdue=1,
        open=1,
    )
    assert {name: each.registered for name, each in found.complaints_by_channel.items()} == {"paper_box": 1, "phone": 3}
    assert {name: each.overdue for name, each in found.complaints_by_type.items()} == {"complaint": 0, "suggestion": 1}
    assert {name: each.registered for name, each in found.complaints_by_level.items()} == {"station": 2, "street": 2}
    assert figures(hall, first="2026-12-01").complaints.registered == 1
    assert recent in hall.state.complaints


def test_a_stretch_that_is_over_never_changes(hall: Hall) -> None:
    uid = complain(hall)
    before = figures(hall, last=DAY)
    next_day(hall, "2026-11-24")
    answer(hall, uid)
    assert figures(hall, last=DAY) == before
    assert before.complaints.answered == 0
    assert figures(hall).complaints.answered == 1


def test_cases_notices_and_refusals_by_item_and_window() -> None:
    hall = licence_site()
    quick = received(hall)
    hall.finish()
    slow = received(hall)
    hall.finish()
    gone = received(hall)
    step(hall, gone, "withdraw")
    hall.finish()
    hall.serve()
    told = hall.open_case("permit")
    hall.do(c.GiveNotice(window="w1", case=told))
    hall.do(c.TakeUpCase(window="w1", case=told))
    hall.mark(told, "id-card")
    hall.do(c.GiveNotice(window="w1", case=told))
    hall.do(c.TakeUpCase(window="w1", case=told))
    hall.do(c.RefuseCase(window="w1", case=told, reason="duplicate"))
    for uid in (quick, slow):
        hall.state.windows["w1"].clerk = "c01"
        step(hall, uid, "forward", unit="unit-1")
    hall.do(said(quick, "granted", 1), CENTRE)
    for day in ("2026-11-24", "2026-12-01"):  # the limit of both was the 30th
        next_day(hall, day)
    found = figures(hall)
    licences = {"received": 3, "decided": 1, "withdrawn": 1, "in_time": 1}
    assert figures(hall, last="2026-11-24").cases_by_item["licence"] == CaseFigures(**licences, open=1)
    assert found.cases_by_item["licence"] == CaseFigures(**licences, overdue=1)
    assert found.cases_by_item["permit"] == CaseFigures(noticed=2, differing=1, refused={"duplicate": 1})
    assert found.cases_by_window["w1"] == found.cases
    hall.do(said(slow, "denied", 1), CENTRE)
    assert (figures(hall).cases.late, figures(hall).cases.overdue) == (1, 0)


def test_ratings_and_the_tasks_they_opened(hall: Hall) -> None:
    bad, worse = rate(hall, "dissatisfied"), rate(hall, "very_dissatisfied")
    assert rate(hall, "satisfied") == ""
    hall.do(c.AddRating(nonce=hall.state.windows["w1"].question, level="very_satisfied"), "kiosk:k1")
    hall.serve()
    hall.finish()  # asked, and nobody answers
    for command in (
        c.AssignTask(task=bad, to="l01"),
        c.VerifyTask(task=bad, verdict="mistaken"),
        c.ReplyTask(task=bad),
        c.RevisitTask(task=bad, content=True),
        c.CloseTask(task=bad),
        c.AssignTask(task=worse, to="l01"),
        c.VerifyTask(task=worse, verdict="true"),
        c.AppealTask(task=worse),
    ):
        hall.do(command, LEAD)
    found = figures(hall)
    assert found.ratings == RatingFigures(
        asked=4,
        answered=3,
        second=1,
        levels={"dissatisfied": 1, "satisfied": 1, "very_dissatisfied": 1},
        ways={"kiosk": 3},
    )
    assert found.tasks == TaskFigures(
        opened=2, answered=1, closed=1, appealed=1, verdicts={"mistaken": 1, "true": 1}, in_time=1, overdue=1
    )
    assert found.tasks_by_clerk["c01"] == found.tasks_by_window["w1"] == found.tasks
    assert found.ratings_by_clerk["c01"].asked == 4
    assert figures(hall, last=DAY).tasks.open == 1


def test_without_a_calendar_no_limit_is_counted_as_kept(hall: Hall) -> None:
    hall.books = replace(hall.books, calendar=replace(hall.books.calendar, years=frozenset()))
    answer(hall, complain(hall))
    complain(hall)
    found = figures(hall).complaints
    assert (found.no_limit, found.in_time, found.open, found.answered) == (2, 0, 1, 1)


async def test_the_journals_file_tells_it_as_json_and_as_a_table(tmp_path: Path) -> None:
    folder = tmp_path / "journal"
    async with bench(folder, site()) as made:
        told = c.RegisterComplaint(type="complaint", channel="window", text=SecretStr(SAID), contact=SecretStr(CANARY))
        await made.execute(told, id="a-complaint", actor="clerk:c01")
    with pytest.raises(NoSuchDay):
        Archive(folder / "journal.db").assessment("2020-01-01", "2020-12-31")
    table = tmp_path / "figures.csv"
    base = ["--lang", "en", "assess", DATE, DATE, "--journal", str(folder / "journal.db")]
    spoken = CliRunner().invoke(app, [*base, "--json", "--csv", str(table)])
    assert spoken.exit_code == 0, spoken.output
    assert json.loads(spoken.output.splitlines()[-1])["complaints"]["registered"] == 1
    rows = list(csv.reader(table.open(encoding="utf-8-sig")))
    assert rows[0] == HEAD
    assert ["LH-0042", DATE, DATE, "complaints", "all", "", "registered", "1"] in rows
    assert ["LH-0042", DATE, DATE, "complaints", "channel", "window", "anonymous", "0"] in rows
    assert not any(secret in table.read_text("utf-8") + spoken.output for secret in (SAID, CANARY))
    plain = CliRunner().invoke(app, base)
    assert "complaints channel window registered: 1" in plain.output
    none = CliRunner().invoke(app, ["--lang", "en", "assess", "2020-01-01", "2020-01-02", *base[5:]])
    assert (none.exit_code, "no records from 2020-01-01" in none.output) == (2, True)
