"""A page from the window's camera into a case: taken, fetched, sealed, and only then recorded."""

import asyncio
from collections import OrderedDict
from typing import Final

from drivers.contract import Shot
from drivers.errors import Unsupported
from edge.api.access import Caller
from edge.api.case_schema import PageRequest
from edge.api.port import HallPort
from edge.rules.case_commands import AddPage, DropPage

CAPTURE_SECONDS: Final = 12.0
_REMEMBERED: Final = 256


class Captures:
    """One picture a request id: a repeated request waits for the first or hears what it came to.

    A process that ends in between leaves at most a sealed file no record names.
    """

    def __init__(self, hall: HallPort) -> None:
        self._hall = hall
        self._cameras = {window.id: window.camera for window in hall.site.windows}
        self._begun: OrderedDict[str, asyncio.Task[None]] = OrderedDict()

    async def take(self, window: str, asked: PageRequest, who: Caller) -> None:
        """Raises DeviceError, Refusal, JournalError; then the same id may be tried again."""
        camera = self._cameras.get(window)
        if camera is None:
            raise Unsupported("this window has no camera")
        begun = self._begun.get(asked.id)
        if begun is None or (begun.done() and (begun.cancelled() or begun.exception() is not None)):
            begun = self._begun[asked.id] = asyncio.ensure_future(self._take(camera, window, asked, who))
            while len(self._begun) > _REMEMBERED:
                self._begun.popitem(last=False)
        await asyncio.shield(begun)

    async def _take(self, camera: str, window: str, asked: PageRequest, who: Caller) -> None:
        picture = await self._hall.capture(camera, Shot(side=asked.side), CAPTURE_SECONDS)
        stored = await self._hall.seal_file(asked.case, await self._hall.fetch_picture(picture.hash))
        page = AddPage.model_validate(
            {
                "window": window,
                "case": asked.case,
                "material": asked.material,
                "h": stored.h,
                "size": stored.size,
                "kid": stored.kid,
                "alg": stored.alg,
                "nonce": stored.nonce,
                "width": picture.width,
                "height": picture.height,
                "blur": round(picture.blur),
                "warnings": picture.warnings,
            }
        )
        await self._hall.execute(page, id=asked.id, actor=who.actor)
        if asked.replaces:
            drop = DropPage(window=window, case=asked.case, h=asked.replaces)
            await self._hall.execute(drop, id=f"{asked.id}-old", actor=who.actor)
