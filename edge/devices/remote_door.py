"""Where device hosts on other machines come in: mutual TLS 1.3, each held to the place its certificate names."""

import asyncio
import socket
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import structlog

from edge.devices import messages as m
from edge.devices.peers import Peer
from edge.devices.registry import Registry
from edge.devices.ways import HANDSHAKE_SECONDS, SHUTDOWN_SECONDS

log = structlog.get_logger("devices")
MOST_HANDSHAKES: Final = 64  # at once; whoever stalls loses his place after HANDSHAKE_SECONDS
MOST_OF_ONE_ADDRESS: Final = 8  # so that one machine that stalls keeps no other waiting
BIND_AGAIN_SECONDS: Final = 5.0
ACCEPT_AGAIN_SECONDS: Final = 0.1
_WAITING: Final = 64

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter, str], Any]


class Unwelcome(Exception):
    """A certificate of the hall that does not open this door; the text is the `why` of `refused`."""


# A certificate as ssl gives it (getpeercert) -> the peer. Raises Unwelcome.
Admit = Callable[[Mapping[str, Any]], Peer]


class RemoteDoor:
    """`hang_up` ends what is connected under a certificate, at once."""

    def __init__(self, registry: Registry, context: ssl.SSLContext, admit: Admit) -> None:
        self._registry = registry
        self._context = context
        self._admit = admit
        self._open: dict[str, set[m.Lines]] = {}

    async def serve(self, listen: str) -> None:
        """Until cancelled. An address that is taken is tried again and again: the hall opens without it."""
        async with asyncio.TaskGroup() as group:

            async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: str) -> None:
                await self._greet(reader, writer, address, group)

            while True:
                try:
                    async with tls_listener(listen, self._context, greet) as port:
                        log.info("device hosts may come in", port=port)
                        await asyncio.get_running_loop().create_future()
                except OSError as error:
                    log.error("no device host can come in", listen=listen, why=str(error))
                    await asyncio.sleep(BIND_AGAIN_SECONDS)

    def hang_up(self, serial: str) -> None:
        for lines in tuple(self._open.get(serial, ())):
            lines.abort()

    async def _greet(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: str, group: asyncio.TaskGroup
    ) -> None:
        lines = m.Lines(reader, writer, silence=m.LOST_AFTER_SECONDS)
        certificate = writer.get_extra_info("peercert") or {}
        try:
            peer = self._admit(certificate)
        except Unwelcome as error:
            log.warning(
                "a machine was refused", address=address, why=str(error), serial=certificate.get("serialNumber")
            )
            lines.send(m.Refused(why=str(error)))
            await lines.close()
            return
        connected = self._open.setdefault(peer.serial, set())
        connected.add(lines)
        try:
            await self._registry.converse(lines, reader, peer, group)
        finally:
            connected.discard(lines)


@asynccontextmanager
async def tls_listener(listen: str, context: ssl.SSLContext, serve: Serve) -> AsyncIterator[int]:
    """Accept until the block ends; its value is the port. Whoever fails in the handshake is named in the log.

    Raises OSError when the address is taken or not ours.
    """
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    with listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, int(port)))
        listener.listen(_WAITING)
        listener.setblocking(False)
        async with asyncio.TaskGroup() as group:
            accepting = group.create_task(_accept(listener, context, serve))
            try:
                yield int(listener.getsockname()[1])
            finally:
                accepting.cancel()


async def _accept(listener: socket.socket, context: ssl.SSLContext, serve: Serve) -> None:
    """Connections end with this."""
    loop, places = asyncio.get_running_loop(), asyncio.Semaphore(MOST_HANDSHAKES)
    shaking = Counter[str]()
    async with asyncio.TaskGroup() as group:
        while True:
            await places.acquire()
            try:
                connection, address = await loop.sock_accept(listener)
            except OSError as error:  # no descriptors left, or the other side was quicker
                places.release()
                log.warning("a connection was lost before it began", why=error.strerror)
                await asyncio.sleep(ACCEPT_AGAIN_SECONDS)
                continue
            if shaking[str(address[0])] >= MOST_OF_ONE_ADDRESS:
                places.release()
                connection.close()
                continue
            shaking[str(address[0])] += 1
            group.create_task(_serve_one(connection, str(address[0]), context, serve, _Place(places, shaking)))


@dataclass(frozen=True, slots=True)
class _Place:
    """Of one handshake, in all and at its address."""

    places: asyncio.Semaphore
    shaking: Counter[str]

    def release(self, address: str) -> None:
        self.places.release()
        self.shaking[address] -= 1
        if not self.shaking[address]:
            del self.shaking[address]


async def _serve_one(
    connection: socket.socket, address: str, context: ssl.SSLContext, serve: Serve, place: _Place
) -> None:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=m.MAX_LINE, loop=loop)
    protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
    try:
        transport, _ = await loop.connect_accepted_socket(
            lambda: protocol,
            connection,
            ssl=context,
            ssl_handshake_timeout=HANDSHAKE_SECONDS,
            ssl_shutdown_timeout=SHUTDOWN_SECONDS,
        )
    except OSError as error:  # ssl.SSLError is one
        log.warning("a stranger was refused", address=address, why=_plainly(error))
        return
    finally:
        place.release(address)
    writer = asyncio.StreamWriter(transport, protocol, reader, loop)
    try:
        await serve(reader, writer, address)
    finally:
        writer.close()


def _plainly(error: OSError) -> str:
    return (getattr(error, "verify_message", "") or getattr(error, "reason", "") or str(error)) or type(error).__name__
