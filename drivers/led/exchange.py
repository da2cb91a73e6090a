"""One question, one answer with an LED card, whatever its frames: whose turn it is, how long, what silence means."""

import asyncio
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from drivers.contract import Link
from drivers.errors import DeviceError, Garbled, Late
from drivers.led.phy0 import Unframer

Command = tuple[int, int]
"""Onbon: group and cmd. C-Power: cmd and packet number."""


class Frames(Protocol):
    """Cuts a stream into the contents of frames; `dropped` counts what was thrown away since `reset`."""

    dropped: int

    def reset(self) -> None: ...

    def feed(self, data: bytes) -> list[bytes]: ...


class Reply(Protocol):
    """What the replies of every family have in common."""

    @property
    def name(self) -> str: ...

    @property
    def refusal(self) -> DeviceError | None: ...

    def answers(self, command: Command) -> bool: ...


R = TypeVar("R", bound=Reply)


class Exchange(Generic[R]):
    """`parse` turns a frame's content into a reply, or raises Garbled or WrongDevice."""

    def __init__(
        self, link: Link, note: Callable[..., None], parse: Callable[[bytes], R], frames: Frames | None = None
    ) -> None:
        self._link, self._note, self._parse = link, note, parse
        self._turn = asyncio.Lock()
        self._unframer: Frames = frames or Unframer()

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
                self._note("led.stray_reply", reply=reply.name)

    def _silence(self, command: Command) -> Late | Garbled:
        what = f"{command[0]:02X} {command[1]:02X}"
        if self._unframer.dropped:
            return Garbled(f"bytes, but no whole reply to {what}")
        return Late(f"no reply to {what}")
