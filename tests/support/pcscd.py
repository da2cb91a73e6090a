"""A real pcscd with a virtual reader, private to one test: own mounts, own network, own socket, ended by its pid."""

import ctypes
import os
import shutil
import signal
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

from tests.support.own_mounts import unshared

_CLONE_NEWNET = 0x40000000
_PORT = 0x8C7B
_ATR = bytes.fromhex("3B888001000000000000000009")
_READER = """FRIENDLYNAME "Virtual PCD"
DEVICENAME   /dev/null:0x8C7B
LIBPATH      {library}
CHANNELID    0x8C7B
"""


def missing() -> str:
    """What this machine lacks for such tests; '' when nothing."""
    needed = [
        name for name in ("pcscd", "unshare", "ip") if shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin") is None
    ]
    if needed:
        return ", ".join(needed)
    return "" if _library() else "libifdvpcd.so"


def _library() -> Path | None:
    return next(Path("/usr/lib/pcsc/drivers/serial").glob("libifdvpcd.so"), None)


class Pcscd:
    """`socket_name`: for PCSCLITE_CSOCK_NAME. Its reader is reachable only through `insert`."""

    def __init__(self, folder: Path) -> None:
        self._config, self._run = folder / "reader.conf.d", folder / "run"
        (self._run / "pcscd").mkdir(parents=True)
        self._config.mkdir()
        (self._config / "vpcd").write_text(_READER.format(library=_library()))
        self.socket_name = str(self._run / "pcscd" / "pcscd.comm")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        inside = (
            f"ip link set lo up && mount --bind {self._run} /run && exec pcscd --foreground --config {self._config}"
        )
        self._process = subprocess.Popen(
            [*unshared(), "sh", "-c", inside], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until = time.monotonic() + 10
        while not os.path.exists(self.socket_name):
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError("pcscd did not start")
            time.sleep(0.02)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(how)
            process.wait(10)
        Path(self.socket_name).unlink(missing_ok=True)

    def insert(self, card: "Card") -> None:
        """Lays `card` into slot 0; pcscd notices within half a second."""
        assert self._process is not None
        card.connect(self._process.pid)


class Card:
    """Answers APDUs by `table`, in a thread of its own; what it is not told of is 6D00."""

    def __init__(self, answer: Callable[[bytes], bytes]) -> None:
        self.asked: list[bytes] = []
        self._answer = answer
        self._line: socket.socket | None = None

    def connect(self, pid: int) -> None:
        failed: list[BaseException] = []
        entered = threading.Event()
        threading.Thread(target=self._live, args=(pid, entered, failed), daemon=True).start()
        entered.wait(10)
        if failed:
            raise failed[0]

    def pull(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.shutdown(socket.SHUT_RDWR)
            line.close()

    def _live(self, pid: int, entered: threading.Event, failed: list[BaseException]) -> None:
        try:
            with open(f"/proc/{pid}/ns/net", "rb") as space:
                if ctypes.CDLL(None, use_errno=True).setns(space.fileno(), _CLONE_NEWNET):  # of this thread only
                    raise OSError(ctypes.get_errno(), "setns")
            self._line = line = socket.create_connection(("127.0.0.1", _PORT), 5)
            line.settimeout(None)
        except OSError as problem:
            failed.append(problem)
            return
        finally:
            entered.set()
        try:
            while True:
                line.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
                (length,) = struct.unpack(">H", _exactly(line, 2))
                message = _exactly(line, length)
                if length > 1:
                    self.asked.append(message)
                    answer = self._answer(message)
                elif message == b"\x04":
                    answer = _ATR
                else:
                    continue
                line.sendall(struct.pack(">H", len(answer)) + answer)
        except OSError:
            return


def _exactly(line: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        piece = line.recv(count - len(data))
        if not piece:
            raise ConnectionError
        data += piece
    return data
