"""Serial ports: serialx behind Link, with one holder at a time."""

import asyncio
import fcntl
import logging
import os
import termios
from collections.abc import Callable
from typing import Any

from serialx import Parity, StopBits, create_serial_connection

from drivers.contract import Context
from drivers.links.stream import StreamLink, Wire

# serialx writes every byte it moves at DEBUG; a card's content must not reach a log whatever its level.
logging.getLogger("serialx").setLevel(logging.WARNING)

_MOST_IN_KERNEL = 64 * 1024


class SerialLink(StreamLink):
    """8 data bits, no flow control. The port is taken with flock and, where it is a real port, TIOCEXCL.

    flock keeps out other device hosts and names the holder; TIOCEXCL keeps out programs that never look at locks.
    A pty gets no TIOCEXCL: its flag outlives our last close while the other end stays open (decision 0050).
    """

    baud: int

    def __init__(
        self,
        name: str,
        ctx: Context,
        path: str,
        baud: int,
        parity: Parity = Parity.NONE,
        stop_bits: StopBits = StopBits.ONE,
    ) -> None:
        super().__init__(name, ctx)
        self._path = path
        self.baud = baud
        self._parity = parity
        self._stop_bits = stop_bits

    async def _connect(self, new_wire: Callable[[], Wire]) -> Wire:
        path = os.path.realpath(self._path)  # a re-plug may put a new node behind the same name
        transport, wire = await create_serial_connection(
            asyncio.get_running_loop(),
            new_wire,
            path,
            self.baud,
            parity=self._parity,
            stopbits=self._stop_bits,
            exclusive=True,
        )
        assert isinstance(wire, Wire)
        if not path.startswith("/dev/pts/"):
            _set_exclusive(transport.serial, termios.TIOCEXCL)
        return wire

    def discard_input(self) -> bytes:
        """Also what the kernel holds and the loop has not come round to."""
        return super().discard_input() + self._unread_by_loop()

    def _unread_by_loop(self) -> bytes:
        if self._wire is None or not self._wire.alive or self._wire.transport is None:
            return b""
        try:
            data = os.read(self._wire.transport.get_extra_info("serial").fileno(), _MOST_IN_KERNEL)
        except OSError:
            return b""  # nothing there, or the end, which the loop will see for itself
        if data:
            self.tap.record("in", data)
        return data

    def _let_go(self, transport: asyncio.Transport) -> None:
        _set_exclusive(transport.get_extra_info("serial"), termios.TIOCNXCL)
        super()._let_go(transport)


def _set_exclusive(serial: Any, request: int) -> None:
    try:
        fcntl.ioctl(serial.fileno(), request)
    except (OSError, ValueError, AssertionError):
        return  # already closed, or a port without the notion; flock holds either way
