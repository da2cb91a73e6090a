"""Onbon frames, both headers: cut and corrupted at every byte offset, and told from noise however they are cut."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.errors import DeviceError, Garbled
from drivers.led import f0, fontcard
from drivers.led.phy0 import Unframer, checked, frame

from .conftest import frames

GRAPHIC, FONT = frames("vectors"), frames("vectors", "onbon_font_card")
REPLIES = {
    "e_ack": (f0.parse_reply, GRAPHIC["e_ack"]),
    "e_nack_busy": (f0.parse_reply, GRAPHIC["e_nack_busy"]),
    "e_brightness_reply": (f0.parse_reply, GRAPHIC["e_brightness_reply"]),
    "k_ack": (fontcard.parse_reply, FONT["k_ack"]),
    "k_status_reply": (fontcard.parse_reply, FONT["k_status_reply"]),
}
ALL = {**GRAPHIC, **FONT}


@pytest.mark.parametrize("name", REPLIES)
def test_a_damaged_reply_is_never_another_reply(name: str) -> None:
    parse, whole = REPLIES[name]
    (content,) = Unframer().feed(whole)
    intact = parse(content)
    for at in range(len(whole)):
        for flipped in (0x01, 0x80, 0xFF):
            damaged = bytearray(whole)
            damaged[at] ^= flipped
            for found in Unframer().feed(bytes(damaged)):
                try:
                    assert parse(found) == intact
                except Garbled:
                    continue
    for at in range(len(content)):
        with pytest.raises(DeviceError):
            parse(content[:at])


@pytest.mark.parametrize("name", sorted(ALL))
def test_cut_anywhere_the_next_frame_is_found(name: str) -> None:
    whole = ALL[name]
    (content,) = Unframer().feed(whole)
    for at in range(len(whole)):
        cutter = Unframer()
        assert cutter.feed(whole[:at]) == []
        assert cutter.feed(whole)[-1] == content
        damaged = bytearray(whole)
        damaged[at] ^= 0x10
        assert Unframer().feed(bytes(damaged) + whole)[-1] == content


@settings(max_examples=80, deadline=None)
@given(
    bodies=st.lists(st.binary(min_size=1, max_size=60), min_size=1, max_size=4),
    noise=st.binary(max_size=20),
    cuts=st.lists(st.integers(0, 300), max_size=10),
)
def test_any_bodies_after_any_noise_however_they_are_cut(bodies: list[bytes], noise: bytes, cuts: list[int]) -> None:
    stream = noise + b"\x5a" + b"".join(frame(body) for body in bodies)
    cutter, found, places = Unframer(), [], sorted(min(cut, len(stream)) for cut in cuts)
    for start, end in zip([0, *places], [*places, len(stream)], strict=True):
        found += cutter.feed(stream[start:end])
    assert [checked(content) for content in found[-len(bodies) :]] == bodies
