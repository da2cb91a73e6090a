"""Between a device host and its worker: JSON messages, each with raw bytes beside it, over one socket pair.

`>II` length of the JSON and of the bytes, then both. Host to worker: `make`, `call`, `stream`, `cancel`, `drop`;
worker to host: `beat`, `result`, `error`, `item`, `kept`, `note`. Nothing of it is ever written to disk.
"""

import asyncio
import struct
from typing import Any, Final

import orjson

MOST_JSON: Final = 1024 * 1024
MOST_BYTES: Final = 48 * 1024 * 1024
BEAT_SECONDS: Final = 0.5
OUT_OF_MEMORY: Final = "memory"  # of an error: nothing in that process can be relied on any more
_HEAD: Final = struct.Struct(">II")


class Wire:
    """`read` gives None at the end, also when the other side was killed in the middle of a message or wrote rubbish."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def read(self) -> tuple[dict[str, Any], bytes] | None:
        """A message and the bytes that came beside it."""
        try:
            json_size, size = _HEAD.unpack(await self._reader.readexactly(_HEAD.size))
            if json_size > MOST_JSON or size > MOST_BYTES:
                return None
            message = orjson.loads(await self._reader.readexactly(json_size))
            data = await self._reader.readexactly(size)
        except (asyncio.IncompleteReadError, ConnectionError, orjson.JSONDecodeError):
            return None
        return (message, data) if isinstance(message, dict) else None

    def send(self, message: dict[str, Any], data: bytes = b"") -> None:
        """Never waits; nothing happens when the other side is gone: its end is seen by reading."""
        if not self._writer.is_closing():
            raw = orjson.dumps(message)
            self._writer.write(_HEAD.pack(len(raw), len(data)) + raw)
            if data:
                self._writer.write(data)

    @property
    def unsent(self) -> int:
        return self._writer.transport.get_write_buffer_size()

    async def close(self) -> None:
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except ConnectionError:
            return
