import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from drivers.contract import TicketLine as Line
from drivers.errors import Garbled
from drivers.glyphs import find_fonts
from drivers.printer.ipp.message import JOB_GROUP, OPERATION_GROUP, Attribute, Tag, answer, request
from drivers.printer.ipp.page import Page, Pages, pdf
from drivers.printer.ipp.pwg import HEADER_SIZE, pwg

GOLDEN = Path(__file__).parent.parent / "golden" / "notice_a4.png"
NOTICE = (
    Line(text="示例区行政服务大厅", size=2, bold=True),
    Line(text="一次性告知书", size=2, bold=True),
    Line(text="编号 N-20261123-0007", align="right"),
    Line(text="申请人：张测试", align="left"),
    Line(text="您好！您申请办理的事项，材料还差以下几项。请您备齐以后再来一次，来的时候不用重新取号排队，"
              "直接到咨询台说明就可以了，谢谢您的理解和配合。", align="left"),
    Line(text="1. 房屋租赁合同（原件和复印件各一份）", align="left"),
    Line(text="2. 近期一寸免冠照片两张（㐂𠮷瓩）", align="left"),
    Line(text="A017", size=4, bold=True),
    Line(text="https://hall.example/n/N-20261123-0007", qr=True),
    Line(text="咨询电话 0755-00000000"),
)  # fmt: skip


@pytest.fixture(scope="module")
def pages() -> Pages:
    return Pages(find_fonts(), 100)


def unpacked(data: bytes) -> list[Page]:
    """PWG 5102.4 read back, by a reader of its own."""
    assert data[:4] == b"RaS2"
    at, found = 4, []
    while at < len(data):
        width, height = struct.unpack_from(">II", data, at + 372)
        assert data[at : at + 10] == b"PwgRaster\0"
        at += HEADER_SIZE
        rows: list[bytes] = []
        while len(rows) < height:
            times, row, at = data[at] + 1, bytearray(), at + 1
            while len(row) < width:
                count = data[at]
                if count > 128:
                    row += data[at + 1 : at + 1 + 257 - count]
                    at += 1 + 257 - count
                else:
                    row += data[at + 1 : at + 2] * (count + 1)
                    at += 2
            assert len(row) == width
            rows += [bytes(row)] * times
        found.append(np.frombuffer(b"".join(rows), np.uint8).reshape(height, width))
    return found


def test_a_notice_looks_as_it_was_approved(pages: Pages) -> None:
    """Looked at by a person when it was made; a new picture needs a new look."""
    (page,) = pages.draw(NOTICE)
    assert page.shape == (1169, 827)
    golden = np.asarray(Image.open(GOLDEN).convert("L"))
    assert np.array_equal(page, golden)


def test_a_long_paper_goes_on_and_is_numbered(pages: Pages) -> None:
    drawn = pages.draw([Line(text=f"{n}. 材料", align="left") for n in range(100)])
    assert len(drawn) == 3
    assert all((page[1080:1110] == 0).any() for page in drawn)
    assert not (pages.draw(NOTICE)[0][1080:1110] == 0).any()


def test_nothing_is_cut_off_at_the_right(pages: Pages) -> None:
    drawn = pages.draw([Line(text="一" * 300, align="left"), Line(text="W" * 200, size=4)])
    assert all((page[:, 827 - 79 :] == 255).all() for page in drawn)
    assert sum((page == 0).sum() for page in drawn) > 100_000


def test_punctuation_never_begins_a_line(pages: Pages) -> None:
    full = pages._room // pages._light.width("国", pages._dots(4.2))
    (page,) = pages.draw([Line(text="国" * full + "。", align="left")])
    rows = np.flatnonzero((page == 0).any(axis=1))
    assert rows[-1] - rows[0] < pages._dots(4.2) * 1.5


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 40), st.integers(1, 600), st.randoms(use_true_random=False))
def test_raster_says_what_was_drawn(height: int, width: int, random: object) -> None:
    noise = np.random.default_rng(random.randrange(1 << 30))  # type: ignore[attr-defined]
    page = noise.choice(np.array([0, 0, 0, 255], np.uint8), (height, width)).repeat(noise.integers(1, 9), axis=0)
    (again,) = unpacked(pwg([page], 300))
    assert np.array_equal(again, page)


def test_raster_of_two_pages(pages: Pages) -> None:
    drawn = pages.draw([Line(text=f"{n}. 材料") for n in range(60)])
    data = pwg(drawn, 100)
    assert struct.unpack_from(">II", data, 4 + 276) == (100, 100)
    assert struct.unpack_from(">I", data, 4 + 452) == (len(drawn),)
    assert all(np.array_equal(a, b) for a, b in zip(unpacked(data), drawn, strict=True))


def test_pdf_has_every_page_in_a4(pages: Pages) -> None:
    data = pdf(pages.draw([Line(text=f"{n}. 材料") for n in range(60)]), 100)
    assert data.startswith(b"%PDF-")
    assert b"/Count 2" in data
    assert data.count(b"/MediaBox [ 0 0 595.") == 2


# --- messages ---------------------------------------------------------------------------------------------------------

ASKED = (Attribute(Tag.CHARSET, "attributes-charset", ("utf-8",)), Attribute(Tag.KEYWORD, "sides", ("one", "two")))


def test_a_request_in_the_bytes_of_rfc_8010() -> None:
    raw = request(0x0002, 1, [(OPERATION_GROUP, ASKED[:1]), (JOB_GROUP, [Attribute(Tag.INTEGER, "copies", (20,))])])
    # Appendix A.1 of the RFC has these attributes in these bytes.
    assert raw == bytes.fromhex(
        "0200 0002 00000001 01 47 0012 617474726962757465732d63686172736574 0005 7574662d38"
        "02 21 0006 636f70696573 0004 00000014 03"
    )


def test_what_is_written_reads_back() -> None:
    raw = request(0x0000, 9, [(OPERATION_GROUP, ASKED), (JOB_GROUP, []), (JOB_GROUP, ASKED[1:])])
    read = answer(raw, 9)
    assert read.group(OPERATION_GROUP) == {"attributes-charset": ("utf-8",), "sides": ("one", "two")}
    assert [dict(job) for job in read.all(JOB_GROUP)] == [{}, {"sides": ("one", "two")}]


def test_an_answer_cut_off_or_for_somebody_else() -> None:
    raw = request(0x0000, 9, [(OPERATION_GROUP, ASKED)])
    for length in range(len(raw)):
        with pytest.raises(Garbled):
            answer(raw[:length], 9)
    with pytest.raises(Garbled):
        answer(raw, 8)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_an_answer_or_garbled(data: bytes) -> None:
    try:
        answer(b"\x02\x00\x00\x00\x00\x00\x00\x01" + data, 1)
    except Garbled:
        return
