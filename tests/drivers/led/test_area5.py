"""The 5th generation's area and pixels, by the vendor software's own frames."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from drivers.led import area5, area6, f0
from drivers.led.area6 import Area, AreaPage

from .conftest import frames

FRAMES = frames("vectors")
BITMAPS = frames("bitmaps5")


def dots(width: int, height: int, lit: list[list[int]]) -> area6.Bitmap:
    bitmap = np.zeros((height, width), dtype=np.bool_)
    for x, y in lit:
        bitmap[y, x] = True
    return bitmap


@pytest.mark.parametrize(("name", "x"), [("x0", 0), ("x3", 3), ("x35", 35), ("x32", 32)])
def test_bitmap_vectors(name: str, x: int) -> None:
    bitmap = dots(40, 2, [[0, 0], [1, 0], [9, 0], [31, 0], [32, 0], [39, 1]])
    packed = area5.pack_pixels(bitmap, x)
    assert packed == BITMAPS[f"bitmap_g5_{name}"]
    assert np.array_equal(area5.unpack_pixels(packed, 40, 2, x), bitmap)


def test_the_vendor_softwares_frame() -> None:
    page = AreaPage(dots(32, 2, [[0, 0], [31, 1]]), stay=750, effect=area6.QUICK, speed=10, clear=0)
    payload = area5.update([Area((page,), timeout=60)])
    assert f0.request(f0.UPDATE_AREAS, payload, address=1, device_type=0x0154) == FRAMES["e5_update_area_sdk"]


def test_deletion_is_the_sixth_generations() -> None:
    assert (
        f0.request(f0.DELETE_AREAS, f0.deletion((0,)), address=1, device_type=0x0154) == FRAMES["e5_delete_area0_sdk"]
    )


def test_one_area_at_a_time() -> None:
    page = AreaPage(dots(8, 1, []))
    with pytest.raises(ValueError, match="2 areas"):
        area5.update([Area((page,)), Area((page,))])


def test_pixels_of_a_wrong_size() -> None:
    with pytest.raises(ValueError, match="needs 10"):
        area5.unpack_pixels(bytes(9), 40, 2)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_picture_comes_back(data: st.DataObject) -> None:
    width, height, x = data.draw(st.integers(1, 70)), data.draw(st.integers(1, 9)), data.draw(st.integers(0, 40))
    bitmap = data.draw(arrays(np.bool_, (height, width)))
    packed = area5.pack_pixels(bitmap, x)
    assert np.array_equal(area5.unpack_pixels(packed, width, height, x), bitmap)
