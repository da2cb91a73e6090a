"""Feeds the centre from the broker: one thread for the database, one connection, and again for ever."""

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Final

import apsw
import structlog

from sync.centre.centre import Centre
from sync.centre.shards import BEAT_S
from sync.centre.sql import NotKept
from sync.centre.store import Store
from sync.protocol import topics
from sync.protocol.messages import MAX_CREDIT
from sync.wire import Dial, Letter, Wire, WireLost

NEWS_EVERY_S: Final = 1.0
FIRST_PAUSE_S: Final = 0.2  # one centre makes no herd, and sites that come back before it wait a whole RTO
LONGEST_PAUSE_S: Final = 5.0
MOST_TOGETHER: Final = 64
MOST_OF_ONE: Final = MAX_CREDIT // 2  # messages of one site on one topic
log = structlog.get_logger("hall-centre")
Sleep = Callable[[float], Awaitable[None]]


def _together(waiting: deque[Letter]) -> list[Letter]:
    """From the front, what one commit may be for: a site prepares its other batches meanwhile."""
    found: list[Letter] = []
    of_one: Counter[str] = Counter()
    while waiting and len(found) < MOST_TOGETHER and of_one[waiting[0].topic] < MOST_OF_ONE:
        of_one[waiting[0].topic] += 1
        found.append(waiting.popleft())
    return found


class Worker:
    """`build` makes the centre over the store, in the database's thread. `back_up_to`: see Store.back_up."""

    def __init__(
        self,
        open_store: Callable[[], Store],
        build: Callable[[Store], Centre],
        dial: Dial,
        *,
        random: Random,
        on_ready: Callable[[], None] = lambda: None,
        back_up_to: Path | None = None,
        back_up_every_s: float = 3600.0,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._open_store = open_store
        self._build = build
        self._dial = dial
        self._random = random
        self._on_ready = on_ready
        self._back_up_to = back_up_to
        self._back_up_every_s = back_up_every_s
        self._sleep = sleep
        self._database = ThreadPoolExecutor(1, thread_name_prefix="centre-database")

    async def run(self) -> None:
        """Until cancelled; then the database is closed properly."""
        loop = asyncio.get_running_loop()
        store = await loop.run_in_executor(self._database, self._open_store)
        try:
            centre = await loop.run_in_executor(self._database, self._build, store)
            async with asyncio.TaskGroup() as tasks:
                if self._back_up_to is not None:
                    tasks.create_task(self._back_up(store, self._back_up_to))
                tasks.create_task(self._serve_for_ever(store, centre))
        finally:
            await asyncio.shield(self._leave(store))
            await asyncio.shield(loop.run_in_executor(self._database, store.close))
            self._database.shutdown()

    async def _serve_for_ever(self, store: Store, centre: Centre) -> None:
        longest = FIRST_PAUSE_S
        while True:
            try:
                everything = topics.OF_ALL_SITES if store.shards.alone else ()
                wire = await self._dial(subscriptions=[(name, 1) for name in everything], will=None)
                try:
                    longest = FIRST_PAUSE_S
                    await self._serve(store, centre, wire)
                finally:
                    await wire.close()
            except WireLost as lost:
                log.warning("broker lost", code=lost.code)
            await self._leave(store)
            await self._sleep(self._random.uniform(longest / 2, longest))
            longest = min(longest * 2, LONGEST_PAUSE_S)

    async def _serve(self, store: Store, centre: Centre, wire: Wire) -> None:
        """Until the wire is lost: raises WireLost."""
        alone = store.shards.alone
        if not alone:
            await self._beat(centre, wire)
        self._on_ready()
        log.info("serving", shards=len(store.shards.held))
        works = [asyncio.create_task(self._tell_news(centre, wire)), asyncio.create_task(self._read(centre, wire))]
        if not alone:
            works.append(asyncio.create_task(self._beat_for_ever(centre, wire)))
        try:  # not a TaskGroup: it forgets that we are told to end when one of these fails at the same moment
            done, _ = await asyncio.wait(works, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for work in works:
                work.cancel()
            await asyncio.gather(*works, return_exceptions=True)
        for work in works:
            if work in done:
                work.result()

    async def _read(self, centre: Centre, wire: Wire) -> None:
        waiting: deque[Letter] = deque()
        while True:
            if not waiting:
                waiting.append(await wire.receive())
            waiting.extend(wire.waiting())
            group = _together(waiting)
            await self._answer(wire, lambda group=group: centre.handle_all(group))  # type: ignore[misc]

    async def _beat_for_ever(self, centre: Centre, wire: Wire) -> None:
        while True:
            await self._sleep(BEAT_S)
            await self._beat(centre, wire)

    async def _beat(self, centre: Centre, wire: Wire) -> None:
        """Hear the sites of the shards that are ours now, and no others."""
        change = await asyncio.get_running_loop().run_in_executor(self._database, centre.beat)
        wanted = [(name, 1) for shard in sorted(change.gained) for name in topics.of_shard(shard)]
        unwanted = [name for shard in sorted(change.lost - change.gained) for name in topics.of_shard(shard)]
        if wanted or unwanted:
            await wire.listen(wanted, unwanted)
            log.info("shards moved", gained=len(change.gained), lost=len(change.lost))

    async def _leave(self, store: Store) -> None:
        """Whoever can reach the broker shall serve what we cannot."""
        try:
            await asyncio.get_running_loop().run_in_executor(self._database, store.shards.leave)
        except NotKept:
            log.warning("database lost")  # the leases run out by themselves

    async def _tell_news(self, centre: Centre, wire: Wire) -> None:
        while True:
            await self._sleep(NEWS_EVERY_S)
            await self._answer(wire, centre.news)

    async def _answer(self, wire: Wire, call: Callable[[], list[Letter]]) -> None:
        for letter in await asyncio.get_running_loop().run_in_executor(self._database, call):
            wire.send(letter)

    async def _back_up(self, store: Store, path: Path) -> None:
        while True:
            await self._sleep(self._back_up_every_s)
            try:
                await asyncio.get_running_loop().run_in_executor(self._database, store.back_up, path)
            except (apsw.Error, NotKept, OSError) as error:  # the older copy stays, and the sites go on
                log.error("no copy made", error=type(error).__name__)
