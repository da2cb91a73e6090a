"""A logo at the head of a paper: sharp dots, less than ten millimetres of a ticket, words where it cannot be drawn."""

from base64 import b64encode
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import config
from drivers.contract import PrintJob, TicketLine
from drivers.glyphs import Glyphs, find_fonts
from drivers.printer.ipp.page import Pages
from drivers.printer.picture import dots
from drivers.printer.render import DOTS_PER_MM
from tests.drivers.printer.test_render import TICKET, one, pictures, renderer

GOLDEN = Path(__file__).parent / "golden"
LOGO = (config.folder() / "themes" / "sample-stations" / "logo-paper.png").read_bytes()
LINE = TicketLine(text="样本市公共服务", picture=b64encode(LOGO).decode())


@pytest.mark.parametrize("width", [576, 384])
def test_a_logo_makes_a_ticket_less_than_ten_millimetres_longer(width: int, glyphs: Glyphs) -> None:
    with_logo = renderer(glyphs, width=width).job(TICKET.model_copy(update={"lines": (LINE, *TICKET.lines)}))
    plain = renderer(glyphs, width=width).job(TICKET)
    head = plain[: plain.index(b"\x1ba")]
    assert with_logo.startswith(head)
    assert with_logo.endswith(plain[len(head) :])
    (logo,) = pictures(renderer(glyphs, width=width).job(one(LINE)))
    assert logo.shape[0] < 10 * DOTS_PER_MM
    assert logo.shape[1] == width


def test_the_logo_stands_in_the_middle_as_it_was_looked_at(glyphs: Glyphs) -> None:
    (logo,) = pictures(renderer(glyphs).job(one(LINE)))
    columns = np.flatnonzero(logo.any(axis=0))
    assert abs(int(columns[0]) - (575 - int(columns[-1]))) <= 2
    assert np.array_equal(logo, ~np.asarray(Image.open(GOLDEN / "logo_line.png").convert("1")))


def test_a_long_logo_is_made_smaller_rather_than_cut_off(glyphs: Glyphs) -> None:
    wide = dots(LINE.picture, 72, 200)
    assert wide is not None
    assert wide.shape[1] == 200
    assert wide.shape[0] < 72
    assert wide[:, :20].any()
    assert wide[:, -20:].any()


@pytest.mark.parametrize("picture", ["no base64!", b64encode(b"GIF89a").decode(), b64encode(LOGO[:100]).decode()])
def test_what_is_no_picture_is_printed_in_words(picture: str, glyphs: Glyphs) -> None:
    data = renderer(glyphs).job(one(LINE.model_copy(update={"picture": picture})))
    assert pictures(data) == []
    assert "样本市公共服务".encode("gbk") in data


def test_a_picture_that_unfolds_to_too_much_is_not_unfolded() -> None:
    big = bytearray(LOGO)
    big[16:24] = (60_000).to_bytes(4, "big") * 2
    assert dots(b64encode(bytes(big)).decode(), 72, 576) is None


@pytest.mark.parametrize("dpi", [300, 600])
def test_an_office_page_begins_with_the_logo_too(dpi: int) -> None:
    pages = Pages(find_fonts(), dpi)
    bare, headed = pages.draw((TicketLine(text="公告"),))[0], pages.draw((LINE, TicketLine(text="公告")))[0]
    rows = [np.flatnonzero((page < 128).any(axis=1)) for page in (bare, headed)]
    lower = (int(rows[1][-1]) - int(rows[0][-1])) / dpi * 25.4
    assert 12 < lower < 16


def test_a_line_without_a_picture_looks_to_an_older_host_as_it_always_did() -> None:
    job = PrintJob(id="x", lines=(TicketLine(text="A017", size=4), LINE))
    bare, headed = job.model_dump(mode="json")["lines"]
    assert bare == {"text": "A017", "size": 4, "align": "centre", "bold": False, "qr": False}
    assert headed["picture"] == LINE.picture
    assert PrintJob.model_validate(job.model_dump(mode="json")) == job
    assert PrintJob.model_validate_json(job.model_dump_json()) == job
