"""`hall-kiosk` and `hall-board` as processes: they start without a hall, say so, and end on SIGTERM with 0."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest


def ask(path: Path, request: dict[str, Any]) -> dict[str, Any]:
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(5)
        line.connect(str(path))
        line.sendall(json.dumps(request).encode() + b"\n")
        with line.makefile("rb") as answers:
            return next(found for found in map(json.loads, answers) if "event" not in found)


def started(path: Path, program: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 20
    while not path.exists():
        assert program.poll() is None, "it ended at once"
        assert time.monotonic() < end
        os.sched_yield()


@pytest.mark.screen
@pytest.mark.kill
@pytest.mark.parametrize(
    ("module", "page", "more"),
    [("kiosk_ui.terminal.app", {"starting", "gone"}, ["--place", "k1"]), ("kiosk_ui.board.app", {"board"}, [])],
)
def test_starts_without_a_hall_and_ends_on_sigterm(
    tmp_path: Path, module: str, page: set[str], more: list[str]
) -> None:
    link = tmp_path / "screen.sock"
    command = [sys.executable, "-m", module, "--socket", str(tmp_path / "none.sock"), "--size", "640x480"]
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    with subprocess.Popen([*command, "--screen-link", str(link), *more], env=environment) as program:
        try:
            started(link, program)
            assert ask(link, {"id": 1, "do": "controls"})["page"] in page
            program.send_signal(signal.SIGTERM)
            assert program.wait(10) == 0
        finally:
            program.kill()
