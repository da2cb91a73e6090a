"""What is handed out of opinions: words and both numbers for anybody, uploads for who sends; no person in either."""

import csv
import io
import json
from pathlib import Path

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from config import folder as config_folder
from edge.cli import app
from edge.ratings.export import HEAD, Named, as_csv, lines, uploads
from edge.rules import commands as c
from edge.rules.moment import Decided
from edge.statistics.opinions import _FOLDS, KINDS, Given, given
from tests.edge.api.bench import DATE, bench, site
from tests.edge.rules.conftest import DAY, Hall
from tests.edge.rules.test_case_story import next_day, received
from tests.edge.rules.test_case_story import site as licence_site

SAID = "等了一个小时"


def told(hall: Hall, first: str = DAY, last: str = "2026-12-31") -> list[Given]:
    """As the journal gives them: bodies are JSON, and only kinds that count."""
    raw = [
        Decided(r.seq, r.kind, r.v, r.subject, r.actor, r.at, json.loads(r.body.model_dump_json()), r.parts)
        for r in hall.records
    ]
    return given(first, last, [record for record in raw if record.kind in KINDS])  # type: ignore[misc]


def say(hall: Hall, level: str, by: str = "kiosk", second: bool = False, **more: object) -> None:
    form = c.AddRating if second else c.GiveRating
    said = {"nonce": hall.state.windows["w1"].question, "level": level, "by": by, **more}
    hall.do(form.model_validate(said), f"{'pad' if by == 'pad' else 'kiosk'}:k1")


def test_kinds_that_are_read_are_those_that_count() -> None:
    assert set(KINDS) == set(_FOLDS)


@pytest.fixture
def hall() -> Hall:
    """A service with a case, rated badly at the pad, then once more by kiosk with a reason; the next day another."""
    made = licence_site()
    received(made)
    made.finish()
    say(made, "dissatisfied", by="pad")
    say(made, "very_dissatisfied", second=True, reasons=("took_long",), text=SecretStr(SAID))
    next_day(made, "2026-11-24")
    made.serve()
    made.do(c.DropCase(window="w1", case=made.open_case("permit"), why="mistake"))  # a draft is no case of anybody's
    made.finish()
    say(made, "satisfied")
    return made


def test_an_opinion_is_told_with_its_day_and_both_numbers_and_never_with_a_person(hall: Hall) -> None:
    first, second, third = lines(told(hall))
    assert (first["level"], first["provincial"], first["gbt39046"], first["by"]) == ("dissatisfied", 2, 4, "pad")
    assert (first["day"], first["second"], first["written"], first["items"]) == (DAY, False, False, "licence")
    assert (second["second"], second["reasons"], second["written"]) == (True, "took_long", True)
    assert (third["day"], third["items"]) == ("2026-11-24", "")
    (case,) = {case.received.number for case in hall.state.cases.values() if case.received} or {""}
    table = as_csv(told(hall)).decode("utf-8-sig")
    assert next(iter(csv.reader(io.StringIO(table)))) == HEAD
    assert len(table.splitlines()) == 4
    for secret in (SAID, "c01", *filter(None, [case]), *hall.state.dossiers):
        assert secret not in table
    assert all(dossier.number not in table for dossier in hall.state.dossiers.values())


def test_a_day_holds_what_was_said_of_its_services(hall: Hall) -> None:
    assert len(told(hall, last=DAY)) == 2
    assert [each.level for each in told(hall, first="2026-11-24")] == ["satisfied"]


def test_one_upload_a_case_and_none_that_the_interface_would_refuse(hall: Hall) -> None:
    sent, unfit = uploads(told(hall), {"licence": Named("1199000", "许可证")}, "114403000000000001")
    (upload,) = sent
    (number,) = (dossier.number for dossier in hall.state.dossiers.values())
    assert (upload.projectNo, upload.taskCode, upload.taskName) == (number, "1199000", "许可证")
    assert upload.deptCode == "114403000000000001"
    assert (upload.satisfaction, upload.assessNumber, upload.evalDetail, upload.pf) == (1, 2, "took_long", 5)
    assert upload.writingEvaluation == ""
    assert [(each.level, each.second) for each in unfit] == [("dissatisfied", False)], "a pad has no keys for reasons"


async def test_the_journals_file_gives_table_json_and_a_private_upload(tmp_path: Path) -> None:
    folder = tmp_path / "journal"
    async with bench(folder, site()) as made:
        for n, (command, actor) in enumerate(
            (
                (c.SignIn(window="w1", clerk="c01"), "clerk:c01"),
                (c.IssueTicket(service="general", channel="kiosk", place="k1"), "kiosk:k1"),
                (c.CallNext(window="w1"), "clerk:c01"),
                (c.StartService(window="w1"), "clerk:c01"),
                (c.FinishService(window="w1"), "clerk:c01"),
            )
        ):
            await made.execute(command, id=f"told-{n}-of-five", actor=actor)
        said = c.GiveRating(
            nonce=made.state.windows["w1"].question,
            level="dissatisfied",
            by="kiosk",
            reasons=("unclear",),
            text=SecretStr(SAID),
        )
        await made.execute(said, id="an-opinion", actor="kiosk:k1")
    base = ["--lang", "en", "ratings", "export", DATE, DATE, "--journal", str(folder / "journal.db")]
    table, upload = tmp_path / "ratings.csv", tmp_path / "upload.json"
    more = ["--json", "--csv", str(table), "--upload", str(upload), "--catalogue", str(config_folder() / "catalogue")]
    done = CliRunner().invoke(app, [*base, *more])
    assert done.exit_code == 0, done.output
    (line,) = json.loads(done.stdout)
    assert (line["level"], line["reasons"], line["written"]) == ("dissatisfied", "unclear", True)
    assert len(table.read_text("utf-8-sig").splitlines()) == 2
    assert (json.loads(upload.read_text()), upload.stat().st_mode & 0o777) == ([], 0o600)
    assert SAID not in done.output + table.read_text("utf-8-sig")
    assert "dissatisfied (provincial 2, GB/T 4)" in CliRunner().invoke(app, base).output
    none = CliRunner().invoke(app, [*base[:4], "2020-01-01", "2020-01-02", *base[6:]])
    assert (none.exit_code, "no records from 2020-01-01" in none.output) == (2, True)
    no_folder = CliRunner().invoke(app, [*base, "--upload", str(upload), "--catalogue", str(tmp_path / "nowhere")])
    assert no_folder.exit_code == 2
