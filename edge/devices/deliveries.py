"""The host's side of a transfer: dial the hall once more, say which request this answers, and send the pictures."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import Any, Final

from drivers.errors import Absent, Busy, DeviceError, DriverFault, Gone
from edge.devices import messages as m
from edge.devices.attached import MISTAKES, Attached
from edge.devices.pictures import PictureStore
from edge.devices.transfers import blob
from edge.devices.ways import LocalWay, Way

MOST_PREVIEWS: Final = 2  # at once a host: a station box has two cores
EXPIRE_SECONDS: Final = 10.0


class Deliveries:
    """`picture` and `preview` return when all is sent or nobody takes it; they raise DeviceError."""

    def __init__(self, store: PictureStore, attached: Mapping[str, Attached]) -> None:
        self.store = store
        self.way: Way = LocalWay("")
        self._attached = attached
        self._previews = 0

    async def expire(self) -> None:
        while True:
            await asyncio.sleep(EXPIRE_SECONDS)
            self.store.expire()

    async def picture(self, wanted: m.Fetch) -> None:
        data = self.store.get(wanted.hash)
        async with self._dialled(wanted.id) as (_, writer):
            writer.write(blob(data))
            await writer.drain()

    async def preview(self, wanted: m.Preview) -> None:
        device = self._attached.get(wanted.device)
        if device is None:
            raise Absent(f"no device {wanted.device} here")
        if self._previews >= MOST_PREVIEWS:
            raise Busy("other previews")
        self._previews += 1
        try:
            async with self._dialled(wanted.id) as (reader, writer):
                await _until_hung_up(reader, _pump(device, wanted.rate, writer))
        finally:
            self._previews -= 1

    @asynccontextmanager
    async def _dialled(self, transfer_id: str) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        try:
            reader, writer = await self.way.open()
        except OSError:
            raise Gone("halld does not take pictures") from None
        lines = m.Lines(reader, writer)
        try:
            lines.send(m.Stream(id=transfer_id))
            yield reader, writer
        except ConnectionError:
            return  # nobody takes it any more
        finally:
            await lines.close()


async def _pump(device: Attached, rate: float, writer: asyncio.StreamWriter) -> None:
    try:
        async with aclosing(device.preview(rate)) as frames:  # type: ignore[type-var]
            async for frame in frames:
                writer.write(blob(frame))
                await writer.drain()
    except MISTAKES as error:
        if isinstance(error, ConnectionError):
            raise
        raise DriverFault(f"preview: {type(error).__name__}") from error


async def _until_hung_up(reader: asyncio.StreamReader, work: Coroutine[Any, Any, None]) -> None:
    """Run `work` until it ends or the hall closes the connection; neither outlives this call."""
    working = asyncio.ensure_future(work)
    listening = asyncio.ensure_future(reader.read(1))
    try:
        await asyncio.wait((working, listening), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (working, listening):
            task.cancel()
        outcomes = await asyncio.gather(working, listening, return_exceptions=True)
    if isinstance(outcomes[0], DeviceError | ConnectionError):
        raise outcomes[0]
