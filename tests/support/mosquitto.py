"""A mosquitto of our own on a free loopback port, which tests may kill, wipe and start again.

Use it from any conftest: `from tests.support.mosquitto import Mosquitto` (rootdir is importable under pytest) or load
the fixture `mosquitto` of tests/sync/conftest.py.
"""

import getpass
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

CONFIG = """\
listener {port} 127.0.0.1
{access}
user {user}
persistence true
persistence_location {data}/
max_queued_messages 10000
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Mosquitto:
    """Not started by making it. `folder` holds its configuration and data; `access`: lines of its configuration;
    `kit`: the whole of it, instead.
    """

    def __init__(
        self,
        folder: Path,
        access: str = "allow_anonymous true",
        scheme: str = "mqtt",
        kit: Callable[[int], str] | None = None,
    ) -> None:
        self.port = free_port()
        self._kit = kit
        self.url = f"{scheme}://127.0.0.1:{self.port}"
        self._access = access
        self._data = folder / f"mosquitto-{self.port}"
        self._config = folder / f"mosquitto-{self.port}.conf"
        self._log = folder / f"mosquitto-{self.port}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._data.mkdir(parents=True, exist_ok=True)
        user = getpass.getuser()
        if self._kit is not None:
            self._config.write_text(f"{self._kit(self.port)}\nuser {user}\n")
        else:
            self._config.write_text(CONFIG.format(port=self.port, data=self._data, access=self._access, user=user))
        program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        deadline = time.monotonic() + 20
        self._process = self._spawn(program)
        while not self._listens():
            if time.monotonic() > deadline:
                raise RuntimeError(f"mosquitto did not start: {self._log.read_text()[-300:]}")
            if self._process.poll() is not None:  # somebody's outgoing connection had the port for a moment
                time.sleep(0.2)
                self._process = self._spawn(program)
            time.sleep(0.01)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def log(self) -> str:
        return self._log.read_text()

    def _spawn(self, program: str) -> "subprocess.Popen[bytes]":
        with self._log.open("wb") as log:
            return subprocess.Popen([program, "-c", str(self._config)], stdout=log, stderr=log)

    def kill(self, *, wipe: bool = False) -> None:
        """End it as a power cut would; `wipe` also loses its disk."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        if wipe:
            shutil.rmtree(self._data, ignore_errors=True)

    def _listens(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=0.2):
                return True
        except OSError:
            return False
