"""One question, one answer with an Onbon card, whatever its header: whose turn it is, how long, what silence means."""

import asyncio
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from drivers.contract import Link
from drivers.errors import DeviceError, Garbled, Late
from drivers.led.phy0 import Unframer

Command = tuple[int, int]
"""Group and cmd."""


class Reply(Protocol):
    """What both headers' replies have in common."""

    @property
    def group(self) -> int: ...

    @property
    def cmd(self) -> int: ...

    @property
    def refusal(self) -> DeviceError | None: ...

    def answers(self, command: Command) -> bool: ...


R = TypeVar("R", bound=Reply)


class Exchange(Generic[R]):
    """`parse` turns a frame's content into a reply, or raises Garbled or WrongDevice."""

    def __init__(self, link: Link, note: Callable[..., None], parse: Callable[[bytes], R]) -> None:
        self._link, self._note, self._parse = link, note, parse
        self._turn = asyncio.Lock()
        self._unframer = Unframer()

    @property
    def is_asking(self) -> bool:
        return self._turn.locked()

    async def ask(self, sent: bytes, command: Command, seconds: float, recognise: Callable[[R], None]) -> R:
        """`recognise` raises WrongDevice. Raises besides: Late, Garbled, Refused, Gone."""
        async with self._turn:
            self._link.discard_input()
            self._unframer.reset()
            try:
                async with asyncio.timeout(seconds):
                    await self._link.write(sent)
                    reply = await self._reply(command)
            except TimeoutError as exc:
                raise self._silence(command) from exc
        recognise(reply)
        if reply.refusal is not None:
            raise reply.refusal
        return reply

    async def _reply(self, command: Command) -> R:
        """The first reply that answers `command`; a late answer to an earlier data query is passed over."""
        while True:
            for content in self._unframer.feed(await self._link.read()):
                reply = self._parse(content)
                if reply.answers(command):
                    return reply
                self._note("led.stray_reply", group=reply.group, cmd=reply.cmd)

    def _silence(self, command: Command) -> Late | Garbled:
        what = f"{command[0]:02X} {command[1]:02X}"
        if self._unframer.dropped:
            return Garbled(f"bytes, but no whole reply to {what}")
        return Late(f"no reply to {what}")
