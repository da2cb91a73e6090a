"""Invented pages, drawn with the installed fonts and laid on desks by known homographies: the truth is the corners."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

FONT = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"
A4 = (1240, 1754)
FRAME = (1920, 1080)
DESKS = ("grey mat", "dark mat", "wood", "green pad", "printed pad")


@cache
def form(size: tuple[int, int] = A4, seed: int = 1) -> Any:
    """A filled-in form with a red seal; BGR."""
    rng = np.random.default_rng(seed)
    page = Image.new("RGB", size, (250, 250, 247))
    draw = ImageDraw.Draw(page)
    unit = size[0] / 1240
    title, body = (ImageFont.truetype(FONT, round(points * unit)) for points in (64, 34))
    draw.text((300 * unit, 90 * unit), "居住证办理申请表", font=title, fill=(15, 15, 20))
    words = "姓名张三李四住址罗湖区测试街道样例社区公共服务站申请事项材料清单日期签名受理"
    for line in range(int((size[1] - 420 * unit) / (64 * unit))):
        text = "".join(words[i] for i in rng.integers(0, len(words), rng.integers(8, 30)))
        draw.text((110 * unit, (240 + 64 * line) * unit), text, font=body, fill=(30, 30, 35))
    middle, radius = (size[0] * 0.7, size[1] * 0.8), 120 * unit
    box = [middle[0] - radius, middle[1] - radius, middle[0] + radius, middle[1] + radius]
    draw.ellipse(box, outline=(200, 30, 30), width=round(10 * unit))
    return cv2.cvtColor(np.array(page), cv2.COLOR_RGB2BGR)


def blank(size: tuple[int, int] = A4) -> Any:
    return np.full((size[1], size[0], 3), (247, 250, 250), np.uint8)


@cache
def desk(kind: str, size: tuple[int, int] = FRAME) -> Any:
    width, height = size
    rng = np.random.default_rng(7)
    if kind == "wood":
        grain = cv2.resize(rng.integers(0, 60, (height // 6, 8), dtype=np.uint8), size, interpolation=cv2.INTER_CUBIC)
        base = np.full((height, width, 3), (60, 95, 140), np.uint8)
        return cv2.add(base, cv2.merge([grain // 2, grain // 2, grain]))
    colour = {"grey mat": (120, 120, 118), "dark mat": (35, 33, 30), "green pad": (70, 110, 60)}.get(kind, (90, 90, 95))
    plain = np.full((height, width, 3), colour, np.uint8)
    if kind == "printed pad":
        for inset in (60, 110):
            cv2.rectangle(plain, (inset, inset), (width - inset, height - inset), (180, 180, 180), 2)
    return plain


@dataclass(frozen=True)
class Scene:
    picture: Any
    corners: Any  # (4, 2), clockwise from the page's own top left

    def jpeg(self, quality: int = 92) -> bytes:
        return cv2.imencode(".jpg", self.picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def scene(
    page: Any = None,
    *,
    on: str = "grey mat",
    seed: int = 1,
    turn: float = 0.0,
    tilt: float = 0.03,
    fill: float = 0.85,
    shift: tuple[float, float] = (0, 0),
    noise: float = 2.0,
    glare: bool = False,
    light: float = 1.0,
    size: tuple[int, int] = FRAME,
) -> Scene:
    """`turn` degrees; `tilt`: random perspective, share of the page; `fill`: page height by frame height."""
    page = form() if page is None else page
    rng = np.random.default_rng(seed)
    height, width = page.shape[:2]
    tall = fill * size[1]
    wide = tall * width / height
    box = np.array([[-wide, -tall], [wide, -tall], [wide, tall], [-wide, tall]]) / 2
    box = box + rng.uniform(-tilt, tilt, (4, 2)) * tall
    cos, sin = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    corners = box @ np.array([[cos, sin], [-sin, cos]]) + np.array(size) / 2 + np.array(shift)
    own = np.array([[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]], np.float32)
    warp = cv2.getPerspectiveTransform(own, corners.astype(np.float32))
    laid = cv2.warpPerspective(page, warp, size, flags=cv2.INTER_AREA)
    there = cv2.warpPerspective(np.full((height, width), 255, np.uint8), warp, size, flags=cv2.INTER_LINEAR)
    share = there[..., None].astype(np.float32) / 255
    mixed = laid * share + desk(on, size) * (1 - share)
    mixed = cv2.GaussianBlur(mixed, (0, 0), 0.7) * light
    if glare:
        across, down = np.meshgrid(np.arange(size[0]), np.arange(size[1]))
        spot = np.exp(-(((across - size[0] * 0.52) / 90) ** 2 + ((down - size[1] * 0.4) / 60) ** 2))
        mixed = mixed * 0.85 + 160 * np.minimum(spot * 1.6, 1)[..., None]
    mixed = mixed + rng.normal(0, noise, mixed.shape)
    return Scene(mixed.clip(0, 255).astype(np.uint8), corners)
