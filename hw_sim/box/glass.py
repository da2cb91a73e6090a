"""A live screen through its link (docs/screen-link.md): the newest picture whenever it changed, and taps."""

import asyncio
import base64
import itertools
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

BETWEEN_PICTURES: Final = 1 / 6
_AGAIN: Final = 0.5
_PATIENCE: Final = 5.0
_LONGEST_LINE: Final = 1 << 26


class NoScreen(Exception):
    """The program is not there, or did not take what was asked; the message says which."""


class Screen:
    """`n` and `png`: the newest picture. `told(message)` hears of every change, also of coming and going."""

    def __init__(self, name: str, path: str, told: Callable[[dict[str, Any]], None]) -> None:
        self.name = name
        self.png: bytes | None = None
        self._path = path
        self._told = told
        self._changed = asyncio.Event()
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._writer: asyncio.StreamWriter | None = None

    async def run(self, watched: asyncio.Event) -> None:
        """Follow the screen until cancelled; pictures are asked for only while somebody looks."""
        self._told(self._message(there=False))
        while True:
            try:
                reader, self._writer = await asyncio.open_unix_connection(self._path, limit=_LONGEST_LINE)
            except OSError:
                await asyncio.sleep(_AGAIN)
                continue
            try:
                with suppress(ExceptionGroup):
                    async with asyncio.TaskGroup() as group:
                        group.create_task(self._listen(reader))
                        group.create_task(self._look(watched))
            finally:
                self._gone()
            await asyncio.sleep(_AGAIN)

    async def tap(self, x: float, y: float) -> None:
        """In pixels of the picture. Raises NoScreen."""
        await self._ask({"do": "tap", "x": x, "y": y})

    async def _look(self, watched: asyncio.Event) -> None:
        self._changed.set()
        while True:
            await self._changed.wait()
            await watched.wait()
            self._changed.clear()
            answer = await self._ask({"do": "picture"})
            self.png = base64.b64decode(answer["png"])
            self._told(self._message(there=True, **{key: answer[key] for key in ("n", "width", "height")}))
            await asyncio.sleep(BETWEEN_PICTURES)

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        while line := await reader.readline():
            said: dict[str, Any] = json.loads(line)
            if said.get("event") == "changed":
                self._changed.set()
            elif (waiting := self._waiting.pop(said.get("id", 0), None)) and not waiting.done():
                waiting.set_result(said)
        raise ConnectionError("the screen closed the link")

    async def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        if self._writer is None:
            raise NoScreen(f"the {self.name} is not running")
        number = next(self._numbers)
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            self._writer.write(json.dumps({"id": number, **question}).encode() + b"\n")
            async with asyncio.timeout(_PATIENCE):
                await self._writer.drain()
                said = await answer
        except (OSError, TimeoutError) as error:
            raise NoScreen(f"the {self.name} did not answer") from error
        finally:
            self._waiting.pop(number, None)
        if "error" in said:
            raise NoScreen(f"{self.name}: {said['error']}")
        return said

    def _gone(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(ConnectionError("the screen closed the link"))
        self._told(self._message(there=False))

    def _message(self, *, there: bool, **more: Any) -> dict[str, Any]:
        return {"is": "screen", "name": self.name, "there": there, **more}
