"""A PostgreSQL server of our own in a temporary folder, on a unix socket only, never as root."""

import ctypes
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

_SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{folder}'
max_connections = 40
shared_buffers = 32MB
"""


_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)


def _end_with_us() -> None:
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


class PostgresServer:
    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="hall-pg-", dir="/tmp"))  # a socket's name is short
        self._user = None if os.geteuid() else "postgres"
        if self._user is not None:
            shutil.chown(self._folder, self._user)
        self._programs = max(Path("/usr/lib/postgresql").iterdir(), key=lambda path: int(path.name)) / "bin"
        self._process: subprocess.Popen[bytes] | None = None
        self._databases = 0
        data = self._folder / "data"
        subprocess.run(
            [self._programs / "initdb", "-D", data, "-U", "hall", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"],
            user=self._user, cwd="/", check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        with (data / "postgresql.conf").open("a") as settings:
            settings.write(_SETTINGS.format(folder=self._folder))

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://hall@/{database}?host={self._folder}"

    def start(self, seconds: float = 180.0) -> None:
        """Call it in the main thread: the server ends with the thread that started it, also after kill -9.

        `seconds`: after a kill the server syncs each of its files before it recovers, 39 s on a busy disk.
        """
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self._folder / "data"],
                user=self._user, cwd="/", stdout=log, stderr=log, preexec_fn=_end_with_us,
            )  # fmt: skip
        deadline = time.monotonic() + seconds
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self._folder / "log").read_text())
            time.sleep(0.05)

    def new_database(self) -> str:
        """Its address; empty."""
        self._databases += 1
        name = f"centre{self._databases}"
        with psycopg.connect(self.url(), autocommit=True) as db:
            db.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def kill(self) -> None:
        """At once, as after a power cut of the program; what was committed stays."""
        self._end(signal.SIGQUIT)

    def remove(self) -> None:
        self._end(signal.SIGINT)
        shutil.rmtree(self._folder, ignore_errors=True)

    def program(self, name: str) -> str:
        return str(self._programs / name)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(60)
            self._process = None

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url(), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True
