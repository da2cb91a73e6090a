"""Keys of one input device (Linux evdev), taken away from everybody else while the link is open."""

import asyncio
import errno
import fcntl
import os
import stat
import struct
import tty
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from drivers.contract import Context
from drivers.errors import BadConfig, Unsupported
from drivers.links.machine import Machine
from drivers.links.stream import StreamLink, Wire

EVENT: Final = struct.Struct("@llHHi")
"""struct input_event: two longs of time, type, code, value; as the kernel of this machine lays it out."""

EV_SYN: Final = 0
EV_KEY: Final = 1
SYN_DROPPED: Final = 3
UP, DOWN, REPEAT = 0, 1, 2

_GRAB: Final = 0x40044590  # EVIOCGRAB = _IOW('E', 0x90, int)
_INPUT_MAJOR: Final = 13  # Documentation/admin-guide/devices.txt


@dataclass(frozen=True, slots=True)
class InputEvent:
    kind: int
    code: int
    value: int


class EventReader:
    """Whole events of a stream, however it is cut."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[InputEvent]:
        self._rest += data
        whole = len(self._rest) // EVENT.size * EVENT.size
        taken, self._rest = self._rest[:whole], self._rest[whole:]
        return [InputEvent(*fields[2:]) for fields in EVENT.iter_unpack(taken)]


class InputLink(StreamLink):
    """Reading only. What is typed may be a person's: the tap keeps sizes, never keys."""

    def __init__(self, name: str, ctx: Context, find: Callable[[], Path]) -> None:
        super().__init__(name, ctx)
        self._find = find
        self.tap.private = True

    async def _connect(self, new_wire: Callable[[], Wire]) -> Wire:
        path = self._find()
        self._path = str(path)
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        try:
            _grab(handle)
        except OSError:
            os.close(handle)
            raise
        pipe = os.fdopen(handle, "rb", buffering=0)
        try:
            _, wire = await asyncio.get_running_loop().connect_read_pipe(lambda: _Reader(new_wire()), pipe)
        except BaseException:
            pipe.close()
            raise
        return wire.wire

    async def write(self, data: bytes) -> None:
        raise Unsupported(f"{self.name}: keys can only be read")

    def _let_go(self, transport: asyncio.Transport) -> None:
        transport.close()  # closing the node ends the grab


class _Reader(asyncio.Protocol):
    """A read pipe has no write half, so the wire gets a transport of its own that has none either."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.ReadTransport)
        self.wire.connection_made(_ReadOnly(transport))

    def data_received(self, data: bytes) -> None:
        self.wire.data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.wire.connection_lost(exc)


class _ReadOnly(asyncio.Transport):
    def __init__(self, pipe: asyncio.ReadTransport) -> None:
        super().__init__()
        self._pipe = pipe

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Nothing is written."""

    def is_closing(self) -> bool:
        return self._pipe.is_closing()

    def pause_reading(self) -> None:
        self._pipe.pause_reading()

    def resume_reading(self) -> None:
        self._pipe.resume_reading()

    def close(self) -> None:
        self._pipe.close()


def input_at(url: str, ctx: Context) -> InputLink:
    """`input-at:SOCKET`. Raises BadConfig."""
    name, _, options = url.partition("?")
    socket = name.partition(":")[2]
    if not socket or options:
        raise BadConfig(f"{name}: write input-at:SOCKET, without options")
    machine = Machine(Path(ctx.root))
    return InputLink(name, ctx, lambda: machine.node(machine.find("input", socket)))


def _grab(handle: int) -> None:
    """Raises OSError. An input device that cannot be grabbed would type into the kiosk; a pipe in its place cannot."""
    facts = os.fstat(handle)
    if stat.S_ISCHR(facts.st_mode) and os.major(facts.st_rdev) != _INPUT_MAJOR and os.isatty(handle):
        tty.setraw(handle)
    try:
        fcntl.ioctl(handle, _GRAB, 1)
    except OSError as problem:
        if stat.S_ISCHR(facts.st_mode) and os.major(facts.st_rdev) == _INPUT_MAJOR:
            raise _refused(problem) from problem


def _refused(problem: OSError) -> OSError:
    """Grabbed by another program is Busy; any other refusal is a missing right."""
    return problem if problem.errno == errno.EBUSY else PermissionError(errno.EACCES, "cannot be grabbed")
