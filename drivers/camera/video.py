"""Pictures from a V4L2 device through OpenCV, or from a video file by the same code. Blocking calls: for a worker."""

import asyncio
import os
import stat
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from drivers.camera.lenses import MOST_RATE
from drivers.camera.multipart import Frame
from drivers.contract import Context, Link
from drivers.errors import Absent, BadConfig, Busy, Denied, Garbled, Gone, Unsupported
from drivers.links import register
from drivers.links.machine import Machine

_JPEG_QUALITY: Final = 95
_HASHED_EVERY: Final = 8  # every eighth dot of every eighth line: noise of a living sensor is in any of them


class VideoLink:
    """`video:///dev/video0`, `video:file.avi` (under the runtime folder), `video-at:SOCKET`. No bytes cross it."""

    def __init__(self, name: str, find: Callable[[], Path]) -> None:
        self.name = name
        self._find = find
        self._open = False

    @property
    def is_open(self) -> bool:
        return self._open

    async def open(self) -> None:
        self.path()
        self._open = True

    async def close(self) -> None:
        self._open = False

    async def read(self, limit: int = 4096) -> bytes:
        raise Unsupported(f"{self.name}: a camera gives pictures, not bytes")

    async def write(self, data: bytes) -> None:
        raise Unsupported(f"{self.name}: a camera takes no bytes")

    def discard_input(self) -> bytes:
        return b""

    def path(self) -> Path:
        """Where it is now. Raises Absent, Denied."""
        path = self._find()
        if not path.exists():
            raise Absent(f"{self.name}: not there")
        if not os.access(path, os.R_OK):
            raise Denied(f"{self.name}: no access")
        return path


def make_video_link(url: str, ctx: Context) -> Link:
    parts = urlsplit(url)
    if parts.netloc or not parts.path or parts.query:
        raise BadConfig(f"{url}: write video:///dev/video0 or video-at:socket")
    if parts.scheme == "video":
        return VideoLink(url, lambda: Path(ctx.runtime) / parts.path)
    machine = Machine(Path(ctx.root))
    return VideoLink(url, lambda: machine.node(machine.find("video4linux", parts.path)))


for _scheme in ("video", "video-at"):
    register(_scheme, make_video_link)


class VideoStream:
    """`size` (width, height) asked of the camera, (0, 0) = as it comes. `controls`: OpenCV property names and values.

    A frame's stamp grows when its picture changed. The same picture under a new time has no stamp: nothing proves that
    the sensor made it anew. The same picture under the same time, or from a camera without time, keeps its stamp.
    """

    def __init__(
        self, link: VideoLink, size: tuple[int, int], controls: Mapping[str, float], note: Callable[..., None]
    ) -> None:
        self._link, self._size, self._controls, self._note = link, size, controls, note
        self._capture: Any = None
        self._pause = 0.0
        self._changes = 0
        self._last: tuple[int, float] | None = None  # hash and time of the newest picture

    async def open(self) -> None:
        """Raises Absent, Denied, Busy, Unsupported (no OpenCV), BadConfig (it does not offer this size)."""
        cv2 = _opencv()
        path = self._link.path()
        is_device = stat.S_ISCHR(path.stat().st_mode)
        capture = cv2.VideoCapture(str(path), cv2.CAP_V4L2 if is_device else cv2.CAP_ANY)
        if not capture.isOpened():
            raise Busy("another program", f"{self._link.name}: does not open")
        self._capture = capture
        self._last, self._changes = None, 0
        self._pause = 0.0 if is_device else 1 / (capture.get(cv2.CAP_PROP_FPS) or MOST_RATE)
        if is_device:
            capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
            capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        self._set_size(cv2)
        for name, value in self._controls.items():
            if not capture.set(getattr(cv2, name), value):
                self._note("camera.control_not_offered", control=name)

    async def next(self) -> Frame:
        """At most MOST_RATE a second: the frames between are taken off and not decoded. Raises Gone."""
        loop = asyncio.get_running_loop()
        until = loop.time() + 1 / MOST_RATE
        while True:
            await asyncio.sleep(self._pause)
            if self._capture is None or not self._capture.grab():
                raise Gone(f"{self._link.name}: no more pictures")
            if self._last is None or loop.time() >= until:
                return self._taken()

    async def close(self) -> None:
        capture, self._capture = self._capture, None
        if capture is not None:
            capture.release()

    def _taken(self) -> Frame:
        from drivers.camera import page

        cv2 = _opencv()
        got, picture = self._capture.retrieve()
        if not got or picture is None or not picture.size:
            raise Garbled(f"{self._link.name}: a picture that cannot be decoded")
        seen = zlib.crc32(picture[::_HASHED_EVERY, ::_HASHED_EVERY].tobytes()), self._capture.get(cv2.CAP_PROP_POS_MSEC)
        return Frame(page.encode(picture, _JPEG_QUALITY), self._stamp(*seen))

    def _stamp(self, content: int, moment: float) -> float | None:
        before, self._last = self._last, (content, moment)
        if before is None or before[0] != content:
            self._changes += 1
        elif moment > before[1]:
            return None
        return float(self._changes)

    def _set_size(self, cv2: Any) -> None:
        if not all(self._size):
            return
        for prop, wanted in zip((cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT), self._size, strict=True):
            self._capture.set(prop, wanted)
        got = tuple(round(self._capture.get(p)) for p in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT))
        if got != self._size:
            raise BadConfig(f"{self._link.name}: gives {got[0]}x{got[1]}, not {self._size[0]}x{self._size[1]}")


def _opencv() -> Any:
    """Only where it is used: the process that supervises must never load native decoders."""
    try:
        import cv2
    except ImportError as problem:
        raise Unsupported(f"the picture library cannot be loaded: {problem}") from problem
    return cv2
