from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from drivers.contract import PrintJob, TicketLine
from drivers.glyphs import Glyphs
from drivers.printer.render import Renderer

GOLDEN = Path(__file__).parent / "golden"
TICKET = PrintJob(
    id="t-1",
    lines=(
        TicketLine(text="样本社区公共服务站", size=2, bold=True),
        TicketLine(text="A017", size=4, bold=True),
        TicketLine(text="综合业务", size=2),
        TicketLine(text="一楼 综合服务区 1、2号窗口"),
        TicketLine(text="您前面还有 3 人,约等 10 至 20 分钟"),
        TicketLine(text="请䶮样本留意叫号", align="left"),
        TicketLine(text="2026-11-22 09:30:05", align="right"),
        TicketLine(text="https://hall.invalid/t/A017", qr=True),
        TicketLine(text="咨询投诉电话:0755-00000000"),
    ),
)


def renderer(glyphs: Glyphs, **changed: object) -> Renderer:
    settings: dict = {"width": 576, "charset": "gb2312", "cutter": True, "native_qr": True, "glyphs": glyphs}  # type: ignore[type-arg]
    return Renderer(**{**settings, **changed})


def one(line: TicketLine) -> PrintJob:
    return PrintJob(id="x", lines=(line,))


def pictures(data: bytes) -> list[np.ndarray]:
    """Every GS v 0 of a stream, True = black."""
    found, start = [], 0
    while (start := data.find(b"\x1dv0\x00", start)) >= 0:
        across, rows = (int.from_bytes(data[start + at : start + at + 2], "little") for at in (4, 6))
        dots = np.frombuffer(data[start + 8 : start + 8 + across * rows], np.uint8).reshape(rows, across)
        found.append(np.unpackbits(dots, axis=1).astype(np.bool_))
        start += 8 + across * rows
    return found


@pytest.mark.parametrize("width", [576, 384])
def test_a_full_ticket(width: int, glyphs: Glyphs) -> None:
    """The golden bytes were drawn and looked at; QR natively here, to keep the file small."""
    assert renderer(glyphs, width=width).job(TICKET) == (GOLDEN / f"ticket_{width}.bin").read_bytes()


def test_every_command_of_a_plain_line(glyphs: Glyphs) -> None:
    data = renderer(glyphs).job(one(TicketLine(text="号1", size=2, bold=True, align="right")))
    assert data == bytes.fromhex(
        "1b40 1c26"  # known state, double-byte mode
        "1b6102 1b4501 1d2111 1c210c bac531 0a"  # right, bold, both sizes doubled, text
        "1b4500 1d2100 1c2100"  # back to normal
        "1b6406 1d5600"  # feed and cut
    )


def test_the_number_is_at_least_twelve_millimetres_high(glyphs: Glyphs) -> None:
    data = renderer(glyphs).job(one(TicketLine(text="A017", size=4)))
    assert b"\x1d\x21\x35" in data
    assert 17 * 6 / 203 * 25.4 >= 12
    assert not pictures(data)


def test_a_long_number_gets_narrower_before_it_is_broken(glyphs: Glyphs) -> None:
    data = renderer(glyphs, width=384).job(one(TicketLine(text="A017-00017", size=4)))
    assert b"\x1d\x21\x25" in data
    assert data.count(b"\n") == 1


def test_a_number_with_chinese_is_drawn_as_large(glyphs: Glyphs) -> None:
    (picture,) = pictures(renderer(glyphs).job(one(TicketLine(text="A017号", size=4))))
    assert np.flatnonzero(picture.any(axis=1)).size >= 96


def test_a_line_with_a_rare_character_is_drawn_whole(glyphs: Glyphs) -> None:
    data = renderer(glyphs, charset="gb18030").job(one(TicketLine(text="请䶮样本")))
    (picture,) = pictures(data)
    assert picture.shape == (30, 576)
    golden = np.asarray(Image.open(GOLDEN / "rare_line.png").convert("1"))
    assert np.array_equal(picture, ~golden)
    assert "请".encode("gbk") not in data


@pytest.mark.parametrize(("align", "side"), [("left", 0), ("right", 2)])
def test_drawn_lines_are_aligned_by_white_dots(align: str, side: int, glyphs: Glyphs) -> None:
    (picture,) = pictures(renderer(glyphs).job(one(TicketLine(text="䶮", align=align))))
    third = np.flatnonzero(picture.any(axis=0)).mean() // 192
    assert third == side


def test_drawn_lines_wider_than_the_paper_are_wrapped(glyphs: Glyphs) -> None:
    found = pictures(renderer(glyphs, width=384).job(one(TicketLine(text="䶮" * 30))))
    assert len(found) == 2
    assert sum(int(picture.sum()) for picture in found) == 30 * int(glyphs.cell("䶮", 24).sum())


def test_qr_as_picture_and_natively(glyphs: Glyphs) -> None:
    line = TicketLine(text="https://hall.invalid/A017", qr=True)
    (picture,) = pictures(renderer(glyphs, native_qr=False).job(one(line)))
    assert 150 <= np.flatnonzero(picture.any(axis=1)).size <= 230
    native = renderer(glyphs).job(one(line))
    assert b"\x1d(k" + bytes((25 + 3, 0)) + b"1P0https://hall.invalid/A017" in native
    assert not pictures(native)


def test_without_a_cutter(glyphs: Glyphs) -> None:
    bare = renderer(glyphs, cutter=False)
    assert bare.job(one(TicketLine(text="1"))).endswith(b"\x1bd\x06")
    assert bare.remains() == b"\x1b@\x1bd\x06"
    assert renderer(glyphs).remains() == b"\x1b@\x1bd\x06\x1dV\x00"
    assert b"\x1dV" not in renderer(glyphs).job(PrintJob(id="x", lines=(), cut=False))


def test_control_characters_print_as_spaces(glyphs: Glyphs) -> None:
    data = renderer(glyphs).job(one(TicketLine(text="a\x1b@\x1dV\x00b")))
    assert b"a @ V b\n" in data
