"""The region's catalogue: a new version counts from the next case on, running cases keep theirs."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson
from pydantic import ValidationError

from edge.catalogue import Catalogue, ServiceItem
from edge.feeds.shelf import Shelf
from edge.feeds.store import FeedStore
from sync.protocol import canonical
from sync.protocol.record import digest


class CatalogueFeed:
    """`in_use`: versions that cases began under. An item's body is a ServiceItem; one that is none is left out."""

    feed = "catalogue"

    def __init__(self, store: FeedStore, shelf: Shelf, in_use: Callable[[], Iterable[str]]) -> None:
        self._store = store
        self._shelf = shelf
        self._in_use = in_use

    async def renew(self, items: Mapping[str, Mapping[str, Any]]) -> Mapping[str, str]:
        """Before the first version that is not empty, the catalogue of the release counts."""
        if not items:
            return {}
        catalogue, content, refused = await asyncio.to_thread(_build, items)
        await self._store.keep_catalogue(catalogue.version, content)
        self._shelf.use_catalogue(catalogue)
        return refused

    async def recall(self) -> None:
        """After a start: those that running cases began under."""
        kept = await self._store.catalogues()
        used = set(self._in_use()) & set(kept)
        self._shelf.remember({version: await asyncio.to_thread(_read, version, kept[version]) for version in used})

    async def tidy(self) -> None:
        """Drop what no case needs any more."""
        newest = self._shelf.library.catalogue.version
        await self._store.drop_catalogues(frozenset(self._in_use()) | {newest})


def body_of(item: ServiceItem) -> dict[str, Any]:
    """What stands in the feed of it; the id is the item's own."""
    return item.model_dump(mode="json")


def _build(items: Mapping[str, Mapping[str, Any]]) -> tuple[Catalogue, bytes, dict[str, str]]:
    found: dict[str, ServiceItem] = {}
    refused: dict[str, str] = {}
    for uid in sorted(items):
        try:
            item = ServiceItem.model_validate_json(orjson.dumps(items[uid]["body"]))
        except ValidationError:
            refused[uid] = "form"
            continue
        if item.id != uid:
            refused[uid] = "id"
        else:
            found[uid] = item
    content = canonical.encode({uid: body_of(item) for uid, item in found.items()})
    return Catalogue(digest(content), found), content, refused


def _read(version: str, content: bytes) -> Catalogue:
    items = {uid: ServiceItem.model_validate_json(orjson.dumps(body)) for uid, body in orjson.loads(content).items()}
    return Catalogue(version, items)
