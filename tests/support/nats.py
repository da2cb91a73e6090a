"""A nats-server of our own with its MQTT door on a free loopback port."""

import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from tests.support.mosquitto import free_port


class Nats:
    """`kit`: the configuration for an MQTT port and the server's own port. Not started by making it."""

    def __init__(self, folder: Path, kit: Callable[[int, int], str]) -> None:
        self.port, self._inner = free_port(), free_port()
        self.url = f"mqtts://127.0.0.1:{self.port}"
        self._kit = kit
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, seconds: float = 30.0) -> None:
        settings = self._folder / "nats.conf"
        settings.write_text(self._kit(self.port, self._inner))
        program = shutil.which("nats-server") or "/usr/sbin/nats-server"
        with (self._folder / "nats.log").open("ab") as log:
            self._process = subprocess.Popen([program, "-c", str(settings)], stdout=log, stderr=log)
        deadline = time.monotonic() + seconds
        while not self._listens():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"nats-server did not start: {(self._folder / 'nats.log').read_text()[-800:]}")
            time.sleep(0.05)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _listens(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=0.2):
                return True
        except OSError:
            return False
