"""A camera's web server, byte for byte: a multipart/x-mixed-replace stream whose troubles the test chooses."""

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from PIL import Image

Send = Callable[[bytes], Awaitable[None]]
Script = Callable[["Camera", Send], Awaitable[None]]

HEAD = b"HTTP/1.1 200 OK\r\nServer: TestCam/1.0\r\nContent-Type: multipart/x-mixed-replace; boundary=%s\r\n\r\n"
BOUNDARY = b"frameboundary"


def flat_jpeg(grey: int, size: tuple[int, int] = (320, 240)) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", size, (grey, grey, grey)).save(data, "JPEG")
    return data.getvalue()


PICTURES = tuple(flat_jpeg(40 + 20 * n) for n in range(8))


def part(jpeg: bytes, *, length: int | None = -1, stamp: float | None = None) -> bytes:
    """`length` -1: the true one; None: no Content-Length line."""
    lines = [b"--" + BOUNDARY, b"Content-Type: image/jpeg"]
    if length is not None:
        lines.append(b"Content-Length: %d" % (len(jpeg) if length == -1 else length))
    if stamp is not None:
        lines.append(b"X-Timestamp: %.6f" % stamp)
    return b"\r\n".join(lines) + b"\r\n\r\n" + jpeg + b"\r\n"


class Camera:
    """`script` runs for each connection. `looking`: connections open now; `asked`: request lines so far."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.asked: list[bytes] = []
        self.looking = 0
        self.port = 0
        self.gone = asyncio.Event()  # set while nobody looks
        self.gone.set()
        self.tick = 0.02

    def link(self, path: str = "/stream") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.looking += 1
        self.gone.clear()

        async def send(data: bytes) -> None:
            writer.write(data)
            await writer.drain()

        try:
            request = await reader.readuntil(b"\r\n\r\n")
            self.asked.append(request.split(b"\r\n")[0])
            await self.script(self, send)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            self.looking -= 1
            if not self.looking:
                self.gone.set()


@asynccontextmanager
async def camera(script: Script) -> AsyncIterator[Camera]:
    made = Camera(script)
    tasks: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(made.serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def steady(here: Camera, send: Send) -> None:
    """A healthy camera with time stamps."""
    await send(HEAD % BOUNDARY)
    number = 0
    while True:
        await send(part(PICTURES[number % len(PICTURES)], stamp=1000.0 + number))
        number += 1
        await asyncio.sleep(here.tick)


def showing(jpeg: bytes, stamps: bool = True) -> Script:
    async def script(here: Camera, send: Send) -> None:
        await send(HEAD % BOUNDARY)
        number = 0
        while True:
            await send(part(jpeg, stamp=float(number) if stamps else None))
            number += 1
            await asyncio.sleep(here.tick)

    return script


async def hangs(here: Camera, send: Send) -> None:
    await send(HEAD % BOUNDARY)
    await send(part(PICTURES[0], stamp=1.0))
    await asyncio.Event().wait()


async def never_answers(here: Camera, send: Send) -> None:
    await asyncio.Event().wait()


async def old_picture(here: Camera, send: Send) -> None:
    await send(HEAD % BOUNDARY)
    while True:
        await send(part(PICTURES[0], stamp=1.0))
        await asyncio.sleep(here.tick)


async def half_pictures(here: Camera, send: Send) -> None:
    await send(HEAD % BOUNDARY)
    while True:
        await send(part(PICTURES[0][: len(PICTURES[0]) // 2]))
        await asyncio.sleep(here.tick)


async def every_other_half(here: Camera, send: Send) -> None:
    await send(HEAD % BOUNDARY)
    for number in range(10_000):
        jpeg = PICTURES[number % 8]
        await send(part(jpeg[: len(jpeg) // 2] if number % 2 else jpeg, length=len(jpeg), stamp=float(number)))
        await asyncio.sleep(here.tick)


async def closes_in_the_middle(here: Camera, send: Send) -> None:
    await send(HEAD % BOUNDARY)
    await send(part(PICTURES[0], stamp=1.0))
    await send(part(PICTURES[1], stamp=2.0)[:200])


def says(answer: bytes) -> Script:
    async def script(here: Camera, send: Send) -> None:
        await send(answer)

    return script


async def chunked(here: Camera, send: Send) -> None:
    await send((HEAD % BOUNDARY)[:-2] + b"Transfer-Encoding: chunked\r\n\r\n")
    for number in range(10_000):
        data = part(PICTURES[number % 8], stamp=float(number))
        for piece in (data[:100], data[100:]):
            await send(b"%x\r\n" % len(piece) + piece + b"\r\n")
        await asyncio.sleep(here.tick)
