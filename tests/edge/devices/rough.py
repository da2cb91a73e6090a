"""Drivers for a worker that do what native code does: block, hold the interpreter, eat memory, crash."""

import asyncio
import ctypes
import os
import time
from collections.abc import AsyncIterator
from typing import Any, ClassVar

from pydantic import BaseModel

from drivers.contract import Context, Event, Health, Identity, Info, Kind, Paper, Picture, Printed, PrintJob, Shot
from drivers.errors import Busy, Gone, PaperOut


class RoughConfig(BaseModel):
    """`at_open`, `at_check`, `at_close`: what to do then (see `do`)."""

    at_open: str = ""
    at_check: str = ""
    at_close: str = ""


def do(what: str) -> None:
    match what:
        case "block":
            time.sleep(60)
        case "hold the interpreter":
            ctypes.PyDLL(None).sleep(60)
        case "abort":
            os.abort()
        case "exit":
            os._exit(3)
        case "eat memory":
            eaten = []
            while True:
                eaten.append(b"x" * 10_000_000)
        case "mistake":
            raise KeyError("张三")
        case "no paper":
            raise PaperOut("roll")
        case "busy":
            raise Busy("another program")


class Rough:
    info: ClassVar[Info]
    Config: ClassVar[type[BaseModel]] = RoughConfig

    def __init__(self, config: RoughConfig, link: Any, ctx: Context) -> None:
        self.config = config
        self.link = link
        self.ctx = ctx

    async def open(self) -> Identity:
        do(self.config.at_open)
        self.ctx.note("opened", event="clash", text="clash")
        return Identity(model=self.link.name, serial=str(os.getpid()))

    async def check(self) -> Health:
        do(self.config.at_check)
        return Health(state="ready")

    async def close(self) -> None:
        do(self.config.at_close)

    async def events(self) -> AsyncIterator[Event]:
        for number in range(3):
            yield Event(name="key", data={"number": number})
        await asyncio.Event().wait()


class RoughPrinter(Rough):
    info = Info(kind=Kind.PRINTER, maker="test", models=("rough",), links=("tcp",), isolation="process")

    async def status(self) -> Paper:
        return Paper(state="ok")

    async def print(self, job: PrintJob) -> Printed:
        self.ctx.note("begun")
        do(job.id)
        if job.id == "slow":
            await asyncio.sleep(60)
        return Printed(bytes=os.getpid())


class RoughPads(Rough):
    info = Info(kind=Kind.RATING_PAD, maker="test", models=("rough",), links=("tcp",), isolation="process")


class RoughCamera(Rough):
    info = Info(kind=Kind.CAMERA, maker="test", models=("rough",), links=("tcp",), isolation="process")

    async def capture(self, shot: Shot) -> Picture:
        if shot.side == "side":
            do("block")
        data = bytes(shot.max_dpi * 10_000)
        return Picture(
            hash=self.ctx.keep(data), width=1, height=1, bytes=len(data), blur=0, cut_off=False, fingerprint="0" * 16
        )

    async def preview(self, rate: float) -> AsyncIterator[bytes]:
        number = 0
        while True:
            if rate == 13:
                raise Gone("pulled")
            number += 1
            yield b"frame %d" % number
            await asyncio.sleep(1 / rate)
