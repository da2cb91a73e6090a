"""`hallctl doctor --isolation`: what the running halld found, in words; and what it says without one."""

import json
import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import UnixStreamServer
from typing import Any, get_args

import pytest
from typer.testing import CliRunner

from config.words import LANGUAGES, load
from edge import cli_words
from edge.api.station_schema import IsolationReport, IsolationSeen
from edge.cli import app
from edge.enrolment.identity import FILE, FOLDER, SiteIdentity
from edge.enrolment.isolation import NOT_ENROLLED
from edge.journal.files import Lock
from edge.journal.schema import LOCK_FILE
from sync.centre import enrolment_keys
from sync.centre.enrolment_desk import EnrolmentDesk
from sync.centre.enrolment_roll import EnrolmentRoll
from sync.certificates import Request
from sync.site_isolation import CHECKS, Verdict
from tests.support.mosquitto import free_port
from tests.sync.test_enrolment import ADDRESS, SITE, NothingHeld, asked, voucher

NEVER = {
    ("encrypted", "doubtful"), ("encrypted", "unseen"), ("centre", "open"), ("identity", "unseen"),
    ("no_certificate", "unseen"), ("wrong_authority", "unseen"),
} | {(check, "doubtful") for check in CHECKS if check != "write_others"}  # fmt: skip
FACTS: dict[str, int | str] = {"version": "TLSv1.3", "tried": 6, "refused": 0, "heard": "he/1/3f/LH-0042/u/j"}


@pytest.fixture(autouse=True)
def keep_language() -> Iterator[None]:
    before = cli_words.language()
    yield
    cli_words.use(before)


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[dict[str, Any]]:
    """Answers the door's question with `report`, None: with an error. `asked`: by whom, how often."""
    told: dict[str, Any] = {"socket": tmp_path / "hall.sock", "asked": []}

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told["asked"].append([self.path, self.headers["x-hall-place"], self.headers["content-type"]])
            report = told["report"]
            body = b"" if report is None else report.model_dump_json().encode()
            self.send_response(500 if report is None else 200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def address_string(self) -> str:
            return "here"

        def log_message(self, *_: Any) -> None: ...

    server = UnixStreamServer(str(told["socket"]), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield told
    server.shutdown()
    server.server_close()


@pytest.fixture
def enrolled(tmp_path: Path) -> Path:
    """Data of a box that is enrolled; its broker is nowhere, and a halld once ran here."""
    now, data = datetime.now(UTC), tmp_path / "box"
    made = enrolment_keys.make(
        tmp_path / "centre", name="c", broker=f"mqtts://127.0.0.1:{free_port()}", now=now, random_bytes=os.urandom
    )
    roll = EnrolmentRoll(made.folder)
    desk = EnrolmentDesk(made, roll, NothingHeld(), now=lambda: now, random_bytes=os.urandom)
    request = Request(SITE)
    answer = desk.enrol(asked(made, voucher(desk), request))
    roll.close()
    SiteIdentity.store(data / FOLDER, request, answer, site=SITE, service=ADDRESS)
    (data / LOCK_FILE).touch()
    return data


def found(data: Path, socket: Path, language: str = "en") -> list[dict[str, Any]]:
    words = ["--lang", language, "doctor", "--isolation", "--json", "--data", str(data), "--socket", str(socket)]
    said = CliRunner().invoke(app, words)
    assert said.exit_code == 2, "there is no key, which is bad"
    return [one for one in json.loads(said.stdout) if one["what"].startswith("isolation")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_verdict_has_its_words(hall: dict[str, Any], tmp_path: Path, language: str) -> None:
    every = [(check, how) for check in CHECKS for how in get_args(Verdict) if (check, how) not in NEVER]
    hall["report"] = IsolationReport(
        seen=tuple(IsolationSeen(check=check, verdict=how, facts=FACTS) for check, how in every)
    )
    told = found(tmp_path, hall["socket"], language)
    assert [(one["what"], one["how"]) for one in told] == [(f"isolation_{check}", how) for check, how in every]
    grades = {"kept": "good", "open": "bad", "doubtful": "look", "unseen": "unknown"}
    assert all(one["grade"] == grades[one["how"]] and one["text"] for one in told)
    assert hall["asked"] == [["/api/technician/isolation", "technician", "application/json"]]
    assert {name for name in load(language, "technician") if name.startswith("doctor.isolation_")} == {
        f"doctor.isolation_{check}.{how}" for check, how in every
    }, "and no words are left over"


def test_what_is_open_stands_in_the_sentence(hall: dict[str, Any], tmp_path: Path) -> None:
    hall["report"] = IsolationReport(seen=(IsolationSeen(check="read", verdict="open", facts=FACTS),))
    assert "he/1/3f/LH-0042/u/j" in found(tmp_path, hall["socket"])[0]["text"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("why", ["unreachable", "own_revoked", "aside"])
def test_without_a_line_it_says_why(hall: dict[str, Any], tmp_path: Path, why: str, language: str) -> None:
    hall["report"] = IsolationReport(why=why)
    [one] = found(tmp_path, hall["socket"], language)
    assert (one["how"], one["grade"]) == ("no_line", "unknown")
    assert load(language, "technician").say(f"link_why.{why}") in one["text"]


def test_a_halld_that_does_not_answer_keeps_its_line(hall: dict[str, Any], tmp_path: Path) -> None:
    hall["report"] = None
    assert [one["how"] for one in found(tmp_path, hall["socket"])] == ["busy"]
    hall["report"] = NOT_ENROLLED
    assert [one["how"] for one in found(tmp_path, hall["socket"])] == ["not_enrolled"]


def test_nobody_at_the_door(tmp_path: Path) -> None:
    nowhere = tmp_path / "none.sock"
    assert [one["how"] for one in found(tmp_path, nowhere)] == ["not_enrolled"]
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / FILE).write_text("{}")
    assert [one["how"] for one in found(tmp_path, nowhere)] == ["unusable"]


def test_it_is_said_that_it_was_not_tried(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / FILE).write_text("{}")
    said = CliRunner().invoke(app, ["--lang", "en", "doctor", "--data", str(tmp_path)])
    assert "hallctl doctor --isolation" in said.output


def test_no_second_connection_while_halld_holds_the_journal(enrolled: Path, tmp_path: Path) -> None:
    lock = Lock(enrolled)
    try:
        assert [one["how"] for one in found(enrolled, tmp_path / "none.sock")] == ["busy"]
    finally:
        lock.release()
    told = found(enrolled, tmp_path / "none.sock")
    assert [(one["how"], one["facts"]["why"]) for one in told] == [("no_line", "The broker cannot be reached")]
