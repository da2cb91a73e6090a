"""WL-2: request `<letter><sum>\n`, answer `<letter><text><sum>\n`; sum = two hex digits of the bytes before it."""

import asyncio
from collections.abc import AsyncIterator
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from drivers.contract import Context, Event, Health, Identity, Info, Kind, Link, Page
from drivers.errors import Garbled, Gone, Late, Refused, WrongDevice
from drivers.links import ended


class LampConfig(BaseModel):
    """`timeout` seconds for one answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    timeout: float = 0.5


class WindowLamp:
    """Display (green while a page is shown, red when cleared) and Identifiable."""

    info: ClassVar[Info] = Info(
        kind=Kind.DISPLAY, maker="Example", models=("WL-2",), links=("serial", "tcp"), probe="asks", usb=("f055:0002",)
    )
    Config: ClassVar[type[BaseModel]] = LampConfig

    def __init__(self, config: LampConfig, link: Link, ctx: Context) -> None:
        self._config, self._link = config, link
        self._turn = asyncio.Lock()

    async def open(self) -> Identity:
        await self._link.open()
        answer = await self._ask("I")
        if not answer.startswith("Example,WL-2,"):
            raise WrongDevice("answers, but not as a WL-2")
        return Identity(maker="Example", model="WL-2", firmware=answer[13:])

    async def check(self) -> Health:
        dark = await self._ask("B")
        return Health(state="warning", code="bulb_dark", detail=dark) if dark else Health(state="ready")

    async def close(self) -> None:
        await self._link.close()

    async def events(self) -> AsyncIterator[Event]:
        await ended(self._link)
        raise Gone(self._link.name)
        yield

    async def show(self, page: Page) -> None:
        await self._ask("G")

    async def clear(self) -> None:
        await self._ask("R")

    async def identify(self, seconds: float) -> None:
        await self._ask("F")
        await asyncio.sleep(seconds)
        await self._ask("R")

    async def _ask(self, letter: str) -> str:
        async with self._turn:
            self._link.discard_input()
            await self._link.write(framed(letter))
            try:
                async with asyncio.timeout(self._config.timeout):
                    return self._text(letter, await self._line())
            except TimeoutError:
                raise Late(f"no answer to {letter}") from None

    async def _line(self) -> bytes:
        line = b""
        while not line.endswith(b"\n"):
            line += await self._link.read(1)
            if len(line) > 40:
                raise Garbled("no end of line")
        return line

    @staticmethod
    def _text(letter: str, line: bytes) -> str:
        text = line[:-3].decode("ascii", "replace")
        if framed(text) == line and text[0] == letter:
            return text[1:]
        raise Refused(text[1:]) if framed(text) == line and text[0] == "E" else Garbled("not the answer")


def framed(text: str) -> bytes:
    data = text.encode("ascii", "replace")
    return data + b"%02X\n" % (sum(data) % 256)
