"""Keys and ratings of a machine far from its hall, on its disk until acknowledged: a power cut loses no press.

One JSON object a line: an event, or {"ack": [boot, n]}. Codes stay in memory only: they may say who somebody is.
"""

import os
from pathlib import Path
from typing import Final

import orjson
import structlog
from pydantic import ValidationError

from edge.devices.messages import EventNews

log = structlog.get_logger("hall-devices")
KEPT: Final = ("key", "rating", "stray_rating")
COMPACT_BYTES: Final = 262_144


class Spool:
    """Keeper of an outbox. Each event is handed to the kernel at once (a killed process loses nothing) and synced."""

    def __init__(self, path: Path, boot: str) -> None:
        """`boot`: of this run. Raises OSError."""
        self._boot = boot
        self._waiting = _read(path)
        self._earlier = tuple(self._waiting.values())
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._compact()

    def kept(self) -> tuple[EventNews, ...]:
        return self._earlier

    def keep(self, news: EventNews) -> None:
        if news.name in KEPT:
            kept = news.model_copy(update={"boot": self._boot})
            self._waiting[self._boot, news.n] = kept
            self._write(kept.model_dump(mode="json"))

    def forget(self, boot: str, n: int) -> None:
        key = (boot or self._boot, n)
        if self._waiting.pop(key, None) is None:
            return
        if not self._waiting or os.fstat(self._file).st_size > COMPACT_BYTES:
            self._compact()
        else:
            self._write({"ack": key})

    def close(self) -> None:
        os.close(self._file)

    def _compact(self) -> None:
        os.ftruncate(self._file, 0)
        for news in self._waiting.values():
            self._write(news.model_dump(mode="json"))

    def _write(self, line: object) -> None:
        """A disk that is full or broken costs the promise of this file, never the press."""
        try:
            os.write(self._file, orjson.dumps(line) + b"\n")
            os.fdatasync(self._file)
        except OSError as error:
            log.error("an event could not be put on the disk", why=error.strerror)


def _read(path: Path) -> dict[tuple[str, int], EventNews]:
    """What still waits; a last line that was cut off was never told to anybody."""
    waiting: dict[tuple[str, int], EventNews] = {}
    for line in path.read_bytes().splitlines() if path.exists() else ():
        try:
            value = orjson.loads(line)
            if "ack" in value:
                waiting.pop((str(value["ack"][0]), int(value["ack"][1])), None)
            else:
                news = EventNews.model_validate(value)
                waiting[news.boot, news.n] = news
        except (orjson.JSONDecodeError, ValidationError, LookupError, TypeError, ValueError):
            continue
    return waiting
