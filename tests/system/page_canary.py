"""The captured page as a canary: any run of its picture's bytes found anywhere is a person's paper in the clear.

A run of 64 bytes holds 33 blocks of 32, so one of them begins at a multiple of 3 in the picture and at a multiple of 11
in the searched data: it is enough to compare those. Blocks that every picture of its kind shares (tables, even areas)
say nothing and do not count.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import httpx

from tests.system import canary

RUN: Final = 64
BLOCK: Final = RUN // 2
_STEP_IN_PICTURE, _STEP_IN_DATA = 3, 11
_VARIED: Final = 16  # different bytes in a block of real picture data; even areas have few
_SHOTS: Final = 8  # a simulated camera has four pictures of one view, in turn
_SCAN: Final = b"\xff\xda"  # JPEG marker SOS: compressed picture data follow it
_BASE64: Final = re.compile(rb"[A-Za-z0-9+/_-]{88,}")
_HEX: Final = re.compile(rb"[0-9a-fA-F]{128,}")
_TO_STANDARD: Final = bytes.maketrans(b"-_", b"+/")


async def as_the_camera_sends_them(link: str) -> list[bytes]:
    """Whole pictures of its view, before anybody cut or turned them."""
    heard = b""
    async with httpx.AsyncClient(timeout=10) as viewer, viewer.stream("GET", link) as stream:
        async for piece in stream.aiter_raw():
            heard += piece
            if heard.count(b"X-Timestamp") > _SHOTS:
                break
    return re.findall(rb"\xff\xd8\xff.*?\xff\xd9(?=\r\n--)", heard, re.DOTALL)


class Pictures:
    """What must be found nowhere: these JPEGs."""

    def __init__(self, jpegs: Iterable[bytes]) -> None:
        self._jpegs = frozenset(jpegs)
        self.blocks = {block for jpeg in self._jpegs for block in _blocks(jpeg[jpeg.index(_SCAN) :], _STEP_IN_PICTURE)}

    def holds_whole(self, jpeg: bytes) -> bool:
        """Whether this very picture is looked for."""
        return jpeg in self._jpegs

    def betray(self, data: bytes) -> bool:
        """Whether 64 bytes in a row of a picture stand in `data`, or in what is coded or compressed in it."""
        return any(
            not self.blocks.isdisjoint(_varied(_blocks(plain, _STEP_IN_DATA))) for plain in (data, *_readings(data))
        )

    def in_files(self, paths: Iterable[Path]) -> tuple[list[str], int]:
        """Files that hold a piece of a picture, and how many were read."""
        files = [path for path in paths if path.is_file() and not path.is_symlink()]
        return [str(path) for path in files if self.betray(path.read_bytes())], len(files)


def _blocks(data: bytes, step: int) -> Iterator[bytes]:
    return (data[start : start + BLOCK] for start in range(0, len(data) - BLOCK + 1, step))


def _varied(blocks: Iterable[bytes]) -> Iterator[bytes]:
    return (block for block in blocks if len(set(block)) >= _VARIED)


def _readings(data: bytes) -> Iterator[bytes]:
    for run in _HEX.findall(data):
        for shift in (0, 1):
            digits = run[shift:]
            yield binascii.unhexlify(digits[: len(digits) // 2 * 2])
    for run in _BASE64.findall(data):
        text = run.translate(_TO_STANDARD)
        for shift in range(4):
            digits = text[shift:]
            yield base64.b64decode(digits[: len(digits) // 4 * 4])
    yield from canary.unfolded(data)
