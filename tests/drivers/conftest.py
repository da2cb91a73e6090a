"""A serial peer on a real pty, a context with its own clock, and a check that nothing is left behind."""

import asyncio
import os
import time
import tty
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from random import Random

import pytest

from drivers.contract import Context


class SerialPeer:
    """The far end of a serial line. `answer` is called with each chunk the host wrote and sends its own bytes."""

    def __init__(self) -> None:
        self.master, self.slave = os.openpty()
        tty.setraw(self.master)
        tty.setraw(self.slave)
        os.set_blocking(self.master, False)
        self.path = os.ttyname(self.slave)
        self.heard = bytearray()
        self.answer: Callable[[bytes], None] = lambda data: None
        self._news = asyncio.Event()
        self._plugged = True
        asyncio.get_running_loop().add_reader(self.master, self._readable)

    def send(self, data: bytes) -> None:
        if self._plugged:
            os.write(self.master, data)

    async def until_heard(self, wanted: bytes) -> None:
        """Waits until the host has sent exactly `wanted` since the last `forget`."""
        async with asyncio.timeout(20):  # of a crowded machine
            while len(self.heard) < len(wanted):
                self._news.clear()
                await self._news.wait()
        assert self.heard.hex(" ") == wanted.hex(" ")

    def forget(self) -> None:
        self.heard.clear()

    def unplug(self) -> None:
        if self._plugged:
            self._plugged = False
            asyncio.get_running_loop().remove_reader(self.master)
            os.close(self.master)
            os.close(self.slave)

    def _readable(self) -> None:
        try:
            data = os.read(self.master, 4096)
        except OSError:
            return
        self.heard += data
        self._news.set()
        self.answer(data)


class Notes(list[tuple[str, dict[str, object]]]):
    def __call__(self, name: str, **facts: object) -> None:
        self.append((name, facts))


@pytest.fixture
async def new_peer() -> AsyncIterator[Callable[[], SerialPeer]]:
    peers: list[SerialPeer] = []

    def make() -> SerialPeer:
        peers.append(SerialPeer())
        return peers[-1]

    yield make
    for peer in peers:
        peer.unplug()


@pytest.fixture
async def peer(new_peer: Callable[[], SerialPeer]) -> SerialPeer:
    return new_peer()


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def ctx(tmp_path: Path, notes: Notes) -> Context:
    return Context(clock=time.monotonic, random=Random(1), note=notes, runtime=str(tmp_path))


@pytest.fixture
def open_files() -> Callable[[], int]:
    return lambda: len(os.listdir("/proc/self/fd"))


@pytest.fixture
async def nothing_left(open_files: Callable[[], int]) -> AsyncIterator[None]:
    """Fails the test when a task or a file is still there after it."""
    tasks_before = asyncio.all_tasks()
    files_before = open_files()
    yield
    if left := asyncio.all_tasks() - tasks_before - {asyncio.current_task()}:
        _, left = await asyncio.wait(left, timeout=30)
    assert not left
    assert open_files() <= files_before


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], Awaitable[None]]:
    """Waits, turn by turn of the loop, until a condition holds that nothing announces."""

    async def wait(condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):  # of a crowded machine
            while not condition():
                await asyncio.sleep(0)

    return wait
