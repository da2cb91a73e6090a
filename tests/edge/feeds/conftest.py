"""A site's feeds on a real file, with what the centre would send."""

from collections.abc import AsyncIterator, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from edge.feeds.store import FeedStore
from sync.protocol import feeds, record
from sync.protocol.feeds import Delta, Snapshot
from sync.protocol.signing import public_of, sign

SITE = "LH-0042"
PRIVATE = b"\x11" * 32
TRUSTED = {"s1": public_of(PRIVATE)}


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[FeedStore]:
    found = await FeedStore.open(tmp_path)
    yield found
    await found.close()


def item(uid: str, rev: int = 1, **body: Any) -> dict[str, Any]:
    return {"id": uid, "rev": rev, "body": body}


def gone(uid: str) -> dict[str, Any]:
    return {"id": uid, "gone": True}


async def put(store: FeedStore, feed: str, *changes: Mapping[str, Any], scope: str = SITE) -> Delta:
    """The next delta, as a centre would make it."""
    delta = await next_delta(store, feed, changes, scope=scope)
    assert await store.apply(delta) == (delta.to, delta.digest)
    return delta


async def next_delta(store: FeedStore, feed: str, changes: Iterable[Mapping[str, Any]], *, scope: str = SITE) -> Delta:
    held = (await store.marks()).get(feed, feeds.NOTHING)
    after = feeds.changed(await store.items(feed), changes)
    told = {
        "feed": feed, "scope": scope, "from": held.ver, "to": held.ver + 1, "items": tuple(changes),
        "digest": feeds.digest(after), "key": "s1", "sig": "",
    }  # fmt: skip
    return Delta.model_validate(told)


def offer(feed: str, items: Iterable[Mapping[str, Any]], ver: int, *, scope: str = SITE) -> Snapshot:
    state = feeds.state_bytes({one["id"]: one for one in items})
    told = {
        "feed": feed, "scope": scope, "ver": ver, "digest": record.digest(state), "key": "s1", "sig": "",
        "hash": "0" * 64, "size": 1, "chunk": feeds.CHUNK,
    }  # fmt: skip
    return Snapshot.model_validate(told)


def command(uid: str, do: str, *, site: str = SITE, private: bytes = PRIVATE, **more: Any) -> dict[str, Any]:
    """An item of feed `commands`."""
    told = {"m": "command", "id": uid, "site": site, "do": do, "args": {}, "not_after": 2**42, "effect": "once"}
    return item(uid, **sign({**told, **more}, key="s1", private=private))
