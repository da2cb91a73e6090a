"""Drivers for the topic `isolate`: one that does what bad native code does, and two that are well and beside it."""

import asyncio
import ctypes
import os
import time
from collections.abc import AsyncIterator
from typing import Any, ClassVar

from pydantic import BaseModel

from drivers.contract import Context, Event, Health, Identity, Info, KeypadLine, Kind, Paper, Printed, PrintJob
from drivers.errors import Gone


class NoSettings(BaseModel):
    pass


class _Idle:
    info: ClassVar[Info]
    Config: ClassVar[type[BaseModel]] = NoSettings

    def __init__(self, config: NoSettings, link: Any, ctx: Context) -> None:
        self.link = link

    async def open(self) -> Identity:
        return Identity(serial=str(os.getpid()))

    async def check(self) -> Health:
        return Health(state="ready")

    async def close(self) -> None:
        return

    async def events(self) -> AsyncIterator[Event]:
        await asyncio.Event().wait()
        raise Gone("nothing ever happens here")
        yield  # makes this an iterator


def _ill(kind: Kind) -> Info:
    return Info(kind=kind, maker="bench", models=("ill",), links=("tcp",), isolation="process")


class IllPrinter(_Idle):
    """Is told by the job's id how to misbehave."""

    info = _ill(Kind.PRINTER)

    async def status(self) -> Paper:
        return Paper(state="ok")

    async def print(self, job: PrintJob) -> Printed:
        match job.id:
            case "hangs":
                time.sleep(600)  # noqa: ASYNC251 - that is the point
            case "holds the interpreter":
                ctypes.PyDLL(None).sleep(600)
            case "crashes":
                os.abort()
            case "eats memory":
                eaten = []
                while True:
                    eaten.append(b"x" * 10_000_000)
        return Printed(bytes=0)


class IllReader(IllPrinter):
    """The same in the worker of another kind."""

    info = _ill(Kind.ID_READER)


class IllSpeaker(IllPrinter):
    info = _ill(Kind.SPEAKER)


class _Keys(_Idle):
    async def display(self, line: KeypadLine) -> None:
        return

    async def beep(self) -> None:
        return


class WellInProcess(_Keys):
    info = Info(kind=Kind.KEYPAD, maker="bench", models=("well",), links=("tcp",), isolation="process")


class WellInLoop(_Keys):
    """Says a word to its device and waits for the echo."""

    info = Info(kind=Kind.KEYPAD, maker="bench", models=("well",), links=("tcp",))

    async def open(self) -> Identity:
        await self.link.open()
        return Identity()

    async def close(self) -> None:
        await self.link.close()

    async def beep(self) -> None:
        await self.link.write(b"beep")
        heard = b""
        while len(heard) < 4:
            heard += await self.link.read()
