"""Readers, scanners and keys that others simulated from the same pages, in the sockets of a simulated machine."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from ruamel.yaml import YAML

import config
from drivers.codes.keyboard import KeyboardScanner
from drivers.codes.reading import CodeConfig
from drivers.codes.serial import SerialScanner
from drivers.contract import Context, Event, IdRecord, Prompt
from drivers.errors import Busy, DeviceError, Gone
from drivers.idcard.sam import SamReader
from drivers.idcard.sam_usb import UsbSamReader
from drivers.idcard.settings import SamConfig
from drivers.keyboard.numeric import NumericConfig, NumericKeypad
from drivers.keyboard.rating import KeyboardPad, KeyPadConfig
from drivers.links import make_link
from hw_sim.hall import SimulatedHall
from hw_sim.scene import Scene

SOCKETS = "pci-0000:00:14.0-usb-0:"
LINKS = {
    "sam-1": f"serial-at:{SOCKETS}1.1:1.0-port0?baud=115200",
    "sam-2": f"usb-at:{SOCKETS}1.3?id=0400:c35a",
    "sam-3": f"usb-at:{SOCKETS}1.4?id=0316:5020",
    "scanner-1": f"serial-at:{SOCKETS}1.2:1.0-port0?baud=9600",
    "scanner-2": f"input-at:{SOCKETS}2:1.0",
    "keys-1": f"input-at:{SOCKETS}3:1.0",
    "keys-2": f"input-at:{SOCKETS}4:1.0",
}
READERS = {"sam-1": SamReader, "sam-2": UsbSamReader, "sam-3": UsbSamReader}


class Meeting:
    def __init__(self, hall: SimulatedHall, folder: Path) -> None:
        self.hall = hall
        self._ctx = Context(
            clock=time.monotonic,
            random=Random(1),
            note=lambda *_, **__: None,
            runtime=str(folder),
            root=str(folder / "machine"),
        )
        self._opened: list[Any] = []

    async def open(self, cls: Any, settings: Any, device: str) -> Any:
        driver = cls(settings, make_link(LINKS[device], self._ctx), self._ctx)
        self._opened.append(driver)
        async with asyncio.timeout(20):
            while True:  # as the supervisor: a module needs its time after power came
                try:
                    await driver.open()
                except DeviceError as trouble:
                    if not trouble.retry:
                        raise
                    await asyncio.sleep(0.1)
                else:
                    return driver

    def act(self, device: str, word: str, **more: Any) -> None:
        self.hall.device(device).act(word, **more)

    async def close(self) -> None:
        for driver in self._opened:
            await driver.close()


@pytest.fixture
async def meeting(tmp_path: Path) -> AsyncIterator[Meeting]:
    scene = YAML(typ="safe").load((config.folder() / "scenes" / "readers.yaml").read_text("utf-8"))
    scene["devices"] = [device for device in scene["devices"] if device["id"] != "pcsc-1"]
    async with SimulatedHall(Scene.model_validate(scene), tmp_path) as hall:
        made = Meeting(hall, tmp_path)
        yield made
        await made.close()


async def read(reader: SamReader) -> IdRecord:
    async with asyncio.timeout(30):
        return await reader.read()


async def events_of(driver: Any, count: int) -> list[Event]:
    found: list[Event] = []
    async with asyncio.timeout(30):
        async for one in driver.events():
            found.append(one)
            if len(found) == count:
                break
    return found


@pytest.mark.parametrize("device", READERS)
async def test_every_card_on_every_plug_and_what_is_left_behind(meeting: Meeting, device: str) -> None:
    reader = await meeting.open(READERS[device], SamConfig(poll=0.05), device)
    for card, layout in (
        ("resident", "resident"),
        ("foreigner-2017", "foreign_2017"),
        ("foreigner-2023", "foreign_2023"),
        ("permit", "hmt"),
    ):
        assert not (await reader.card_present()).present
        meeting.act(device, "lay_card", card=card)
        record = await read(reader)
        assert record.layout == layout
        assert (await reader.card_present()).present
        meeting.act(device, "lift_card")
        if card == "resident":
            assert record.name == "张测试"
            assert record.new_address == "测试省样例市虚构区新址路9号"
        if card == "foreigner-2023":
            assert record.old_number == "UTO110090010108"
            assert record.name_en == "SPECIMEN, TESTING ALPHABETICALLONGNAMESXYZ01"


@pytest.mark.parametrize("device", ["sam-2", "sam-3"])
async def test_a_usb_reader_pulled_out_and_back(meeting: Meeting, device: str) -> None:
    reader = await meeting.open(READERS[device], SamConfig(poll=0.05), device)
    waiting = asyncio.ensure_future(read(reader))
    await asyncio.sleep(0.1)
    meeting.act(device, "unplug")
    with pytest.raises(Gone):
        await waiting
    await reader.close()
    meeting.act(device, "plug")
    again = await meeting.open(READERS[device], SamConfig(poll=0.05), device)
    meeting.act(device, "lay_card", card="resident")
    assert (await read(again)).name == "张测试"


async def test_a_usb_reader_has_one_holder(meeting: Meeting) -> None:
    await meeting.open(UsbSamReader, SamConfig(), "sam-2")
    second = UsbSamReader(SamConfig(), make_link(LINKS["sam-2"], meeting._ctx), meeting._ctx)
    with pytest.raises(Busy):
        await second.open()


@pytest.mark.parametrize(("device", "cls"), [("scanner-1", SerialScanner), ("scanner-2", KeyboardScanner)])
async def test_scanners(meeting: Meeting, device: str, cls: Callable[..., Any]) -> None:
    scanner = await meeting.open(cls, CodeConfig(), device)
    text = "https://hall.example/?t=A017&x=1"
    meeting.act(device, "scan", text=text)
    [event] = await events_of(scanner, 1)
    assert event.data["text"] == text
    waiting = asyncio.ensure_future(scanner.scan())
    await asyncio.sleep(0)
    meeting.act(device, "scan", text="0" * 300)
    async with asyncio.timeout(20):
        assert (await waiting).text == "0" * 300


async def test_keys_that_call_and_keys_that_rate(meeting: Meeting) -> None:
    pad = await meeting.open(NumericKeypad, NumericConfig(), "keys-1")
    for key in ("1", "7", "enter", "plus"):
        meeting.act("keys-1", "press", key=key)
    assert [tuple(one.data.values()) for one in await events_of(pad, 2)] == [("number", "17"), ("recall", "")]
    rating = await meeting.open(KeyboardPad, KeyPadConfig(), "keys-2")
    await rating.ask(Prompt(nonce="n", seconds=20))
    meeting.act("keys-2", "press", key="1")
    [event] = await events_of(rating, 1)
    assert event.data == {"nonce": "n", "level": "very_satisfied"}
