"""`hallctl identify` and `try` wait for a device that opens the connection itself, and say so."""

import asyncio
import json
import socket
from typing import Any

import pytest
from websockets.asyncio.client import connect

from drivers.errors import Absent
from edge.devices.identify_cli import trial_of
from edge.devices.trial import attempt
from edge.site_sections.lines import Device

TOKEN = "t0ken-of-the-pad-at-window-2"


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.fixture
def devices(port: int) -> tuple[Device, ...]:
    bus = {"id": "tablets", "driver": "pad.tablets", "link": f"ws://127.0.0.1:{port}"}
    pad = {"id": "tablet-2", "driver": "pad.tablet", "bus": "tablets", "options": {"window": "2", "token": TOKEN}}
    return tuple(Device.model_validate(each) for each in (bus, pad))


async def pad_that_dials(port: int, heard: list[dict[str, Any]]) -> None:
    async with connect(f"ws://127.0.0.1:{port}") as line:
        param = {"WindowNumber": "2", "UserNumber": "0", "Token": TOKEN}
        await line.send(json.dumps({"method": "Login", "param": param}))
        await line.recv()
        heard.append(json.loads(await line.recv()))
        await line.send(json.dumps({"code": "0", "result": "ok"}))
        await line.wait_closed()


async def test_a_pad_that_dials_in_late_shows_itself(devices: tuple[Device, ...], port: int) -> None:
    heard: list[dict[str, Any]] = []
    said: list[float] = []
    pads: list[asyncio.Task[None]] = []

    def waits(seconds: float) -> None:
        said.append(seconds)
        pads.append(asyncio.create_task(pad_that_dials(port, heard)))

    await attempt(trial_of("tablet-2", devices, "/", "."), lambda line: None, on_wait=waits)
    await asyncio.gather(*pads)
    assert said == [12.0]
    assert len(heard) == 1


async def test_one_that_never_comes_is_absent(devices: tuple[Device, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.devices.trial._DIAL_SECONDS", 0.3)
    said: list[float] = []
    with pytest.raises(Absent):
        await attempt(trial_of("tablet-2", devices, "/", "."), lambda line: None, on_wait=said.append)
    assert said == [0.3]
