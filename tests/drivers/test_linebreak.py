from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.linebreak import balanced, broken


def test_numbers_stay_whole_and_lines_are_even() -> None:
    assert balanced("请A017号到3号窗口", 12, len) == ["请A017号到3号窗口"]
    assert balanced("请A017号到3号窗口", 9, len) == ["请A017号", "到3号窗口"]
    assert broken("请A017号到3号窗口", 9, len) == ["请A017号到3号", "窗口"]


def test_a_word_wider_than_the_room_is_broken() -> None:
    assert broken("A0123456", 3, len) == ["A01", "234", "56"]


def test_balancing_never_breaks_a_word_that_fits() -> None:
    assert balanced("䶮A017号", 5, len) == ["䶮", "A017号"]


def test_words_of_the_hall_stay_whole() -> None:
    assert broken("请到3号窗口", 4, len) == ["请到3号", "窗口"]
    assert broken("正在办理", 3, len) == ["正在", "办理"]
    assert broken("等候12人", 4, len) == ["等候", "12人"]


@settings(max_examples=100, deadline=None)
@given(text=st.text("请到号窗口A017 ,b", max_size=60), room=st.integers(1, 30))
def test_nothing_is_lost_and_no_line_is_too_wide(text: str, room: int) -> None:
    for lines in (broken(text, room, len), balanced(text, room, len)):
        assert max(map(len, lines)) <= room
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert len(balanced(text, room, len)) == len(broken(text, room, len))
