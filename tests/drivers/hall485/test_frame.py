import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.hall485.frame import Damage, Frame, FrameReader
from drivers.hall485.functions import acknowledgement

VECTORS = json.loads((Path(__file__).parent / "golden" / "vectors.json").read_text(encoding="utf-8"))
BYTES = {vector["id"]: bytes.fromhex(vector["hex"]) for vector in VECTORS["vectors"]}

frames = st.builds(Frame, st.integers(0, 255), st.integers(0, 255), st.binary(max_size=16))


def read_all(stream: bytes, cuts: list[int] | None = None) -> list[Frame | Damage]:
    reader = FrameReader()
    edges = [0, *sorted(cut % (len(stream) + 1) for cut in cuts or []), len(stream)]
    found = [item for start, end in pairwise(edges) for item in reader.feed(stream[start:end])]
    return [*found, *reader.abandon()]


@pytest.mark.parametrize("vector", [pytest.param(vector, id=vector["id"]) for vector in VECTORS["vectors"]])
def test_vector_both_ways(vector: dict[str, Any]) -> None:
    stream = bytes.fromhex(vector["hex"])
    [frame] = read_all(stream)
    assert isinstance(frame, Frame)
    assert frame.address == 3
    assert frame.encode() == stream


@pytest.mark.parametrize("vector", [pytest.param(vector, id=vector["id"]) for vector in VECTORS["malformed"]])
def test_malformed(vector: dict[str, Any]) -> None:
    stream = bytes.fromhex(vector["hex"])
    for items in (read_all(stream), read_all(stream, list(range(len(stream))))):
        if vector["error"] == "none":
            assert items == [Frame(3, 1, b"\x0c")]
        elif vector["error"] == "empty_report":
            assert items == [Frame(3, 1, b"")]
        else:
            assert items == [Damage(vector["error"])]


@pytest.mark.parametrize("value", range(5))
def test_a_rating_is_acknowledged_with_its_value(value: int) -> None:
    [report] = read_all(BYTES[f"pad_rate_{value}"])
    assert isinstance(report, Frame)
    assert acknowledgement(report).encode() == BYTES[f"pad_rate_{value}_ack"]


def test_a_key_is_acknowledged_unchanged() -> None:
    [report] = read_all(BYTES["key_call_105"])
    assert isinstance(report, Frame)
    assert acknowledgement(report).encode() == BYTES["key_call_105"]


@settings(max_examples=100, deadline=None)
@given(frames)
def test_round_trip(frame: Frame) -> None:
    assert read_all(frame.encode()) == [frame]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.binary(max_size=20).filter(lambda noise: b"\x68" not in noise), frames), max_size=6),
    st.lists(st.integers(0, 300), max_size=12),
)
def test_every_frame_between_noise_is_found(parts: list[tuple[bytes, Frame]], cuts: list[int]) -> None:
    stream = b"".join(noise + frame.encode() for noise, frame in parts)
    assert read_all(stream, cuts) == [frame for _, frame in parts]


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=120), st.lists(st.integers(0, 200), max_size=8))
def test_any_noise_cut_anywhere_reads_the_same(noise: bytes, cuts: list[int]) -> None:
    assert read_all(noise, cuts) == read_all(noise)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60), frames)
def test_a_frame_after_any_noise_and_a_silence_is_found(noise: bytes, frame: Frame) -> None:
    reader = FrameReader()
    reader.feed(noise)
    reader.abandon()
    assert reader.feed(frame.encode()) == [frame]


@settings(max_examples=100, deadline=None)
@given(frames, st.data())
def test_a_wrong_content_byte_never_passes(frame: Frame, draw: st.DataObject) -> None:
    bad = bytearray(frame.encode())
    at = draw.draw(st.integers(5, len(bad) - 2))
    bad[at] ^= draw.draw(st.integers(1, 255))
    assert frame not in read_all(bytes(bad))
    assert read_all(bytes(bad))[0] == Damage("bad_checksum")


def test_a_frame_swallowed_by_a_damaged_one_is_found_after_the_silence() -> None:
    damaged = bytes.fromhex("ff 68 12 12 68 03 01")
    assert read_all(damaged + BYTES["key_call"]) == [Damage("truncated"), Frame(3, 1, b"\x0c")]


@pytest.mark.parametrize(
    ("noise", "strays"),
    [(b"", False), (b"\x00\xff\x00", False), (b"\xff", False), (b"\x00\x8e", True), (b"\x68\x68", True)],
)
def test_what_begins_no_frame_is_told_and_what_a_line_says_at_rest_is_not(noise: bytes, strays: bool) -> None:
    reader = FrameReader()
    reader.feed(noise)
    assert reader.has_strayed is strays
    reader.feed(Frame(3, 1, b"\x01").encode())
    assert not reader.has_strayed


def test_more_data_than_the_line_carries() -> None:
    with pytest.raises(ValueError, match="49"):
        Frame(1, 2, bytes(50)).encode()
    assert read_all(bytes.fromhex("ff 68 13 13 68")) == [Damage("bad_length")]
    assert read_all(bytes.fromhex("ff 68 01 01 68")) == [Damage("bad_length")]
