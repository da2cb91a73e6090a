"""What comes down, at the site: a catalogue of 5,000 items switched in whole, a delta of ten, and reads meanwhile.

On the real file of a site's feeds, committed with fsync; signatures were checked before. No peer.
"""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from random import Random
from typing import Any, Final

from bench.desk import Desk
from bench.rows import Row, lower_is_better
from bench.samples import p50
from edge.feeds.store import FeedStore
from sync.protocol import feeds, record
from sync.protocol.feeds import Delta, Snapshot

ITEMS: Final = 5_000
ROUNDS: Final = 5
REGION: Final = "luohu"
SWITCH_S, DELTA_MS, BLOCKED_MS = 2.0, 50.0, 20.0
_FEW: Final = 10
_BYTES: Final = 200

Items = dict[str, dict[str, Any]]


async def measure(desk: Desk, count: int = ITEMS, rounds: int = ROUNDS) -> list[Row]:
    switches, deltas, reads = list[float](), list[float](), list[float]()
    for number in range(rounds):
        desk.tell(f"{count} items, round {number + 1} of {rounds}")
        store = await FeedStore.open(desk.drawer(str(number)))
        try:
            await _deltas(store, "notices", {}, _changed(range(_FEW), 1))  # what others read
            items = _changed(range(count), 1)
            spent, longest = await _switched(store, items)
            switches.append(spent)
            reads.append(longest)
            deltas.append(await _deltas(store, "catalogue", items, _changed(range(_FEW), 2)))
        finally:
            await store.close()
    return [
        lower_is_better(f"feeds: {count} items switched in, p50", p50(switches), "s", "target", SWITCH_S),
        lower_is_better(f"feeds: a delta of {_FEW}, p50", p50(deltas) * 1e3, "ms", "target", DELTA_MS),
        lower_is_better("feeds: longest read of another feed meanwhile", max(reads) * 1e3, "ms", "target", BLOCKED_MS),
    ]


async def _switched(store: FeedStore, items: Items) -> tuple[float, float]:
    """Seconds of the switch, and of the longest read of ten other items while it went on."""
    state = feeds.state_bytes(items)
    offer = Snapshot.model_validate(
        {"feed": "catalogue", "scope": REGION, "ver": 4, "digest": record.digest(state), "key": "s1", "sig": ""}
        | {"hash": "0" * 64, "size": 1, "chunk": feeds.CHUNK}
    )
    done, longest = asyncio.Event(), 0.0

    async def read() -> None:
        nonlocal longest
        while not done.is_set():
            began = time.perf_counter()
            await store.items("notices")
            longest = max(longest, time.perf_counter() - began)

    async with asyncio.TaskGroup() as group:
        group.create_task(read())
        began = time.perf_counter()
        await store.replace(offer, items, since=feeds.NOTHING)
        spent = time.perf_counter() - began
        done.set()
    return spent, longest


async def _deltas(store: FeedStore, feed: str, held: Items, changes: Items) -> float:
    """Seconds that the next delta takes."""
    mark = (await store.marks()).get(feed, feeds.NOTHING)
    told: Sequence[Mapping[str, Any]] = tuple(changes.values())
    delta = Delta.model_validate(
        {"feed": feed, "scope": REGION, "from": mark.ver, "to": mark.ver + 1, "items": told}
        | {"digest": feeds.digest(held | changes), "key": "s1", "sig": ""}
    )
    began = time.perf_counter()
    await store.apply(delta)
    return time.perf_counter() - began


def _changed(numbers: Iterable[int], rev: int) -> Items:
    random = Random(rev)
    return {
        f"i:{n:05}": {"id": f"i:{n:05}", "rev": rev, "body": {"n": n, "text": random.randbytes(_BYTES).hex()}}
        for n in numbers
    }
