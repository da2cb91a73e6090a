"""A USB/IP host for tests, written from the kernel's protocol page with the standard library only."""

import asyncio
import struct
from dataclasses import dataclass
from typing import Self

ECONNRESET, EPIPE, EOVERFLOW = -104, -32, -75


@dataclass(frozen=True)
class Listed:
    bus_id: str
    busnum: int
    devnum: int
    vendor: int
    product: int
    interfaces: tuple[tuple[int, int, int], ...]


class NotLent(Exception):
    pass


async def devices(port: int) -> list[Listed]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(struct.pack(">HHI", 0x0111, 0x8005, 0))
    version, code, status, count = struct.unpack(">HHII", await reader.readexactly(12))
    assert (version, code, status) == (0x0111, 0x0005, 0)
    found = []
    for _ in range(count):
        head = await reader.readexactly(312)
        bus_id = head[256:288].rstrip(b"\0").decode()
        busnum, devnum, _, vendor, product = struct.unpack(">IIIHH", head[288:304])
        kinds = [tuple((await reader.readexactly(4))[:3]) for _ in range(head[311])]
        found.append(Listed(bus_id, busnum, devnum, vendor, product, tuple(kinds)))
    assert await reader.read() == b""
    writer.close()
    return found


class UsbHost:
    """One imported device."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, device: int) -> None:
        self._reader, self._writer, self._device = reader, writer, device
        self._number = 0
        self.gone = asyncio.Event()
        self._waiting: dict[int, tuple[bool, asyncio.Future[tuple[int, bytes]]]] = {}
        self._task = asyncio.create_task(self._listen())

    @classmethod
    async def borrow(cls, link: str) -> Self:
        address, bus_id = link.removeprefix("usbip://").split("/")
        reader, writer = await asyncio.open_connection(*address.split(":"))
        writer.write(struct.pack(">HHI32s", 0x0111, 0x8003, 0, bus_id.encode()))
        version, code, status = struct.unpack(">HHI", await reader.readexactly(8))
        assert (version, code) == (0x0111, 0x0003)
        if status:
            assert await reader.read() == b""
            writer.close()
            raise NotLent(status)
        head = await reader.readexactly(312)
        busnum, devnum = struct.unpack(">II", head[288:296])
        return cls(reader, writer, busnum << 16 | devnum)

    def submit(
        self, endpoint: int, data: bytes = b"", length: int = 0, setup: bytes = bytes(8), flags: int = 0
    ) -> tuple[int, asyncio.Future[tuple[int, bytes]]]:
        """Number and future of (status, data); for OUT the data's length as text is not needed."""
        self._number += 1
        incoming = bool(endpoint & 0x80)
        size = length if incoming else len(data)
        head = struct.pack(">IIIII", 1, self._number, self._device, incoming, endpoint & 0x0F)
        self._writer.write(head + struct.pack(">Iiiii8s", flags, size, 0, 0, 0, setup) + data)
        future: asyncio.Future[tuple[int, bytes]] = asyncio.get_running_loop().create_future()
        self._waiting[self._number] = (incoming, future)
        return self._number, future

    async def control(self, kind: int, request: int, value: int = 0, index: int = 0, length: int = 0) -> bytes:
        setup = struct.pack("<BBHHH", kind, request, value, index, length)
        status, data = await self._done(self.submit(kind & 0x80, b"", length, setup)[1])
        if status:
            raise OSError(-status, "control request")
        return data

    async def read(self, endpoint: int, length: int = 64) -> bytes:
        status, data = await self._done(self.submit(endpoint, length=length)[1])
        if status:
            raise OSError(-status, "transfer")
        return data

    async def write(self, endpoint: int, data: bytes) -> None:
        status, _ = await self._done(self.submit(endpoint, data)[1])
        if status:
            raise OSError(-status, "transfer")

    def unlink(self, victim: int) -> "asyncio.Future[tuple[int, bytes]]":
        self._number += 1
        head = struct.pack(">IIIII", 2, self._number, self._device, 0, 0)
        self._writer.write(head + struct.pack(">I24x", victim))
        future: asyncio.Future[tuple[int, bytes]] = asyncio.get_running_loop().create_future()
        self._waiting[self._number] = (False, future)
        return future

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._writer.close()

    async def _done(self, future: "asyncio.Future[tuple[int, bytes]]") -> tuple[int, bytes]:
        async with asyncio.timeout(30):
            return await future

    async def _listen(self) -> None:
        try:
            while True:
                head = await self._reader.readexactly(48)
                command, number, _, _, _, status, count = struct.unpack(">IIIIIii", head[:28])
                incoming, future = self._waiting.pop(number)
                data = await self._reader.readexactly(count) if command == 3 and incoming else b""
                assert command in (3, 4)
                if not future.done():
                    future.set_result((status, data))
        except (asyncio.IncompleteReadError, ConnectionError):
            self.gone.set()
            for _, future in self._waiting.values():
                future.cancel()
