"""Items of the feed become bookings of the hall, each change once, and a poisoned one holds up no other."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from edge.clock import SystemClock, iso
from edge.engine import Engine
from edge.feeds.bookings import Bookings
from edge.feeds.following import Following
from edge.feeds.store import FeedStore
from edge.journal.keys import KeyRing
from sync.protocol import sealed_items
from tests.edge.engine.conftest import ZONE, open_journal, running
from tests.edge.feeds.conftest import SITE, gone, item, put

KEYS = KeyRing(b"\x07" * 32)
TOMORROW = (datetime.now(ZONE) + timedelta(days=1)).date().isoformat()
ID_NUMBER = "119999199001010023"


@pytest.fixture
async def hall(tmp_path: Path, store: FeedStore) -> AsyncIterator[tuple[Engine, FeedStore]]:
    journal = await open_journal(tmp_path)
    async with running(journal) as engine:
        yield engine, store
    await journal.close()


def booking(uid: str, rev: int = 1, *, public: bytes | None = None, **more: Any) -> dict[str, Any]:
    private = {"name": "李示例", "id_number": ID_NUMBER, "phone": "13900005678"}
    made = sealed_items.seal(
        private, feed="bookings", item=uid, site=SITE, public=public or KEYS.exchange_public, to="x:1",
        random_bytes=Random(rev).randbytes,
    )  # fmt: skip
    return {**item(uid, rev, **({"date": TOMORROW, "slot": "09:30", "service": "general"} | more)), **made}


async def follow(engine: Engine, store: FeedStore) -> Bookings:
    bookings = Bookings(engine, KEYS, site=SITE, zone=ZONE)
    await Following(store, (bookings,), (), clock=SystemClock())._once()
    return bookings


async def test_a_booking_is_mirrored_moved_and_cancelled(hall: tuple[Engine, FeedStore]) -> None:
    engine, store = hall
    await put(store, "bookings", booking("b:1"), booking("77"))
    await follow(engine, store)
    assert sorted(engine.state.bookings) == ["b:1", "b:77"]
    mirrored = engine.state.bookings["b:1"]
    assert iso(mirrored.slot, ZONE).startswith(f"{TOMORROW}T09:30:00.000")
    assert mirrored.person == KEYS.person_ref(TOMORROW, ID_NUMBER)
    assert mirrored.phone
    await put(store, "bookings", booking("b:1", 2, slot="10:30"), gone("77"))
    await follow(engine, store)
    assert iso(engine.state.bookings["b:1"].slot, ZONE)[11:16] == "10:30"
    assert engine.state.bookings["b:77"].state == "cancelled"


async def test_the_same_again_writes_nothing(hall: tuple[Engine, FeedStore], tmp_path: Path) -> None:
    engine, store = hall
    await put(store, "bookings", booking("b:1"))
    await follow(engine, store)
    seq = engine.state.seq
    again = await FeedStore.open(tmp_path)
    await follow(engine, again)
    await again.close()
    assert engine.state.seq == seq


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (booking("b:1", slot="25:00"), "form"),
        (booking("b:1", public=KeyRing(b"\x08" * 32).exchange_public), "sealed"),
        (item("b:1", date=TOMORROW, slot="09:30", service="general"), "form"),
        (booking("b:a booking with a name of its own"), "failed"),
    ],
)
async def test_a_poisoned_item_is_said_and_passed_over(
    hall: tuple[Engine, FeedStore], bad: dict[str, Any], why: str
) -> None:
    engine, store = hall
    await put(store, "bookings", bad, booking("b:2"))
    await follow(engine, store)
    assert list(engine.state.bookings) == ["b:2"]
    assert [(one.id, one.why) for one in await store.refused()] == [(bad["id"], why)]
    assert await store.pending("bookings") == []


async def test_a_journal_from_before_a_cancellation_is_put_right(hall: tuple[Engine, FeedStore]) -> None:
    engine, store = hall
    await put(store, "bookings", booking("b:1"), booking("b:2"))
    bookings = await follow(engine, store)
    await bookings.settle({}, 0)
    assert engine.state.bookings["b:1"].state == "booked", "a feed that never came says nothing"
    await bookings.settle({"b:2": {}}, 3)
    assert {uid: one.state for uid, one in engine.state.bookings.items()} == {"b:1": "cancelled", "b:2": "booked"}
