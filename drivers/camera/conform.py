"""What the conformance kit needs to know of document cameras. Nothing in their stream is protected by a checksum."""

import io
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import count
from pathlib import Path
from typing import Final

from drivers.conform import Bench, Say

_FRAME_SECONDS: Final = 0.05
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


MJPEG: Final = Bench(
    session=Path(__file__).parent / "captures" / "page.json",
    peer=StreamingCamera,
    scheme="http",
    protected=False,
    loose=frozenset({"hash", "bytes", "blur", "fingerprint", "width", "height", "warnings", "cut_off"}),
    secrets=("invented: no text in these pictures",),
)
