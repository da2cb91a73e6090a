"""What a person should hear about a captured page before it is used: figures, no policy. All take a BGR picture."""

from typing import Any, Final

import cv2
import numpy as np

Picture = cv2.typing.MatLike

JUDGED_LINES: Final = 1000  # blur is judged at one size, so that figures compare between cameras
BLURRED_BELOW: Final = 60.0
BLANK_BELOW: Final = 0.0008  # share of pixels that carry ink
GLARE_ABOVE: Final = 0.012
DARK_BELOW: Final = 70  # grey value of the paper
_INK: Final = 28  # grey values under the paper around it


def blur_score(picture: Picture) -> float:
    """Variance of the Laplacian at JUDGED_LINES lines: greater is sharper."""
    return float(cv2.Laplacian(_judged(picture), cv2.CV_32F).var())


def ink_share(picture: Picture) -> float:
    """Share of the page, without its rim, that is clearly darker or more coloured than the paper around it."""
    small = _scaled(picture, 500)
    rim = max(2, small.shape[0] // 25)
    small = small[rim:-rim, rim:-rim]
    blue, green, red = cv2.split(small)
    darkest = cv2.min(cv2.min(blue, green), red)
    paper = cv2.medianBlur(cv2.dilate(darkest, np.ones((9, 9), np.uint8)), 31)
    return float(np.count_nonzero(cv2.subtract(paper, darkest) > _INK)) / darkest.size


def glare_share(picture: Picture) -> float:
    """Share of the page that is burnt out, when the paper itself is not."""
    blue, green, red = cv2.split(_scaled(picture, 500))
    least = cv2.min(cv2.min(blue, green), red)
    if np.median(least) > 235:
        return 0.0
    return float(np.count_nonzero(least >= 252)) / least.size


def paper_light(picture: Picture) -> float:
    """Grey value of the lightest tenth of the page."""
    return float(np.percentile(cv2.cvtColor(_scaled(picture, 300), cv2.COLOR_BGR2GRAY), 90))


def fingerprint(picture: Picture) -> str:
    """64-bit perceptual hash, 16 hex digits: signs of the lowest frequencies of a 32 x 32 grey copy."""
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    tiny = cv2.resize(grey, (32, 32), interpolation=cv2.INTER_AREA).astype(np.float32)
    low = cv2.dct(tiny)[:8, :8].ravel()
    bits = low > np.median(low[1:])
    return f"{int.from_bytes(np.packbits(bits).tobytes(), 'big'):016x}"


def bits_apart(one: str, other: str) -> int:
    """Between two fingerprints, 0..64; pictures of one page differ in at most 10."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def _judged(picture: Picture) -> Any:
    return cv2.cvtColor(_scaled(picture, JUDGED_LINES), cv2.COLOR_BGR2GRAY)


def _scaled(picture: Picture, lines: int) -> Any:
    longest = max(picture.shape[:2])
    if longest <= lines:
        return picture
    scale = lines / longest
    return cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
