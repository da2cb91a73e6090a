"""Catalogue, hours and set-up of the centre: used from the next case on, and what may not be changed is said."""

import hashlib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import config
from edge.books import SiteBooks
from edge.clock import SystemClock
from edge.feeds.catalogue import body_of
from edge.feeds.site_feeds import SiteFeeds
from edge.feeds.store import FeedStore
from edge.library import open_library
from edge.rules.state import State
from edge.site import Site
from edge.site_check import InstalledDrivers, check_site
from tests.edge.feeds.conftest import gone, item, put

RAW = (config.folder() / "sites" / "station.yaml").read_bytes()


def own_site() -> Site:
    site, _ = check_site(RAW, InstalledDrivers())
    assert site is not None
    return site


SHIPPED = open_library(config.folder(), own_site())
ITEMS = {uid: body_of(one) for uid, one in SHIPPED.catalogue.items.items()}


async def opened(folder: Path) -> SiteFeeds:
    return await SiteFeeds.open(folder, own_site(), RAW, SHIPPED, SystemClock())


async def filled(folder: Path, feed: str, *changes: Mapping[str, Any]) -> SiteFeeds:
    """The site started with these held."""
    store = await FeedStore.open(folder)
    await store.meet_region("luohu")
    await put(store, feed, *changes, scope="luohu" if feed == "catalogue" else "LH-0042")
    await store.close()
    return await opened(folder)


async def test_before_anything_came_the_release_counts(tmp_path: Path) -> None:
    feeds = await opened(tmp_path)
    assert feeds.shelf.library.catalogue == SHIPPED.catalogue
    assert feeds.config.hash == hashlib.sha256(RAW).hexdigest()
    assert feeds.config.site == own_site()
    await feeds.close()


async def test_a_catalogue_counts_and_what_a_case_began_under_is_found_after_restarts(tmp_path: Path) -> None:
    first, second, *_ = ITEMS
    feeds = await filled(tmp_path, "catalogue", *(item(uid, **ITEMS[uid]) for uid in ITEMS))
    old = feeds.shelf.library.catalogue
    assert old.version == SHIPPED.catalogue.version, "the same content has the same version wherever it came from"
    await feeds.close()
    feeds = await filled(tmp_path, "catalogue", gone(first), item(second, 2, **{**ITEMS[second], "aliases": ["新"]}))
    newest = feeds.shelf.library.catalogue
    assert first not in newest.items
    assert newest.items[second].aliases == ("新",)
    assert isinstance(feeds.shelf.library.books, SiteBooks)
    assert feeds.shelf.library.books.catalogue_version == newest.version
    await feeds.close()
    feeds = await filled(tmp_path, "catalogue", gone(second))
    state = State()
    state.cases = {"case:1": _Began(newest.version)}  # type: ignore[dict-item]
    await feeds.know(state)
    assert feeds.shelf.catalogue_of(newest.version).items[second].aliases == ("新",)
    assert feeds.shelf.library.catalogue.version != newest.version
    assert set(await feeds.store.catalogues()) == {newest.version, feeds.shelf.library.catalogue.version}
    await feeds.close()


async def test_an_item_that_no_window_admits_is_never_one_for_the_kiosk(tmp_path: Path) -> None:
    first, second, *_ = ITEMS
    where = {"zh-Hans": "区保密局", "zh-Hant": "區保密局", "en": "The office itself"}
    closed = {"not_admitted": {"why": "secret", "where": where}}
    hidden = {**ITEMS[first], **closed, "kiosk": {"shown": False, "tags": []}}
    feeds = await filled(tmp_path, "catalogue", item(first, **hidden), item(second, **{**ITEMS[second], **closed}))
    assert set(feeds.shelf.library.catalogue.items) == {first}
    assert feeds.shelf.library.books.item(first) is not None
    assert [one.why for one in await feeds.store.refused()] == ["form"]
    await feeds.close()


class _Began:
    def __init__(self, catalogue: str) -> None:
        self.catalogue = catalogue


