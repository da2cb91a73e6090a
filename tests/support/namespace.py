"""A second machine: a network of its own, joined to this one by a cable that can be pulled. Needs root.

The namespace belongs to one sleeping child; when that ends, however it ends, the kernel takes namespace and cable away.
"""

import ctypes
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_CLONE_NEWNET: Final = 0x40000000
_PR_SET_PDEATHSIG: Final = 1
_LIBC: Final = ctypes.CDLL(None, use_errno=True)


class Namespace:
    """`here` and `there`: addresses of the two ends of the cable, of the network for measurements (RFC 2544)."""

    def __init__(self, pid: int) -> None:
        number = os.getpid()
        net, first = f"198.18.{number >> 6 & 255}", (number & 63) * 4
        self.pid = pid
        self.here, self.there = f"{net}.{first + 1}", f"{net}.{first + 2}"
        self._cable = f"hall{number}"

    def command(self, *words: str) -> list[str]:
        """The same command, there; the process keeps its pid."""
        return ["nsenter", f"--net=/proc/{self.pid}/ns/net", *words]

    def lay_cable(self) -> None:
        _ip("link", "add", self._cable, "type", "veth", "peer", "name", "cable", "netns", str(self.pid))
        _ip("addr", "add", f"{self.here}/30", "dev", self._cable)
        _ip("link", "set", self._cable, "up")
        for words in (("link", "set", "lo", "up"), ("addr", "add", f"{self.there}/30", "dev", "cable")):
            subprocess.run(self.command("ip", *words), check=True)
        subprocess.run(self.command("ip", "link", "set", "cable", "up"), check=True)

    def pull_cable(self) -> None:
        _ip("link", "set", self._cable, "down")

    def plug_cable(self) -> None:
        _ip("link", "set", self._cable, "up")

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Sockets that this thread makes in the block are there, and stay there. Nothing else may run meanwhile."""
        with Path("/proc/self/ns/net").open() as ours, Path(f"/proc/{self.pid}/ns/net").open() as theirs:
            _enter(theirs.fileno())
            try:
                yield
            finally:
                _enter(ours.fileno())


@contextmanager
def namespace() -> Iterator[Namespace]:
    child = subprocess.Popen(
        ["unshare", "--net", "sh", "-c", "echo there; exec sleep infinity"],
        stdout=subprocess.PIPE,
        preexec_fn=lambda: _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL),
    )
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == b"there\n", "a network namespace needs root (CAP_SYS_ADMIN, CAP_NET_ADMIN)"
        made = Namespace(child.pid)
        made.lay_cable()
        yield made
    finally:
        child.kill()
        child.wait()
        child.stdout.close()  # type: ignore[union-attr]


def _enter(descriptor: int) -> None:
    if _LIBC.setns(descriptor, _CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)
