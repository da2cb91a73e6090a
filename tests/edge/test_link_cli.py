"""`hallctl link`: the line in numbers, from a halld that is there or is not."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import UnixStreamServer
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from config.words import LANGUAGES
from edge import cli_words
from edge.api.station_schema import BadRecord, LinkSnapshot
from edge.cli import app


@pytest.fixture(autouse=True)
def keep_language() -> Iterator[None]:
    before = cli_words.language()
    yield
    cli_words.use(before)


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[dict[str, Any]]:
    """Answers /api/health with what stands in it."""
    told: dict[str, Any] = {"socket": tmp_path / "hall.sock"}

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"link": json.loads(told["link"].model_dump_json())}).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def address_string(self) -> str:
            return "here"

        def log_message(self, *_: Any) -> None: ...

    server = UnixStreamServer(str(told["socket"]), Answer)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield told
    server.shutdown()
    server.server_close()


def link(told: dict[str, Any], *words: str, language: str = "en") -> Result:
    return CliRunner().invoke(app, ["--lang", language, "link", "--socket", str(told["socket"]), *words])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_line_that_is_well(hall: dict[str, Any], language: str) -> None:
    hall["link"] = LinkSnapshot(online=True, pending=0, oldest=0, acked=812, durable=800, credit=8, rtt_ms=31)
    said = link(hall, language=language)
    assert (said.exit_code, len(said.output.splitlines())) == (0, 11)
    assert "812" in said.output
    assert json.loads(link(hall, "--json").output)["rtt_ms"] == 31


def test_a_line_that_somebody_must_look_at(hall: dict[str, Any]) -> None:
    bad = (BadRecord(epoch="9f3c5a7e11d20b64", seq=3, reason="kind"),)
    hall["link"] = LinkSnapshot(online=False, pending=3, oldest=240, acked=9, held=1, bad=bad, why="own_expired")
    said = link(hall)
    assert said.exit_code == 1
    assert "Our certificate has ended" in said.output
    assert "Oldest waits: 240 s" in said.output
    assert "9f3c:3 kind" in said.output
    hall["link"] = LinkSnapshot(online=False, pending=3, oldest=240, acked=9, why="refused_size")
    assert "refused_size" in link(hall).output
    hall["link"] = LinkSnapshot(online=False, pending=3, oldest=240, acked=9, connected=False)
    assert "no address" in link(hall).output


def test_nobody_answers(tmp_path: Path) -> None:
    said = link({"socket": tmp_path / "none.sock"})
    assert said.exit_code == 2
    assert "none.sock" in said.output
