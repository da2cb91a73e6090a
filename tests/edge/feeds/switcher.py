"""A process to kill: switches a whole feed again and again and prints each version once it is applied."""

import asyncio
import os
import sys
from itertools import count
from pathlib import Path

from edge.feeds.store import FeedStore
from sync.protocol import feeds
from tests.edge.feeds.conftest import item, offer


async def main(folder: Path) -> None:
    store = await FeedStore.open(folder)
    print("ready", flush=True)
    start = (await store.marks()).get("catalogue", feeds.NOTHING).ver
    for ver in count(start + 1):
        items = {f"i:{n}": item(f"i:{n}", ver, ver=ver, text="x" * 200) for n in range(400)}
        held = (await store.marks()).get("catalogue", feeds.NOTHING)
        assert await store.replace(offer("catalogue", items.values(), ver, scope="luohu"), items, since=held)
        os.write(1, f"{ver}\n".encode())


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
