"""Captured pictures of a host between the camera and the hall: in memory only, each for a short time."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from drivers.errors import Absent

KEEP_SECONDS: Final = 300.0
MOST_BYTES: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Kept:
    data: bytes
    until: float


class PictureStore:
    """`clock`: monotonic seconds. The oldest go first when there is no room. Never written anywhere."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    def keep(self, data: bytes) -> str:
        """Its sha256, hex."""
        digest = hashlib.sha256(data).hexdigest()
        self._kept.pop(digest, None)
        self._kept[digest] = _Kept(data, self._clock() + KEEP_SECONDS)
        while len(self._kept) > 1 and sum(len(kept.data) for kept in self._kept.values()) > MOST_BYTES:
            self._kept.popitem(last=False)
        return digest

    def get(self, digest: str) -> bytes:
        """Raises Absent when it was never here, was fetched, or is too old."""
        self.expire()
        if digest not in self._kept:
            raise Absent("no such picture here any more")
        return self._kept[digest].data

    def drop(self, digest: str) -> None:
        self._kept.pop(digest, None)

    def expire(self) -> None:
        now = self._clock()
        for digest in [digest for digest, kept in self._kept.items() if kept.until <= now]:
            del self._kept[digest]

    def __len__(self) -> int:
        return len(self._kept)
