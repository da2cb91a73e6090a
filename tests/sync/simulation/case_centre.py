"""The real centre with its feeds in virtual time: worker, store, words published by its units."""

import asyncio
import json
from pathlib import Path
from random import Random
from typing import Any

import apsw

from sync.centre import publishing
from sync.centre.centre import Centre
from sync.centre.conflicts import AboutVerdict
from sync.centre.feed_store import FeedStore
from sync.centre.feeds import Feeds, SigningKey
from sync.centre.report import Report, report
from sync.centre.store import Store, open_store
from sync.centre.verdict import Verdict
from sync.centre.worker import Worker
from sync.protocol import signing
from tests.support.virtual_time import VirtualClock
from tests.sync.simulation.broker import SimBroker

KEY = SigningKey("s1", b"\x11" * 32)
TRUSTED = {"s1": signing.public_of(KEY.private)}
REGION = "luohu"


class CaseCentre:
    def __init__(self, folder: Path, broker: SimBroker, random: Random) -> None:
        self._folder, self._broker, self._random = folder, broker, random
        self._clock = VirtualClock()
        self._task: asyncio.Task[None] | None = None
        self.desk = FeedStore(folder / "feeds.db")  # of the people who publish, as another process

    @property
    def db(self) -> Path:
        return self._folder / "centre.db"

    def start(self) -> None:
        def open_it() -> Store:
            return open_store(self.db, self._random.randbytes(8).hex())

        def build(store: Store) -> Centre:
            published = FeedStore(self._folder / "feeds.db")
            verdict = AboutVerdict(Verdict(), published, REGION)
            feeds = Feeds(published, KEY, clock=self._clock, region=REGION)
            return Centre(store, clock=self._clock, region=REGION, free=lambda: 10**12, verdict=verdict, feeds=feeds)

        async def dial(*, subscriptions: Any, will: Any) -> Any:
            return await self._broker.dial("centre", subscriptions, will)

        self._task = asyncio.create_task(Worker(open_it, build, dial, random=self._random).run())

    async def stop(self) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        wire = self._broker.wire_of("centre")
        if wire is not None:
            wire.end()

    def say(self, site: str, id: str, **body: Any) -> None:
        """A word of a unit; the same id again with another body is its next revision."""
        self._publish(site, {"id": id, "body": body})

    def take_back(self, site: str, id: str) -> None:
        self._publish(site, {"id": id, "gone": True})

    def _publish(self, site: str, line: dict[str, Any]) -> None:
        publishing.publish(
            self.desk, KEY, feed="decisions", scope=site, lines=[line], whole=False, random_bytes=Random(1).randbytes
        )

    def conflicts(self, site: str) -> list[dict[str, Any]]:
        """Bodies, with kind, of what waits for a person here."""
        found = [json.loads(one.record) for one in self.desk.conflicts(site) if one.kept is None]
        return [{"kind": one["kind"], "subject": one["subject"], **one["body"]} for one in found]

    def settle_all(self, site: str) -> None:
        for one in self.desk.conflicts(site):
            self.desk.settle(site, one.birth, "site", "c:01", 1)

    def report(self, site: str) -> Report:
        return report(self.db, site)

    def records(self, site: str) -> list[dict[str, Any]]:
        db = apsw.Connection(str(self.db), flags=apsw.SQLITE_OPEN_READONLY)
        try:
            rows = db.execute("SELECT raw FROM records WHERE site = ? ORDER BY epoch, seq", (site,)).fetchall()
        finally:
            db.close()
        return [json.loads(raw) for (raw,) in rows]
