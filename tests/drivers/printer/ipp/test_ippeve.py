"""The driver on the printer that the makers of CUPS test with."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from drivers.contract import PrintJob, TicketLine
from drivers.errors import Absent, OutcomeUnknown
from tests.support.ippeve import Printer, ippeveprinter

from .conftest import Make

JOB = PrintJob(id="p:00c2-7", lines=(TicketLine(text="一次性告知书", size=2), TicketLine(text="A017", size=4)))


@pytest.fixture
async def printer(tmp_path: Path) -> AsyncIterator[Printer]:
    async with ippeveprinter(tmp_path / "out", "application/pdf,image/pwg-raster") as running:
        yield running


async def test_a_page_in_pdf(printer: Printer, driver: Make) -> None:
    device = driver(printer.url)
    identity = await device.open()
    assert "Printer" in identity.model
    assert len(identity.serial) == 36
    assert (await device.check()).state == "ready"
    printed = await device.print(JOB)
    (page,) = printer.pages()
    assert page.read_bytes()[:5] == b"%PDF-"
    assert printed.bytes == page.stat().st_size
    assert printed.paper == "ok"
    assert (await device.status()).state == "ok"
    await device.identify(3.0)


async def test_one_id_is_printed_once_also_by_another_driver(printer: Printer, driver: Make) -> None:
    device = driver(printer.url)
    await device.open()
    first, second = await asyncio.gather(device.print(JOB), device.print(JOB))
    assert first == second
    later = driver(printer.url)
    await later.open()
    await later.print(JOB)
    assert len(printer.pages()) == 1
    await later.print(JOB.model_copy(update={"id": "p:00c2-8"}))
    assert len(printer.pages()) == 2


async def test_a_page_in_raster_read_by_the_makers_of_cups(tmp_path: Path, driver: Make) -> None:
    async with ippeveprinter(tmp_path / "out", "image/pwg-raster") as printer:
        device = driver(printer.url)
        await device.open()
        await device.print(JOB)
        (page,) = printer.pages()
    read = await asyncio.to_thread(
        subprocess.run,
        ["ippeveps", str(page)],
        env={"CONTENT_TYPE": "image/pwg-raster", "PATH": "/usr/sbin:/usr/bin"},
        capture_output=True,
        timeout=20,
        check=True,
    )
    assert read.stdout.startswith(b"%!PS")
    assert b"Page 1: 2480x3508x8" in read.stderr


async def test_no_paper_in_the_middle_of_the_day(tmp_path: Path, driver: Make) -> None:
    """This printer warns of its empty tray, takes the next job and calls it begun; it is told to forget it."""
    command = 'echo "STATE: +media-empty" >&2; exit 0'
    async with ippeveprinter(tmp_path / "out", "application/pdf", command) as printer:
        device = driver(printer.url, timeout=0.5)
        await device.open()
        assert (await device.print(JOB)).paper == "near_end"
        health = await device.check()
        assert (health.state, health.detail) == ("warning", "media-empty")
        with pytest.raises(OutcomeUnknown):
            await device.print(JOB.model_copy(update={"id": "p:00c2-8"}))
        (job,) = await device._client.jobs_called("p:00c2-8", 2.0)
        assert job.reasons == ("processing-to-stop-point",)


async def test_a_job_that_broke_off_in_the_printer(tmp_path: Path, driver: Make) -> None:
    async with ippeveprinter(tmp_path / "out", "application/pdf", "exit 1") as printer:
        device = driver(printer.url)
        await device.open()
        for _ in range(2):
            with pytest.raises(OutcomeUnknown):
                await device.print(JOB)
        assert len(printer.pages()) == 1


async def test_a_job_that_takes_too_long_is_withdrawn(tmp_path: Path, driver: Make) -> None:
    async with ippeveprinter(tmp_path / "out", "application/pdf", "exec sleep 30") as printer:
        device = driver(printer.url, timeout=0.5)
        await device.open()
        with pytest.raises(OutcomeUnknown):
            await device.print(JOB)
        (job,) = await device._client.jobs_called(JOB.id, 2.0)
        assert job.state != 5 or "processing-to-stop-point" in job.reasons


async def test_nobody_there(driver: Make) -> None:
    with pytest.raises(Absent):
        await driver("ipp://127.0.0.1:9/ipp/print").open()
