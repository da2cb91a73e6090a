"""Strips, extended pads and keypads on one simulated line, which others wrote from the same pages."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from drivers.contract import Context, KeypadLine, Page, PageLine, Prompt
from drivers.errors import Late
from drivers.hall485.bus import BusConfig, Hall485Bus
from drivers.hall485.keypad import Keypad, KeypadConfig
from drivers.hall485.pad import PadConfig, RatingPad485
from drivers.hall485.strip import Strip485, StripConfig
from drivers.links import make_link
from hw_sim.hall import SimulatedHall
from hw_sim.scene import Scene

STATIONS = [
    {"keypad": "keypad-1", "pad": "pad-1", "strip": "strip-1", "address": 3, "pad_extended": True},
    {"keypad": "keypad-2", "pad": "pad-2", "address": 4, "dialect": "b"},
]
CALL = Page(lines=(PageLine(text="A017", big=True), PageLine(text="请到1号窗口")))


@pytest.fixture
async def hall(tmp_path: Path) -> AsyncIterator[SimulatedHall]:
    line = {"id": "line", "sim": "hall485", "stations": STATIONS}
    scene = Scene.model_validate({"scene": "line", "site": "station", "devices": [line]})
    async with SimulatedHall(scene, tmp_path) as hall:
        yield hall


@pytest.fixture
async def here(tmp_path: Path, notes: list[tuple[str, dict[str, object]]]) -> Context:
    async def at_once(seconds: float) -> None:
        await asyncio.sleep(0)

    return Context(
        clock=time.monotonic, random=random.Random(1), note=notes, runtime=str(tmp_path), extra={"sleep": at_once}
    )


@pytest.fixture
async def line(hall: SimulatedHall, here: Context) -> AsyncIterator[Hall485Bus]:
    bus = Hall485Bus(BusConfig(rest=0.1), make_link(hall.links()["line"], here), here)
    await bus.open()
    yield bus
    await bus.close()


async def test_everything_on_one_line(
    hall: SimulatedHall, line: Hall485Bus, here: Context, notes: list[tuple[str, dict[str, object]]]
) -> None:
    strip = Strip485(StripConfig(address=3), line, here)
    pad = RatingPad485(PadConfig(address=3, dialect="a", keys=5, extended=True), line, here)
    simple = RatingPad485(PadConfig(address=4, dialect="b", keys=5), line, here)
    keypad = Keypad(KeypadConfig(address=4, dialect="b"), line, here)
    for station in (strip, simple, keypad):
        await station.open()
    assert (await pad.open()).model == "SIMPAD01"
    await asyncio.gather(
        strip.show(CALL),
        pad.ask(Prompt(nonce="n1", seconds=9)),
        simple.ask(Prompt(nonce="n2", seconds=9)),
        keypad.display(KeypadLine(waiting=7)),
        keypad.display(KeypadLine(waiting=8)),
    )
    assert hall.device("strip-1").view()["text"] == "A017 请到1号窗口"
    assert not hall.device("strip-1").view()["cut"]
    assert hall.device("pad-1").view()["state"] == "rate"
    await pad.withdraw()
    assert hall.device("pad-1").view()["state"] == "welcome"
    await pad.identify(1)
    await simple.identify(1)
    await strip.identify(1)
    await strip.clear()
    assert hall.device("strip-1").view()["text"].strip() == ""
    assert [name for name, _ in notes] == []  # nobody spoke into another's frame


async def test_a_strip_without_power(hall: SimulatedHall, line: Hall485Bus, here: Context) -> None:
    strip = Strip485(StripConfig(address=3, answer_timeout=2.0), line, here)
    await strip.open()
    hall.device("strip-1").unplug()
    with pytest.raises(Late):
        await strip.show(CALL)
    hall.device("strip-1").plug()
    await strip.show(CALL)
