"""A centre as its people set it up: authority, mosquitto with client certificates, worker and enrolment service."""

import subprocess
import sys
import time
from pathlib import Path

from tests.support.mosquitto import Mosquitto

PROGRAM = [sys.executable, "-m", "sync.centre.cli"]
ROOT = Path(__file__).parents[2]
RULES = """\
user hall-centre
topic readwrite he/1/#
pattern write he/1/+/%u/u/+
pattern write he/1/+/%u/s
pattern read he/1/+/%u/d/+
pattern read he/1/all/d/+/+
"""


class CentreKit:
    """Nothing is started by making it; `end` ends what was started."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.authority = folder / "authority"
        self.db = folder / "centre.db"
        certificates, rules = folder / "certificates", folder / "acl"
        rules.write_text(RULES)
        self.broker = Mosquitto(
            folder,
            f"cafile {certificates}/authority.pem\ncertfile {certificates}/broker.pem\n"
            f"keyfile {certificates}/broker.key\ncrlfile {self.authority}/revoked.pem\nrequire_certificate true\n"
            f"use_identity_as_username true\nuse_username_as_clientid true\nallow_anonymous false\nacl_file {rules}",
            "mqtts",
        )
        self._certificates = certificates
        self._broker_pid = folder / "broker.pid"
        self._programs: dict[str, subprocess.Popen[bytes]] = {}
        self.run("authority", "init", "--folder", str(self.authority), "--broker", self.broker.url)
        self.certificate("broker", "--host", "127.0.0.1")
        self.certificate("hall-centre")

    def run(self, *words: str) -> str:
        found = subprocess.run([*PROGRAM, *words], cwd=ROOT, check=False, capture_output=True, text=True)
        assert found.returncode == 0, found.stderr
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
