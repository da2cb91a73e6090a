import asyncio
import random
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from drivers.contract import Context
from drivers.links import make_link
from drivers.speaker.clips import ClipSpeaker, ClipSpeakerConfig


class Ear:
    """Time of the test: sleeping takes none, unless `holding`; then it lasts until the test cancels it."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []
        self.holding = False
        self.began = asyncio.Event()

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.began.set()
        if self.holding:
            await asyncio.Event().wait()
        self.now += seconds


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
async def speaker(ear: Ear, tmp_path: Path) -> AsyncIterator[Callable[..., ClipSpeaker]]:
    made: list[ClipSpeaker] = []

    def make(url: str = "file:sound", **config: object) -> ClipSpeaker:
        ctx = Context(
            clock=ear.clock,
            random=random.Random(1),
            note=lambda *_, **__: None,
            grace=1.0,
            runtime=str(tmp_path),
            extra={"sleep": ear.sleep},
        )
        made.append(ClipSpeaker(ClipSpeakerConfig(**config), make_link(url, ctx), ctx))
        return made[-1]

    yield make
    for device in made:
        await device.close()
