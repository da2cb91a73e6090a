"""The camera on its port, and the hands that put papers under it."""

import asyncio
from collections.abc import Callable, Mapping
from random import Random
from typing import Any, Final

from PIL import Image

from hw_sim.camera.desk import Desk, Lying, Point
from hw_sim.camera.eye import Eye, counter_view
from hw_sim.camera.http import HttpDoor, say
from hw_sim.camera.pages import Page
from hw_sim.clock import Clock
from hw_sim.device import Device
from hw_sim.faults import FaultWord
from hw_sim.loopback import HOST

MAIN: Final = "/main"
SIDE: Final = "/side"
BOUNDARY: Final = "frame"
MOST_CLIENTS: Final = 4
DEFAULT_SLOW, DEFAULT_HANG = 2.0, 5.0  # seconds
_SEND_BUFFER: Final = 1 << 16
_FARTHEST_MM: Final = 500.0
_LOGIN_PAGE: Final = b"<html><title>Router</title><form>password <input type=password></form></html>"


class Camera(Device):
    """`fps`: frames a second to each client. `side`: the device id of a second lens, at its own path."""

    kind = "camera"
    troubles = frozenset(
        {
            FaultWord.SILENT,
            FaultWord.HANG,
            FaultWord.DROP,
            FaultWord.SLOW,
            FaultWord.STALE,
            FaultWord.SHORT,
            FaultWord.NOISE,
            FaultWord.NAK,
            FaultWord.WRONG_DEVICE,
            FaultWord.POWER_CUT,
            FaultWord.UNPLUG,
            FaultWord.ELSEWHERE,
        }
    )

    def __init__(
        self,
        id: str,
        clock: Clock,
        random: Random,
        *,
        pages: Mapping[str, Page],
        width: int = 1920,
        height: int = 1080,
        fps: float = 15.0,
        port: int = 0,
        side: str | None = None,
    ) -> None:
        super().__init__(id, clock, random)
        self.pages = pages
        self.width, self.height, self.fps = width, height, fps
        self.side = side
        self.lying = Lying()
        self.frames = 0
        self._desk = Desk(width, height, random)
        self._eyes = {MAIN: Eye(self._desk, self._desk.picture)}
        if side is not None:
            self._eyes[SIDE] = Eye(self._desk, self._counter)
        self._door = HttpDoor(port, self._serve, self._chores.spawn, self.changed.tell)
        self._frozen: dict[str, tuple[bytes, float]] = {}
        self._looked: tuple[Lying, bytes] | None = None

    @property
    def link(self) -> str:
        return f"http://{HOST}:{self._door.port}{MAIN}"

    @property
    def side_link(self) -> str:
        return f"http://{HOST}:{self._door.port}{SIDE}"

    def corners(self) -> tuple[Point, Point, Point, Point] | None:
        """Of the page in the frame, in pixels: its own top left, top right, bottom right, bottom left."""
        page = self.lying.page
        return None if page is None else self._desk.lens.corners(page.size, self.lying)

    def picture(self) -> bytes | None:
        if self._looked is None or self._looked[0] != self.lying:
            self._looked = self.lying, self._eyes[MAIN].look(self.lying)
        return self._looked[1]

    async def start(self) -> None:
        self._join()

    async def stop(self) -> None:
        self._door.shut()
        await super().stop()

    # --- hands ------------------------------------------------------------------------------------------------------

    def actions(self) -> dict[str, Callable[..., None]]:
        return {
            **super().actions(),
            "lay_page": self.lay_page,
            "lift_page": self.lift_page,
            "turn": self.turn,
            "shift": self.shift,
            "glare": self.glare,
            "dim": self.dim,
            "blur": self.blur,
        }

    def lay_page(self, page: str) -> None:
        """Upright in the middle, in place of another one."""
        if page not in self.pages:
            raise ValueError(f"{self.id}: no page {page!r}; there are: {', '.join(sorted(self.pages))}")
        self._set(page=self.pages[page], turn=0.0, dx=0.0, dy=0.0)

    def lift_page(self) -> None:
        self._set(page=None, turn=0.0, dx=0.0, dy=0.0)

    def turn(self, degrees: float) -> None:
        """Clockwise from upright."""
        self._set(turn=self._number("turn", degrees, -360, 360))

    def shift(self, dx: float, dy: float) -> None:
        """Millimetres from the middle, to the right and down."""
        far = _FARTHEST_MM
        self._set(dx=self._number("dx", dx, -far, far), dy=self._number("dy", dy, -far, far))

    def glare(self, on: bool) -> None:
        self._set(glare=self._word("glare", on))

    def dim(self, level: float) -> None:
        """0 = full light, 1 = none."""
        self._set(dim=self._number("dim", level, 0, 1))

    def blur(self, on: bool) -> None:
        self._set(blur=self._word("blur", on))

    def plug(self) -> None:
        super().plug()
        self._join()

    def unplug(self) -> None:
        super().unplug()
        self._door.shut()

    def power(self, on: bool) -> None:
        super().power(on)
        if on:
            self._join()
        else:
            self._door.shut()

    def look(self) -> dict[str, Any]:
        lying, corners = self.lying, self.corners()
        return {
            "width": self.width,
            "height": self.height,
            "fps": self.fps,
            "side": self.side,
            "page": None if lying.page is None else lying.page.id,
            "turn": lying.turn,
            "shift": [lying.dx, lying.dy],
            "glare": lying.glare,
            "dim": lying.dim,
            "blur": lying.blur,
            "corners": None if corners is None else [[round(x, 1), round(y, 1)] for x, y in corners],
            "pages": list(self.pages),
            "clients": self._door.clients,
            "frames": self.frames,
        }

    def _set(self, **values: Any) -> None:
        known = {name: getattr(self.lying, name) for name in Lying.__dataclass_fields__}
        self.lying = Lying(**{**known, **values})
        self.changed.tell()

    def _number(self, what: str, value: float, least: float, most: float) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise ValueError(f"{self.id}: {what} is a number from {least:g} to {most:g}, not {value!r}")
        return float(value)

    def _word(self, what: str, value: bool) -> bool:
        if not isinstance(value, bool):
            raise ValueError(f"{self.id}: {what}: on must be true or false, not {value!r}")
        return value

    def _counter(self, _: Lying) -> Image.Image:
        return counter_view(self.width, self.height)

    # --- the wire ---------------------------------------------------------------------------------------------------

    async def _serve(self, path: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.faults.strike(FaultWord.SILENT):
            await reader.read()
        elif self.faults.strike(FaultWord.WRONG_DEVICE):
            say(writer, 200, "text/html", _LOGIN_PAGE)
        elif nak := self.faults.strike(FaultWord.NAK):
            say(writer, int(nak.amount) or 503)
        elif path not in self._eyes:
            say(writer, 404)
        elif self._door.clients > MOST_CLIENTS:
            say(writer, 503)
        else:
            await self._show(path, reader, writer)

    async def _show(self, path: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.changed.tell()
        writer.transport.set_write_buffer_limits(_SEND_BUFFER)
        say(writer, 200, f"multipart/x-mixed-replace; boundary={BOUNDARY}", None)
        stream = asyncio.ensure_future(self._stream(path, writer))
        leaving = asyncio.ensure_future(reader.read())
        try:
            await asyncio.wait({stream, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stream.cancel()
            leaving.cancel()
            ended = await asyncio.gather(stream, leaving, return_exceptions=True)
        for error in ended:
            if isinstance(error, Exception) and not isinstance(error, OSError):
                raise error

    async def _stream(self, path: str, writer: asyncio.StreamWriter) -> None:
        due = self.clock.now()
        while True:
            await self._wait_for_trouble()
            jpeg, at = await self._next(path)
            part = _part(self._spoilt(jpeg), at)
            if self.faults.strike(FaultWord.DROP):
                writer.write(part[: len(part) // 2])
                await writer.drain()
                return
            writer.write(part)
            await writer.drain()
            self.frames += 1
            due = max(due + 1 / self.fps, self.clock.now())
            await self.clock.sleep(due - self.clock.now())

    async def _wait_for_trouble(self) -> None:
        """The trouble that costs time, without an end where it has no seconds."""
        if hang := self.faults.strike(FaultWord.HANG):
            if hang.amount or hang.times:
                await self.clock.sleep(hang.amount or DEFAULT_HANG)
            else:
                await self.changed.until(lambda: FaultWord.HANG not in self.faults)
        if slow := self.faults.strike(FaultWord.SLOW):
            await self.clock.sleep(slow.amount or DEFAULT_SLOW)

    async def _next(self, path: str) -> tuple[bytes, float]:
        """A frame and its moment; for a stale camera always the one it had when it froze."""
        if not self.faults.strike(FaultWord.STALE):
            self._frozen.pop(path, None)
            return await self._eyes[path].frame(self.lying), self.clock.now()
        if path not in self._frozen:
            self._frozen[path] = await self._eyes[path].frame(self.lying), self.clock.now()
        return self._frozen[path]

    def _spoilt(self, jpeg: bytes) -> bytes:
        if self.faults.strike(FaultWord.SHORT):
            return jpeg[: len(jpeg) // 2]
        if noise := self.faults.strike(FaultWord.NOISE):
            spoilt = bytearray(jpeg)
            for _ in range(max(1, round(len(jpeg) * (noise.amount or 0.01)))):
                spoilt[self.random.randrange(len(spoilt))] = self.random.randrange(256)
            return bytes(spoilt)
        return jpeg

    def _join(self) -> None:
        if self.plugged and self.powered:
            self._door.open(elsewhere=FaultWord.ELSEWHERE in self.faults)

    def _move(self) -> None:
        self._door.shut()
        self._join()


def _part(jpeg: bytes, at: float) -> bytes:
    head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\nX-Timestamp: {at:.6f}\r\n\r\n"
    return head.encode() + jpeg + b"\r\n"
