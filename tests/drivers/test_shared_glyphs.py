"""Forty panels draw with the same opened fonts, and what is kept of drawn characters has an end."""

import pytest

from drivers import glyphs
from drivers.glyphs import Glyphs, find_fonts


def test_fonts_are_opened_once_for_all_who_draw_with_them() -> None:
    files = find_fonts()
    first, second = Glyphs(files), Glyphs(find_fonts())
    assert first.cell("国", 48) is second.cell("国", 48)
    assert first._faces_of(48) is second._faces_of(48)


def test_other_files_are_other_glyphs() -> None:
    files = find_fonts()
    plain = glyphs.FontFiles(regular=files.regular, bold=files.regular, pixel={})
    assert Glyphs(plain).cell("国", 16) is not Glyphs(files).cell("国", 16)


def test_what_is_kept_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(glyphs, "_opened", {})
    monkeypatch.setattr(glyphs, "MOST_CELLS", 100)
    drawing = Glyphs(find_fonts())
    before = drawing.cell("甲", 16)
    for code in range(0x4E00, 0x4E00 + 300):
        drawing.cell(chr(code), 16)
    assert len(drawing._cells) == 100
    assert (drawing.cell("甲", 16) == before).all()
