"""A serial line as the host sees it: a pseudo terminal behind a link, under RUN/dev or in a machine's /dev.

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
from typing import Protocol

from hw_sim.clock import Clock
from hw_sim.faults import FaultBox
from hw_sim.wires.wire import Wire

_READ = 4096
# linux/asm-generic termios2: four flag words, line discipline, 19 control characters, two speeds as numbers.
_TCGETS2, _TCSETS2 = 0x802C542A, 0x402C542B
_TERMIOS2 = struct.Struct("=4IB19s2I")
_CBAUD, _BOTHER = 0o010017, 0o010000


class Berth(Protocol):
    """Where a port appears on the host. `bus_powered` False: the port stays there when the device has no power."""

    @property
    def bus_powered(self) -> bool: ...

    def appear(self, target: str, *, elsewhere: bool = False) -> None: ...

    def vanish(self) -> None: ...

    def link(self, baud: int) -> str: ...


class FolderBerth:
    """A link RUN/dev/NAME, with `elsewhere` under another name."""

    bus_powered = True

    def __init__(self, run: Path, name: str) -> None:
        self._run = run
        self._place = self._name = Path("dev") / name

    def appear(self, target: str, *, elsewhere: bool = False) -> None:
        self._place = self._name.with_name(self._name.name + "-elsewhere") if elsewhere else self._name
        path = self._run / self._place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.symlink_to(target)

    def vanish(self) -> None:
        (self._run / self._place).unlink(missing_ok=True)

    def link(self, baud: int) -> str:
        return f"serial:{self._place.as_posix()}?baud={baud}"


class PtyWire(Wire):
    """A port at the wrong speed hears and says nothing but noise: the host's setting is read off the pty."""

    def __init__(self, berth: Berth, clock: Clock, faults: FaultBox, random: Random, *, baud: int) -> None:
        super().__init__(clock, faults, random, baud)
        self._berth = berth
        self._master = self._slave = -1
        self._powered = True
        self.stays = not berth.bus_powered
        self._start_baud = baud
        self.overrun = 0

    @property
    def link(self) -> str:
        return self._berth.link(self._start_baud)

    def plug(self, *, elsewhere: bool = False) -> None:
        if self.plugged:
            return
        self._master, self._slave = os.openpty()
        tty.setraw(self._master)
        tty.setraw(self._slave)
        _set_speed(self._slave, self._start_baud)
        os.set_blocking(self._master, False)
        asyncio.get_running_loop().add_reader(self._master, self._readable)
        self.plugged = True
        self._berth.appear(os.ttyname(self._slave), elsewhere=elsewhere)

    def unplug(self) -> None:
        if not self.plugged:
            return
        self.plugged = False
        self._berth.vanish()
        asyncio.get_running_loop().remove_reader(self._master)
        os.close(self._master)
        os.close(self._slave)
        self._forget()
        if self._ears is not None:
            self._ears.left()

    def power(self, on: bool, *, elsewhere: bool = False) -> None:
        if not self.stays:
            super().power(on, elsewhere=elsewhere)
            return
        self._powered = on
        if not on:
            self._forget()

    def _readable(self) -> None:
        try:
            data = os.read(self._master, _READ)
        except BlockingIOError:
            return
        if not self._powered:
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
