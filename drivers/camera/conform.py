"""What the conformance kit needs to know of document cameras.

Nothing in a stream of pictures is protected by a checksum; of USB cameras no stream is seen at all.
"""

import io
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import count
from pathlib import Path
from typing import Final

from drivers.conform import Bench, Say

_FRAME_SECONDS: Final = 0.05
_FILM: Final = (160, 120)
_FILM_FRAMES: Final = 200
_HEAD: Final = b"HTTP/1.1 200 OK\r\nServer: Bench\r\nContent-Type: multipart/x-mixed-replace; boundary=next\r\n\r\n"


class StreamingCamera:
    """Two small pictures in turn, each with a growing time, to whoever asks for a page."""

    def connected(self) -> Iterable[Say]:
        return ()

    def hear(self, data: bytes) -> Iterator[Say]:
        if not data.startswith(b"GET "):
            return
        yield Say(_HEAD)
        for number in count():
            picture = _pictures()[number % 2]
            part = f"--next\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\nX-Timestamp: {number}.0"
            yield Say(part.encode("ascii") + b"\r\n\r\n" + picture + b"\r\n", _FRAME_SECONDS)


@cache
def _pictures() -> tuple[bytes, bytes]:
    from PIL import Image, ImageDraw

    found = []
    for shade in (90, 110):
        desk = Image.new("L", (160, 120), shade)
        ImageDraw.Draw(desk).rectangle((40, 20, 120, 100), fill=235)
        data = io.BytesIO()
        desk.save(data, "JPEG", quality=60)
        found.append(data.getvalue())
    return found[0], found[1]


def _film(folder: Path) -> None:
    """A desk that changes, as a video file: the same code of OpenCV reads it and a camera."""
    import cv2
    import numpy as np

    writer = cv2.VideoWriter(str(folder / "desk.avi"), cv2.CAP_OPENCV_MJPEG, cv2.VideoWriter.fourcc(*"MJPG"), 30, _FILM)
    for number in range(_FILM_FRAMES):
        desk = np.full((_FILM[1], _FILM[0], 3), 90 + number % 5 * 4, np.uint8)
        cv2.rectangle(desk, (40, 20), (120, 100), (235, 235, 235), -1)
        writer.write(desk)
    writer.release()


_CHANGING: Final = frozenset({"hash", "bytes", "blur", "fingerprint", "width", "height", "warnings", "cut_off"})

MJPEG: Final = Bench(
    session=Path(__file__).parent / "captures" / "page.json",
    peer=StreamingCamera,
    scheme="http",
    protected=False,
    loose=_CHANGING,
    secrets=("invented: no text in these pictures",),
)

UVC: Final = Bench(
    session=Path(__file__).parent / "captures" / "film.json",
    link="video:desk.avi",
    loose=_CHANGING,
    secrets=("invented: no text in these pictures",),
    prepare=_film,
    no_bytes="pictures come through OpenCV and V4L2: no bytes on a wire",
)
