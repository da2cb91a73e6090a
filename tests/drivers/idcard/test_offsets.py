"""Every answer of the page cut and damaged at every byte, and the filler that would eat the next frame."""

import json
from functools import reduce
from operator import xor
from pathlib import Path
from typing import Any

import pytest

from drivers.idcard.frame import Damage, Found, FrameReader, Reply

VECTORS: dict[str, Any] = json.loads((Path(__file__).parent / "golden" / "vectors.json").read_text(encoding="utf-8"))
FRAMES = {one["name"]: bytes.fromhex(one["hex"]) for one in VECTORS["responses"]}
FIND = FRAMES["find_ok"]
FILLER = bytes.fromhex("AAAAAA96690005050505")


def read_all(*pieces: bytes) -> list[Found]:
    reader = FrameReader()
    found = [item for piece in pieces for item in reader.feed(piece)]
    return [*found, *reader.finish()]


@pytest.mark.parametrize("name", sorted(FRAMES))
def test_cut_at_every_offset(name: str) -> None:
    frame = FRAMES[name]
    [whole] = read_all(frame)
    for at in range(1, len(frame)):
        assert read_all(frame[:at], frame[at:]) == [whole]
        assert not any(isinstance(item, Reply) for item in read_all(frame[:at]))


@pytest.mark.parametrize("name", ["find_ok", "select_ok", "sam_id_fake", "append_one", "read_base_resident"])
def test_every_byte_damaged(name: str) -> None:
    """The frame is never believed; when its length and start are right the next frame is found at once."""
    frame = FRAMES[name]
    for at in range(len(frame)):
        bad = bytearray(frame)
        bad[at] ^= 0x5A
        items = read_all(bytes(bad))
        assert not any(isinstance(item, Reply) for item in items), at
        if at >= 7:
            assert read_all(bytes(bad), FIND)[-1] == read_all(FIND)[0]


@pytest.mark.parametrize("name", ["find_ok", "read_base_resident"])
def test_the_tail_of_a_cut_frame_before_the_next_one(name: str) -> None:
    """A reply that lost its first bytes is noise; the next one counts."""
    frame = FRAMES[name]
    for at in range(1, len(frame)):
        items = read_all(frame[at:] + FIND)
        assert items[-1] == read_all(FIND)[0], at


def test_a_filler_does_not_eat_the_frame_behind_it() -> None:
    """With the next preamble's first two bytes the filler is a whole frame with a right checksum."""
    assert reduce(xor, (FILLER + FIND)[5:12]) == 0
    assert read_all(FILLER) == [Damage("truncated")]
    for at in range(len(FILLER + FIND) + 1):
        stream = FILLER + FIND
        assert read_all(stream[:at], stream[at:]) == [Damage("truncated"), *read_all(FIND)]
    assert read_all(FIND + FILLER + FILLER + FIND)[-1] == read_all(FIND)[0]
