"""A serial line as the host sees it: a pseudo terminal behind a stable link under RUN/dev.

Pitfalls heeded (reference/environment.md section 3): the slave stays open here, or reading the master fails while
nobody has the port open; the master is read by the loop and never by a blocked thread, or closing it would not be
noticed on the other side; each plugging-in is a new pty behind the same link.
"""

import asyncio
import fcntl
import os
import struct
import tty
from pathlib import Path
from random import Random

from hw_sim.clock import Clock
from hw_sim.faults import FaultBox
from hw_sim.wires.wire import Wire

_READ = 4096
# linux/asm-generic termios2: four flag words, line discipline, 19 control characters, two speeds as numbers.
_TCGETS2, _TCSETS2 = 0x802C542A, 0x402C542B
_TERMIOS2 = struct.Struct("=4IB19s2I")
_CBAUD, _BOTHER = 0o010017, 0o010000


class PtyWire(Wire):
    """A port at the wrong speed hears and says nothing but noise: the host's setting is read off the pty."""

    def __init__(self, run: Path, name: str, clock: Clock, faults: FaultBox, random: Random, *, baud: int) -> None:
        super().__init__(clock, faults, random, baud)
        self._run = run
        self._place = self._name = Path("dev") / name
        self._master = self._slave = -1
        self._start_baud = baud
        self.overrun = 0

    @property
    def link(self) -> str:
        return f"serial:{self._place.as_posix()}?baud={self._start_baud}"

    def plug(self, *, elsewhere: bool = False) -> None:
        if self.plugged:
            return
        self._place = self._name.with_name(self._name.name + "-elsewhere") if elsewhere else self._name
        self._master, self._slave = os.openpty()
        tty.setraw(self._master)
        tty.setraw(self._slave)
        _set_speed(self._slave, self._start_baud)
        os.set_blocking(self._master, False)
        path = self._run / self._place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.symlink_to(os.ttyname(self._slave))
        asyncio.get_running_loop().add_reader(self._master, self._readable)
        self.plugged = True

    def unplug(self) -> None:
        if not self.plugged:
            return
        self.plugged = False
        (self._run / self._place).unlink(missing_ok=True)
        asyncio.get_running_loop().remove_reader(self._master)
        os.close(self._master)
        os.close(self._slave)
        self._forget()
        if self._ears is not None:
            self._ears.left()

    def _readable(self) -> None:
        try:
            data = os.read(self._master, _READ)
        except BlockingIOError:
            return
        self._arrived(data if self._same_speed() else self._ruined(data))

    async def _write(self, data: bytes) -> None:
        if not self.plugged:
            return
        try:
            written = os.write(self._master, data if self._same_speed() else self._ruined(data))
        except BlockingIOError:  # nobody reads: a real UART loses the bytes too
            written = 0
        self.overrun += len(data) - written

    def _same_speed(self) -> bool:
        return _speed(self._slave) == self.baud


def _speed(fd: int) -> int:
    """The speed somebody set on the port, as a number, also an odd one."""
    return int(_TERMIOS2.unpack(fcntl.ioctl(fd, _TCGETS2, bytes(_TERMIOS2.size)))[7])


def _set_speed(fd: int, baud: int) -> None:
    iflag, oflag, cflag, lflag, line, control, _, _ = _TERMIOS2.unpack(fcntl.ioctl(fd, _TCGETS2, bytes(_TERMIOS2.size)))
    cflag = cflag & ~_CBAUD | _BOTHER
    fcntl.ioctl(fd, _TCSETS2, _TERMIOS2.pack(iflag, oflag, cflag, lflag, line, control, baud, baud))
