"""Frames of the keypads' line, cut and corrupted at every byte offset; the one behind is always found."""

import pytest

from drivers.hall485.frame import Damage, Frame, FrameReader

from .conftest import BYTES, VECTORS

GOOD = sorted(vector["id"] for vector in VECTORS["vectors"])
NEXT = Frame(5, 1, b"\x0d")


def frames_in(data: bytes) -> list[Frame]:
    reader = FrameReader()
    found = [*reader.feed(data), *reader.abandon()]
    assert all(isinstance(item, Frame | Damage) for item in found)
    return [item for item in found if isinstance(item, Frame)]


@pytest.mark.parametrize("name", GOOD)
def test_cut_at_every_offset(name: str) -> None:
    whole = BYTES[name]
    for at in range(len(whole)):
        assert frames_in(whole[:at]) == []
        assert frames_in(whole[:at] + NEXT.encode()) == [NEXT]
        assert frames_in(whole[at:] + NEXT.encode())[-1] == NEXT


@pytest.mark.parametrize("name", GOOD)
def test_corrupted_at_every_offset_and_bit(name: str) -> None:
    """One wrong bit is always seen: a sum finds it, and what is no sum is fixed."""
    whole = BYTES[name]
    for at in range(len(whole)):
        for bit in range(8):
            damaged = bytearray(whole)
            damaged[at] ^= 1 << bit
            assert frames_in(bytes(damaged) + NEXT.encode()) == [NEXT]


@pytest.mark.parametrize("name", GOOD)
def test_one_byte_at_a_time(name: str) -> None:
    reader = FrameReader()
    found = [item for byte in BYTES[name] for item in reader.feed(bytes((byte,)))]
    assert [item.encode() for item in found if isinstance(item, Frame)] == [BYTES[name]]
