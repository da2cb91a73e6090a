import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.contract import PageLine
from drivers.led.cardlayout import CardLayout
from drivers.led.cardtext import Drawable, Speller, font_marker, width

PLAIN = Speller("gb2312")
CALL = (PageLine(text="A017", big=True), PageLine(text="请到1号窗口"))
PAUSED = (PageLine(text="1号窗口"), PageLine(text="暂停服务", big=True))


@pytest.mark.parametrize(
    ("text", "drawn", "missing"),
    [
        ("请到1号窗口", "请到1号窗口", ""),
        ("张䶮", "张□", "䶮"),
        ("𠮷野家𠮷", "□野家□", "𠮷"),
        ("龍", "□", "龍"),
        (r"C:\C1\n", "C:＼C1＼n", ""),
        ("A\tB\nC\x7f\u200b\ufeff", "A B C ", ""),
        ("窗口·一—二…", "窗口·一—二…", ""),
        ("葛\U000e0100城", "葛城", ""),
        ("cafe\u0301", "café", ""),
        ("a\xa0b", "a b", ""),
    ],
)
def test_what_is_drawn(text: str, drawn: str, missing: str) -> None:
    assert PLAIN.drawable(text) == Drawable(drawn, tuple(missing))


def test_spelled_as_configured() -> None:
    speller = Speller("gb2312", spellings={"䶮": "(龙天)"})
    assert speller.drawable("张䶮𠮷") == Drawable("张(龙天)□", ("䶮", "𠮷"))


def test_gbk_draws_more_but_nothing_with_a_backslash_inside() -> None:
    speller = Speller("gbk")
    assert speller.drawable("龍〇") == Drawable("龍〇")
    assert "誠".encode("gbk")[1] == 0x5C
    assert speller.drawable("誠") == Drawable("□", ("誠",))


@pytest.mark.parametrize("substitute", ["䶮", "\\", "", "\n"])
def test_a_substitute_must_be_drawable_itself(substitute: str) -> None:
    with pytest.raises(ValueError, match="cannot be drawn"):
        Speller("gb2312", substitute)


def test_encoding_something_not_drawable() -> None:
    with pytest.raises(ValueError, match="not drawable"):
        PLAIN.encoded("䶮")


def test_font_marker() -> None:
    assert font_marker(("O001", "E001")) == rb"\FO001\FE001"


@settings(max_examples=100, deadline=None)
@given(
    st.text(alphabet=st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("\\FOECnD01䶮誠号A"))),
    st.sampled_from(["gb2312", "gbk"]),
)
def test_no_text_becomes_a_marker_and_none_a_wrong_character(text: str, charset: str) -> None:
    speller = Speller(charset)  # type: ignore[arg-type]
    drawable = speller.drawable(text)
    coded = speller.encoded(drawable.text)
    assert b"\\" not in coded
    assert not re.search(rb"[\x00-\x1f\x7f]", coded)
    assert len(coded) == sum(1 if char.isascii() else 2 for char in drawable.text)
    assert width(drawable.text, 16) == 8 * len(coded)
    decoded = coded.decode("gbk")
    swapped = decoded.translate({ord("―"): "—", ord("・"): "·"})
    assert swapped == drawable.text.translate({ord("―"): "—", ord("・"): "·"})
    assert speller.drawable(drawable.text).text == drawable.text


# --- layout --------------------------------------------------------------------------------------------------------


def rows(size: tuple[int, int], *lines: PageLine, sizes: tuple[int, ...] = (16, 32), most: int = 4) -> list[tuple]:  # type: ignore[type-arg]
    laid = CardLayout(*size, [each for each in sizes if each <= size[1]], most).rows(lines)
    return [(row.text, row.size, row.top, row.moves) for row in laid]


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((192, 64), [("A017", 32, 5, False), ("请到1号窗口", 16, 42, False)]),
        ((192, 48), [("A017", 32, 0, False), ("请到1号窗口", 16, 32, False)]),
        ((96, 32), [("A017", 16, 0, False), ("请到1号窗口", 16, 16, False)]),
        ((96, 16), [("A017　请到1号窗口", 16, 0, True)]),
    ],
)
def test_a_call(size: tuple[int, int], expected: list[tuple]) -> None:  # type: ignore[type-arg]
    assert rows(size, *CALL) == expected


def test_what_does_not_fit_moves_and_the_rest_stands() -> None:
    long = PageLine(text="综合业务 社保医保 户政居住")
    assert rows((96, 32), PageLine(text="1号窗口"), long) == [("1号窗口", 16, 0, False), (long.text, 16, 16, True)]


def test_only_the_rows_asked_for() -> None:
    lines = [PageLine(text=text) for text in "甲乙丙丁戊"]
    assert [row[0] for row in rows((192, 64), *lines, most=3)] == ["甲", "乙", "丙　丁　戊"]
    assert [row[0] for row in rows((192, 64), *lines)] == ["甲", "乙", "丙", "丁　戊"]


def test_only_moving_lines_that_are_not_the_point_are_unhurried() -> None:
    layout = CardLayout(64, 32, (16,), 4)
    first, second = layout.rows((PageLine(text="AB0017号请", big=True), PageLine(text="请到12号窗口")))
    assert (first.moves, first.unhurried) == (True, False)
    assert (second.moves, second.unhurried) == (True, True)


def test_last_words_put_the_important_line_into_the_highest_row() -> None:
    layout = CardLayout(192, 64, (16, 32), 4)
    assert layout.last_words(layout.rows(CALL), PAUSED) == (("暂停服务", 32), ("1号窗口", 16))


def test_last_words_that_do_not_fit_are_left_out() -> None:
    layout = CardLayout(64, 16, (16,), 4)
    assert layout.last_words(layout.rows(CALL[:1]), (PageLine(text="暂停服务中"),)) == (None,)


@settings(max_examples=80, deadline=None)
@given(
    lines=st.lists(st.builds(PageLine, text=st.text("请到号窗口A0179 长", max_size=30), big=st.booleans()), max_size=6),
    size=st.sampled_from([(192, 64), (192, 48), (96, 32), (128, 32), (64, 16)]),
    most=st.integers(1, 4),
)
def test_any_page_on_any_panel(lines: list[PageLine], size: tuple[int, int], most: int) -> None:
    layout = CardLayout(*size, [each for each in (16, 32) if each <= size[1]], most)
    laid = layout.rows(lines)
    assert len(laid) <= most
    bottom = 0
    for row in laid:
        assert row.top >= bottom
        bottom = row.top + row.size
        assert row.moves == (width(row.text, row.size) > size[0])
    assert bottom <= size[1]
    shown = "".join("".join(row.text for row in laid).split())
    assert shown == "".join("".join(line.text for line in lines).split())
