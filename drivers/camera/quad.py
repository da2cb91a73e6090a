"""Where the page lies in a picture: four corners, found on a small copy and refined on the full one.

Corners are float32 arrays of shape (4, 2), x then y in pixels of the full picture, clockwise from the one nearest to
the picture's top left: a page keeps the orientation in which it lies.
"""

from collections.abc import Iterator
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = cv2.typing.MatLike
Corners = NDArray[np.float32]

LINES: Final = 540  # height of the small copy
LEAST_AREA: Final = 0.02  # of the frame: an identity card under an A3 camera
MOST_AREA: Final = 0.995
_LONGEST: Final = 5.0  # long side by short side: a receipt
_EDGE_MARGIN: Final = 2.5  # px of the small copy
_LEAST_SCORE: Final = 0.5
_ON_RIM: Final = 0.7  # a side on the frame's own edge: the page may go on there
_PAGE_STEP: Final = 12.0  # Lab units across a side that is surely a page's
_SAMPLES: Final = 48
_NEAR_EQUAL: Final = 0.06


def find_page(picture: Picture) -> Corners | None:
    """Corners of the page in a BGR picture; None when nothing in it looks like a page."""
    height = picture.shape[0]
    scale = min(1.0, LINES / height)
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else picture
    lab = cv2.cvtColor(small, cv2.COLOR_BGR2LAB)
    frame_area = float(small.shape[0] * small.shape[1])
    step = _steps(lab)
    scored = [(score(quad, lab, step, frame_area), quad) for mask in _masks(lab) for quad in _quads(mask, frame_area)]
    scored = [each for each in scored if each[0] >= _LEAST_SCORE]
    if not scored:
        return None
    best = max(points for points, _ in scored)
    # A page's frame or a block of text on it has good edges too: of near equals the outermost is the page.
    chosen = max((quad for points, quad in scored if points >= best - _NEAR_EQUAL), key=_area)
    return refine(picture, chosen / np.float32(scale))


def touches_edge(corners: Corners, size: tuple[int, int]) -> bool:
    """Whether the page reaches the edge of a frame of (width, height)."""
    width, height = size
    margin = _EDGE_MARGIN * max(1.0, height / LINES)
    low, high = corners.min(axis=0), corners.max(axis=0)
    return bool(low.min() < margin or high[0] > width - 1 - margin or high[1] > height - 1 - margin)


def in_order(points: NDArray[Any]) -> Corners:
    """Four points clockwise, first the one nearest to the top left."""
    centre = points.mean(axis=0)
    angles = np.arctan2(points[:, 1] - centre[1], points[:, 0] - centre[0])
    ordered = points[np.argsort(angles)]
    return np.roll(ordered, -int(ordered.sum(axis=1).argmin()), axis=0).astype(np.float32)


def _masks(lab: Picture) -> Iterator[Picture]:
    """Pictures in which the page may be one white blob: by its edges, its lightness, its colour against the desk's."""
    light, a, b = cv2.split(cv2.GaussianBlur(lab, (5, 5), 0))
    kernel = np.ones((3, 3), np.uint8)
    for strong in (120.0, 60.0):
        edges = cv2.Canny(light, strong / 2.5, strong)
        yield cv2.morphologyEx(edges, cv2.MORPH_CLOSE, kernel, iterations=2)
    _, bright = cv2.threshold(light, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    yield _solid(bright)
    yield _solid(cv2.bitwise_not(bright))
    far = _unlike_desk(light, a, b)
    for least in (12, 25):
        yield _solid(cv2.threshold(far, least, 255, cv2.THRESH_BINARY)[1])


def _solid(mask: Any) -> Picture:
    """Without specks and with text and thin lines closed. The rim is background: a blob may end at the frame."""
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    return cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((9, 9), np.uint8))


