from typing import Any

import cv2
import numpy as np
import pytest

from drivers.camera import quality
from drivers.camera.page import (
    Page,
    cut_out,
    decode,
    encode,
    jpeg_lines,
    page_from,
    page_size,
    preview_from,
    true_ratio,
    white_balanced,
)
from drivers.camera.quad import find_page, in_order
from drivers.errors import Garbled
from tests.drivers.camera.papers import DESKS, Scene, blank, desk, form, scene

SMALL = (1280, 720)


def corner_error(found: Any, truth: Any) -> float:
    """Pixels, of the worst corner; the page may be named from any of its corners."""
    return min(float(np.linalg.norm(np.roll(found, k, axis=0) - truth, axis=1).max()) for k in range(4))


def taken(laid: Scene) -> Page:
    return page_from(laid.jpeg(), rectify=True, max_dpi=200)


@pytest.mark.parametrize("on", DESKS)
@pytest.mark.parametrize(("turn", "glare"), [(0, False), (-8, True), (30, False)])
def test_corners_are_found_within_a_few_pixels(on: str, turn: float, glare: bool) -> None:
    laid = scene(on=on, turn=turn, glare=glare, fill=0.75, size=SMALL)
    found = find_page(laid.picture)
    assert found is not None
    assert corner_error(found, laid.corners) < 2.0


@pytest.mark.parametrize("on", DESKS)
def test_an_empty_desk_is_no_page(on: str) -> None:
    noisy = desk(on, SMALL) + np.random.default_rng(1).normal(0, 2, (SMALL[1], SMALL[0], 3))
    assert find_page(noisy.clip(0, 255).astype(np.uint8)) is None


def test_without_a_page_the_whole_frame_comes_with_a_word() -> None:
    page = taken(Scene(desk("grey mat", SMALL), None))
    assert "no_page" in page.warnings
    assert (page.width, page.height) == SMALL


@pytest.mark.parametrize("tilt", [0.0, 0.06])
def test_a_rectified_page_matches_what_was_drawn(tilt: float) -> None:
    page = taken(scene(form(), turn=6, tilt=tilt, fill=0.9, size=(1920, 1440)))
    drawn = cv2.resize(form(), (page.width, page.height), interpolation=cv2.INTER_AREA)
    got, want = (cv2.cvtColor(p, cv2.COLOR_BGR2GRAY).astype(np.float64) for p in (decode(page.jpeg), drawn))
    assert np.corrcoef(got.ravel(), want.ravel())[0, 1] > 0.9
    assert page.warnings == ()


def test_shapes_of_a4_and_of_a_card_are_kept_exactly() -> None:
    a4 = taken(scene(turn=5, fill=0.8, size=SMALL))
    wide = taken(scene(form((1754, 1240)), fill=0.7, size=SMALL))
    card = taken(scene(form((856, 540)), fill=0.4, size=SMALL))
    assert a4.height / a4.width == pytest.approx(2**0.5, abs=0.004)
    assert wide.width / wide.height == pytest.approx(2**0.5, abs=0.004)
    assert card.width / card.height == pytest.approx(85.6 / 54, abs=0.006)


def test_the_shape_of_a_page_seen_from_aside() -> None:
    """A camera of known focal length looks at an A4 page from 35 degrees aside."""
    focal, tilt = 1500.0, np.radians(35)
    page = np.array([[-105, -148.5, 0], [105, -148.5, 0], [105, 148.5, 0], [-105, 148.5, 0]])
    turned = page @ np.array([[1, 0, 0], [0, np.cos(tilt), np.sin(tilt)], [0, -np.sin(tilt), np.cos(tilt)]])
    swung = turned @ np.array([[np.cos(0.2), 0, np.sin(0.2)], [0, 1, 0], [-np.sin(0.2), 0, np.cos(0.2)]])
    seen = swung[:, :2] / (swung[:, 2:] + 500) * focal + np.array([960, 540])
    assert true_ratio(seen.astype(np.float32), (1920, 1080)) == pytest.approx(210 / 297, rel=0.01)
    assert true_ratio(in_order(page[:, :2] + 300), (600, 600)) == pytest.approx(210 / 297, rel=0.001)


def test_a_page_is_never_enlarged_and_stays_within_its_dots_per_inch() -> None:
    corners = np.array([[100, 100], [3100, 100], [3100, 4343], [100, 4343]], np.float32)
    assert page_size(corners, (3200, 4400), 100) == (827, 1169)
    assert page_size(corners / 10, (320, 440), 600) == (300, 424)


