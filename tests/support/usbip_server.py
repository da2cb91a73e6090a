"""One USB device behind a USB/IP server, for tests of the client: descriptors, bulk pipes, nothing else."""

import asyncio
import struct
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

HEAD = struct.Struct(">IIIII")
ECONNRESET, EPIPE = -104, -32


@dataclass
class UsbDevice:
    """`endpoints`: addresses. `hear(pipe address, data)` gets what the host writes; `say(address, packet)` answers."""

    usb_id: tuple[int, int] = (0x0400, 0xC35A)
    endpoints: tuple[int, ...] = (0x81, 0x02)
    interface_class: int = 0xFF
    kind: int = 2  # bulk
    hear: Callable[[int, bytes], None] = lambda address, data: None
    heard: list[tuple[int, bytes]] = field(default_factory=list)

    def device_descriptor(self) -> bytes:
        return struct.pack("<BBHBBBBHHHBBBB", 18, 1, 0x0110, 0, 0, 0, 8, *self.usb_id, 0x0100, 0, 0, 0, 1)

    def configuration(self) -> bytes:
        interface = struct.pack("9B", 9, 4, 0, 0, len(self.endpoints), self.interface_class, 0, 0, 0)
        hid = bytes([9, 0x21, 0x11, 1, 0, 1, 0x22, 0, 0]) if self.interface_class == 3 else b""
        ends = b"".join(struct.pack("<BBBBHB", 7, 5, address, self.kind, 64, 1) for address in self.endpoints)
        rest = interface + hid + ends
        return struct.pack("<BBHBBBBB", 9, 2, 9 + len(rest), 1, 1, 0, 0x80, 50) + rest

    def control(self, setup: bytes) -> bytes | None:
        kind, request, value, _, length = struct.unpack("<BBHHH", setup)
        answers = {(0x80, 6, 1): self.device_descriptor(), (0x80, 6, 2): self.configuration(), (0x80, 8, 0): b"\x01"}
        answer = answers.get((kind, request, value >> 8))
        if answer is None and not kind & 0x80:
            answer = b""
        return None if answer is None else answer[:length]


class UsbIpServer:
    """Exports `device` as BUSID; one importer at a time. `unplug` ends the connection and removes it."""

    BUSID = "1-1.2"

    def __init__(self, device: UsbDevice) -> None:
        self.device = device
        self.there = True
        self.importers = 0
        self.busy_says = 1
        self.unlinked = 0
        self._waiting: dict[int, deque[tuple[int, int]]] = defaultdict(deque)
        self._queued: dict[int, deque[bytes]] = defaultdict(deque)
        self._writer: asyncio.StreamWriter | None = None
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    async def __aenter__(self) -> "UsbIpServer":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        self.unplug()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    @property
    def url(self) -> str:
        return f"usbip://127.0.0.1:{self.port}/{self.BUSID}"

    def say(self, address: int, packet: bytes) -> None:
        self._queued[address].append(packet)
        self._deliver(address)

    def unplug(self) -> None:
        self.there = False
        if self._writer is not None:
            self._writer.close()

    def plug_in(self) -> None:
        self.there = True

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        imported = False
        try:
            _, code, _ = struct.unpack(">HHI", await reader.readexactly(8))
            if code == 0x8005:
                count = int(self.there)
                listing = (self._entry() + bytes([self.device.interface_class, 0, 0, 0])) * count
                writer.write(struct.pack(">HHII", 0x0111, 5, 0, count) + listing)
                return
            busid = (await reader.readexactly(32)).rstrip(b"\0").decode()
            refused = busid != self.BUSID or not self.there
            status = 4 if refused else self.busy_says if self.importers else 0
            writer.write(struct.pack(">HHI", 0x0111, 3, status) + (b"" if status else self._entry()))
            if status:
                return
            imported, self._writer = True, writer
            self.importers += 1
            while True:
                await self._one(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            if imported:
                self.importers -= 1
                self._writer = None
                self._waiting.clear()
                self._queued.clear()
            writer.close()
            self._tasks.discard(task)

    def _entry(self) -> bytes:
        vendor, product = self.device.usb_id
        path = b"/sys/devices/test".ljust(256, b"\0") + self.BUSID.encode().ljust(32, b"\0")
        return path + struct.pack(">IIIHHH6B", 1, 7, 2, vendor, product, 0x100, 0, 0, 0, 1, 1, 1)

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        command, seqnum, _, direction, endpoint = HEAD.unpack(await reader.readexactly(20))
        rest = await reader.readexactly(28)
        if command == 2:
            self._unlink(seqnum, struct.unpack(">I", rest[:4])[0], writer)
            return
        length = struct.unpack(">I", rest[4:8])[0]
        data = await reader.readexactly(length) if direction == 0 and length else b""
        if endpoint == 0:
            answer = self.device.control(rest[20:])
            self._return(seqnum, EPIPE if answer is None else 0, answer or b"", length if direction == 0 else None)
        elif direction == 0:
            self._return(seqnum, 0, b"", length)
            self.device.heard.append((endpoint, data))
            self.device.hear(endpoint, data)
        else:
            self._waiting[endpoint | 0x80].append((seqnum, length))
            self._deliver(endpoint | 0x80)

    def _deliver(self, address: int) -> None:
        while self._waiting[address] and self._queued[address]:
            seqnum, length = self._waiting[address].popleft()
            packet = self._queued[address].popleft()
            assert len(packet) <= length
            self._return(seqnum, 0, packet)

    def _return(self, seqnum: int, status: int, data: bytes, moved: int | None = None) -> None:
        if self._writer is not None:
            head = HEAD.pack(3, seqnum, 0, 0, 0)
            count = len(data) if moved is None else moved
            self._writer.write(head + struct.pack(">iIIII", status, count, 0, 0, 0) + bytes(8) + data)

    def _unlink(self, seqnum: int, victim: int, writer: asyncio.StreamWriter) -> None:
        status = 0
        for waiting in self._waiting.values():
            for entry in [entry for entry in waiting if entry[0] == victim]:
                waiting.remove(entry)
                status = ECONNRESET
                self.unlinked += 1
        writer.write(HEAD.pack(4, seqnum, 0, 0, 0) + struct.pack(">i", status) + bytes(24))
