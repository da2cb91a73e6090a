"""All of a site's feeds as one thing to open, begin and run; the daemon wires it."""

from pathlib import Path
from typing import Any

import structlog

from edge.clock import Clock
from edge.feeds import trust
from edge.feeds.catalogue import CatalogueFeed
from edge.feeds.config import ConfigFeed
from edge.feeds.following import Following, ItemFollower
from edge.feeds.notices import Notices
from edge.feeds.shelf import Shelf
from edge.feeds.store import FeedStore
from edge.feeds.trust import BadTrust
from edge.library import Library
from edge.rules.state import State
from edge.site import Site
from sync.downlink import Downlink
from sync.protocol.feeds import NOTHING
from sync.protocol.signing import Trusted

log = structlog.get_logger(__name__)


class SiteFeeds:
    """`downlink` for the uplink; `shelf`, `config`, `notices`: what counts now. `trusted`: the centre's keys."""

    def __init__(self, store: FeedStore, trusted: Trusted, site: Site, raw: bytes, library: Library, clock: Clock):
        self.store = store
        self.trusted = trusted
        self.downlink = Downlink(store, site.site, trusted)
        self.shelf = Shelf(library)
        self.config = ConfigFeed(site, raw, self.shelf)
        self.notices = Notices(store, clock=clock)
        self._catalogue = CatalogueFeed(store, self.shelf, self._versions_in_use)
        self._clock = clock
        self._state = State()
        self._wholes = (self._catalogue, self.config, self.notices)

    @classmethod
    async def open(
        cls, folder: Path, site: Site, raw: bytes, library: Library, clock: Clock, enrolled: Trusted | None = None
    ) -> "SiteFeeds":
        """What is held counts from here on. `enrolled`: keys that came with the enrolment; others lie in the folder.

        Keys that cannot be read are none: nothing new is believed by them.
        """
        try:
            trusted = {**(enrolled or {}), **trust.load(folder)}
        except (BadTrust, OSError) as error:
            log.error("centre_keys_unusable", why=str(error))
            trusted = dict(enrolled or {})
        feeds = cls(await FeedStore.open(folder), trusted, site, raw, library, clock)
        await Following(feeds.store, (), feeds._wholes, clock=clock).begin()
        return feeds

    async def know(self, state: State) -> None:
        """The hall is restored: which catalogues its cases began under."""
        self._state = state
        await self._catalogue.recall()
        await self._catalogue.tidy()

    async def held(self, feed: str) -> tuple[dict[str, dict[str, Any]], int]:
        """Its items and version."""
        mark = (await self.store.marks()).get(feed, NOTHING)
        return await self.store.items(feed), mark.ver

    async def run(self, followers: tuple[ItemFollower, ...]) -> None:
        """Until cancelled. Raises JournalError."""
        await Following(self.store, followers, self._wholes, clock=self._clock).run()

    async def close(self) -> None:
        await self.store.close()

    def _versions_in_use(self) -> set[str]:
        return {case.catalogue for case in self._state.cases.values()}