def _unlike_desk(light: Any, a: Any, b: Any) -> Picture:
    """Distance of each pixel's colour from the median of the frame's rim; lightness counts half."""
    far = np.zeros(light.shape, np.float32)
    rim = max(4, light.shape[0] // 40)
    for channel, weight in ((light, 0.5), (a, 1.0), (b, 1.0)):
        edge = np.concatenate([channel[:rim].ravel(), channel[-rim:].ravel(), channel[:, :rim].ravel()])
        far += (channel.astype(np.float32) - np.float32(np.median(edge))) ** 2 * weight
    return np.asarray(np.minimum(np.sqrt(far), 255), np.uint8)


def _quads(mask: Picture, frame_area: float) -> Iterator[Corners]:
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    for contour in sorted(contours, key=cv2.contourArea, reverse=True)[:12]:
        hull = cv2.convexHull(contour)
        if not LEAST_AREA * frame_area <= cv2.contourArea(hull) <= MOST_AREA * frame_area:
            continue
        around = cv2.arcLength(hull, True)
        for share in (0.01, 0.02, 0.035, 0.05, 0.08):
            corners = cv2.approxPolyDP(hull, share * around, True)
            if len(corners) == 4:
                yield in_order(corners.reshape(4, 2).astype(np.float32))
                break
        else:
            yield in_order(cv2.boxPoints(cv2.minAreaRect(hull)))


def _steps(lab: Picture) -> NDArray[np.float32]:
    """Strength of the strongest local step over the three channels, grey values."""
    strongest = np.zeros(lab.shape[:2], np.float32)
    for channel in cv2.split(cv2.GaussianBlur(lab, (3, 3), 0)):
        across = cv2.Sobel(channel, cv2.CV_32F, 1, 0, scale=1 / 4)
        down = cv2.Sobel(channel, cv2.CV_32F, 0, 1, scale=1 / 4)
        np.maximum(strongest, cv2.magnitude(across, down), out=strongest)
    return cv2.dilate(strongest, np.ones((3, 3), np.uint8)).astype(np.float32)


def score(quad: Corners, lab: Picture, step: NDArray[np.float32], frame_area: float) -> float:
    """0..1: how much of the outline lies on an edge between two colours, times how square the corners are."""
    if not LEAST_AREA * frame_area <= _area(quad) <= MOST_AREA * frame_area or not cv2.isContourConvex(quad):
        return 0.0
    lengths = np.linalg.norm(np.roll(quad, -1, axis=0) - quad, axis=1)
    if lengths.max() > _LONGEST * lengths.min():
        return 0.0
    sides = zip(quad, np.roll(quad, -1, axis=0), strict=True)
    # One side may hide under a hand; two may not.
    weakest, *others = sorted(_side_score(start, end, lab, step) for start, end in sides)
    return (0.3 * weakest + 0.7 * float(np.mean(others))) * _squareness(quad)


def _side_score(start: Any, end: Any, lab: Picture, step: NDArray[np.float32]) -> float:
    """A page's side is an edge, and the colours along it differ from one side to the other all the way.

    A printed frame is an edge too, with the same colour on both sides; wood has edges whose colours go both ways.
    """
    height, width = step.shape
    top = np.array([width - 1, height - 1])
    along = np.linspace(0.05, 0.95, _SAMPLES, dtype=np.float32)[:, None]
    points = start + (end - start) * along
    x, y = np.rint(points).astype(int).clip(0, top).T
    inside_frame = (x >= 4) & (y >= 4) & (x <= width - 5) & (y <= height - 5)
    if inside_frame.sum() < _SAMPLES / 4:
        return _ON_RIM
    direction = (end - start) / max(float(np.linalg.norm(end - start)), 1e-6)
    across = np.array([-direction[1], direction[0]], np.float32)
    apart = np.zeros(3)
    for reach in (5, 10):
        within, without = (np.rint(points + side * reach * across).astype(int).clip(0, top).T for side in (1, -1))
        change = lab[within[1], within[0]].astype(np.float32) - lab[without[1], without[0]]
        apart += change[inside_frame].mean(axis=0) / 2
    on_edge = float(np.minimum(step[y, x] / 8.0, 1.0)[inside_frame].mean())
    seen = on_edge * min(1.0, float(np.linalg.norm(apart)) / _PAGE_STEP)
    share = float(inside_frame.mean())
    return seen * share + _ON_RIM * (1 - share)


def _squareness(quad: Corners) -> float:
    """1 for right angles, 0 when a corner is 45 degrees off."""
    before, after = np.roll(quad, 1, axis=0) - quad, np.roll(quad, -1, axis=0) - quad
    lengths = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
    cosine = np.abs((before * after).sum(axis=1)) / np.maximum(lengths, 1e-6)
    return float(max(0.0, 1.0 - (float(cosine.max()) / 0.71) ** 2))


def _area(quad: Corners) -> float:
    return float(cv2.contourArea(quad))


def refine(picture: Picture, corners: Corners) -> Corners:
    """Corners where lines through the strongest steps near each side meet; a side that shows none stays as it was."""
    height = picture.shape[0]
    reach = max(3, round(4 * height / LINES))
    grey = cv2.GaussianBlur(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), (0, 0), max(0.8, height / 1500)).astype(
        np.float32
    )
    lines = [_side(grey, start, end, reach) for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True)]
    refined = np.array([_meet(lines[i - 1], lines[i]) for i in range(4)], np.float32)
    if not np.isfinite(refined).all() or np.linalg.norm(refined - corners, axis=1).max() > 4 * reach:
        return corners
    return refined


def _side(grey: NDArray[np.float32], start: Any, end: Any, reach: int) -> tuple[Any, Any]:
    """The side as (point, unit direction), fitted to where the grey value changes most across it."""
    direction = (end - start) / max(float(np.linalg.norm(end - start)), 1e-6)
    across = np.array([-direction[1], direction[0]], np.float32)
    along = np.linspace(0.06, 0.94, 64, dtype=np.float32)[:, None]
    offsets = np.arange(-reach, reach + 1, 0.5, dtype=np.float32)
    centres = start + (end - start) * along
    at = centres[:, None, :] + offsets[None, :, None] * across
    values = cv2.remap(grey, at[..., 0], at[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    change = np.abs(np.gradient(values, axis=1))
    strength = change.max(axis=1)
    strong = strength > max(2.0, 0.4 * float(np.median(strength)))
    if strong.sum() < 16:
        return start, direction
    weights = np.where(change >= 0.5 * strength[:, None], change, 0.0)
    found = (weights * offsets).sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-6)
    points = (centres + found[:, None] * across)[strong]
    near = np.abs(found[strong] - np.median(found[strong])) < reach * 0.75
    vx, vy, x, y = cv2.fitLine(points[near].astype(np.float32), cv2.DIST_HUBER, 0, 0.01, 0.01).ravel()
    return np.array([x, y]), np.array([vx, vy])


def _meet(one: tuple[Any, Any], other: tuple[Any, Any]) -> NDArray[np.float64]:
    """Where two lines cross; not finite when they are parallel."""
    (p, d), (q, e) = one, other
    crossing = float(d[0] * e[1] - d[1] * e[0])
    if abs(crossing) < 1e-3:
        return np.array([np.nan, np.nan])
    t = ((q[0] - p[0]) * e[1] - (q[1] - p[1]) * e[0]) / crossing
    crossing_point: NDArray[np.float64] = np.asarray(p, np.float64) + t * np.asarray(d, np.float64)
    return crossing_point
