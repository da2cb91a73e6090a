"""A hand-written device loop: every line opened at once, asked one thing, and then asked again every ten seconds.

`host_loop.py KIND=ADDRESS …`: KIND onbon6e, onbon5k, sam, escpos or hall485; ADDRESS host:port or PATH?baud=9600.
Says `ready` when everybody has answered once (an RS-485 line: when it is open). Runs until it is ended.
"""

import asyncio
import os
import sys
import termios
import tty
from typing import Final

BEAT: Final = 10.0
_PATIENCE: Final = 1.0
_PREAMBLE: Final = "a5" * 8
_QUESTIONS: Final = {
    "onbon6e": bytes.fromhex(_PREAMBLE + "fe ff 00 80 f0 00 fe ff 00 00 00 00 05 00 00 00 01 a2 00 00 00 c6 86 5a"),
    "onbon5k": bytes.fromhex(_PREAMBLE + "01 00 00 80 00 00 00 00 00 00 fe 02 05 00 a2 00 01 00 00 68 f8 5a"),
    "sam": bytes.fromhex("aa aa aa 96 69 00 03 11 ff ed"),
    "escpos": bytes.fromhex("10 04 01 10 04 02 10 04 03 10 04 04"),
    "hall485": b"",
}


class Device:
    def __init__(self, kind: str, address: str) -> None:
        self._kind, self._question, self._address = kind, _QUESTIONS[kind], address

    async def open(self) -> None:
        self._reader, self._writer = await (_port(self._address) if "/" in self._address else _dialled(self._address))
        await self.ask()

    async def ask(self) -> None:
        if self._question:
            self._writer.write(self._question)
            try:
                async with asyncio.timeout(_PATIENCE):
                    if not await self._reader.read(4096):
                        raise ConnectionError(self._address)
            except TimeoutError:
                raise TimeoutError(f"{self._kind} at {self._address} does not answer") from None

    async def beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT)
            await self.ask()


async def _dialled(address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    host, _, port = address.rpartition(":")
    return await asyncio.open_connection(host, int(port))


async def _port(address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    path, _, baud = address.partition("?baud=")
    handle = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    tty.setraw(handle)
    settings = termios.tcgetattr(handle)
    settings[4] = settings[5] = getattr(termios, f"B{baud}")
    termios.tcsetattr(handle, termios.TCSANOW, settings)
    loop, reader = asyncio.get_running_loop(), asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(handle, "rb", 0))
    transport, protocol = await loop.connect_write_pipe(
        asyncio.streams.FlowControlMixin, os.fdopen(os.dup(handle), "wb", 0)
    )
    return reader, asyncio.StreamWriter(transport, protocol, None, loop)


async def main(words: list[str]) -> None:
    devices = [Device(*word.split("=", 1)) for word in words]
    await asyncio.gather(*(device.open() for device in devices))
    print("ready", flush=True)
    await asyncio.gather(*(device.beat() for device in devices))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
