"""What all scanners have in common: the text of a reading, who gets it, how a driver of one lives."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from typing import Any, ClassVar, Final

from pydantic import BaseModel, ConfigDict, Field

from drivers.contract import Code, Context, Event, Health, Identity, Info, Link
from drivers.errors import Busy, Gone
from drivers.links import keep_private

# ISO/IEC 15424: "]", a letter for the kind of code, a character for its options.
AIM_NAMES: Final = {
    "A": "code39",
    "C": "code128",
    "d": "datamatrix",
    "E": "ean",
    "e": "gs1_databar",
    "F": "codabar",
    "G": "code93",
    "H": "code11",
    "I": "itf",
    "L": "pdf417",
    "M": "msi",
    "Q": "qr",
    "U": "maxicode",
    "z": "aztec",
}
_MOST_WAITING: Final = 16  # readings that nobody takes off


class CodeConfig(BaseModel):
    """`prefix`, `suffix`: what the scanner was told to add, taken off. `aim`: the scanner sends AIM identifiers.

    `longest` characters; a longer reading is dropped whole. `idle` seconds of silence that end a reading from a
    scanner that sends no line end.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    prefix: str = Field(default="", max_length=16)
    suffix: str = Field(default="", max_length=16)
    aim: bool = False
    longest: int = Field(default=4296, ge=1, le=16384)
    idle: float = Field(default=0.1, ge=0.01, le=5)


def code_of(text: str, config: CodeConfig) -> Code | None:
    """None for an empty reading."""
    text = text.removeprefix(config.prefix)
    if config.suffix:
        text = text.removesuffix(config.suffix)
    symbology = ""
    if config.aim and len(text) >= 3 and text[0] == "]" and text[1].isalpha() and text[1].isascii():
        symbology = AIM_NAMES.get(text[1], text[:3])
        text = text[3:]
    return Code(text=text, symbology=symbology) if text else None


class CodeDesk:
    """Hands each reading to the one who waits for it, else to the events."""

    def __init__(self) -> None:
        self._scan: asyncio.Future[Code] | None = None
        self._events: asyncio.Queue[Code | None] = asyncio.Queue(_MOST_WAITING)

    def put(self, code: Code) -> bool:
        """False when nobody took the last readings off and this one is dropped."""
        if self._scan is not None and not self._scan.done():
            self._scan.set_result(code)
            return True
        try:
            self._events.put_nowait(code)
        except asyncio.QueueFull:
            return False
        return True

    async def scan(self) -> Code:
        """Raises Busy when another waits."""
        if self._scan is not None and not self._scan.done():
            raise Busy("another scan of this scanner")
        scan = self._scan = asyncio.get_running_loop().create_future()
        try:
            code: Code = await scan
            return code
        finally:
            scan.cancel()

    async def next(self) -> Code:
        """Raises Gone after `end`."""
        code = await self._events.get()
        if code is None:
            raise Gone("the scanner left")
        return code

    def end(self, problem: Gone) -> None:
        if self._scan is not None and not self._scan.done():
            self._scan.set_exception(problem)
        while not self._events.empty():
            self._events.get_nowait()
        self._events.put_nowait(None)


class Scanner(ABC):
    """The life of a scanner; the families say how bytes become readings. A scanner cannot be asked who it is."""

    info: ClassVar[Info]
    Config: ClassVar[type[BaseModel]] = CodeConfig

    def __init__(self, config: CodeConfig, link: Link, ctx: Context) -> None:
        self._config = config
        self._link = link
        self._note = ctx.note
        self._grace = ctx.grace
        self._desk = CodeDesk()
        self._listening: asyncio.Task[None] | None = None

    async def open(self) -> Identity:
        """Raises what opening the link raises."""
        if self._listening is None or self._listening.done():
            await self._link.open()
            keep_private(self._link, True)  # a code may be a person's
            self._desk = CodeDesk()
            self._listening = asyncio.create_task(self._listen(self._desk))
        return Identity()

    async def check(self) -> Health:
        """Raises Gone."""
        if self._listening is None or self._listening.done() or not self._link.is_open:
            raise Gone(f"{self._link.name}: ended")
        return Health(state="ready")

    async def close(self) -> None:
        listening, self._listening = self._listening, None
        if listening is not None:
            listening.cancel()
            await asyncio.wait([listening], timeout=self._grace)
        self._desk.end(Gone(f"{self._link.name}: closed"))
        await self._link.close()

    async def events(self) -> AsyncIterator[Event]:
        desk = self._desk
        while True:
            code = await desk.next()
            yield Event(name="code", data={"text": code.text, "symbology": code.symbology})

    async def scan(self) -> Code:
        """Waits for the next code. Raises Gone; Busy when another scan waits."""
        await self.check()
        return await self._desk.scan()

    async def _listen(self, desk: CodeDesk) -> None:
        try:
            await self._readings()
        except Gone as problem:
            desk.end(problem)

    @abstractmethod
    async def _readings(self) -> None:
        """Read the link and `_take` what was read, until Gone."""

    def _take(self, text: str) -> None:
        code = code_of(text, self._config)
        if code is not None and not self._desk.put(code):
            self._note("code dropped", reason="nobody takes them off")

    def _dropped(self, reason: str, **facts: Any) -> None:
        self._note("code dropped", reason=reason, **facts)
