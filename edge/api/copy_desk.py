"""Pages that a citizen lays under a kiosk's camera to copy them: in memory, until their print ended or he is gone."""

import asyncio
import base64
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from drivers.contract import PictureWarning, Shot
from drivers.errors import Garbled, Unsupported
from edge.api.port import HallPort
from edge.rules.codes import Code, refusal
from edge.rules.refusal import Refusal

KEEP_SECONDS: Final = 180.0
CAPTURE_SECONDS: Final = 12.0
DPI: Final = 150
MOST_BYTES: Final = 700_000  # a page travels in one line of the host link
_TRIES: Final = ((1, 85), (1, 70), (1, 50), (2, 70), (3, 50), (4, 50))  # how many dots become one, JPEG quality


@dataclass(frozen=True, slots=True)
class Taken:
    jpeg: bytes = field(repr=False)
    warnings: tuple[PictureWarning, ...] = ()

    @property
    def as_text(self) -> str:
        return base64.b64encode(self.jpeg).decode()


@dataclass(slots=True)
class _Held:
    """`requests`: ids by which a page was taken, so that a repeated one takes none."""

    pages: list[Taken] = field(repr=False)
    requests: list[str]
    forget: asyncio.TimerHandle | None = None


class CopyDesk:
    """One person at a time a kiosk. Nothing here is ever written down or logged."""

    def __init__(self, hall: HallPort, *, keep_seconds: float = KEEP_SECONDS) -> None:
        self._hall = hall
        self._keep_seconds = keep_seconds
        self._cameras = {kiosk.id: kiosk.camera for kiosk in hall.site.kiosks if kiosk.camera}
        self._held: dict[str, _Held] = {}
        self._turns: dict[str, asyncio.Lock] = {}

    def has_camera(self, place: str) -> bool:
        return place in self._cameras

    async def take(self, place: str, request: str, *, anew: bool) -> tuple[Taken, int]:
        """The page now under the camera, and how many were taken. Raises DeviceError; Refusal: no more in one print."""
        camera = self._cameras.get(place)
        if camera is None:
            raise Unsupported("this kiosk has no camera")
        async with self._turns.setdefault(place, asyncio.Lock()):
            held = self._held.setdefault(place, _Held([], []))
            if request in held.requests and held.pages:
                return held.pages[-1], len(held.pages)
            most = self._hall.books.copies.most
            if len(held.pages) - (anew and bool(held.pages)) >= most:
                raise refusal(Code.COPY_TOO_LONG, most=most)
            self._keep(place, held)
            page = await self._picture(camera)
            if self._held.get(place) is not held:
                return page, 1  # forgotten while it was taken: the person is gone
            if anew and held.pages:
                held.pages.pop()
            held.pages.append(page)
            held.requests.append(request)
            self._keep(place, held)
            return page, len(held.pages)

    @contextmanager
    def handing_over(self, place: str) -> Iterator[tuple[bytes, ...]]:
        """The pages, for their print; forgotten afterwards, also after trouble. After a refusal he may take fewer."""
        held = self._held.get(place)
        try:
            yield tuple(page.jpeg for page in held.pages) if held else ()
        except Refusal:
            raise
        except BaseException:
            self.forget(place)
            raise
        self.forget(place)

    def forget(self, place: str) -> None:
        held = self._held.pop(place, None)
        if held is not None and held.forget is not None:
            held.forget.cancel()

    def close(self) -> None:
        for place in tuple(self._held):
            self.forget(place)

    async def _picture(self, camera: str) -> Taken:
        picture = await self._hall.capture(camera, Shot(max_dpi=DPI), CAPTURE_SECONDS)
        jpeg = await self._hall.fetch_picture(picture.hash)
        return Taken(await asyncio.to_thread(grey, jpeg), picture.warnings)

    def _keep(self, place: str, held: _Held) -> None:
        if held.forget is not None:
            held.forget.cancel()
        held.forget = asyncio.get_running_loop().call_later(self._keep_seconds, self.forget, place)


def grey(jpeg: bytes) -> bytes:
    """As it is printed, small enough for the line to the printer. Blocking. Raises Garbled."""
    from PIL import Image  # seldom used, and some MiB

    try:
        image = Image.open(io.BytesIO(jpeg), formats=("JPEG",)).convert("L")
    except (OSError, ValueError) as problem:
        raise Garbled("the camera's picture cannot be read") from problem
    for smaller, quality in _TRIES:
        out = io.BytesIO()
        image.reduce(smaller).save(out, "JPEG", quality=quality)
        if out.tell() <= MOST_BYTES:
            return out.getvalue()
    raise Garbled("a picture beyond all measure")
