from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.errors import Garbled, Refused, WrongDevice
from drivers.led import fontcard, textarea
from drivers.led.area6 import RunMode
from drivers.led.fontcard import request
from drivers.led.phy0 import Unframer, frame
from drivers.led.textarea import Effect, TextArea, update

from .conftest import frames

VECTORS, MALFORMED = frames("vectors", "onbon_font_card"), frames("malformed", "onbon_font_card")
SUNDAY = datetime(2026, 11, 22, 9, 30, 5)  # noqa: DTZ001 - the card knows local time only

PUBLISHED = TextArea(b"012345QRSTTV'B", 0, 0, 192, 32, timeout=2, effect=Effect.LEFT, speed=4, stay=5)
CAPTURED = TextArea(
    b"\\FO000AIRPRE:1016.0hPa",
    *(0, 36, 96, 12),
    area_id=2,
    line_space=10,
    run_mode=RunMode.STOP_ON_LAST,
    timeout=2,
    multi_line=False,
    auto_wrap=False,
    speed=23,
    stay=2,
)
WINDOW3 = TextArea(
    b"\\FO000\\C1" + "3号窗口".encode("gb2312") + b"\\n" + "社会保障".encode("gb2312"),
    *(0, 0, 192, 48),
    alignment=textarea.CENTRED,
    auto_wrap=False,
    stay=10,
)
IN_PIXELS = TextArea(
    "A001号".encode("gb2312"), 5, 0, 60, 16, area_id=1, multi_line=False, auto_wrap=False, effect=Effect.QUICK
)
ESCAPES = TextArea(b"\xa5\xa6\x5a\x5b", 0, 0, 64, 16)

BUILT = {
    "k_ping": request(fontcard.PING),
    "k_status": request(fontcard.STATUS),
    "k_clear": request(fontcard.CLEAR_SCREEN),
    "k_dyn_published": request(fontcard.UPDATE_AREAS, update([PUBLISHED]), process_mode=0x2D),
    "k_dyn_captured": request(fontcard.UPDATE_AREAS, update([CAPTURED]), want_reply=False),
    "k_dyn_window3": request(fontcard.UPDATE_AREAS, update([WINDOW3], delete=(textarea.ALL,)), process_mode=1),
    "k_dyn_pixel_units": request(fontcard.UPDATE_AREAS, update([IN_PIXELS], units="pixel_bit15")),
    "k_escape_all": request(fontcard.UPDATE_AREAS, update([ESCAPES])),
    "k_power_on": request(fontcard.POWER, fontcard.power(True)),
    "k_power_off": request(fontcard.POWER, fontcard.power(False)),
    "k_clock": request(fontcard.CLOCK, fontcard.clock(SUNDAY)),
    "k_brightness_10": request(fontcard.BRIGHTNESS, fontcard.brightness(10)),
    "k_del_area_3": request(fontcard.UPDATE_AREAS, update([], delete=(3,))),
    "k_reset": request(fontcard.RESET),
}
REPLIES = {
    "k_ack": (0xA0, 0, 0),
    "k_nack_1": (0xA0, 1, 1),
    "k_nack_2": (0xA0, 1, 2),
    "k_nack_3": (0xA0, 1, 3),
    "k_nack_5": (0xA0, 1, 5),
    "k_status_reply": (0xA1, 2, 0),
}


def parsed(raw: bytes) -> fontcard.Reply:
    (content,) = Unframer().feed(raw)
    return fontcard.parse_reply(content)


def test_no_vector_is_left_out() -> None:
    assert BUILT.keys() | REPLIES.keys() == VECTORS.keys()


@pytest.mark.parametrize("name", BUILT)
def test_requests_equal_the_vectors(name: str) -> None:
    assert BUILT[name] == VECTORS[name]


@pytest.mark.parametrize("name", REPLIES)
def test_replies(name: str) -> None:
    reply = parsed(VECTORS[name])
    assert (reply.group, reply.cmd, reply.error) == REPLIES[name]
    assert (reply.source, reply.device_type) == (1, 0x51)
    assert reply.answers(fontcard.STATUS)
    assert reply.answers(fontcard.PING) == (reply.group == 0xA0)


