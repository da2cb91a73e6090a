"""Readers that may block, in the process they live in."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from drivers.contract import Context
from drivers.errors import Gone, ServiceDown
from edge.devices.worker_process import Limits, WorkerProcess
from tests.drivers.idcard.test_carrier import UsbSam
from tests.support.usbip_server import UsbDevice, UsbIpServer

pytestmark = pytest.mark.kill


@pytest.fixture
async def worker(tmp_path: Path) -> AsyncIterator[WorkerProcess]:
    ctx = Context(
        clock=time.monotonic, random=Random(1), note=lambda *_, **__: None, runtime=str(tmp_path), root=str(tmp_path)
    )
    made = WorkerProcess("cards", ctx, Limits())
    await made.start()
    running = asyncio.create_task(made.run())
    yield made
    running.cancel()
    await asyncio.wait([running])


def recipe(driver: str, link: str, **config: Any) -> dict[str, Any]:
    return {"driver": driver, "link": link, "config": config}


async def test_a_card_over_usb_and_the_reader_pulled_out(worker: WorkerProcess) -> None:
    async with UsbIpServer(UsbDevice()) as server, asyncio.timeout(30):
        UsbSam(server, four=True, padded=True)
        await worker.make(1, recipe("drivers.idcard.sam_usb:UsbSamReader", server.url))
        assert (await worker.call(1, "open"))["serial"].startswith("05.01-")
        assert (await worker.call(1, "read"))["name"] == "张测试"
        server.device.hear = lambda address, data: None
        waiting = asyncio.ensure_future(worker.call(1, "read"))
        await asyncio.sleep(0.1)
        server.unplug()
        with pytest.raises(Gone):
            await waiting
        await worker.call(1, "close")
        assert worker.alive


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the worker starts, which inherits it."""
    monkeypatch.setenv("PCSCLITE_CSOCK_NAME", str(tmp_path / "no.comm"))


async def test_a_service_that_is_not_there(nowhere: None, worker: WorkerProcess) -> None:
    async with asyncio.timeout(30):
        await worker.make(1, recipe("drivers.idcard.pcsc:PcscReader", "pcsc:"))
        with pytest.raises(ServiceDown):
            await worker.call(1, "open")
        assert worker.alive
