"""Drivers on real and on faulty IPP printers."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from drivers.contract import Context
from drivers.links import make_link
from drivers.printer.ipp.driver import IppConfig, IppPrinter

Make = Callable[..., IppPrinter]


@pytest.fixture
def notes() -> list[str]:
    return []


@pytest.fixture
async def driver(tmp_path: Path, notes: list[str]) -> AsyncIterator[Make]:
    made: list[IppPrinter] = []

    def make(url: str, **config: object) -> IppPrinter:
        ctx = Context(
            clock=asyncio.get_running_loop().time,
            random=random.Random(1),
            note=lambda name, **_: notes.append(name),
            runtime=str(tmp_path),
        )
        made.append(IppPrinter(IppConfig(**{"poll": 0.05, "timeout": 5, **config}), make_link(url, ctx), ctx))
        return made[-1]

    yield make
    for device in made:
        await device.close()
