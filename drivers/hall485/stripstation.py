"""One strip screen on the line, as its driver sees it."""

import asyncio

from drivers.errors import Gone, Late
from drivers.hall485.functions import ANSWER_ROOM
from drivers.hall485.stripframe import StripFrame
from drivers.hall485.transmitter import Transmitter


class StripStation:
    """Made by Hall485Bus.attach_strip. Ends with the line or with `detach_strip`, and then for good."""

    def __init__(self, address: int, transmitter: Transmitter) -> None:
        self.address = address
        self._transmitter = transmitter
        self._answer = asyncio.Event()
        self._over = asyncio.Event()

    async def send(self, cmd: int, data: bytes) -> None:
        """Returns when the whole frame was handed to the link. Raises Gone."""
        if self.is_over:
            raise self._gone()
        self._answer.clear()
        await self._transmitter.send(StripFrame(self.address, cmd, data), ANSWER_ROOM)

    async def answer(self, seconds: float) -> None:
        """Of what was sent last. Raises Late, Gone."""
        try:
            async with asyncio.timeout(seconds):
                await self._answer.wait()
        except TimeoutError:
            raise Late(f"strip {self.address}: no answer") from None
        if self.is_over:
            raise self._gone()

    async def ended(self) -> None:
        await self._over.wait()

    @property
    def is_over(self) -> bool:
        return self._over.is_set()

    # --- for the bus

    def answered(self) -> None:
        self._answer.set()

    def end(self) -> None:
        self._over.set()
        self._answer.set()

    def _gone(self) -> Gone:
        return Gone(f"strip {self.address}: the line ended")
