"""A paper's picture on a sheet: upright, whole, in grey; a card in its own size; and how many sheets lines take."""

import asyncio
import base64
import io
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from drivers.contract import PrintJob, SheetPrinter, TicketLine
from drivers.errors import BadConfig, Unsupported
from drivers.printer.escpos import EscPosPrinter
from drivers.printer.ipp.page import pdf
from drivers.printer.ipp.picture import picture_page
from drivers.printer.ipp.pwg import pwg
from tests.support.ippeve import ippeveprinter

from .conftest import Make
from .test_page import unpacked

DPI = 100
A4 = (1169, 827)


def jpeg(width: int, height: int, seed: int = 1) -> str:
    """A paper in many greys, its upper left corner black."""
    noise = np.random.default_rng(seed).integers(90, 200, (height, width), dtype=np.uint8)
    noise[: height // 4, : width // 4] = 0
    out = io.BytesIO()
    Image.fromarray(noise).save(out, "JPEG", quality=90)
    return base64.b64encode(out.getvalue()).decode()


def printed(page: np.ndarray) -> tuple[int, int]:
    rows, columns = np.flatnonzero((page < 250).any(axis=1)), np.flatnonzero((page < 250).any(axis=0))
    return int(columns[-1] - columns[0] + 1), int(rows[-1] - rows[0] + 1)


@pytest.mark.parametrize(("width", "height"), [(620, 877), (877, 620)])
def test_a_page_fills_the_sheet_upright_and_keeps_its_edge_white(width: int, height: int) -> None:
    page = picture_page(jpeg(width, height), DPI)
    assert page.shape == A4
    wide, high = printed(page)
    assert (wide, high) == pytest.approx((787, 1113), abs=4)
    assert (page[:18] == 255).all()
    assert (page[:, :18] == 255).all()


@pytest.mark.parametrize(("width", "height"), [(856, 540), (540, 856)])
def test_a_card_is_as_large_as_it_is(width: int, height: int) -> None:
    page = picture_page(jpeg(width, height), DPI)
    size = printed(page)
    assert sorted(size) == pytest.approx([213, 337], abs=3)
    assert (size[0] > size[1]) == (width > height)


@pytest.mark.parametrize("text", ["", "????", base64.b64encode(b"no picture").decode(), jpeg(40, 40)[:200]])
def test_what_is_no_picture_is_refused(text: str) -> None:
    with pytest.raises(BadConfig):
        picture_page(text or "AA==", DPI)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 40), st.integers(2, 700), st.integers(0, 1 << 30))
def test_raster_of_a_picture_says_what_was_drawn(height: int, width: int, seed: int) -> None:
    page = np.random.default_rng(seed).integers(0, 256, (height, width), dtype=np.uint8)
    (again,) = unpacked(pwg([page], 300))
    assert np.array_equal(again, page)


def test_a_picture_in_pdf_is_grey_and_letters_stay_black_and_white() -> None:
    assert b"/DCTDecode" in pdf([picture_page(jpeg(620, 877), DPI)], DPI)
    assert b"/DCTDecode" not in pdf([np.full(A4, 255, np.uint8)], DPI)


@pytest.mark.parametrize("formats", ["application/pdf", "image/pwg-raster"])
async def test_a_copy_comes_out_of_a_real_printer(tmp_path: Path, driver: Make, formats: str) -> None:
    async with ippeveprinter(tmp_path / "out", formats) as printer:
        device = driver(printer.url, timeout=30)
        await device.open()
        await device.print(PrintJob(id="c:1-1", picture=jpeg(1240, 1754)))
        (page,) = printer.pages()
        if page.suffix == ".pdf":
            assert page.read_bytes()[:5] == b"%PDF-"
            return
        read = await asyncio.to_thread(
            subprocess.run,
            ["ippeveps", str(page)],
            env={"CONTENT_TYPE": "image/pwg-raster", "PATH": "/usr/sbin:/usr/bin"},
            capture_output=True,
            timeout=60,
            check=True,
        )
        assert b"Page 1: 2480x3508x8" in read.stderr


async def test_how_many_sheets_is_told_before_anything_is_printed(tmp_path: Path, driver: Make) -> None:
    lines = tuple(TicketLine(text=f"{n}. 材料", align="left") for n in range(60))
    async with ippeveprinter(tmp_path / "out", "application/pdf") as printer:
        device = driver(printer.url)
        await device.open()
        assert isinstance(device, SheetPrinter)
        assert (await device.sheets(PrintJob(id="x", lines=lines))).count == 2
        assert (await device.sheets(PrintJob(id="x", picture=jpeg(620, 877)))).count == 1
        assert printer.pages() == []


async def test_a_roll_takes_no_sheets() -> None:
    with pytest.raises(Unsupported):
        await EscPosPrinter.print(object.__new__(EscPosPrinter), PrintJob(id="x", picture="AA=="))
    assert not issubclass(EscPosPrinter, SheetPrinter)


def test_a_job_never_shows_its_picture() -> None:
    assert "AAAA" not in repr(PrintJob(id="x", picture="AAAA"))
