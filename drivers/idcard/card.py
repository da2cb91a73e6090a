"""One card, from finding it to its record (idcard.md sections 3, 5 and 9)."""

from dataclasses import dataclass
from typing import Final

from drivers.errors import CardMoved, DeviceError, Garbled, Late
from drivers.idcard import status
from drivers.idcard.commands import (
    FIND,
    READ_APPEND,
    READ_APPEND_OLD,
    READ_BASE,
    READ_CARD_NUMBERS,
    RESET,
    SELECT,
    Command,
)
from drivers.idcard.exchange import Exchange
from drivers.idcard.frame import Reply
from drivers.idcard.layouts import CardText, read_append, read_text, split_base

_TRIES: Final = 3
_RESET_BEFORE_TRY: Final = 2  # only after several failures: a reset costs a second
_MISSED_FINDS: Final = 2  # a card still under way may be missed once


@dataclass(frozen=True, repr=False)
class CardContent:
    """Never shown by repr."""

    text: CardText
    photo: bytes
    append: str
    warnings: tuple[str, ...]


class Progress:
    """What one wait for a card has met so far."""

    def __init__(self) -> None:
        self.failures = 0
        self.reading_broke_off = False
        self.missed_finds = 0

    @property
    def needs_reset(self) -> bool:
        return self.failures == _RESET_BEFORE_TRY

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


class CardDesk:
    """Asks for what lies on the reader. The caller keeps two conversations apart."""

    def __init__(self, exchange: Exchange, *, append_address: bool, ignore_find_result: bool) -> None:
        self._exchange = exchange
        self._append_address = append_address
        self._ignore_find_result = ignore_find_result

    async def find(self) -> bool:
        reply = await self._exchange.ask(FIND)
        if reply.status in (status.FIND_FAILED, status.NO_CARD_YET):
            return self._ignore_find_result and (await self._exchange.ask(SELECT)).status == status.DONE
        if reply.status != status.CARD_FOUND:
            raise status.failure(reply)
        return True

    async def read(self, progress: Progress) -> CardContent:
        """Extra items first: some readers refuse them after the base text (section 9.4).

        Raises CardMoved when the items are not of one card, and what a failed step raises.
        """
        await self.good(SELECT)
        progress.reading_broke_off = True
        append, warnings = "", tuple[str, ...]()
        if self._append_address:
            append, warnings = await self._append()
        before = await self._card_numbers() if append else b""
        text_block, photo = split_base((await self.good(READ_BASE)).data)
        after = await self._card_numbers() if before else b""
        if before != after and after:
            raise CardMoved("another card was laid on in the middle")
        progress.reading_broke_off = False
        return CardContent(read_text(text_block), photo, append, warnings)

    async def reset(self) -> None:
        """Whether it helped is seen at the next find."""
        try:
            await self._exchange.ask(RESET)
        except (Garbled, Late):
            return

    async def lies_there(self) -> bool:
        """Also a card that was served: such a card is not found again, but still answers a cheap question (9.1).

        One unanswered question is not enough to say that a card has left: radio contact may be lost for a moment.
        """
        if await self._answers_to_append():
            return True
        if (await self._exchange.ask(FIND)).status == status.CARD_FOUND:
            return True
        return await self._answers_to_append()

    async def good(self, command: Command) -> Reply:
        reply = await self._exchange.ask(command)
        if reply.status != status.DONE:
            raise status.failure(reply)
        return reply

    async def _answers_to_append(self) -> bool:
        reply = await self._exchange.ask(READ_APPEND)
        if reply.status in (status.WRONG_COMMAND, status.NOT_PERMITTED):
            reply = await self._exchange.ask(READ_CARD_NUMBERS)
        return reply.status in (status.DONE, status.NO_SUCH_ITEM)

    async def _append(self) -> tuple[str, tuple[str, ...]]:
        """Trouble here is a warning: when the card has left, the base text tells."""
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

    async def _card_numbers(self) -> bytes:
        """What tells two cards apart; empty where the module does not say."""
        try:
            reply = await self._exchange.ask(READ_CARD_NUMBERS)
        except (Garbled, Late):
            return b""
        return reply.data if reply.status == status.DONE else b""