@pytest.mark.parametrize("name", [name for name in REPLIES if "nack" in name])
def test_refusals(name: str) -> None:
    refusal = parsed(VECTORS[name]).refusal
    assert isinstance(refusal, Refused)
    assert refusal.device_code == name[-1]


def test_an_ack_is_no_refusal() -> None:
    assert parsed(VECTORS["k_ack"]).refusal is None


def test_status() -> None:
    status = fontcard.parse_status(parsed(VECTORS["k_status_reply"]).payload)
    assert status == fontcard.Status(True, 10, SUNDAY, 1, "P000", (0, 1))


@pytest.mark.parametrize("clock", ["26201a22093005", "26201131093005", "00000000000000"])
def test_a_card_whose_clock_shows_no_time(clock: str) -> None:
    payload = bytearray(parsed(VECTORS["k_status_reply"]).payload)
    payload[2:9] = bytes.fromhex(clock)
    assert fontcard.parse_status(bytes(payload)).clock is None


@pytest.mark.parametrize("length", [0, 17, 19])
def test_a_status_cut_short(length: int) -> None:
    with pytest.raises(Garbled):
        fontcard.parse_status(parsed(VECTORS["k_status_reply"]).payload[:length])


@pytest.mark.parametrize("name", ["k_no_start", "k_truncated", "k_bad_escape"])
def test_no_frame_at_all(name: str) -> None:
    assert Unframer().feed(MALFORMED[name]) == []


@pytest.mark.parametrize("name", ["k_bad_crc", "k_len_long"])
def test_damaged(name: str) -> None:
    with pytest.raises(Garbled):
        parsed(MALFORMED[name])


@pytest.mark.parametrize(
    "name", ["k_unknown_group", "k_unknown_cmd", "k_other_screen", "k_bad_clock", "k_area_outside", "k_text_len"]
)
def test_what_answers_nothing(name: str) -> None:
    """Whole frames that are no replies: never taken for the answer to a question that is open."""
    assert not parsed(MALFORMED[name]).answers(fontcard.STATUS)


def test_a_graphic_card_is_named() -> None:
    with pytest.raises(WrongDevice, match="graphic card"):
        parsed(frames("vectors")["e_ack"])


@pytest.mark.parametrize("body", [b"\x01\x02\x03", bytes(30), bytes(11) + b"\x02\x00\x00"])
def test_short_and_foreign(body: bytes) -> None:
    with pytest.raises(Garbled):
        parsed(frame(body))


def test_a_reply_with_a_barcode() -> None:
    body = bytes.fromhex("00800100 000000 01") + b"B" * 16 + bytes.fromhex("00 00 51 02 0500 a000000000")
    assert parsed(frame(body)).device_type == 0x51


def test_limits() -> None:
    for level in (-1, 16):
        with pytest.raises(ValueError, match=r"0\.\.15"):
            fontcard.brightness(level)
    with pytest.raises(ValueError, match="65535"):
        request(fontcard.UPDATE_AREAS, bytes(0xFFFB))


@pytest.mark.parametrize("pixels", [-8, 0x8000])
def test_a_place_that_does_not_fit_the_field(pixels: int) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        textarea.across(pixels, "pixel_plain")


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 0x7FFF))
def test_units_mean_the_same_place(pixels: int) -> None:
    assert textarea.across(pixels, "pixel_plain") == pixels
    assert textarea.across(pixels, "pixel_bit15") & 0x7FFF == pixels
    assert textarea.across(pixels, "pixel_bit15") & 0x8000
    if pixels % 8:
        with pytest.raises(ValueError, match="multiple of 8"):
            textarea.across(pixels, "8px")
    else:
        assert textarea.across(pixels, "8px") * 8 == pixels


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=60))
def test_any_content_is_a_reply_or_a_device_error(content: bytes) -> None:
    try:
        reply = fontcard.parse_reply(frame_content(content))
    except (Garbled, WrongDevice):
        return
    assert 14 + 5 + len(reply.payload) in (len(content), len(content) - 16)


def frame_content(body: bytes) -> bytes:
    (content,) = Unframer().feed(frame(body))
    return content
