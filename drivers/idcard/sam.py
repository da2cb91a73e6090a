"""The reader: module SAM_V / SAM_A over a serial line (idcard.md sections 1 to 5 and 9)."""

import asyncio
import base64
from collections.abc import AsyncIterator
from typing import ClassVar

from pydantic import BaseModel

from drivers.contract import CardPresence, Context, Event, Health, Identity, IdRecord, Info, Kind, Link
from drivers.errors import Busy, CardUnreadable, DeviceError, Garbled, Gone, Late, WrongDevice
from drivers.idcard import status
from drivers.idcard.card import CardContent, CardDesk, Progress
from drivers.idcard.commands import SAM_ID, SAM_STATUS
from drivers.idcard.exchange import Exchange
from drivers.idcard.layouts import make_record
from drivers.idcard.photo import PhotoDecoder
from drivers.idcard.settings import SamConfig
from drivers.idcard.speeds import open_at_its_speed
from drivers.links import ended

_HANDSHAKES = 3  # the first answer after opening is sometimes bad
_CHECK_SECONDS = 0.9


class SamReader:
    """Reads identity cards. Nothing of a card's content is noted, logged, or kept in the link's tap."""

    info: ClassVar[Info] = Info(
        kind=Kind.ID_READER,
        maker="GA/T 467",
        models=("SAM_V", "SAM_A"),
        links=("serial", "tcp"),
        bauds=(115200, 57600, 38400, 19200, 9600),
        probe="asks",
        secrets=("read",),
    )
    Config: ClassVar[type[BaseModel]] = SamConfig

    def __init__(self, config: SamConfig, link: Link, ctx: Context) -> None:
        self._config = config
        self._link = link
        self._note = ctx.note
        self._memory = ctx.extra
        self._exchange = Exchange(link, config.patience)
        self._desk = CardDesk(
            self._exchange, append_address=config.append_address, ignore_find_result=config.ignore_find_result
        )
        self._decoder = (
            PhotoDecoder(config.photo_decoder, config.photo_seconds, config.photo_memory)
            if config.photo_decoder
            else None
        )
        self._turn = asyncio.Lock()  # one command in flight: replies do not say what they answer
        self._waiting = False
        self._card_in_hand = False
        self._identity: Identity | None = None

    async def open(self) -> Identity:
        """Identity.serial is the SAM number.

        Raises Late, Garbled, WrongDevice, Refused (device code 60: self-test failed, 66: not authorised), and what
        opening the link raises.
        """
        async with self._turn:
            if self._identity is not None and self._link.is_open:
                return self._identity
            greeted = False
            try:
                await self._open_link()
                self._identity = await self._greet()
                greeted = True
            finally:
                if not greeted:
                    await self._link.close()
            return self._identity

    async def check(self) -> Health:
        """Raises Gone. While a card is being read the answer is "busy" and nothing is sent."""
        if self._card_in_hand:
            return Health(state="busy")
        try:
            async with asyncio.timeout(_CHECK_SECONDS):
                async with self._turn:
                    reply = await self._exchange.ask(SAM_STATUS)
        except TimeoutError:
            return Health(state="fault", code=Late.code)
        except Gone:
            raise
        except DeviceError as problem:
            return _fault(problem)
        return Health(state="ready") if reply.status == status.DONE else _fault(status.failure(reply))

    async def close(self) -> None:
        self._identity = None
        await self._link.close()

    async def events(self) -> AsyncIterator[Event]:
        await ended(self._link)
        raise Gone(f"{self._link.name}: ended")
        yield  # a reader has nothing to say by itself

    async def read(self) -> IdRecord:
        """Waits until a card is laid on and read. `photo_wlt` is the raw 1024 bytes in base64.

        Raises CardMoved, CardUnreadable, Garbled, Late, Gone, Refused; Busy when another read is waiting.
        """
        if self._waiting:
            raise Busy("another read of this reader")
        self._waiting = True
        try:
            return await self._record(await self._wait_for_card())
        finally:
            self._waiting = False

    async def card_present(self) -> CardPresence:
        """Raises Garbled, Late, Gone."""
        async with self._turn:
            return CardPresence(present=await self._desk.lies_there())

    async def _wait_for_card(self) -> CardContent:
        progress = Progress()
        while True:
            async with self._turn:
                content = await self._try(progress)
            if content is not None:
                return content
            await asyncio.sleep(self._config.poll)

    async def _try(self, progress: Progress) -> CardContent | None:
        """One look for a card, and its content when there is one."""
        try:
            if not await self._desk.find():
                progress.nothing_found()
                return None
            progress.found()
            self._card_in_hand = True
            return await self._desk.read(progress)
        except (CardUnreadable, Garbled, Late) as problem:
            self._note("card not read", code=problem.code, detail=problem.detail)
            progress.failed(problem)
            if progress.needs_reset:
                await self._desk.reset()
            return None
        finally:
            self._card_in_hand = False

    async def _record(self, content: CardContent) -> IdRecord:
        """The text is delivered whatever becomes of the photo."""
        record = make_record(content.text, content.photo, content.append, content.warnings)
        if self._decoder is None:
            return record
        if picture := await self._decoder.decode(content.photo):
            return record.model_copy(update={"photo": base64.b64encode(picture).decode("ascii")})
        return record.model_copy(update={"warnings": (*record.warnings, "photo_missing")})

    async def _open_link(self) -> None:
        if self._config.baud == "auto":
            await open_at_its_speed(self._link, self._exchange, self._memory)
        else:
            await self._link.open()
        self._exchange.forget()

    async def _greet(self) -> Identity:
        last: DeviceError = Late("no answer")
        for _ in range(_HANDSHAKES):
            try:
                await self._desk.good(SAM_STATUS)
                number = sam_number((await self._desk.good(SAM_ID)).data)
                return Identity(maker=self.info.maker, serial=number)
            except (Garbled, Late) as trouble:
                last = trouble
        if isinstance(last, Garbled) and "bad_preamble" in last.detail:
            raise WrongDevice("answers, but not as a card reader at this speed")
        raise last


def _fault(problem: DeviceError) -> Health:
    return Health(state="fault", code=problem.code, detail=problem.detail)


def sam_number(data: bytes) -> str:
    """The 16 little-endian bytes as makers print them: 05.01-20101129-0001228293-0296863149."""
    sizes = (2, 2, 4, 4, 4)
    starts = (0, 2, 4, 8, 12)
    kind, version, made, serial, check = (
        int.from_bytes(data[at : at + size], "little") for at, size in zip(starts, sizes, strict=True)
    )
    return f"{kind:02d}.{version:02d}-{made:08d}-{serial:010d}-{check:010d}"
