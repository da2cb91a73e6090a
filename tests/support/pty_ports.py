"""Serial devices on ptys of this process: each answers `?` with its own name and counts every byte it got."""

import asyncio
import os
import tty
from pathlib import Path


class NamedPort:
    """A device on a serial line. It lives from `plug` to `unplug`; each time on a new pty."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.heard = bytearray()
        self._ends: tuple[int, int] | None = None

    def plug(self) -> Path:
        """The new node."""
        master, slave = os.openpty()
        tty.setraw(slave)
        os.set_blocking(master, False)
        asyncio.get_running_loop().add_reader(master, self._readable)
        self._ends = (master, slave)
        return Path(os.ttyname(slave))

    def unplug(self) -> None:
        if self._ends is not None:
            asyncio.get_running_loop().remove_reader(self._ends[0])
            for end in self._ends:
                os.close(end)
            self._ends = None

    def say(self, data: bytes) -> None:
        assert self._ends is not None
        os.write(self._ends[0], data)

    def _readable(self) -> None:
        assert self._ends is not None
        try:
            data = os.read(self._ends[0], 4096)
        except OSError:
            return
        self.heard += data
        if b"?" in data:
            os.write(self._ends[0], f"{self.name}\n".encode())
