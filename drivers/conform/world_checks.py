"""Checks on a real line of this machine, in real time: a pty or a loopback socket, and what is left afterwards."""

import asyncio
import gc
import os
import threading
import tty
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from drivers.conform.line import Line
from drivers.conform.peers import Peer, Say, Silent
from drivers.conform.real_lines import dialling, on_event_node, serve
from drivers.conform.real_lines import speak as play
from drivers.conform.result import Findings
from drivers.conform.rig import OPEN_SECONDS, Rig, Subject, session
from drivers.errors import Busy, DeviceError
from drivers.links import make_link

_LIVES: Final = 20
_SECONDS: Final = 30.0
_PROMPT_SECONDS: Final = 1.0


def real_line(subject: Subject, findings: Findings) -> None:
    """The session once, then 20 lives, on a real line; no descriptor, thread or process stays."""
    before = Belongings()
    asyncio.run(_lived(subject, findings))
    findings.add("left", before.more())


async def _lived(subject: Subject, findings: Findings) -> None:
    async with asyncio.timeout(_SECONDS), served(subject) as url:
        rig = _rig(subject, url)
        outcome = await session(rig)
        findings.add("session", outcome.shortfall)
        await rig.close()
        for _ in range(_LIVES):
            findings.tried += 1
            try:
                await rig.open()
            except DeviceError as trouble:
                findings.add("", [f"{trouble.code}: {trouble.detail}"])
                break
            finally:
                await rig.close()
        findings.add("", rig.mistakes)


def on_link(subject: Subject, url: str, findings: Findings) -> None:
    """Twenty lives on a real device: open, one heartbeat, close, each within its second."""
    before = Belongings()
    asyncio.run(_lives_on(subject, url, findings))
    findings.add("left", before.more())


async def _lives_on(subject: Subject, url: str, findings: Findings) -> None:
    rig, now = _rig(subject, url), asyncio.get_running_loop().time
    for life in range(_LIVES):
        findings.tried += 1
        begun = now()
        try:
            async with asyncio.timeout(OPEN_SECONDS):
                await rig.open()
                await rig.driver.check()
        except (DeviceError, TimeoutError) as problem:
            findings.add(f"life {life + 1}", [f"{type(problem).__name__} {problem}"])
        await rig.close()
        if now() - begun > 2 * _PROMPT_SECONDS:
            findings.add(f"life {life + 1}", [f"{now() - begun:.1f} s"])
    findings.add("", rig.mistakes)


def double_claim(subject: Subject, findings: Findings) -> None:
    """Two on one serial port: the second is told who holds it, and the first does not notice."""
    findings.tried = 1
    asyncio.run(_claimed_twice(subject, findings))


async def _claimed_twice(subject: Subject, findings: Findings) -> None:
    async with asyncio.timeout(_SECONDS), served(subject, claimable=True) as url:
        first, second = make_link(url, _rig(subject, url).ctx), _rig(subject, url)
        await first.open()
        outcome = await session(second)
        await second.close()
        if not isinstance(outcome.trouble, Busy):
            findings.add("", ["the second got in", *outcome.mistakes])
        elif str(os.getpid()) not in outcome.trouble.holder:
            findings.add("", [f"does not say who holds it: {outcome.trouble.holder}"])
        if not first.is_open:
            findings.add("", ["the first lost its port"])
        await first.close()
        again = await session(second)
        findings.add("when it is free", again.shortfall)
        await second.close()


def is_serial(subject: Subject) -> bool:
    info = (subject.classes[subject.recording.bus.driver] if subject.recording.bus else subject.cls).info
    return "serial" in info.links


def _rig(subject: Subject, url: str) -> Rig:
    rig = Rig(subject, Line(Silent))
    return Rig(subject, rig.line, make_link(url, rig.ctx))


@asynccontextmanager
async def served(subject: Subject, claimable: bool = False) -> AsyncIterator[str]:
    """The bench's peer on a real line, as a link's URL."""
    peer = subject.bench.make_peer()
    if subject.bench.scheme == "input":
        async with on_event_node(peer, subject.folder) as url:
            yield url
        return
    if subject.bench.scheme == "ws":
        async with dialling(peer) as url:
            yield url
        return
    if subject.bench.scheme == "serial" or claimable:
        async with _on_pty(peer) as path:
            yield f"serial://{path}?baud={subject.bench.baud or 115200}"
        return
    serving: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.add(asyncio.ensure_future(serve(peer, reader, writer)))

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"{subject.bench.scheme}://127.0.0.1:{port}{'/' if subject.bench.scheme in ('http', 'ipp') else ''}"
    finally:
        server.close()
        for each in serving:
            each.cancel()
        await asyncio.gather(*serving, return_exceptions=True)
        await server.wait_closed()


@asynccontextmanager
async def _on_pty(peer: Peer) -> AsyncIterator[str]:
    master, slave = os.openpty()
    tty.setraw(master)
    tty.setraw(slave)
    os.set_blocking(master, False)
    loop = asyncio.get_running_loop()
    speaking: set[asyncio.Future[None]] = set()

    def speak(says: Iterable[Say]) -> None:
        speaking.add(asyncio.ensure_future(play(says, lambda data: os.write(master, data))))

    loop.add_reader(master, lambda: speak(peer.hear(os.read(master, 65536))))
    speak(peer.connected())
    try:
        yield os.ttyname(slave)
    finally:
        loop.remove_reader(master)
        for each in speaking:
            each.cancel()
        await asyncio.gather(*speaking, return_exceptions=True)
        os.close(master)
        os.close(slave)


class Belongings:
    """Descriptors, threads and child processes of this process, counted at one moment."""

    def __init__(self) -> None:
        gc.collect()
        self._descriptors = _descriptors()
        self._threads = threading.active_count()
        self._children = _children()

    def more(self) -> list[str]:
        """What there is now beyond that."""
        now = Belongings()
        pairs = (
            ("descriptors", now._descriptors - self._descriptors),
            ("threads", now._threads - self._threads),
            ("processes", len(now._children - self._children)),
        )
        return [f"{number} {name}" for name, number in pairs if number > 0]


def _descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def _children() -> set[str]:
    found: set[str] = set()
    for task in Path("/proc/self/task").iterdir():
        try:
            found |= set((task / "children").read_text().split())
        except OSError:
            continue  # a thread that ended between the two looks
    return found
