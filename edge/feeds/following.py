"""From items to what follows in the hall: in order, each change once, and one that has no sense holds up no other."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

import structlog
from pydantic import ValidationError

from edge.clock import Clock
from edge.feeds.store import FeedStore
from edge.feeds.tables import Change
from edge.journal.errors import JournalError
from edge.rules.about import About
from sync.downlink import FeedsNotKept
from sync.protocol import canonical
from sync.protocol.record import digest

ACTOR: Final = "centre"
AGAIN_S: Final = 2.0
PAGE: Final = 64
log = structlog.get_logger(__name__)


class NotYet(Exception):
    """It cannot be judged now: this change and those after it stay, and are tried again."""


class ItemFollower(Protocol):
    """Follows single items. The same change may come again after a crash or a restore."""

    feed: str

    async def follow(self, change: Change) -> str:
        """'' when what had to follow has followed, else why not, as a code. Raises NotYet, JournalError."""


class WholeFollower(Protocol):
    """Takes a feed as it is now."""

    feed: str

    async def renew(self, items: Mapping[str, Mapping[str, Any]]) -> Mapping[str, str]:
        """Returns why by id for items that are not used. Raises JournalError."""


def command_id(change: Change) -> str:
    """The id of the command that follows from a change: the same change, the same id."""
    return id_of(change.feed, change.id, str(change.rev), "gone" if change.item is None else "there")


def id_of(*names: str) -> str:
    """A command id of whatever names one effect."""
    return f"feed:{digest(canonical.encode({'of': names}))[:40]}"


def why_unread(error: ValueError) -> str:
    """The code of an item that is no command: not `form`ed like one, or what was `sealed` in it does not open."""
    return "form" if isinstance(error, ValidationError) else "sealed"


def about(change: Change) -> About:
    """Which item, in which revision, a command follows from."""
    return About(feed=change.feed, id=change.id, rev=change.rev)


class Following:
    def __init__(
        self, store: FeedStore, items: Sequence[ItemFollower], wholes: Sequence[WholeFollower], *, clock: Clock
    ) -> None:
        self._store = store
        self._items = items
        self._wholes = wholes
        self._clock = clock

    async def begin(self) -> None:
        """Once, before anybody asks: whole feeds as they are held. Raises JournalError."""
        for whole in self._wholes:
            await self._renew(whole)

    async def run(self) -> None:
        """Until cancelled. Raises JournalError."""
        while True:
            self._store.changed.clear()
            waits = await self._once()
            try:
                async with asyncio.timeout(AGAIN_S if waits else None):
                    await self._store.changed.wait()
            except TimeoutError:
                pass

    async def _once(self) -> bool:
        """True when something has to be tried again."""
        waits = False
        for whole in self._wholes:
            if await self._store.pending(whole.feed, 1):
                await self._renew(whole)
        for follower in self._items:
            try:
                while changes := await self._store.pending(follower.feed, PAGE):
                    if waits := not await self._follow(follower, changes) or waits:
                        break
            except FeedsNotKept as error:
                log.error("feed_not_kept", why=str(error))
                waits = True
        return waits

    async def _follow(self, follower: ItemFollower, changes: Sequence[Change]) -> bool:
        ended: list[tuple[Change, str]] = []
        try:
            for change in changes:
                ended.append((change, await self._outcome(follower, change)))
        except NotYet:
            return False
        finally:
            await self._store.settle(ended, self._clock.now_ms())
        return True

    async def _outcome(self, follower: ItemFollower, change: Change) -> str:
        try:
            why = await follower.follow(change)
        except (NotYet, JournalError):
            raise
        except Exception as mistake:  # a poisoned item must hold up nothing
            log.error("item_failed", feed=change.feed, item=change.id, rev=change.rev, exc_info=mistake)
            return "failed"
        if why:
            log.warning("item_refused", feed=change.feed, item=change.id, rev=change.rev, why=why)
        return why

    async def _renew(self, whole: WholeFollower) -> None:
        try:
            upto, items = await self._store.whole(whole.feed)
            refused = await whole.renew(items)
            for uid, why in refused.items():
                log.warning("item_refused", feed=whole.feed, item=uid, why=why)
            await self._store.settle_whole(whole.feed, upto, refused, self._clock.now_ms())
        except FeedsNotKept as error:
            log.error("feed_not_kept", why=str(error))
