"""The vendor software's own frames, field by field and at every offset."""

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.errors import Garbled
from drivers.led import f0, fontcard, fullheader, phy0
from drivers.led.phy0 import Unframer

from .conftest import frames

VECTORS, MALFORMED = frames("vectors", "onbon_full_header"), frames("malformed", "onbon_full_header")
CLOCK = datetime(2026, 11, 22, 11, 47, 6)  # noqa: DTZ001 - the card knows local time only
ONE = {"address": 1, "device_type": 0x0174}
ONE_5 = {"address": 1, "device_type": 0x0154}
ANY = {"address": f0.ANY, "device_type": f0.ANY}
BUILT = {
    "g6_ping_sdk": fullheader.request(6, f0.PING, b"", **ANY, sequence=0x63BE),
    "g6_power_on_sdk": fullheader.request(6, fullheader.POWER, b"\x01", **ONE, sequence=0x66A2),
    "g6_clock_sdk": fullheader.request(6, fullheader.CLOCK, fontcard.clock(CLOCK), **ONE, sequence=0x66AC),
    "g6_brightness_sdk": fullheader.request(6, f0.BRIGHTNESS, f0.brightness(7), **ONE, sequence=0x66B6),
    "g5_ping_sdk": fullheader.request(5, f0.PING, b"", **ANY, sequence=0x1DCC),
    "g5_power_on_sdk": fullheader.request(5, fullheader.POWER, b"\x01", **ONE_5, sequence=0x1F84),
    "g5_power_off_sdk": fullheader.request(5, fullheader.POWER, b"\x00", **ONE_5, sequence=0x1FA2),
}


@pytest.mark.parametrize("name", VECTORS)
def test_vectors(name: str) -> None:
    assert BUILT[name].hex(" ") == VECTORS[name].hex(" ")


def test_a_damaged_header() -> None:
    (content,) = Unframer().feed(MALFORMED["g5_bad_header_xor"])
    with pytest.raises(Garbled):
        fullheader.parse_reply(content)


def reply(generation: int, body: bytes) -> bytes:
    """A reply in the form of a request: the only form there are bytes of."""
    asked = fullheader.request(generation, (0xA0, 0x00), b"", address=0x8000, device_type=0x0174, sequence=1)
    (content,) = Unframer().feed(asked)
    size = 27 if generation == 5 else 28
    head = bytearray(content[:size])
    at = 22
    head[at : at + 2] = len(body).to_bytes(2, "little")
    head[at + 2 : at + 4] = phy0.crc16_arc(body).to_bytes(2, "little")
    value = 0
    for byte in head[:-1]:
        value ^= byte
    head[-1] = value
    return bytes(head) + body


ACK = bytes.fromhex("00 a000 0000 0000 0000")


@pytest.mark.parametrize("generation", [5, 6])
def test_replies_cut_and_corrupted_at_every_offset(generation: int) -> None:
    whole = reply(generation, ACK)
    assert fullheader.parse_reply(whole).refusal is None
    for at in range(len(whole)):
        with pytest.raises(Garbled):
            fullheader.parse_reply(whole[:at])
        damaged = bytearray(whole)
        damaged[at] ^= 0x10
        with pytest.raises(Garbled):
            fullheader.parse_reply(bytes(damaged))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60))
def test_anything_else_is_garbled(data: bytes) -> None:
    with pytest.raises(Garbled):
        fullheader.parse_reply(data)
