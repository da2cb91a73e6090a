"""A document camera and a drawer of sealed files, by hand."""

import asyncio
import base64
import hashlib
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from PIL import Image, ImageDraw

from drivers.contract import Picture, PictureWarning, Shot
from drivers.errors import Absent, DeviceError


class Camera:
    """A camera with papers under it: `lay` says what the next picture is like, `trouble` what it raises instead.

    `watched`: previews running now.
    """

    def __init__(self) -> None:
        self.trouble: DeviceError | None = None
        self.hangs = False
        self.taken = 0
        self.watched = 0
        self.frames = 0
        self._warnings: tuple[PictureWarning, ...] = ()
        self._kept: dict[str, bytes] = {}

    def lay(self, *warnings: PictureWarning) -> None:
        self._warnings = warnings

    async def capture(self, shot: Shot) -> Picture:
        if self.hangs:
            await asyncio.Event().wait()
        if self.trouble is not None:
            raise self.trouble
        self.taken += 1
        data = paper(f"{self.taken}", (620, 877))
        digest = hashlib.sha256(data).hexdigest()
        self._kept[digest] = data
        blurred = "blurred" in self._warnings
        return Picture(
            hash=digest,
            width=620,
            height=877,
            bytes=len(data),
            blur=12.0 if blurred else 240.4,
            cut_off="cut_off" in self._warnings,
            fingerprint="0" * 16,
            warnings=self._warnings,
        )

    def fetch(self, digest: str) -> bytes:
        if digest not in self._kept:
            raise Absent("no such picture")
        return self._kept.pop(digest)

    async def preview(self, rate: float) -> AsyncIterator[bytes]:
        self.watched += 1
        try:
            while self.trouble is None:
                self.frames += 1
                yield paper(f"live {self.frames}", (640, 480))
                await asyncio.sleep(0.01)
            raise self.trouble
        finally:
            self.watched -= 1


@dataclass(frozen=True)
class Stored:
    h: str
    size: int
    kid: str
    alg: str
    nonce: str


class Files:
    """Sealed files in memory: AES-GCM under one key of the test."""

    def __init__(self) -> None:
        self._cipher = AESGCM(b"\x09" * 32)
        self._kept: dict[str, tuple[bytes, bytes]] = {}

    def seal(self, owner: str, data: bytes) -> Stored:
        nonce = len(self._kept).to_bytes(12, "big")
        blob = self._cipher.encrypt(nonce, data, None)
        h = hashlib.sha256(blob).hexdigest()
        self._kept[h] = (nonce, blob)
        return Stored(h, len(blob), f"k:{owner[-8:]}", "aes-256-gcm", base64.b64encode(nonce).decode())

    def open(self, h: str) -> bytes:
        nonce, blob = self._kept[h]
        return self._cipher.decrypt(nonce, blob, None)

    def lose(self) -> None:
        self._kept.clear()

    def __len__(self) -> int:
        return len(self._kept)


def paper(text: str, size: tuple[int, int]) -> bytes:
    """A drawn page: nobody's paper."""
    page = Image.new("RGB", size, (236, 234, 226))
    draw = ImageDraw.Draw(page)
    draw.rectangle((40, 40, size[0] - 40, size[1] - 40), fill="white", outline=(120, 120, 120))
    for line in range(80, size[1] - 80, 28):
        draw.line((80, line, size[0] - 80 - line % 90, line), fill=(70, 80, 100), width=4)
    draw.text((60, 52), text, fill=(20, 20, 20))
    out = io.BytesIO()
    page.save(out, "JPEG", quality=70)
    return out.getvalue()
