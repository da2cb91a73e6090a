"""A line with a scripted far end, from the protocol page's vectors."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from drivers.contract import Context
from drivers.hall485.bus import BusConfig, Hall485Bus
from drivers.hall485.keypad import Keypad, KeypadConfig
from drivers.hall485.pad import PadConfig, RatingPad485
from drivers.links import make_link

VECTORS = json.loads((Path(__file__).parent / "golden" / "vectors.json").read_text(encoding="utf-8"))
BYTES = {vector["id"]: bytes.fromhex(vector["hex"]) for vector in VECTORS["vectors"] + VECTORS["malformed"]}


class Clock:
    """The drivers' clock; the line itself is paced in real time."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def on_wire() -> dict[str, bytes]:
    return BYTES


@pytest.fixture
def hall_ctx(ctx: Context, clock: Clock) -> Context:
    ctx.clock = clock
    return ctx


@pytest.fixture
async def bus(peer: Any, hall_ctx: Context) -> AsyncIterator[Hall485Bus]:
    line = Hall485Bus(BusConfig(turnaround=0), make_link(f"serial://{peer.path}?baud=115200", hall_ctx), hall_ctx)
    await line.open()
    yield line
    await line.close()


@pytest.fixture
async def keypad_a(bus: Hall485Bus, hall_ctx: Context) -> AsyncIterator[Keypad]:
    keypad = Keypad(KeypadConfig(address=3, dialect="a"), bus, hall_ctx)
    await keypad.open()
    yield keypad
    await keypad.close()


@pytest.fixture
async def keypad_b(bus: Hall485Bus, hall_ctx: Context) -> AsyncIterator[Keypad]:
    keypad = Keypad(KeypadConfig(address=3, dialect="b"), bus, hall_ctx)
    await keypad.open()
    yield keypad
    await keypad.close()


@pytest.fixture
async def pad(bus: Hall485Bus, hall_ctx: Context) -> AsyncIterator[RatingPad485]:
    rating_pad = RatingPad485(PadConfig(address=3, dialect="a", keys=5), bus, hall_ctx)
    await rating_pad.open()
    yield rating_pad
    await rating_pad.close()
