"""A centre as its people set it up: authority, mosquitto with client certificates, worker and enrolment service."""

import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from typer.testing import CliRunner

from sync.centre.cli import app
from tests.support.broker_kit import wrongly
from tests.support.mosquitto import Mosquitto

PROGRAM = [sys.executable, "-m", "sync.centre.cli"]
ROOT = Path(__file__).parents[2]


class CentreKit:
    """Nothing is started by making it; `end` ends what was started. `wrong`: as in tests.support.broker_kit."""

    def __init__(self, folder: Path, wrong: Mapping[str, str] | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.authority = folder / "authority"
        self.db = folder / "centre.db"
        self._wrong = wrong or {}
        self.broker = Mosquitto(folder, scheme="mqtts", kit=self._broker_settings)
        self._certificates = folder / "certificates"
        self._broker_pid = folder / "broker.pid"
        self._programs: dict[str, subprocess.Popen[bytes]] = {}
        self.run("authority", "init", "--folder", str(self.authority), "--broker", self.broker.url)
        self.certificate("broker", "--host", "127.0.0.1")
        self.certificate("hall-centre")

    def _broker_settings(self, port: int) -> str:
        own = self._certificates
        self.run(
            *("broker", "mosquitto", "--to", str(self.folder), "--port", str(port), "--bind", "127.0.0.1"),
            *(
                "--authority",
                f"{own}/authority.pem",
                "--certificate",
                f"{own}/broker.pem",
                "--key",
                f"{own}/broker.key",
            ),
            *("--worker", "hall-centre", "--revoked", f"{self.authority}/revoked.pem"),
        )
        rules = self.folder / "mosquitto.acl"
        set_up_wrongly = wrongly(self._wrong, (self.folder / "mosquitto.conf").read_text(), rules.read_text())
        rules.write_text(set_up_wrongly[1])
        return set_up_wrongly[0]

    def run(self, *words: str) -> str:
        """`hall-centre` with these words, in this process: a dozen starts of Python take a minute on a busy machine."""
        with ThreadPoolExecutor(1) as thread:  # commands have event loops of their own
            found = thread.submit(CliRunner().invoke, app, words).result()
        assert found.exit_code == 0, found.output
        return found.stdout.strip()

    def certificate(self, name: str, *words: str, to: Path | None = None) -> None:
        folder = ("--folder", str(self.authority), "--to", str(to or self._certificates))
        self.run("authority", "certificate", name, *folder, *words)

    def start(self) -> None:
        self.broker.start()
        self._broker_pid.write_text(f"{self.broker.pid}\n")
        self.start_worker()
        ready = self._start(
            "enrolment",
            *("authority", "serve", "--folder", str(self.authority), "--db", str(self.db)),
            *("--listen", "127.0.0.1:0", "--broker-pid", str(self._broker_pid)),
        )
        self.address = f"127.0.0.1:{int(ready)}"

    def start_worker(self) -> None:
        own = self._certificates
        self._start(
            "worker",
            *("run", "--db", str(self.db), "--broker", self.broker.url, "--tls-authority", f"{own}/authority.pem"),
            *("--tls-certificate", f"{own}/hall-centre.pem", "--tls-key", f"{own}/hall-centre.key"),
        )

    def _start(self, name: str, *words: str, seconds: float = 60.0) -> str:
        ready = self.folder / f"{name}.ready"
        ready.unlink(missing_ok=True)
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen([*PROGRAM, *words, "--ready-file", str(ready)], cwd=ROOT, stdout=log, stderr=log)
        self._programs[name] = process
        deadline = time.monotonic() + seconds
        while not ready.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{name} is not ready: {(self.folder / f'{name}.log').read_text()[-500:]}")
            time.sleep(0.02)
        return ready.read_text()

    def voucher(self, site: str, *words: str) -> str:
        return self.run(
            "authority", "voucher", site, "--folder", str(self.authority), "--address", self.address, *words
        )

    def end(self) -> None:
        for process in self._programs.values():
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._programs.clear()
        self.broker.kill()
