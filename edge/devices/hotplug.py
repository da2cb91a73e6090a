"""Tells supervisors that back off when their device came back: one watcher for all of them.

The kernel says so on its uevent socket; where that cannot be opened (a container, a simulated machine), and for ports
that are no device nodes (ptys of a simulated hall), the places are looked at four times a second. Looking again is
always enough, so nothing that the kernel says is believed but that something happened.
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit

from drivers.errors import Absent
from drivers.links.machine import Machine, Subsystem

LOOK_SECONDS: Final = 0.25
GATHER_SECONDS: Final = 0.05  # one plug makes a dozen messages
_UEVENT: Final = 15  # NETLINK_KOBJECT_UEVENT, <linux/netlink.h>
_KERNEL_AND_UDEV: Final = 1 | 2  # udev says it again when its rules have given the node to the right group
_OF_INTEREST: Final = (b"SUBSYSTEM=tty\0", b"SUBSYSTEM=usb", b"SUBSYSTEM=input\0", b"SUBSYSTEM=hidraw\0", b"=sound\0")
_BY_SOCKET: Final[dict[str, Subsystem]] = {
    "serial-at": "tty",
    "usb-at": "usb",
    "input-at": "input",
    "hidraw-at": "hidraw",
    "video-at": "video4linux",
}

News = Callable[[], AsyncIterator[None]]


@dataclass(slots=True, eq=False)
class _Wish:
    in_socket: bool
    there: Callable[[], bool]
    came: asyncio.Event
    was_absent: bool


class HotPlug:
    """An async context; within it `wait` returns early for what comes back. `news`: None = the kernel's, if it may.

    `changed`: called when anything was plugged in or pulled out.
    """

    def __init__(
        self,
        root: str = "/",
        runtime: str = ".",
        news: News | None = None,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._machine = Machine(root)
        self._root = root
        self._runtime = runtime
        self._news = news
        self._changed = changed
        self._places: frozenset[str] = frozenset()
        self._wishes: set[_Wish] = set()
        self._wished = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self.look()
        self._tasks.append(asyncio.create_task(self._look_often()))
        source = self._news or (kernel_news if Path(self._root) == Path("/") else None)
        if source is not None:
            self._tasks.append(asyncio.create_task(self._follow(source)))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def is_there(self, url: str) -> bool:
        """True for what has no place on this machine (TCP): nobody can tell by looking."""
        there = self._finder(url)
        return there is None or there()

    def can_tell(self, url: str) -> bool:
        """Whether `wait` can end early for this link."""
        return self._finder(url) is not None

    async def wait(self, url: str, seconds: float) -> bool:
        """At most `seconds`; True as soon as what `url` names came (back) meanwhile."""
        there = self._finder(url)
        if there is None:
            await asyncio.sleep(seconds)
            return False
        wish = _Wish(urlsplit(url).scheme in _BY_SOCKET, there, asyncio.Event(), not there())
        self._wishes.add(wish)
        self._wished.set()
        try:
            async with asyncio.timeout(seconds):
                await wish.came.wait()
            return True
        except TimeoutError:
            return False
        finally:
            self._wishes.discard(wish)

    def look(self, *, unless_unchanged: bool = False) -> None:
        """Tell everybody whose device came back."""
        before, self._places = self._places, self._machine.places()
        if before != self._places:
            self._changed()
        sockets_too = not unless_unchanged or before != self._places
        for wish in self._wishes:
            if wish.in_socket and not sockets_too:
                continue
            if not wish.there():
                wish.was_absent = True
            elif wish.was_absent:
                wish.came.set()

    def _finder(self, url: str) -> Callable[[], bool] | None:
        """How to see whether it is there; None for what has no place on this machine (TCP)."""
        parts = urlsplit(url)
        if parts.scheme == "serial" and parts.path:
            path = os.path.join(self._runtime, parts.path)
            return lambda: os.path.exists(path)
        subsystem = _BY_SOCKET.get(parts.scheme)
        if subsystem is None:
            return None
        return lambda: self._sits_in(subsystem, parts.path)

    def _sits_in(self, subsystem: Subsystem, path: str) -> bool:
        try:
            self._machine.find(subsystem, path)
        except Absent:
            return False
        return True

    async def _look_often(self) -> None:
        """Costs nothing while nobody waits for anything."""
        while True:
            await self._wished.wait()
            while self._wishes:
                await asyncio.sleep(LOOK_SECONDS)
                self.look(unless_unchanged=True)
            self._wished.clear()

    async def _follow(self, source: News) -> None:
        async for _ in source():
            await asyncio.sleep(GATHER_SECONDS)
            self.look()


async def kernel_news() -> AsyncIterator[None]:
    """One item for one or more uevents of devices that a hall has; ends at once where they cannot be heard."""
    try:
        ear = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, _UEVENT)
    except OSError:
        return
    with ear:
        try:
            ear.setblocking(False)
            ear.bind((0, _KERNEL_AND_UDEV))
        except OSError:
            return
        while True:
            if await _heard(ear):
                yield


async def _heard(ear: socket.socket) -> bool:
    """Whether the next message is of interest; one that was lost because too many came is."""
    try:
        message = await asyncio.get_running_loop().sock_recv(ear, 16 * 1024)
    except OSError:
        return True
    return any(word in message for word in _OF_INTEREST)