async def test_an_item_without_sense_is_left_out_and_said(tmp_path: Path) -> None:
    first, *_ = ITEMS
    bad = [item("i:bad", name=7), item("i:other", **ITEMS[first])]
    feeds = await filled(tmp_path, "catalogue", item(first, **ITEMS[first]), *bad)
    assert list(feeds.shelf.library.catalogue.items) == [first]
    assert {one.id: one.why for one in await feeds.store.refused()} == {"i:bad": "form", "i:other": "id"}
    await feeds.close()


async def test_queue_hours_and_closures_are_laid_over_the_sites_own(tmp_path: Path) -> None:
    hours = {"sessions": [{"opens": "08:30", "closes": "12:00"}, {"opens": "13:00", "closes": "17:30"}]}
    feeds = await filled(
        tmp_path,
        "config",
        item("queue", recalls=5, policy="fifo"),
        item("hours", **hours),
        item("closures", dates=["2026-12-01"]),
        item("ports", led=1),
    )
    assert (feeds.config.site.queue.recalls, feeds.config.site.queue.policy) == (5, "fifo")
    assert feeds.config.site.queue.late_minutes == own_site().queue.late_minutes
    assert feeds.config.hash != hashlib.sha256(RAW).hexdigest()
    books = feeds.shelf.library.books
    assert str(books.hours.close) == "17:30:00"
    assert date(2026, 12, 1) in books.calendar.holidays
    assert [(one.id, one.why) for one in await feeds.store.refused()] == [("ports", "unknown")]
    await feeds.close()


async def test_what_is_the_sites_own_or_has_no_sense_changes_nothing(tmp_path: Path) -> None:
    feeds = await filled(
        tmp_path,
        "config",
        item("queue", recalls=5, restored_gap=1),
        item("hours", sessions=[{"opens": "12:00", "closes": "09:00"}]),
        item("closures", dates=["yesterday"]),
    )
    assert feeds.config.site == own_site()
    assert feeds.config.hash == hashlib.sha256(RAW).hexdigest()
    assert feeds.shelf.library.books == SHIPPED.books
    refused = {one.id: one.why for one in await feeds.store.refused()}
    assert refused == {"queue": "not_allowed", "hours": "form", "closures": "form"}
    await feeds.close()


async def test_a_change_while_the_hall_runs_is_told(tmp_path: Path) -> None:
    feeds = await opened(tmp_path)
    told: list[tuple[int, str]] = []

    async def changed(site: Site, digest: str) -> None:
        told.append((site.queue.recalls, digest))

    feeds.config.on_change = changed
    assert await feeds.config.renew({"queue": item("queue", recalls=9)}) == {}
    assert await feeds.config.renew({"queue": item("queue", 2, recalls=9)}) == {}
    assert told == [(9, feeds.config.hash)], "the same again is no change"
    assert await feeds.config.renew({}) == {}
    assert [recalls for recalls, _ in told] == [9, own_site().queue.recalls]
    await feeds.close()


async def test_notices_count_in_their_time_urgent_ones_first(tmp_path: Path) -> None:
    feeds = await opened(tmp_path)
    items = {
        "n:1": item("n:1", text={"zh-Hans": "一"}),
        "n:2": item("n:2", text={"zh-Hans": "二"}, urgent=True),
        "n:3": item("n:3", text={"zh-Hans": "三"}, until=1),
        "n:4": item("n:4", text="no language"),
    }
    assert await feeds.notices.renew(items) == {"n:4": "form"}
    assert [one.text["zh-Hans"] for one in feeds.notices.current()] == ["二", "一"]
    assert await feeds.notices.say("n:own", {"text": {"zh-Hans": "停电"}})
    assert not await feeds.notices.say("n:bad", {"text": 7})
    await feeds.close()
    feeds = await opened(tmp_path)
    assert [one.text["zh-Hans"] for one in feeds.notices.current()] == ["停电"]
    await feeds.close()
