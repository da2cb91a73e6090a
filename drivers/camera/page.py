"""From a camera's picture to a page: cut out, set straight, white paper white, judged, and made a JPEG again."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from drivers.camera import quality
from drivers.camera.quad import Corners, Picture, find_page, touches_edge
from drivers.contract import PictureWarning
from drivers.errors import Garbled

cv2.setNumThreads(1)  # two cores serve a whole hall

JPEG_QUALITY: Final = 88
PREVIEW_QUALITY: Final = 70
PREVIEW_LINES: Final = 720
A4_INCHES: Final = (8.268, 11.693)
KNOWN_SHAPES: Final = (2**0.5, 85.6 / 54.0)  # A4 and A5; an identity card
_SNAP: Final = 0.05
_MOST_GAIN: Final = 1.18
_LEAST_SIDE: Final = 16  # px of a camera's frame
_LONGEST_SHAPE: Final = 10.0  # long side by short side: beyond, a frame's size was damaged on its way


@dataclass(frozen=True, slots=True)
class Page:
    """`jpeg` with its size in pixels, and what a person should hear about it. `corners`: None when none was found."""

    jpeg: bytes
    width: int
    height: int
    blur: float
    cut_off: bool
    fingerprint: str
    warnings: tuple[PictureWarning, ...]
    corners: Corners | None = None


def page_from(jpeg: bytes, *, rectify: bool, max_dpi: int) -> Page:
    """The page in a camera's JPEG; the frame as it came when `rectify` is false. Raises Garbled."""
    frame = decode(jpeg)
    if not rectify:
        return _judged(jpeg, frame, frame, None, ())
    corners = find_page(frame)
    if corners is None:
        whole = _limited(frame, max_dpi)
        return _judged(encode(whole), whole, frame, None, ("no_page",))
    page = white_balanced(cut_out(frame, corners, max_dpi))
    return _judged(encode(page), page, frame, corners, ())


def decode(jpeg: bytes, reduced: int = 1) -> Picture:
    """BGR. `reduced` 1, 2, 4 or 8 decodes to a fraction of the size, which is faster.

    Raises Garbled, also for a picture that nobody's camera has: too small, or a strip.
    """
    modes = {1: cv2.IMREAD_COLOR, 2: cv2.IMREAD_REDUCED_COLOR_2, 4: cv2.IMREAD_REDUCED_COLOR_4}
    mode = modes.get(reduced, cv2.IMREAD_REDUCED_COLOR_8)
    try:
        picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), mode)
    except cv2.error as error:
        raise Garbled("a picture that cannot be decoded") from error
    if picture is None:
        raise Garbled("a picture that cannot be decoded")
    short, long = sorted(picture.shape[:2])
    if short * reduced < _LEAST_SIDE or long > short * _LONGEST_SHAPE:
        raise Garbled(f"no camera's picture: {picture.shape[1]}x{picture.shape[0]}")
    return picture


def encode(picture: Picture, quality_percent: int = JPEG_QUALITY) -> bytes:
    """JPEG with full colour resolution: the red of a seal keeps its edges."""
    settings = [cv2.IMWRITE_JPEG_QUALITY, quality_percent]
    if quality_percent == JPEG_QUALITY:
        settings += [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]
    done, data = cv2.imencode(".jpg", picture, settings)
    if not done:
        raise Garbled("a picture that cannot be encoded")
    return data.tobytes()


