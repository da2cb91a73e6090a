"""What the camera sees: a desk, the page on it in perspective, and the light."""

import math
from dataclasses import dataclass
from functools import lru_cache, partial
from operator import add
from random import Random
from threading import Lock
from typing import Final

import numpy as np
from PIL import Image, ImageChops, ImageFilter

from hw_sim.camera.pages import Page, Size, drawn

Point = tuple[float, float]
# An A4 sheet lies upright in the frame with some desk around it.
_SEEN_MM: Final = 330.0
_ABOVE_MM: Final = 900.0
_NOISE, _NO_NOISE = 2.0, 64  # grey steps; the plane is of whole numbers above nought
_WOOD: Final = (118, 100, 82)
_GRAIN: Final = 40
_MARGIN: Final = 64  # of the noise plane around the frame, so that each shot takes another part of it
_BLUR: Final = 0.005  # of the frame's height
_SHADOW: Final = 0.3


@dataclass(frozen=True, slots=True)
class Lying:
    """`turn`: degrees clockwise; `dx`, `dy`: millimetres right and down of the middle; `dim`: share of light gone."""

    page: Page | None = None
    turn: float = 0.0
    dx: float = 0.0
    dy: float = 0.0
    glare: bool = False
    dim: float = 0.0
    blur: bool = False


class Lens:
    """Where a point of the desk is seen in the frame: a pinhole above the middle, a little askew."""

    def __init__(self, width: int, height: int, random: Random) -> None:
        self.width = width
        self.height = height
        self._tilt = math.radians(random.uniform(1.5, 4.0))
        self._roll = math.radians(random.uniform(-1.0, 1.0))
        self._focal = height * _ABOVE_MM / _SEEN_MM

    def seen(self, point: Point) -> Point:
        """`point` in millimetres from the middle; frame in pixels from its top left corner."""
        x = point[0] * math.cos(self._roll) - point[1] * math.sin(self._roll)
        y = point[0] * math.sin(self._roll) + point[1] * math.cos(self._roll)
        far = _ABOVE_MM - y * math.sin(self._tilt)
        across, down = self._focal * x / far, self._focal * y * math.cos(self._tilt) / far
        return self.width / 2 + across, self.height / 2 + down

    def corners(self, size: Size, lying: Lying) -> tuple[Point, Point, Point, Point]:
        """The page's own top left, top right, bottom right and bottom left; they may lie outside the frame."""
        turn = math.radians(lying.turn)
        half = size[0] / 2, size[1] / 2

        def corner(right: int, down: int) -> Point:
            x, y = right * half[0], down * half[1]
            turned = x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn)
            return self.seen((turned[0] + lying.dx, turned[1] + lying.dy))

        return corner(-1, -1), corner(1, -1), corner(1, 1), corner(-1, 1)


class Desk:
    """Same seed: same wood, same lens, same noise of the n-th shot."""

    def __init__(self, width: int, height: int, random: Random) -> None:
        self.lens = Lens(width, height, random)
        self._seed = random.getrandbits(32)
        self._size = width, height

    def picture(self, lying: Lying) -> Image.Image:
        """Mode RGB, without the noise of the sensor."""
        image = self._wood()
        if lying.page is not None:
            self._lay(image, lying)
        if lying.blur:
            image = image.filter(ImageFilter.GaussianBlur(self._size[1] * _BLUR))
        if lying.glare:
            image = self._glaring(image, lying)
        if lying.dim:
            image = image.point(lambda light: int(light * (1.0 - lying.dim)))
        return image

    def shot(self, picture: Image.Image, number: int) -> Image.Image:
        """With the noise of one shot: no two in a row are alike."""
        width, height = self._size
        random = Random(f"{self._seed}:{number}")
        x, y = random.randrange(_MARGIN), random.randrange(_MARGIN)
        return ImageChops.add(picture, _noise(width, height).crop((x, y, x + width, y + height)), offset=-_NO_NOISE)

    def _wood(self) -> Image.Image:
        random = np.random.default_rng(self._seed)
        coarse = np.clip(random.normal(_GRAIN, 9, (5, 40)), 0, 2 * _GRAIN).astype(np.uint8)
        grain = Image.fromarray(coarse).resize(self._size, Image.Resampling.BICUBIC)
        shade = round(random.uniform(-10, 10)) - _GRAIN
        return Image.merge("RGB", [grain.point(partial(add, tone + shade)) for tone in _WOOD])

    def _lay(self, image: Image.Image, lying: Lying) -> None:
        assert lying.page is not None
        paper = drawn(lying.page)
        corners = self.lens.corners(lying.page.size, lying)
        scale = self.lens.height / _SEEN_MM * 1.5 * lying.page.size[0] / paper.width
        if scale < 1:  # else thin strokes would fall between the points that the projection looks at
            paper = paper.resize((round(paper.width * scale), round(paper.height * scale)), Image.Resampling.LANCZOS)
        into = _projection(corners, paper.size)
        mask = Image.new("L", paper.size, 255).transform(
            self._size, Image.Transform.PERSPECTIVE, into, Image.Resampling.BILINEAR
        )
        shadow = mask.filter(ImageFilter.BoxBlur(max(1, self._size[1] // 160))).point(lambda grey: int(grey * _SHADOW))
        offset = max(1, self._size[1] // 200)
        image.paste((0, 0, 0), (offset, offset), shadow)
        page = paper.transform(self._size, Image.Transform.PERSPECTIVE, into, Image.Resampling.BICUBIC)
        image.paste(page, (0, 0), mask)

    def _glaring(self, image: Image.Image, lying: Lying) -> Image.Image:
        width, height = self._size
        x, y = self.lens.seen((lying.dx, lying.dy - 30))
        across = (np.arange(width, dtype=np.float32) - x) / (height * 0.20)
        down = (np.arange(height, dtype=np.float32) - y) / (height * 0.13)
        spot = np.exp(-(across[None, :] ** 2)) * np.exp(-(down[:, None] ** 2)) * 420
        light = Image.fromarray(np.minimum(spot, 255).astype(np.uint8))
        return ImageChops.add(image, Image.merge("RGB", [light] * 3))


def _projection(corners: tuple[Point, ...], size: tuple[int, int]) -> tuple[float, ...]:
    """The eight numbers that lead Pillow from a point of the frame to a point of the paper."""
    paper = ((0, 0), (size[0], 0), size, (0, size[1]))
    rows, wanted = [], []
    for (x, y), (u, v) in zip(corners, paper, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        wanted += [u, v]
    return tuple(np.linalg.solve(np.array(rows, dtype=float), np.array(wanted, dtype=float)).tolist())


_one_maker = Lock()


def _noise(width: int, height: int) -> Image.Image:
    """One plane for all cameras of a size: forty of their own would be a quarter of a gigabyte."""
    with _one_maker:  # cameras shoot in threads, and all of them want it first
        return _noise_plane(width, height)


@lru_cache(maxsize=3)
def _noise_plane(width: int, height: int) -> Image.Image:
    plane = np.random.default_rng(1).normal(_NO_NOISE, _NOISE, (height + _MARGIN, width + _MARGIN))
    return Image.merge("RGB", [Image.fromarray(np.rint(plane).astype(np.uint8))] * 3)
