"""A person in front of a screen (docs/screen-link.md): looks, finds a control by its name, taps it."""

import asyncio
import base64
import json
from dataclasses import dataclass
from typing import Any, Final

_LOOKS: Final = 20


class NotOnScreen(Exception):
    """Nothing with that name can be tapped now; the message says what is there."""


@dataclass(frozen=True, slots=True)
class Picture:
    png: bytes
    width: int
    height: int
    n: int


class Screen:
    """One connection to a kiosk or board. Not connected = the program is not there (yet)."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._next = 0
        self._turn = asyncio.Lock()

    async def picture(self) -> Picture:
        answer = await self._ask({"do": "picture"})
        return Picture(base64.b64decode(answer["png"]), answer["width"], answer["height"], answer["n"])

    async def look(self) -> dict[str, Any]:
        """`page` and `controls` as they are now."""
        return await self._ask({"do": "controls"})

    async def tap_at(self, x: float, y: float) -> None:
        await self._ask({"do": "tap", "x": x, "y": y})

    async def tap(self, name: str) -> None:
        """Tap the middle of the control whose object name or accessible name is `name`, once it stands still for two
        looks: a page that was just made is laid out with its next frame. Raises NotOnScreen."""
        before = None
        for _ in range(_LOOKS):
            found = await self._rect(name)
            if found == before:
                break
            before = found
        x, y, width, height = found
        await self.tap_at(x + width / 2, y + height / 2)

    async def _rect(self, name: str) -> list[float]:
        seen = await self.look()
        for control in seen["controls"]:
            if name in (control["object"], control["name"]) and control["enabled"]:
                return list(control["rect"])
        names = ", ".join(control["object"] or control["name"] for control in seen["controls"])
        raise NotOnScreen(f"{name} is not on page {seen['page']}: {names}")

    async def page(self, *wanted: str, seconds: float = 15.0) -> str:
        """Wait until one of these pages is shown."""
        async with asyncio.timeout(seconds):
            while (current := (await self.look())["page"]) not in wanted:
                await self._change(0.5)
        return str(current)

    async def _change(self, seconds: float) -> None:
        """Wait for the screen to say that it changed, at most so long."""
        async with self._turn:
            try:
                async with asyncio.timeout(seconds):
                    if self._reader is not None:
                        await self._reader.readline()
            except TimeoutError:
                return

    async def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = self._reader = None

    async def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        async with self._turn:
            try:
                async with asyncio.timeout(10.0):
                    return await self._exchange(question)
            except (OSError, TimeoutError):
                await self.close()
                raise

    async def _exchange(self, question: dict[str, Any]) -> dict[str, Any]:
        if self._writer is None or self._reader is None:
            self._reader, self._writer = await asyncio.open_unix_connection(self.path, limit=1 << 26)
        self._next += 1
        self._writer.write(json.dumps({"id": self._next, **question}).encode() + b"\n")
        await self._writer.drain()
        while line := await self._reader.readline():
            answer: dict[str, Any] = json.loads(line)
            if answer.get("id") == self._next:
                if "error" in answer:
                    raise NotOnScreen(str(answer["error"]))
                return answer
        raise ConnectionError("the screen closed the link")
