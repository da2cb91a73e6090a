"""`hall-centre run` as a process of its own, for tests that kill it."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from sync.broker_url import TlsFiles

PROGRAM = [sys.executable, "-m", "sync.centre.cli"]
ROOT = Path(__file__).parents[2]


class CentreProcess:
    """`db`: SQLite file in `folder` unless said otherwise; `name`: one of several workers."""

    def __init__(
        self, folder: Path, broker_url: str, db: str | None = None, name: str = "centre", tls: TlsFiles | None = None
    ) -> None:
        self.db = db or folder / "centre.db"
        self._files = folder / "files"
        self._ready = folder / f"{name}.ready"
        self._url = broker_url
        self._tls = tls
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._ready.unlink(missing_ok=True)
        arguments = ["run", "--db", str(self.db), "--broker", self._url, "--ready-file", str(self._ready)]
        arguments += ["--files", str(self._files)]
        if self._tls is not None:
            arguments += ["--tls-authority", str(self._tls.authority)]
            arguments += ["--tls-certificate", str(self._tls.certificate), "--tls-key", str(self._tls.key)]
        self._process = subprocess.Popen(
            [*PROGRAM, *arguments], cwd=ROOT, env=os.environ | {"PYTHONUNBUFFERED": "1"}, stdout=subprocess.DEVNULL
        )

    def wait_ready(self, seconds: float = 15.0) -> None:
        deadline = time.monotonic() + seconds
        while not self._ready.exists():
            if self._process is None or self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("hall-centre is not ready")
            time.sleep(0.02)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self) -> int:
        """End it politely; returns its exit code."""
        assert self._process is not None
        self._process.terminate()
        code = self._process.wait(20)
        self._process = None
        return code

    def report(self, site: str) -> dict[str, int]:
        found = subprocess.run(
            [*PROGRAM, "report", "--db", str(self.db), "--site", site, "--json"],
            cwd=ROOT, check=True, capture_output=True,
        )  # fmt: skip
        return json.loads(found.stdout)
