"""Pictures of panels as the display driver draws them are kept with its own tests; here they are only looked at."""

import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from hw_sim.box.led_reader import read_panel, readings
from hw_sim.box.typefaces import typefaces

PANELS = Path(__file__).parents[2] / "drivers" / "led" / "golden"


def panel(name: str) -> bytes:
    return (PANELS / f"{name}.png").read_bytes()


def drawn(text: str, size: int, left: int = 4, top: int = 4) -> Image.Image:
    """Letter by letter on whole lamps, as display cards are fed."""
    face = next(f for f in typefaces() if f.size == size and "CJK-Bold" in f.file.name)
    grey = Image.new("L", (192, 64))
    font = ImageFont.truetype(str(face.file), size, index=face.index)
    for letter in text:
        ImageDraw.Draw(grey).text((left, top + round(size * 0.85)), letter, fill=255, font=font, anchor="ls")
        left += round(font.getlength(letter))
    return grey.point(lambda shade: 255 if shade >= 128 else 0)


@pytest.mark.parametrize(
    ("picture", "text"),
    [
        ("call_192x64", "A017"),
        ("call_192x64", "请到1号窗口"),
        ("call_192x48", "A017"),
        ("call_96x32", "A017"),
        ("one_line_192x64", "请A017号"),
        ("one_line_192x64", "请 A017 号"),
        ("one_line_192x64", "请A017号\n到1号窗口"),
        ("paused_192x64", "暂停服务"),
        ("paused_96x32", "暂停服务"),
        ("window_192x64", "1号 综合窗口"),
        ("window_192x64", "社保 医保 户政居住"),
        ("four_lines_192x48", "第四行文字"),
    ],
)
def test_reads_what_stands_there(picture: str, text: str) -> None:
    assert read_panel(panel(picture), [text, "B999"]) == text


@pytest.mark.parametrize(
    ("picture", "text"),
    [
        ("call_192x64", "A01"),
        ("call_192x64", "017"),
        ("call_192x64", "A0170"),
        ("call_192x64", "A07"),
        ("call_192x64", "A011"),
        ("call_192x64", "B017"),
        ("call_192x64", "暂停服务"),
        ("one_line_192x64", "请号"),
        ("one_line_192x64", "请A017号\n到2号窗口"),
        ("one_line_192x64", "A017到1号"),
        ("window_192x64", "2号 综合窗口"),
        ("paused_192x64", "A017"),
        ("paused_192x64", ""),
    ],
)
def test_does_not_read_what_does_not_stand_there(picture: str, text: str) -> None:
    assert read_panel(panel(picture), [text]) is None


def test_the_text_with_most_lamps_comes_first() -> None:
    found = readings(panel("call_192x48"), ["请到1号窗口", "A017", "暂停服务"])
    assert [reading.text for reading in found] == ["A017", "请到1号窗口"]
    assert found[0].score > 0.99


def test_dark_and_full_panels_say_nothing() -> None:
    for shade in (0, 255):
        assert read_panel(Image.new("L", (192, 64), shade), ["A001", "1", "I", "一"]) is None


def test_takes_the_picture_of_a_lit_panel_in_its_own_colours() -> None:
    lamps = drawn("请 A001 号", 32, left=0).point(lambda shade: 1 if shade else 0)
    lamps = Image.frombytes("P", lamps.size, lamps.tobytes())
    lamps.putpalette([28, 8, 8, 255, 52, 32])
    png = io.BytesIO()
    lamps.save(png, "PNG")
    assert read_panel(png.getvalue(), ["请A001号"]) == "请A001号"


def test_bytes_that_are_no_picture_are_refused() -> None:
    with pytest.raises(OSError, match="cannot identify"):
        read_panel(b"no picture", ["A001"])


numbers = st.builds("{}{:03d}".format, st.sampled_from("ABCDEFGHJK"), st.integers(0, 999))


@given(numbers, numbers, st.sampled_from((24, 32, 48)), st.integers(0, 20), st.integers(0, 10))
@settings(max_examples=25, deadline=None)
def test_no_number_is_taken_for_another(number: str, other: str, size: int, left: int, top: int) -> None:
    shown = drawn(f"请 {number} 号" if size < 48 else number, size, left, top)
    assert read_panel(shown, [number]) == number
    if other != number:
        assert read_panel(shown, [other]) is None


@given(st.binary(min_size=96 * 32, max_size=96 * 32))
@settings(max_examples=10, deadline=None)
def test_noise_is_no_number(noise: bytes) -> None:
    assert read_panel(Image.frombytes("L", (96, 32), noise), ["A001", "B888", "请A001号"]) is None
