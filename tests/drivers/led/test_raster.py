from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from drivers.contract import PageLine
from drivers.glyphs import FontFiles, Glyphs
from drivers.led.raster import Panel

GOLDEN = Path(__file__).parent / "golden"
CALL = (PageLine(text="A017", big=True), PageLine(text="请到1号窗口"))


def plain(*texts: str) -> tuple[PageLine, ...]:
    return tuple(PageLine(text=text) for text in texts)


PICTURES = {
    "call_192x64": (192, 64, CALL),
    "call_192x48": (192, 48, CALL),
    "call_96x32": (96, 32, CALL),
    "window_192x64": (192, 64, (PageLine(text="1号 综合窗口", big=True), *plain("社保 医保 户政居住"))),
    "one_line_192x64": (192, 64, plain("请A017号到1号窗口")),
    "paused_192x64": (192, 64, plain("暂停服务")),
    "paused_96x32": (96, 32, plain("暂停服务", "请到其他窗口办理")),
    "rare_192x48": (192, 48, plain("请䶮样本到3号", "𠮷㐂 gjpqy")),
    "four_lines_192x48": (192, 48, plain("第一行", "第二行", "第三行", "第四行文字")),
}


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_seen_by_a_person(name: str, glyphs: Glyphs) -> None:
    """Golden files were looked at; the fonts are those of Debian 12's fonts-noto-cjk and xfonts-wqy."""
    width, height, lines = PICTURES[name]
    (dots,) = Panel(width, height, glyphs).pages(lines)
    golden = np.asarray(Image.open(GOLDEN / f"{name}.png").convert("1"))
    assert np.array_equal(dots, golden)


TYPICAL = {
    1: plain("请A017号到3号窗口"),
    2: (PageLine(text="A017", big=True), *plain("请到3号窗口")),
    3: (PageLine(text="3号 综合窗口", big=True), *plain("正在办理 A017", "请䶮𠮷到3号窗口")),
    4: (PageLine(text="3号窗口", big=True), *plain("A017 㐂龘", "等候 12 人", "社保 医保 户政")),
}


@pytest.mark.parametrize("count", TYPICAL)
@pytest.mark.parametrize("size", ["64x32", "96x32", "128x32", "128x48", "192x64", "320x64"])
def test_typical_panels_seen_by_a_person(size: str, count: int, glyphs: Glyphs) -> None:
    """One picture where it fits at all; else whole lines in turns under the big one. Turns stand below each other."""
    width, height = map(int, size.split("x"))
    golden = np.asarray(Image.open(GOLDEN / f"panel_{size}_{count}.png").convert("1"))
    assert np.array_equal(np.vstack(Panel(width, height, glyphs).pages(TYPICAL[count])), golden)


def test_it_takes_turns_only_when_the_smallest_letters_do_not_fit(glyphs: Glyphs) -> None:
    counts = {
        (width, height, count): len(Panel(width, height, glyphs).pages(lines))
        for width, height in ((64, 32), (96, 32), (128, 48), (192, 64))
        for count, lines in TYPICAL.items()
    }
    assert all(turns == 1 for (width, _, _), turns in counts.items() if width >= 128)
    assert counts[64, 32, 1] == 1
    assert counts[96, 32, 2] == 1
    assert counts[96, 32, 3] == 2


def test_the_big_line_stands_while_others_take_turns(glyphs: Glyphs) -> None:
    turns = Panel(96, 32, glyphs).pages(TYPICAL[4])
    assert len(turns) == 3
    heads = [turn[int(np.flatnonzero(turn.any(axis=1))[0]) :][:14] for turn in turns]
    assert all(np.array_equal(head, heads[0]) for head in heads)


def test_a_big_line_is_larger(glyphs: Glyphs) -> None:
    (dots,) = Panel(192, 64, glyphs).pages(CALL)
    lit = np.flatnonzero(dots.any(axis=1))
    number, _, words = np.split(lit, [np.flatnonzero(np.diff(lit) > 1)[0] + 1] * 2)
    assert len(number) > 2 * len(words)


def test_text_that_fits_nowhere_takes_turns_and_loses_nothing(glyphs: Glyphs) -> None:
    panel = Panel(96, 32, glyphs)
    turns = panel.pages(plain("Social and medical insurance, window closed"))
    assert len(turns) > 1
    for turn in turns:
        assert turn.shape == (32, 96)
        assert turn.any()


def test_more_lines_than_rows_take_turns(glyphs: Glyphs) -> None:
    assert len(Panel(96, 32, glyphs).pages(plain("第一行", "第二行", "第三行", "第四行文字"))) == 2


def test_the_fallback_is_one_picture_cut_with_an_ellipsis(glyphs: Glyphs) -> None:
    panel = Panel(64, 16, glyphs)
    long = panel.picture(plain("本窗口暂停服务请到其他窗口办理"))
    assert long.shape == (16, 64)
    assert np.array_equal(long, panel.picture(plain("本窗口…")))


def test_numbers_are_not_broken(glyphs: Glyphs) -> None:
    (dots,) = Panel(96, 32, glyphs).pages(plain("请A017号到3号窗口"))
    (expected,) = Panel(96, 32, glyphs).pages(plain("请A017号", "到3号窗口"))
    assert np.array_equal(dots, expected)


def test_empty_pages_are_dark(glyphs: Glyphs) -> None:
    panel = Panel(96, 32, glyphs)
    for lines in ((), plain(""), plain(" ")):
        (dots,) = panel.pages(lines)
        assert not dots.any()
        assert not panel.picture(lines).any()


@pytest.mark.parametrize("char", ["䶮", "𠮷", "㐂", "龘", "é"])
@pytest.mark.parametrize("height", [12, 16, 24, 32])
def test_any_character_is_drawn(char: str, height: int, glyphs: Glyphs) -> None:
    cell = glyphs.cell(char, height)
    assert cell.shape[0] == height
    assert cell.any()
    assert not np.array_equal(cell, glyphs.cell("\U0010fffd", height))


def test_what_no_font_has_is_a_visible_box(glyphs: Glyphs) -> None:
    assert glyphs.cell("\U0010fffd", 16).sum() == 4 * 13


def test_without_pixel_fonts_the_outline_font_stands_in(fonts: FontFiles) -> None:
    bare = Glyphs(FontFiles(regular=fonts.regular, bold=fonts.bold, pixel={}))
    assert bare.cell("请", 16).shape == (16, 16)
    assert bare.cell("请", 16).sum() > 30


@settings(max_examples=60, deadline=None)
@given(
    lines=st.lists(
        st.builds(PageLine, text=st.text("请到号窗口A0179 ,长wide龘", max_size=30), big=st.booleans()), max_size=6
    ),
    size=st.sampled_from([(192, 64), (192, 48), (96, 32), (128, 32), (64, 16), (32, 12)]),
)
def test_any_page_on_any_panel(lines: list[PageLine], size: tuple[int, int], glyphs: Glyphs) -> None:
    panel = Panel(*size, glyphs)
    pages = panel.pages(lines)
    assert pages
    assert {page.shape for page in pages} == {(size[1], size[0])}
    assert panel.picture(lines).shape == (size[1], size[0])
    again = panel.pages(lines)
    assert all(np.array_equal(one, two) for one, two in zip(pages, again, strict=True))