def test_a_page_stays_the_way_it_lies() -> None:
    upside_down = cv2.rotate(form(), cv2.ROTATE_180)
    up, down = (decode(taken(scene(each, fill=0.8, size=SMALL)).jpeg) for each in (form(), upside_down))
    seal = [quality_of_red(half) for page in (up, down) for half in (page[: len(page) // 2], page[len(page) // 2 :])]
    assert seal[1] > 20 * seal[0] + 1
    assert seal[2] > 20 * seal[3] + 1


def quality_of_red(picture: Any) -> int:
    blue, green, red = (channel.astype(int) for channel in cv2.split(picture))
    return int(np.count_nonzero((red - green > 60) & (red - blue > 60)))


def test_a_page_over_the_frames_edge_is_cut_off() -> None:
    out = scene(fill=0.9, shift=(0, 120), tilt=0, size=SMALL)
    assert taken(out).cut_off
    assert "cut_off" in taken(out).warnings
    assert not taken(scene(fill=0.9, tilt=0, size=SMALL)).cut_off


def test_what_is_wrong_with_a_page_is_said() -> None:
    sharp = scene(fill=0.85, turn=3)
    blurred = Scene(cv2.GaussianBlur(sharp.picture, (0, 0), 2.5), sharp.corners)
    assert taken(sharp).warnings == ()
    assert taken(blurred).warnings == ("blurred",)
    assert taken(sharp).blur > 8 * taken(blurred).blur
    assert taken(scene(blank(), fill=0.85)).warnings == ("blank",)
    assert "glare" in taken(scene(fill=0.85, glare=True)).warnings
    assert "dark" in taken(scene(fill=0.85, light=0.2)).warnings


def test_a_page_with_one_line_is_not_blank() -> None:
    page = blank().copy()
    cv2.putText(page, "Testname 119999", (200, 400), cv2.FONT_HERSHEY_SIMPLEX, 1.5, (40, 30, 30), 3)
    assert "blank" not in taken(scene(page, fill=0.85)).warnings


def test_one_page_twice_is_known_and_another_form_is_not() -> None:
    first, again = (taken(scene(turn=turn, seed=turn, fill=0.8, size=SMALL)).fingerprint for turn in (1, 7))
    others = [taken(scene(form(seed=seed), fill=0.8, size=SMALL)).fingerprint for seed in (5, 6, 7)]
    assert quality.bits_apart(first, again) <= 6
    assert min(quality.bits_apart(first, other) for other in others) > 10


def test_yellow_light_is_taken_out_and_coloured_paper_stays() -> None:
    page = form().astype(np.float64)
    yellow = (page * [0.88, 0.98, 1.0]).astype(np.uint8)
    paper = np.median(white_balanced(yellow).reshape(-1, 3), axis=0)
    assert paper.max() - paper.min() <= 3
    pink = (page * [0.75, 0.6, 1.0]).astype(np.uint8)
    assert np.array_equal(white_balanced(pink), pink)


def test_preview_is_at_most_720_lines_and_a_small_picture_passes_untouched() -> None:
    small = encode(desk("wood", (640, 480)))
    assert preview_from(small) is small
    for lines in (1080, 2448):
        assert jpeg_lines(preview_from(encode(cv2.resize(desk("wood"), (lines * 4 // 3, lines))))) == 720


@pytest.mark.parametrize("data", [b"", b"\xff\xd8\xff\xd9", b"\xff\xd8" + bytes(99) + b"\xff\xd9", b"no picture"])
def test_bytes_that_are_no_picture(data: bytes) -> None:
    with pytest.raises(Garbled):
        page_from(data, rectify=True, max_dpi=200)
    with pytest.raises(Garbled):
        preview_from(data)


@pytest.mark.parametrize("size", [(160, 65400), (160, 4216), (4216, 160), (640, 4), (8, 8)])
def test_a_picture_of_a_shape_no_camera_has(size: tuple[int, int]) -> None:
    strip = np.full((size[1], size[0], 3), 90, np.uint8)
    cv2.rectangle(strip, (size[0] // 4, size[1] // 4), (size[0] * 3 // 4, size[1] * 3 // 4), (235, 235, 235), -1)
    for rectify in (True, False):
        with pytest.raises(Garbled):
            page_from(encode(strip), rectify=rectify, max_dpi=200)


def test_a_page_is_never_a_strip() -> None:
    corners = np.array([[10, 10], [600, 10], [600, 22], [10, 22]], np.float32)
    assert page_size(corners, (640, 480), 200) == (590, 59)


def test_a_cut_out_page_of_a_full_frame_is_the_frame() -> None:
    frame = desk("wood", (848, 600))
    corners = np.array([[0, 0], [847, 0], [847, 599], [0, 599]], np.float32)
    page = cut_out(frame, corners, 600)
    assert abs(page.shape[1] / page.shape[0] - 2**0.5) < 0.003
