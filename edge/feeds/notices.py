"""Notices for everybody in the hall, without personal data: those of the region, and what the centre orders said."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from edge.clock import Clock
from edge.feeds.store import FeedStore
from edge.site_sections.form import Text


class Notice(BaseModel):
    """`since`, `until`: ms since 1970, 0 = open; `urgent`: to be shown before everything else."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    text: Text = Field(min_length=1)
    since: int = Field(default=0, ge=0)
    until: int = Field(default=0, ge=0)
    urgent: bool = False

    def counts(self, now_ms: int) -> bool:
        return self.since <= now_ms and (self.until == 0 or now_ms < self.until)


class Notices:
    feed = "notices"

    def __init__(self, store: FeedStore, *, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._region: dict[str, Notice] = {}
        self._own: dict[str, Notice] = {}

    async def renew(self, items: Mapping[str, Mapping[str, Any]]) -> Mapping[str, str]:
        self._region, refused = {}, {}
        for uid, item in items.items():
            try:
                self._region[uid] = Notice.model_validate(dict(item["body"]))
            except ValidationError:
                refused[uid] = "form"
        self._own = {uid: Notice.model_validate(kept) for uid, kept in (await self._store.own_notices()).items()}
        return refused

    async def say(self, uid: str, told: Mapping[str, Any]) -> bool:
        """One for this hall alone; False when it has no sense. It is kept over restarts until it is over."""
        try:
            notice = Notice.model_validate(dict(told))
        except ValidationError:
            return False
        over = [one for one, kept in self._own.items() if kept.until and kept.until <= self._clock.now_ms()]
        await self._store.keep_notice(uid, notice.model_dump(mode="json"), over)
        self._own = {one: kept for one, kept in self._own.items() if one not in over} | {uid: notice}
        return True

    def ahead(self) -> list[Notice]:
        """What counts now or will, urgent ones first: a screen may hold them until their time."""
        now = self._clock.now_ms()
        lasting = [one for one in (self._region | self._own).values() if not one.until or now < one.until]
        return sorted(lasting, key=lambda one: not one.urgent)

    def current(self) -> list[Notice]:
        """What is to be shown now, urgent ones first."""
        now = self._clock.now_ms()
        counting = [one for one in (self._region | self._own).values() if one.counts(now)]
        return sorted(counting, key=lambda one: not one.urgent)
