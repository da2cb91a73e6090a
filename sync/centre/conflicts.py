"""One owner a fact (protocol page, section 7): a record about an item that is another by now is held."""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from sync.centre.feed_store import FeedStore
from sync.centre.store import birth_text
from sync.protocol import feeds
from sync.protocol.record import Record

CONFLICT: Final = "conflict"
DISPUTED: Final = "decision.disputed"  # a record: the site could not follow our word, the case had moved on


class About(NamedTuple):
    """The item that a record names, as the site saw it."""

    feed: str
    id: str
    rev: int


def about(body: Mapping[str, Any]) -> About | None:
    """None where the record is about no item, or says so in a form that has no sense."""
    told = body.get("about")
    if not isinstance(told, Mapping):
        return None
    feed, uid, rev = told.get("feed"), told.get("id"), told.get("rev")
    if feed not in feeds.ALL or not isinstance(uid, str) or not isinstance(rev, int):
        return None
    return About(str(feed), uid, rev)


class AboutVerdict:
    """As `verdict`, and `conflict` for a record whose item has another rev here, until a person has settled it."""

    def __init__(self, verdict: Callable[[Record], str | None], store: FeedStore, region: str) -> None:
        self._verdict = verdict
        self._store = store
        self._region = region

    def __call__(self, record: Record) -> str | None:
        reason = self._verdict(record)
        named = about(record.body)
        if reason is not None or named is None:
            return reason
        site = str(record.data["site"])
        ours = self._store.rev(named.feed, self._region if named.feed in feeds.SHARED else site, named.id)
        if ours == named.rev or self._store.is_settled(site, birth_text(record.birth)):
            return None
        return CONFLICT
