"""A USB/IP server on loopback: lists the simulated USB devices and lends each to one host at a time."""

import asyncio
import contextlib
import socket
from dataclasses import dataclass, field

from hw_sim.usb import messages
from hw_sim.usb.descriptors import IN
from hw_sim.usb.device import Status, Urb, UsbDevice
from hw_sim.usb.messages import Exported, Submit, Unlink

HOST = "127.0.0.1"
LONGEST_TRANSFER = 1 << 20


@dataclass(eq=False)
class _Plugged:
    exported: Exported
    device: UsbDevice
    writers: list[asyncio.StreamWriter] = field(default_factory=list)


class UsbIpServer:
    """`port` 0: a free one. Devices may be put in and pulled out before, between and while hosts are there."""

    def __init__(self, port: int = 0) -> None:
        self.port = port
        self._plugged: dict[str, _Plugged] = {}
        self._numbers = 1
        self._server: asyncio.Server | None = None
        self._users = 0
        self._handlers: set[asyncio.Task[None]] = set()

    def link(self, bus_id: str) -> str:
        return f"usbip://{HOST}:{self.port}/{bus_id}"

    async def start(self) -> None:
        """Each device that needs the server starts it; the last one to stop ends it."""
        self._users += 1
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, HOST, self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        self._users -= 1
        if self._users or self._server is None:
            return
        server, self._server = self._server, None
        server.close()
        for task in list(self._handlers):
            task.cancel()
        await asyncio.gather(*self._handlers, return_exceptions=True)

    def plug(self, bus_id: str, device: UsbDevice) -> None:
        """ValueError: something is in that socket."""
        if bus_id in self._plugged:
            raise ValueError(f"in USB socket {bus_id} is a device already")
        self._numbers += 1
        bus = int(bus_id.partition("-")[0])
        self._plugged[bus_id] = _Plugged(Exported(bus_id, bus, self._numbers, device.description), device)

    def unplug(self, bus_id: str) -> None:
        """Its host's connection ends, whatever was under way; it is listed no more."""
        plugged = self._plugged.pop(bus_id, None)
        for writer in plugged.writers if plugged else ():
            writer.transport.abort()

    def host_of(self, bus_id: str) -> bool:
        return bus_id in self._plugged and bool(self._plugged[bus_id].writers)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._handlers.add(task)
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, OSError):
                await self._operation(reader, writer)
        finally:
            self._handlers.discard(task)
            writer.close()

    async def _operation(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One operation a connection, as usbipd: a list, or an import that turns it into the device's own line."""
        version, code, _ = messages.OPERATION.unpack(await reader.readexactly(messages.OPERATION.size))
        if version != messages.VERSION:
            return
        if code == messages.REQUEST_LIST:
            everything = [plugged.exported.encode(interfaces=True) for plugged in self._plugged.values()]
            head = messages.OPERATION.pack(messages.VERSION, messages.REPLY_LIST, messages.AVAILABLE)
            writer.write(head + len(everything).to_bytes(4, "big") + b"".join(everything))
            await writer.drain()
        elif code == messages.REQUEST_IMPORT:
            bus_id = (await reader.readexactly(messages.BUS_ID)).rstrip(b"\0").decode("ascii", "replace")
            await self._import(bus_id, reader, writer)

    async def _import(self, bus_id: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        plugged = self._plugged.get(bus_id)
        status = messages.NO_DEVICE if plugged is None else messages.BUSY if plugged.writers else messages.AVAILABLE
        writer.write(messages.OPERATION.pack(messages.VERSION, messages.REPLY_IMPORT, status))
        if plugged is None or status:
            await writer.drain()
            return
        writer.write(plugged.exported.encode(interfaces=False))
        plugged.writers.append(writer)
        plugged.device.joined()
        try:
            while self._plugged.get(bus_id) is plugged:
                if not await self._request(plugged, reader, writer):
                    return
        finally:
            plugged.writers.remove(writer)
            plugged.device.let_go()

    async def _request(self, plugged: _Plugged, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """False: what came is no request of this device; the line is closed."""
        match messages.parse(await reader.readexactly(messages.HEAD)):
            case Unlink(number, victim):
                status = Status.CANCELLED if plugged.device.unlink(victim) else Status.OK
                writer.write(messages.unlinked(number, status))
            case Submit() as asked:
                if asked.device != plugged.exported.id or not 0 <= asked.length <= LONGEST_TRANSFER:
                    return False
                data = await reader.readexactly(asked.payload)
                plugged.device.submit(self._urb(asked, data, writer))
            case None:
                return False
        await writer.drain()
        return True

    def _urb(self, asked: Submit, data: bytes, writer: asyncio.StreamWriter) -> Urb:
        def done(status: Status, got: bytes, count: int) -> None:
            writer.write(messages.submitted(asked.number, status, count, got))

        address = asked.endpoint | (IN if asked.incoming and asked.endpoint else 0)
        return Urb(asked.number, address, asked.length, done, asked.setup, data, asked.flags)
