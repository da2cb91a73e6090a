"""Pictures on their way from a host to the hall: each transfer has a connection of its own, dialled by the host.

So a page of a megabyte delays no key press, and a preview that nobody takes off slows down nothing but itself.
"""

import asyncio
import hashlib
import struct
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Final

from drivers.errors import DeviceError, Garbled, Gone, Late
from edge.devices import messages as m

MOST_BLOB: Final = 48 * 1024 * 1024
FETCH_SECONDS: Final = 15.0
FIRST_FRAME_SECONDS: Final = 10.0
_SIZE: Final = struct.Struct(">I")
_AFTERWORD_SECONDS: Final = 1.0

Send = Callable[[m.Message], None]


def blob(data: bytes) -> bytes:
    return _SIZE.pack(len(data)) + data


class Transfer:
    """One id, from the request until the last byte or what went wrong."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.over = asyncio.Event()
        self._reader: asyncio.Future[asyncio.StreamReader] = loop.create_future()
        self._trouble: asyncio.Future[DeviceError] = loop.create_future()

    def arrive(self, reader: asyncio.StreamReader) -> bool:
        """False when one has come already."""
        if self._reader.done():
            return False
        self._reader.set_result(reader)
        return True

    def fail(self, error: DeviceError) -> None:
        if not self._trouble.done():
            self._trouble.set_result(error)

    async def next(self) -> bytes:
        """The next blob. Raises what the host said is wrong, Gone when the connection just ended."""
        await asyncio.wait((self._reader, self._trouble), return_when=asyncio.FIRST_COMPLETED)
        if not self._reader.done():
            raise self._trouble.result()
        reader = self._reader.result()
        try:
            (size,) = _SIZE.unpack(await reader.readexactly(_SIZE.size))
            if size > MOST_BLOB:
                raise Garbled("a picture beyond all measure")
            return await reader.readexactly(size)
        except (asyncio.IncompleteReadError, ConnectionError):
            raise await self._afterword() from None

    async def _afterword(self) -> DeviceError:
        """What went wrong comes on the main connection, perhaps a moment after the end of this one."""
        await asyncio.wait((self._trouble,), timeout=_AFTERWORD_SECONDS)
        return self._trouble.result() if self._trouble.done() else Gone("the pictures ended")


class Transfers:
    """Those of one host connection, by id."""

    def __init__(self) -> None:
        self._open: dict[str, Transfer] = {}

    def __contains__(self, transfer_id: str) -> bool:
        return transfer_id in self._open

    async def carry(self, transfer_id: str, reader: asyncio.StreamReader) -> None:
        """Returns when nobody needs the connection any more; at once when nobody waits for it."""
        transfer = self._open.get(transfer_id)
        if transfer is not None and transfer.arrive(reader):
            await transfer.over.wait()

    def fail(self, transfer_id: str, error: DeviceError) -> None:
        self._open[transfer_id].fail(error)

    def fail_all(self, error: DeviceError) -> None:
        for transfer in self._open.values():
            transfer.fail(error)
            transfer.over.set()

    async def fetch(self, transfer_id: str, digest: str, send: Send) -> bytes:
        """Raises Absent, Late, Gone, Garbled (other bytes than asked for). The host forgets it when it is all here."""
        with self._expected(transfer_id) as transfer:
            send(m.Fetch(id=transfer_id, hash=digest))
            data = await _within(FETCH_SECONDS, transfer)
        if hashlib.sha256(data).hexdigest() != digest:
            raise Garbled("another picture came than was asked for")
        send(m.Drop(hash=digest))
        return data

    async def preview(self, transfer_id: str, device: str, rate: float, send: Send) -> AsyncIterator[bytes]:
        try:
            with self._expected(transfer_id) as transfer:
                send(m.Preview(id=transfer_id, device=device, rate=rate))
                yield await _within(FIRST_FRAME_SECONDS, transfer)
                while True:
                    yield await transfer.next()
        finally:
            send(m.Cancel(id=transfer_id))

    @contextmanager
    def _expected(self, transfer_id: str) -> Iterator[Transfer]:
        transfer = self._open[transfer_id] = Transfer()
        try:
            yield transfer
        finally:
            transfer.over.set()
            del self._open[transfer_id]


async def _within(seconds: float, transfer: Transfer) -> bytes:
    try:
        async with asyncio.timeout(seconds):
            return await transfer.next()
    except TimeoutError:
        raise Late(f"no picture within {seconds:g} s") from None
