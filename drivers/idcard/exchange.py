"""One request and its reply on the reader's line: flush, send, wait, never two at once."""

import asyncio

from drivers.contract import Link
from drivers.errors import DeviceError, Garbled, Late
from drivers.idcard.commands import Command
from drivers.idcard.frame import Damage, Found, FrameReader, Reply
from drivers.idcard.status import Advice, advice, failure
from drivers.links import keep_private

_DEFAULT_BAUD = 115200
_BITS_PER_BYTE = 10
_REST_SECONDS = 0.3  # for what follows a header, or damage, beside the time on the wire (section 2)
_QUIET_SECONDS = 0.3  # silence that ends a late reply (section 9.5)
_LONGEST_DRAIN_SECONDS = 4.0
_LATE_FILLER = Damage("truncated")
_LOOK_BEHIND_SECONDS = 0.003  # for bytes behind a person's data, beside the time of two bytes on the wire


class Exchange:
    """The caller keeps exchanges apart. `patience` stretches every wait for a slow module."""

    def __init__(self, link: Link, patience: float) -> None:
        self._link = link
        self._patience = patience
        # Set while a reply may still be on its way: after a cut-off wait the line is drained before the next one.
        self._dirty = False
        self._private_until = 0.0  # a person's data may still come that long, after a wait for it was cut off

    def forget(self) -> None:
        """A newly opened link has nothing on its way."""
        self._dirty = False

    @property
    def _byte_seconds(self) -> float:
        return _BITS_PER_BYTE / (getattr(self._link, "baud", None) or _DEFAULT_BAUD)

    async def ask(self, command: Command) -> Reply:
        """The module's reply, good or not; sent a second time when the module says it heard badly.

        Raises Late, Garbled, Gone.
        """
        reply = await self._once(command)
        if advice(reply) is Advice.RESEND:
            reply = await self._once(command)
        if advice(reply) is Advice.RESEND:
            raise failure(reply)
        return reply

    async def _once(self, command: Command) -> Reply:
        if self._dirty:
            await self._drain()
        self._link.discard_input()
        self._dirty = True
        now = asyncio.get_running_loop().time
        keep_private(self._link, command.private or now() < self._private_until)
        before, self._private_until = self._private_until, self._latest_answer(command)
        await self._link.write(command.request)
        reply = await self._reply(command)
        self._dirty = False
        self._private_until = before
        keep_private(self._link, now() < before)
        return reply

    def _latest_answer(self, command: Command) -> float:
        wait = command.seconds * self._patience + _LONGEST_DRAIN_SECONDS if command.private else 0.0
        return max(self._private_until, asyncio.get_running_loop().time() + wait)

    async def _reply(self, command: Command) -> Reply:
        reader = FrameReader()
        now = asyncio.get_running_loop().time
        slower = (self._byte_seconds - _BITS_PER_BYTE / _DEFAULT_BAUD) * command.sizes[1]
        deadline = now() + (command.seconds + slower) * self._patience
        trouble: str = ""
        silent, announced = True, False
        while True:
            try:
                async with asyncio.timeout_at(deadline):
                    data = await self._link.read()
            except TimeoutError:
                raise _nothing_useful(command, reader, trouble, silent) from None
            silent = False
            found = reader.feed(data)
            for number, item in enumerate(found):
                announced = False
                if isinstance(item, Reply):
                    if command.is_answered_by(item):
                        await self._nothing_behind(command, reader, found[number + 1 :])
                        return item
                    trouble = f"unexpected_status {item.sw.hex(' ')}"
                elif isinstance(item, Damage):
                    trouble = item.kind
                    deadline = min(deadline, now() + _REST_SECONDS * self._patience)
            if reader.missing is not None and not announced:
                announced = True
                rest = _REST_SECONDS + reader.missing * self._byte_seconds
                deadline = min(deadline, now() + rest * self._patience)

    async def _nothing_behind(self, command: Command, reader: FrameReader, behind: list[Found]) -> None:
        """Raises Garbled when the answer goes on behind its frame. For a person's data that is worth a moment."""
        if command.private and not behind and reader.ends_clean:
            try:
                async with asyncio.timeout(_LOOK_BEHIND_SECONDS + 2 * self._byte_seconds):
                    behind = reader.feed(await self._link.read())
            except TimeoutError:
                return
        if not reader.ends_clean or any(item != _LATE_FILLER for item in behind):
            raise Garbled(f"{command.name}: bad_length: bytes behind the answer")

    async def _drain(self) -> None:
        """Until the line is quiet. Raises Garbled when it never is."""
        try:
            async with asyncio.timeout(_LONGEST_DRAIN_SECONDS * self._patience):
                while await self._still_talking():
                    pass
        except TimeoutError:
            raise Garbled("the line is never quiet") from None
        self._dirty = False

    async def _still_talking(self) -> bool:
        try:
            async with asyncio.timeout(_QUIET_SECONDS * self._patience):
                await self._link.read()
        except TimeoutError:
            return False
        return True


def _nothing_useful(command: Command, reader: FrameReader, trouble: str, silent: bool) -> DeviceError:
    if silent:
        return Late(f"{command.name}: no answer")
    left = reader.finish()
    return Garbled(f"{command.name}: {trouble or (left[0].kind if left else 'noise')}")
