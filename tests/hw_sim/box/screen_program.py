"""A program with a screen link (docs/screen-link.md), as small as it can be: a picture that a tap changes."""

import asyncio
import base64
import io
import json
from typing import Any

from PIL import Image

WIDTH, HEIGHT = 108, 192


class ScreenProgram:
    def __init__(self, path: str) -> None:
        self.n = 1
        self.taps: list[tuple[float, float]] = []
        self.tapped = asyncio.Event()
        self.pictures_asked = 0
        self._path = path
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []

    async def start(self) -> None:
        self._server = await asyncio.start_unix_server(self._serve, self._path)

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.close()

    def change(self) -> None:
        self.n += 1
        for writer in self._writers:
            writer.write(json.dumps({"event": "changed", "n": self.n}).encode() + b"\n")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        while line := await reader.readline():
            request = json.loads(line)
            writer.write(json.dumps({"id": request["id"], **self._answer(request)}).encode() + b"\n")

    def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        if request["do"] == "picture":
            self.pictures_asked += 1
            return {"png": base64.b64encode(self._png()).decode(), "width": WIDTH, "height": HEIGHT, "n": self.n}
        if request["x"] > WIDTH:
            return {"error": "outside"}
        self.taps.append((request["x"], request["y"]))
        self.tapped.set()
        self.change()
        return {"ok": True}

    def _png(self) -> bytes:
        out = io.BytesIO()
        Image.new("RGB", (WIDTH, HEIGHT), (40, 40 * self.n % 256, 90)).save(out, "PNG")
        return out.getvalue()
