"""What of a hall's set-up the centre may change: how it queues, its hours, and days on which it stays shut."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import date, time
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from edge.feeds.shelf import Shelf
from edge.rules.deadlines import Hours, Session
from edge.site import Site
from edge.site_sections.queue import Queue
from sync.protocol import canonical

QUEUE: Final = "queue"
HOURS: Final = "hours"
CLOSURES: Final = "closures"
# What belongs to the box or counts only from a start on; the site's own file says these.
_SITES_OWN: Final = frozenset({"lease_seconds", "restored_gap", "days", "stop_issuing", "service_minutes"})
Renewed = Callable[[Site, str], Awaitable[None]]
"""Called with the set-up that counts now and the hash it is known by."""


class _Session(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    opens: time
    closes: time


class _Hours(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    sessions: Annotated[tuple[_Session, ...], Field(min_length=1, max_length=8)]


class _Closures(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    dates: Annotated[frozenset[date], Field(max_length=366)]


class ConfigFeed:
    """`site`: the hall's own set-up with what the centre changed; `hash` names it in `site.configured`.

    Items: `queue` (members of the site file's section), `hours` (`sessions`: `opens`, `closes`), `closures` (`dates`).
    """

    feed = "config"

    def __init__(self, own: Site, raw: bytes, shelf: Shelf) -> None:
        self.site = own
        self.on_change: Renewed | None = None
        self._own = own
        self._raw = raw
        self._shelf = shelf
        self._queue: Mapping[str, Any] = {}

    @property
    def hash(self) -> str:
        """That of the site's file alone while the centre changes nothing."""
        more = b"\n" + canonical.encode(self._queue) if self._queue else b""
        return hashlib.sha256(self._raw + more).hexdigest()

    async def renew(self, items: Mapping[str, Mapping[str, Any]]) -> Mapping[str, str]:
        refused = dict.fromkeys(set(items) - {QUEUE, HOURS, CLOSURES}, "unknown")
        bodies = {uid: items[uid]["body"] for uid in items if uid not in refused}
        before = self.hash
        self._take_queue(bodies.get(QUEUE), refused)
        self._shelf.use_times(_hours(bodies.get(HOURS), refused), _closures(bodies.get(CLOSURES), refused))
        if self.hash != before and self.on_change is not None:
            await self.on_change(self.site, self.hash)
        return refused

    def _take_queue(self, body: Mapping[str, Any] | None, refused: dict[str, str]) -> None:
        self.site, self._queue = self._own, {}
        if body is None:
            return
        if _SITES_OWN & set(body):
            refused[QUEUE] = "not_allowed"
            return
        try:
            queue = Queue.model_validate({**self._own.queue.model_dump(), **body})
        except ValidationError:
            refused[QUEUE] = "form"
            return
        self.site, self._queue = self._own.model_copy(update={"queue": queue}), body


def _hours(body: Mapping[str, Any] | None, refused: dict[str, str]) -> Hours | None:
    if body is None:
        return None
    try:
        told = _Hours.model_validate(dict(body))
        return Hours(tuple(Session(one.opens, one.closes) for one in told.sessions))
    except ValueError:  # ValidationError, and hours that overlap
        refused[HOURS] = "form"
        return None


def _closures(body: Mapping[str, Any] | None, refused: dict[str, str]) -> frozenset[date]:
    if body is None:
        return frozenset()
    try:
        return _Closures.model_validate(dict(body)).dates
    except ValidationError:
        refused[CLOSURES] = "form"
        return frozenset()
