"""One connection to a camera's picture stream, open only while somebody uses it, and what is new on it."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, Protocol

from drivers.camera.http import Dechunker, Head, boundary_of, request, split_head
from drivers.camera.multipart import Frame, FrameReader
from drivers.contract import Link
from drivers.errors import DeviceError, Garbled, Late
from drivers.links.http import HttpLink

_PIECE: Final = 256 * 1024


class Pictures(Protocol):
    """Where pictures come from, from `open` to `close`. One reader at a time. Raises DeviceError."""

    async def open(self) -> None: ...

    async def next(self) -> Frame: ...

    async def close(self) -> None: ...


class FrameStream:
    """The whole pictures of one page of the camera's server, from `open` to `close`. One reader at a time."""

    def __init__(self, link: HttpLink, frame_seconds: float) -> None:
        self._link = link
        self._frame_seconds = frame_seconds
        self._reader = FrameReader(b"")
        self._unchunk: Dechunker | None = None
        self._ready: deque[Frame] = deque()
        self.head = Head(0, {})

    async def open(self) -> None:
        """Raises Late, Garbled, and what connecting and the server's answer raise."""
        await self._link.open()
        try:
            async with asyncio.timeout(self._frame_seconds):
                await self._link.write(request(self._link.host, self._link.target))
                self.head, rest = await _head_of(self._link)
        except TimeoutError:
            raise Late(f"no answer within {self._frame_seconds:g} s") from None
        self._reader = FrameReader(boundary_of(self.head))
        self._unchunk = Dechunker() if self.head.chunked else None
        self._ready.clear()
        self._take(rest)

    async def next(self) -> Frame:
        """Raises Late when no whole picture came in time, Garbled when damaged ones did, Gone when the camera left."""
        before = self._reader.damaged
        try:
            async with asyncio.timeout(self._frame_seconds):
                while not self._ready:
                    self._take(await self._link.read(_PIECE))
        except TimeoutError:
            if damaged := self._reader.damaged - before:
                raise Garbled(f"{damaged} damaged pictures and no whole one") from None
            raise Late(f"no picture within {self._frame_seconds:g} s") from None
        return self._ready.popleft()

    async def close(self) -> None:
        await self._link.close()

    def _take(self, data: bytes) -> None:
        self._ready.extend(self._reader.feed(self._unchunk.feed(data) if self._unchunk else data))


async def _head_of(link: Link) -> tuple[Head, bytes]:
    data = b""
    while (found := split_head(data)) is None:
        data += await link.read(_PIECE)
    return found


class Freshness:
    """Whether a picture was taken after `start`, from what the camera says of it and from its bytes.

    A stamp (the camera's time or count) that does not grow means the same picture again, however often it comes: it is
    never used. Without stamps the second picture of a connection is the first that was surely taken after the
    request: some servers begin with the last picture they hold. Without stamps and with the same bytes throughout
    nothing proves that the picture is new; `unproven` says so.
    """

    def __init__(self) -> None:
        self._first: Frame | None = None
        self.unproven = False

    def is_new(self, frame: Frame) -> bool:
        """Ask once for each picture, in order. The first of a connection is never new: it may have waited there."""
        first = self._first
        if first is None:
            self._first = frame
            return False
        if frame.stamp is not None and first.stamp is not None:
            # A smaller stamp is a camera that started again.
            return frame.stamp != first.stamp
        self.unproven = frame.jpeg == first.jpeg
        return True


class Shared:
    """One stream for all who look at a camera, since many cameras serve only one; open while somebody looks."""

    def __init__(self, stream: Pictures) -> None:
        self.stream = stream
        self._watchers: set[Watch] = set()
        self._pump: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def watched(self) -> AsyncIterator["Watch"]:
        watch = Watch()
        self._watchers.add(watch)
        if self._pump is None or self._pump.done():
            self._pump = asyncio.create_task(self._run())
        try:
            yield watch
        finally:
            self._watchers.discard(watch)
            if not self._watchers:
                await self.close()

    async def close(self) -> None:
        pump, self._pump = self._pump, None
        if pump is not None:
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)

    async def _run(self) -> None:
        """Read as fast as the camera sends: what waits in a socket is old."""
        try:
            await self.stream.open()
            while True:
                frame = await self.stream.next()
                for watch in self._watchers:
                    watch.put(frame)
        except DeviceError as trouble:
            for watch in self._watchers:
                watch.put(trouble)
        finally:
            await self.stream.close()


class Watch:
    """The newest picture for one who looks; those nobody took in time are dropped."""

    def __init__(self) -> None:
        self._newest: Frame | DeviceError | None = None
        self._came = asyncio.Event()

    def put(self, what: Frame | DeviceError) -> None:
        self._newest = what
        self._came.set()

    async def next(self) -> Frame:
        """Raises what ended the stream, each time."""
        await self._came.wait()
        if isinstance(self._newest, DeviceError):
            raise self._newest
        assert self._newest is not None
        self._came.clear()
        return self._newest
