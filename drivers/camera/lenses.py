"""What document cameras have in common, however their pictures come: fresh pictures, pages, previews.

Such a driver runs in a worker process: decoders are native code. Between two uses nothing is open and no picture is
kept.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import ModuleType
from typing import Final, Literal

from drivers.camera.multipart import Frame
from drivers.camera.stream import Freshness, Shared, Watch
from drivers.contract import Context, Event, Health, Picture, Shot
from drivers.errors import BadConfig, Gone, Late, Unsupported

MOST_RATE: Final = 5.0
_CHECK_SECONDS: Final = 0.95

Side = Literal["main", "side"]


class PageCamera:
    """Takes pictures of papers. None of them is noted, logged, written to disk, or kept after it was handed on.

    A subclass fills `_lenses` when it opens.
    """

    def __init__(self, ctx: Context, frame_seconds: float) -> None:
        self._ctx = ctx
        self._frame_seconds = frame_seconds
        self._lenses: dict[Side, Shared] = {}
        self._was_slow = False

    async def check(self) -> Health:
        """Raises what opening raises; Late for a camera that sends an old picture again and again.

        One that needs longer than a second for a new picture is warned of, and Late the second time in a row.
        """
        try:
            async with asyncio.timeout(_CHECK_SECONDS):
                await self._new_frame("main")
        except TimeoutError:
            if self._was_slow:
                raise Late("twice no new picture within a second") from None
            self._was_slow = True
            return Health(state="warning", code=Late.code, detail="no new picture within a second")
        self._was_slow = False
        return Health(state="ready")

    async def close(self) -> None:
        for lens in self._lenses.values():
            await lens.close()
        self._lenses.clear()

    async def events(self) -> AsyncIterator[Event]:
        await asyncio.Event().wait()
        yield Event(name="", data={})  # a camera has nothing to say by itself

    async def capture(self, shot: Shot) -> Picture:
        frame, unproven = await self._new_frame(shot.side)
        page = pictures().page_from(frame.jpeg, rectify=shot.rectify, max_dpi=shot.max_dpi)
        return Picture(
            hash=self._ctx.keep(page.jpeg),
            width=page.width,
            height=page.height,
            bytes=len(page.jpeg),
            blur=round(page.blur, 1),
            cut_off=page.cut_off,
            fingerprint=page.fingerprint,
            warnings=(*page.warnings, *(("unchanged",) if unproven else ())),
        )

    async def preview(self, rate: float) -> AsyncIterator[bytes]:
        """Raises Late when the camera sends nothing new for `frame_seconds`, and what opening raises."""
        if not rate > 0:
            raise BadConfig("a preview needs a rate above 0")
        shown: Frame | None = None
        loop, pause = asyncio.get_running_loop(), 1 / min(rate, MOST_RATE)
        due = loop.time()
        async with self._lens("main").watched() as watch:
            while True:
                shown = await self._other_than(shown, watch)
                yield pictures().preview_from(shown.jpeg)
                due = max(due + pause, loop.time())
                await asyncio.sleep(due - loop.time())

    async def _other_than(self, shown: Frame | None, watch: Watch) -> Frame:
        async with self._in_time("the camera sends one picture again and again"):
            while True:
                frame = await watch.next()
                if shown is None or frame.stamp is None or frame.stamp != shown.stamp:
                    return frame

    async def _new_frame(self, side: Side) -> tuple[Frame, bool]:
        """A picture taken after this call, and whether nothing proves that it is new."""
        freshness = Freshness()
        async with self._lens(side).watched() as watch, self._in_time("the camera sends an old picture"):
            while not freshness.is_new(frame := await watch.next()):
                pass
        return frame, freshness.unproven

    @asynccontextmanager
    async def _in_time(self, why: str) -> AsyncIterator[None]:
        """Somewhat longer than the stream's own wait for one picture: that one says better what is wrong."""
        try:
            async with asyncio.timeout(self._frame_seconds * 1.2):
                yield
        except TimeoutError:
            raise Late(why) from None

    def _lens(self, side: Side) -> Shared:
        if not self._lenses:
            raise Gone("the camera is not open")
        if side not in self._lenses:
            raise Unsupported("this camera has no second lens")
        return self._lenses[side]


def pictures() -> ModuleType:
    """drivers.camera.page, only where it is used: the process that supervises must never load native decoders."""
    try:
        from drivers.camera import page
    except ImportError as problem:
        raise Unsupported(f"the picture library cannot be loaded: {problem}") from problem
    return page
