"""The test's own door into `halld` (tests/campaign/canaries/hall.py)."""

import asyncio
import json
from itertools import count
from pathlib import Path
from typing import Any


class Door:
    """What is asked of the hall besides its pages."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer, self._ids = reader, writer, count(1)

    @classmethod
    async def open(cls, path: Path) -> "Door":
        return cls(*await asyncio.open_unix_connection(path, limit=1 << 22))

    async def ask(self, **wish: Any) -> dict[str, Any]:
        self._writer.write(json.dumps(wish).encode() + b"\n")
        await self._writer.drain()
        found: dict[str, Any] = json.loads(await self._reader.readline())
        return found

    async def do(self, do: str, actor: str, **members: Any) -> dict[str, dict[str, Any]]:
        """What followed, by kind."""
        answer = await self.ask(do=do, actor=actor, id=f"canary-{next(self._ids)}", **{"with": members})
        assert "records" in answer, f"{do}: {answer}"
        return {one["kind"]: one for one in answer["records"]}
