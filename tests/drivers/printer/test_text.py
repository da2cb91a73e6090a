import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.printer import text


@pytest.mark.parametrize(
    ("words", "charset", "expected"),
    [
        ("号A1", "gb2312", "bac5 4131"),
        ("—·", "gb2312", "a1aa a1a4"),
        ("〇", "gb2312", None),
        ("〇", "gbk", "a996"),
        ("㎡", "gb18030", "a94f"),
        ("䶮", "gb18030", None),
        ("𠮷", "gbk", None),
        ("é", "gb2312", "a8a6"),
        ("€", "gb18030", None),
    ],
)
def test_hardware_or_drawn(words: str, charset: text.Charset, expected: str | None) -> None:
    assert text.encode(words, charset) == (None if expected is None else bytes.fromhex(expected))


@settings(max_examples=50, deadline=None)
@given(words=st.text(max_size=12), charset=st.sampled_from(["gb2312", "gbk", "gb18030"]))
def test_no_text_becomes_a_command(words: str, charset: text.Charset) -> None:
    encoded = text.encode(text.clean(words), charset)
    if encoded is not None:
        assert min(encoded, default=0x20) >= 0x20
        assert len(encoded) == text.columns(text.clean(words))


def test_both_size_commands() -> None:
    assert text.size(1, 1) == bytes.fromhex("1d2100 1c2100")
    assert text.size(2, 2) == bytes.fromhex("1d2111 1c210c")
    assert text.size(4, 6) == bytes.fromhex("1d2135 1c210c")
