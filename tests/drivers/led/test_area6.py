import json
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from drivers.led import area6, f0
from drivers.led.area6 import Area, AreaPage, RunMode

VECTORS = json.loads((Path(__file__).parent / "golden" / "onbon_f0.json").read_text("utf-8"))
FRAMES = {v["id"]: bytes.fromhex(v["hex"]) for v in VECTORS["vectors"]}


def dots(width: int, height: int, lit: list[list[int]]) -> area6.Bitmap:
    bitmap = np.zeros((height, width), dtype=np.bool_)
    for x, y in lit:
        bitmap[y, x] = True
    return bitmap


@pytest.mark.parametrize("vector", VECTORS["bitmaps"], ids=lambda v: v["id"])
def test_bitmap_vectors(vector: dict) -> None:  # type: ignore[type-arg]
    bitmap = dots(vector["width"], vector["height"], vector["lit_pixels"])
    packed = area6.pack_pixels(bitmap, vector["area_x"])
    assert packed == bytes.fromhex(vector["hex"])
    back = area6.unpack_pixels(packed, vector["width"], vector["height"], vector["area_x"])
    assert np.array_equal(back, bitmap)


def test_the_vendor_softwares_frame() -> None:
    page = AreaPage(dots(32, 2, [[0, 0], [31, 1]]), stay=400, effect=area6.QUICK, speed=10)
    payload = area6.update([Area((page,), timeout=60)])
    assert f0.request(f0.UPDATE_AREAS, payload, address=1, device_type=0x0174) == FRAMES["e6_update_area_sdk"]


def test_pages_and_areas_share_one_pixel_block() -> None:
    """Offsets run over all areas; the info length ends with the last page header (led.md 1.5)."""
    a, b = dots(40, 2, [[0, 0]]), dots(32, 1, [[31, 0]])
    first = Area((AreaPage(a), AreaPage(~a)), run_mode=RunMode.LOOP_THEN_LOGO, timeout=15)
    payload = area6.update([first, Area((AreaPage(b),), area_id=1, y=2)])
    assert payload[:2] == b"\x02\x00"
    (length,) = struct.unpack_from("<I", payload, 2)
    assert length == 33 + 2 * 30
    info = payload[6 : 6 + length]
    assert (info[0], info[1], info[2:4]) == (0, 3, b"\x0f\x00")
    assert struct.unpack_from("<H", info, 31) == (2,)
    places = [struct.unpack_from("<II", info, 33 + 30 * page + 22) for page in range(2)]
    assert places == [(0, 16), (16, 16)]
    (second_length,) = struct.unpack_from("<I", payload, 6 + length)
    second = payload[10 + length : 10 + length + second_length]
    assert struct.unpack_from("<II", second, 33 + 22) == (32, 4)
    pixels = payload[10 + length + second_length :]
    assert pixels == area6.pack_pixels(a) + area6.pack_pixels(~a) + area6.pack_pixels(b)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_packing_is_reversible_and_pads_dark(data: st.DataObject) -> None:
    shape = (data.draw(st.integers(1, 6)), data.draw(st.integers(1, 200)))
    x = data.draw(st.integers(0, 100))
    bitmap = data.draw(arrays(np.bool_, shape))
    packed = area6.pack_pixels(bitmap, x)
    assert len(packed) % 4 == 0
    assert np.array_equal(area6.unpack_pixels(packed, shape[1], shape[0], x), bitmap)
    assert sum(8 - byte.bit_count() for byte in packed) == int(bitmap.sum())


def test_too_few_pixel_bytes() -> None:
    with pytest.raises(ValueError, match="256 bytes, 10 given"):
        area6.unpack_pixels(bytes(10), 64, 32)
