import json
from pathlib import Path

import pytest

from drivers.errors import Garbled, Refused, WrongDevice
from drivers.led import f0
from drivers.led.phy0 import Unframer, frame

VECTORS = json.loads((Path(__file__).parent / "golden" / "onbon_f0.json").read_text("utf-8"))
ALL = {v["id"]: bytes.fromhex(v["hex"]) for kind in ("vectors", "malformed") for v in VECTORS[kind]}
CARD = {"address": 1, "device_type": 0x0174}


def reply(name: str) -> f0.Reply:
    (content,) = Unframer().feed(ALL[name])
    return f0.parse_reply(content)


@pytest.mark.parametrize(
    ("name", "built"),
    [
        ("e_ping_any", f0.request(f0.PING)),
        ("e6_delete_area0_sdk", f0.request(f0.DELETE_AREAS, f0.deletion((0,)), **CARD)),
        ("e_delete_all", f0.request(f0.DELETE_AREAS, f0.deletion(), **CARD)),
        ("e_brightness_8", f0.request(f0.BRIGHTNESS, f0.brightness(8), **CARD)),
        ("e_brightness_query", f0.request(f0.BRIGHTNESS_QUERY, **CARD)),
    ],
)
def test_requests_equal_the_vectors(name: str, built: bytes) -> None:
    assert built == ALL[name]


def test_ack() -> None:
    ack = reply("e_ack")
    assert ack == f0.Reply(1, 0x0174, 0xA0, 0, 0, 0, b"")
    assert ack.refusal is None
    assert ack.answers(f0.PING)


@pytest.mark.parametrize(("name", "code"), [("e_nack_busy", "3"), ("e_nack_crc", "5")])
def test_nack(name: str, code: str) -> None:
    refusal = reply(name).refusal
    assert isinstance(refusal, Refused)
    assert refusal.device_code == code


def test_data_reply_with_the_manuals_wrong_length() -> None:
    answer = reply("e_brightness_reply")
    assert answer.answers(f0.BRIGHTNESS_QUERY)
    assert not answer.answers(f0.PING)
    assert answer.payload[-2:] == bytes((0, 8))


def test_status_bit_alone_is_a_refusal() -> None:
    assert isinstance(f0.Reply(1, 0x0174, 0xA2, 0x99, 1, 18, b"").refusal, Refused)


def test_controller_type_refusal_means_the_wrong_card() -> None:
    assert isinstance(f0.Reply(1, 0x0174, 0xA0, 1, 1, 17, b"").refusal, WrongDevice)


def test_a_font_card_is_named() -> None:
    with pytest.raises(WrongDevice, match="font card"):
        reply("k_ack")


@pytest.mark.parametrize("name", ["e_bad_crc", "e_len_mismatch"])
def test_damaged(name: str) -> None:
    with pytest.raises(Garbled):
        reply(name)


def test_short_and_foreign() -> None:
    for body in (b"\x01\x02\x03", bytes(30)):
        (content,) = Unframer().feed(frame(body))
        with pytest.raises(Garbled):
            f0.parse_reply(content)


@pytest.mark.parametrize("level", [-1, 16])
def test_brightness_limits(level: int) -> None:
    with pytest.raises(ValueError, match=r"0\.\.15"):
        f0.brightness(level)
