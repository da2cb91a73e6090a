"""A video system that takes event markers by HTTP POST (docs/video-markers.md): keeps each id once.

It may be silent or cross. What it was told stands in `markers`, what it was sent again in `again`.
"""

import asyncio
import contextlib
import json
from random import Random
from typing import Any, Final

from hw_sim.clock import Clock
from hw_sim.device import Device
from hw_sim.faults import FaultWord

_LONGEST: Final = 65_536
_MEMBERS: Final = {"v", "id", "site", "at", "kind", "window", "window_number", "ticket"}


class Recorder(Device):
    """SILENT takes a marker and never answers; NAK refuses it with HTTP status `amount`. `stop` pulls its cable."""

    kind = "recorder"
    troubles = frozenset({FaultWord.SILENT, FaultWord.NAK})

    def __init__(self, id: str, clock: Clock, random: Random, *, port: int = 0) -> None:
        super().__init__(id, clock, random)
        self._port = port
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self.markers: list[dict[str, Any]] = []
        self.again: list[str] = []
        self.errors: list[str] = []

    @property
    def link(self) -> str:
        return f"http://127.0.0.1:{self._port}/markers"

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._attend, "127.0.0.1", self._port, limit=_LONGEST)
        self._port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Also in the middle of a request, as when its cable is pulled."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in list(self._writers):
            writer.transport.abort()
        await super().stop()

    def view(self) -> dict[str, Any]:
        return {"kind": self.kind, "markers": len(self.markers), "again": len(self.again), "errors": len(self.errors)}

    async def _attend(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                while (request := await _request(reader)) is not None:
                    status = self._take(*request)
                    self.changed.tell()
                    if self.faults.strike(FaultWord.SILENT):
                        await reader.read()  # until the other side gives up
                        return
                    writer.write(f"HTTP/1.1 {status} x\r\nContent-Length: 0\r\n\r\n".encode())
                    await writer.drain()
        finally:
            self._writers.discard(writer)
            writer.close()

    def _take(self, method: str, path: str, headers: dict[str, str], body: bytes) -> int:
        """The status. A marker is kept although its answer may get lost; that is why it has an id."""
        if cross := self.faults.strike(FaultWord.NAK):
            return int(cross.amount)
        try:
            marker = json.loads(body)
            fits = isinstance(marker, dict) and set(marker) == _MEMBERS and marker["v"] == 1
        except ValueError:
            fits = False
        if (method, path, headers.get("content-type")) != ("POST", "/markers", "application/json") or not fits:
            self.errors.append(f"{method} {path}")
            return 400
        if headers.get("idempotency-key") != marker["id"]:
            self.errors.append("no idempotency key")
            return 400
        if any(kept["id"] == marker["id"] for kept in self.markers):
            self.again.append(marker["id"])
            return 409
        self.markers.append(marker)
        return 201


async def _request(reader: asyncio.StreamReader) -> tuple[str, str, dict[str, str], bytes] | None:
    """Method, path, headers in small letters, body; None at the end. Only bodies of a told length."""
    first = await reader.readline()
    if not first:
        return None
    method, path, _ = (*first.decode("ascii", "replace").split(), "", "", "")[:3]
    headers: dict[str, str] = {}
    while (line := (await reader.readline()).decode("latin-1").strip()) != "":
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    return method, path, headers, await reader.readexactly(int(headers.get("content-length", "0")))
