"""The reader: module SAM_V / SAM_A over a serial line (idcard.md sections 1 to 5 and 9)."""

import asyncio
from collections.abc import AsyncIterator
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from drivers.contract import Context, Event, Health, Identity, IdRecord, Info, Kind, Link
from drivers.errors import Busy, CardMoved, CardUnreadable, DeviceError, Garbled, Gone, Late, WrongDevice
from drivers.idcard import status
from drivers.idcard.commands import (
    FIND,
    READ_APPEND,
    READ_APPEND_OLD,
    READ_BASE,
    SAM_ID,
    SAM_STATUS,
    SELECT,
    Command,
)
from drivers.idcard.exchange import Exchange
from drivers.idcard.frame import Reply
from drivers.idcard.layouts import make_record, read_append, read_text, split_base
from drivers.links import ended

_HANDSHAKES = 3  # the first answer after opening is sometimes bad
_TRIES = 3
_MISSED_FINDS = 2  # a card still under way may be missed once
_CHECK_SECONDS = 0.9


class SamConfig(BaseModel):
    """`poll` seconds between two looks for a card; `patience` stretches every time-out.

    `ignore_find_result`: for modules that go on reporting "no card" for a card they can read (section 9.1).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    poll: float = Field(default=0.4, ge=0.02, le=5)
    patience: float = Field(default=1.0, ge=0.1, le=10)
    append_address: bool = True
    ignore_find_result: bool = False


class _Progress:
    """What one wait for a card has met so far."""

    def __init__(self) -> None:
        self.failures = 0
        self.reading_broke_off = False
        self.missed_finds = 0

    def nothing_found(self) -> None:
        """Raises CardMoved when the card that was being read is no longer there."""
        self.missed_finds += 1
        if self.reading_broke_off and self.missed_finds >= _MISSED_FINDS:
            raise CardMoved("left while it was being read")
        if not self.reading_broke_off:
            self.failures = 0

    def found(self) -> None:
        self.missed_finds = 0

    def failed(self, problem: DeviceError) -> None:
        """Raises the problem when this was the last try."""
        self.failures += 1
        if self.failures >= _TRIES:
            raise problem


class SamReader:
    """Reads identity cards. Nothing of a card's content is noted, logged, or kept in the link's tap."""

    info: ClassVar[Info] = Info(
        kind=Kind.ID_READER,
        maker="GA/T 467",
        models=("SAM_V", "SAM_A"),
        links=("serial", "tcp"),
        probe="asks",
        secrets=("read",),
    )
    Config: ClassVar[type[BaseModel]] = SamConfig

    def __init__(self, config: SamConfig, link: Link, ctx: Context) -> None:
        self._config = config
        self._link = link
        self._note = ctx.note
        self._exchange = Exchange(link, config.patience)
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
            await self._link.open()
            self._exchange.forget()
            greeted = False
            try:
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
            return await self._wait_for_record()
        finally:
            self._waiting = False

    async def _wait_for_record(self) -> IdRecord:
        progress = _Progress()
        while True:
            async with self._turn:
                record = await self._try(progress)
            if record is not None:
                return record
            await asyncio.sleep(self._config.poll)

    async def _try(self, progress: _Progress) -> IdRecord | None:
        """One look for a card, and its record when there is one."""
        try:
            if not await self._find():
                progress.nothing_found()
                return None
            progress.found()
            self._card_in_hand = True
            return await self._read_card(progress)
        except (CardUnreadable, Garbled, Late) as problem:
            self._note("card not read", code=problem.code, detail=problem.detail)
            progress.failed(problem)
            return None
        finally:
            self._card_in_hand = False

    async def _find(self) -> bool:
        reply = await self._exchange.ask(FIND)
        if reply.status in (status.FIND_FAILED, status.NO_CARD_YET):
            return self._config.ignore_find_result and (await self._exchange.ask(SELECT)).status == status.DONE
        if reply.status != status.CARD_FOUND:
            raise status.failure(reply)
        return True

    async def _read_card(self, progress: _Progress) -> IdRecord:
        await self._good(SELECT)
        progress.reading_broke_off = True
        base = await self._good(READ_BASE)
        progress.reading_broke_off = False
        text_block, photo = split_base(base.data)
        text = read_text(text_block)
        append, warnings = "", tuple[str, ...]()
        if self._config.append_address and text.layout in ("resident", "hmt"):
            append, warnings = await self._append()
        return make_record(text, photo, append, warnings)

    async def _append(self) -> tuple[str, tuple[str, ...]]:
        """The card has been read already: trouble here is a warning, not a failure."""
        try:
            reply = await self._exchange.ask(READ_APPEND)
            if reply.status == status.WRONG_COMMAND:
                reply = await self._exchange.ask(READ_APPEND_OLD)
        except (Garbled, Late):
            return "", ("append_unread",)
        if reply.status == status.DONE:
            return read_append(reply.data), ()
        broke_off = status.advice(reply) is status.Advice.FIND_AGAIN
        return "", ("append_unread",) if broke_off else ()

    async def _good(self, command: Command) -> Reply:
        reply = await self._exchange.ask(command)
        if reply.status != status.DONE:
            raise status.failure(reply)
        return reply

    async def _greet(self) -> Identity:
        last: DeviceError = Late("no answer")
        for _ in range(_HANDSHAKES):
            try:
                await self._good(SAM_STATUS)
                return Identity(maker=self.info.maker, serial=sam_number((await self._good(SAM_ID)).data))
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
