"""Real lines of this machine that are neither a pty nor a socket to be dialled: an event node, and a listener."""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from drivers.conform.peers import Peer, Say

_PLACE: Final = "platform-line"
_EVENT: Final = "input0/event0"
_TRIES_SECONDS: Final = 0.02


async def speak(says: Iterable[Say], write: object) -> None:
    for say in says:
        await asyncio.sleep(say.after)
        write(say.data)  # type: ignore[operator]


async def serve(peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    speaking = {asyncio.ensure_future(speak(peer.connected(), writer.write))}
    try:
        while data := await reader.read(65536):
            speaking.add(asyncio.ensure_future(speak(peer.hear(data), writer.write)))
    except ConnectionError:
        return
    finally:
        for each in speaking:
            each.cancel()
        writer.transport.abort()
        await asyncio.gather(*speaking, return_exceptions=True)


@asynccontextmanager
async def on_event_node(peer: Peer, root: Path) -> AsyncIterator[str]:
    """A FIFO in the place of the node: it cannot be grabbed, the rest is the same. The link by its socket."""
    device = root / "sys/devices/line"
    for folder in (device / _EVENT, root / "sys/class/input", root / "dev/input"):
        folder.mkdir(parents=True, exist_ok=True)
    links = {
        device / "subsystem": Path("../../bus/platform"),
        root / "sys/class/input/event0": device / "input0/event0",
    }
    for link, target in links.items():
        link.unlink(missing_ok=True)
        link.symlink_to(target)
    node = root / "dev/input/event0"
    node.unlink(missing_ok=True)
    os.mkfifo(node)
    handle = os.open(node, os.O_RDWR | os.O_NONBLOCK)
    speaking = asyncio.ensure_future(speak(peer.connected(), lambda data: os.write(handle, data)))
    try:
        yield f"input-at:{_PLACE}"
    finally:
        speaking.cancel()
        await asyncio.gather(speaking, return_exceptions=True)
        os.close(handle)


@asynccontextmanager
async def dialling(peer: Peer) -> AsyncIterator[str]:
    """The peer dials whoever listens, again and again. The link to listen on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    work = asyncio.create_task(_dial(peer, port))
    try:
        yield f"ws://127.0.0.1:{port}"
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)


async def _dial(peer: Peer, port: int) -> None:
    while True:
        with contextlib.suppress(ConnectionError):
            await serve(peer, *await asyncio.open_connection("127.0.0.1", port))
        await asyncio.sleep(_TRIES_SECONDS)