def preview_from(jpeg: bytes) -> bytes:
    """The same picture with at most PREVIEW_LINES lines. Raises Garbled."""
    height = jpeg_lines(jpeg)
    if 0 < height <= PREVIEW_LINES:
        return jpeg
    small = decode(jpeg, next((part for part in (8, 4, 2) if height // part >= PREVIEW_LINES), 1))
    if small.shape[0] > PREVIEW_LINES:
        scale = PREVIEW_LINES / small.shape[0]
        size = (max(1, round(small.shape[1] * scale)), PREVIEW_LINES)
        small = cv2.resize(small, size, interpolation=cv2.INTER_AREA)
    return encode(small, PREVIEW_QUALITY)


def jpeg_lines(jpeg: bytes) -> int:
    """Height from the frame header (ITU T.81 B.2.2), 0 when there is none."""
    at = 2
    while at + 9 <= len(jpeg) and jpeg[at] == 0xFF:
        marker = jpeg[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return int.from_bytes(jpeg[at + 5 : at + 7], "big")
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
    return 0


def cut_out(frame: Picture, corners: Corners, max_dpi: int) -> Picture:
    """The page as if seen from straight above, at the size the camera saw it but at most `max_dpi` of an A4 page."""
    width, height = page_size(corners, (frame.shape[1], frame.shape[0]), max_dpi)
    target = np.array([[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]], np.float32)
    warp = cv2.getPerspectiveTransform(corners, target)
    page = cv2.warpPerspective(frame, warp, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return page


def page_size(corners: Corners, frame: tuple[int, int], max_dpi: int) -> tuple[int, int]:
    """(width, height) in pixels. A shape near A4's, A5's or an identity card's gets exactly that shape."""
    top, right, bottom, left = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    width, height = float(max(top, bottom)), float(max(left, right))
    ratio = true_ratio(corners, frame)
    upright = ratio < 1
    shape = 1 / ratio if upright else ratio
    shape = next((known for known in KNOWN_SHAPES if abs(shape / known - 1) < _SNAP), shape)
    shape = min(shape, _LONGEST_SHAPE)
    long = max(width, height)
    long = min(long, max_dpi * A4_INCHES[1])
    sides = (round(long / shape), round(long))
    return (max(1, sides[0]), max(1, sides[1])) if upright else (max(1, sides[1]), max(1, sides[0]))


def true_ratio(corners: Corners, frame: tuple[int, int]) -> float:
    """Width by height of the rectangle whose picture is this quad.

    For a camera that looks at the middle of its frame with square pixels (Zhang and He, Whiteboard scanning, 2003);
    where the sides are too near to parallel for that, the mean of opposite sides.
    """
    top, right, bottom, left = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    plain = float((top + bottom) / (left + right))
    centred = np.hstack([corners.astype(np.float64) - np.array(frame) / 2, np.ones((4, 1))])
    m1, m2, m4, m3 = centred  # top left, top right, bottom right, bottom left
    k2 = np.dot(np.cross(m1, m4), m3) / np.dot(np.cross(m2, m4), m3)
    k3 = np.dot(np.cross(m1, m4), m2) / np.dot(np.cross(m3, m4), m2)
    n2, n3 = k2 * m2 - m1, k3 * m3 - m1
    if abs(n2[2] * n3[2]) < 1e-4:
        return plain
    focal_squared = -(n2[0] * n3[0] + n2[1] * n3[1]) / (n2[2] * n3[2])
    if not (0.3 * frame[0]) ** 2 < focal_squared < (8 * frame[0]) ** 2:
        return plain
    n2, n3 = (np.array([n[0], n[1], n[2] * focal_squared**0.5]) for n in (n2, n3))
    ratio = float(np.linalg.norm(n2) / np.linalg.norm(n3))
    return ratio if 0.75 < ratio / plain < 1.33 else plain


def white_balanced(page: Picture) -> Picture:
    """Paper made neutral, by at most 18 % a channel: red seals and yellow forms keep their colour."""
    tops = np.array([float(np.percentile(channel[::4, ::4], 92)) for channel in cv2.split(page)])
    if tops.min() < 40:
        return page
    gains = np.clip(tops.max() / tops, 1.0, _MOST_GAIN)
    if tops.max() / tops.min() > _MOST_GAIN * 1.3:  # no paper is so far from white: a coloured form
        return page
    steps = np.arange(256, dtype=np.float64)
    tables = np.stack([np.minimum(steps * gain, 255.0) for gain in gains], axis=-1).round().astype(np.uint8)
    return cv2.LUT(page, tables[None, :, :])


def _limited(frame: Picture, max_dpi: int) -> Picture:
    longest, most = max(frame.shape[:2]), max_dpi * A4_INCHES[1]
    if longest <= most:
        return frame
    scale = most / longest
    return cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def _judged(
    jpeg: bytes, page: Picture, frame: Picture, corners: Corners | None, known: tuple[PictureWarning, ...]
) -> Page:
    blur = quality.blur_score(page)
    warnings: list[PictureWarning] = list(known)
    cut_off = corners is not None and touches_edge(corners, (frame.shape[1], frame.shape[0]))
    dark = quality.paper_light(page) < quality.DARK_BELOW
    blank = quality.ink_share(page) < quality.BLANK_BELOW
    if cut_off:
        warnings.append("cut_off")
    if blank:
        warnings.append("blank")
    elif not dark and blur < quality.BLURRED_BELOW:
        warnings.append("blurred")
    if quality.glare_share(page) > quality.GLARE_ABOVE:
        warnings.append("glare")
    if dark:
        warnings.append("dark")
    height, width = page.shape[:2]
    return Page(jpeg, width, height, blur, cut_off, quality.fingerprint(page), tuple(warnings), corners)
