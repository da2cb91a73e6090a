"""The lamp itself, written from its protocol alone. `python -m window_lamp.simulator PORT` serves it on loopback."""

import asyncio
import sys
from collections.abc import Iterator

from drivers.conform import Say


class Lamp:
    def __init__(self) -> None:
        self.colour, self.dark, self._heard = "R", "", b""

    def connected(self) -> tuple[Say, ...]:
        return ()

    def hear(self, data: bytes) -> Iterator[Say]:
        *lines, self._heard = (self._heard + data).split(b"\n")
        for line in lines:
            letter = line[:1].decode("latin-1")
            if line[1:] == b"%02X" % (sum(line[:1]) % 256):
                if letter in "GRF":
                    self.colour = letter
                known = {"I": "IExample,WL-2,1.4", "B": f"B{self.dark}"} | {one: one for one in "GRF"}
                answer = known.get(letter, "E1").encode("ascii")
                yield Say(answer + b"%02X\n" % (sum(answer) % 256))


async def serve(port: int) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(100):
            writer.writelines(say.data for say in lamp.hear(data))
        writer.close()

    lamp = Lamp()
    async with await asyncio.start_server(talk, "127.0.0.1", port) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
