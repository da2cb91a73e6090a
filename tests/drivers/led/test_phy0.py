import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.errors import Garbled
from drivers.led.phy0 import Unframer, checked, crc16_arc, escape, frame

VECTORS = json.loads((Path(__file__).parent / "golden" / "onbon_f0.json").read_text("utf-8"))
ALL = {v["id"]: v for kind in ("vectors", "malformed") for v in VECTORS[kind]}


def raw(name: str) -> bytes:
    return bytes.fromhex(ALL[name]["hex"])


@pytest.mark.parametrize("vector", VECTORS["checksums"], ids=lambda v: v["input_hex"][:8])
def test_checksum_vectors(vector: dict[str, str]) -> None:
    assert crc16_arc(bytes.fromhex(vector["input_hex"])) == int(vector["result"], 16)


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=lambda v: v["id"])
def test_every_vector_is_taken_apart_and_rebuilt(vector: dict[str, str]) -> None:
    (content,) = Unframer().feed(bytes.fromhex(vector["hex"]))
    assert frame(checked(content)) == bytes.fromhex(vector["hex"])


def test_the_four_escapes() -> None:
    assert escape(b"\xa5\xa6\x5a\x5b\x00") == bytes.fromhex("a602 a601 5b02 5b01 00")


@pytest.mark.parametrize("name", ["e_double_tail_ok", "e_short_preamble_ok"])
def test_unusual_but_valid(name: str) -> None:
    unframer = Unframer()
    (content,) = unframer.feed(raw(name))
    assert checked(content)[4] == 0xF0
    assert unframer.dropped == 0


@pytest.mark.parametrize("name", ["k_bad_escape", "k_no_start"])
def test_dropped(name: str) -> None:
    unframer = Unframer()
    assert unframer.feed(raw(name)) == []
    assert unframer.dropped > 0


def test_truncated_then_whole() -> None:
    unframer = Unframer()
    contents = unframer.feed(raw("k_truncated") + raw("e_ping_any"))
    assert [checked(content)[4] for content in contents] == [0xF0]
    assert unframer.dropped == 1


@pytest.mark.parametrize("name", ["k_bad_crc", "e_bad_crc"])
def test_bad_crc(name: str) -> None:
    (content,) = Unframer().feed(raw(name))
    with pytest.raises(Garbled):
        checked(content)


def test_endless_frame_is_dropped() -> None:
    unframer = Unframer(limit=10)
    assert unframer.feed(b"\xa5" + b"\x00" * 11 + b"\x5a") == []
    assert unframer.dropped > 0


@settings(max_examples=100, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=40), max_size=5), st.integers(1, 9), st.randoms(use_true_random=False))
def test_any_bodies_survive_any_chunks_and_noise(bodies: list[bytes], step: int, random) -> None:  # type: ignore[no-untyped-def]
    noise = [bytes(random.choice([0, 0x33, 0x5A]) for _ in range(random.randrange(3))) for _ in bodies]
    stream = b"".join(before + frame(body) for before, body in zip(noise, bodies, strict=True))
    unframer, got = Unframer(), []
    for start in range(0, len(stream), step):
        got += unframer.feed(stream[start : start + step])
    assert [checked(content) for content in got] == bodies


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60))
def test_no_bytes_break_it_and_the_next_frame_is_found(noise: bytes) -> None:
    unframer = Unframer()
    unframer.feed(noise)
    assert checked(unframer.feed(frame(b"body"))[-1]) == b"body"
