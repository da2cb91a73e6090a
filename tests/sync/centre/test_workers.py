"""Two workers as processes on one PostgreSQL and one mosquitto, one of them killed with -9 under load."""

import asyncio
import contextlib
import os
import signal
import time

import pytest

from sync.centre import postgres as pg
from sync.centre.report import report
from sync.centre.shards import BEAT_S, LEASE_S
from tests.support.centre_process import CentreProcess
from tests.support.mosquitto import Mosquitto
from tests.sync.memory_journal import MemoryJournal
from tests.sync.test_brokers import acked, running

pytestmark = [pytest.mark.broker, pytest.mark.kill]
SITES = [f"LH-{number:04}" for number in range(12)]
EACH = 600
TAKEN_OVER_S = 10.0


@pytest.fixture
def where(postgres):
    return postgres.new_database()


@pytest.fixture
def broker(tmp_path):
    made = Mosquitto(tmp_path)
    made.start()
    yield made
    made.kill()


@pytest.fixture
def workers(where, broker, tmp_path):
    made = [CentreProcess(tmp_path, broker.url, where, name) for name in ("one", "two")]
    yield made
    for worker in made:
        worker.kill()


def owners(where):
    """How many shards each living worker serves."""
    db = pg.PostgresDatabase(where)
    try:
        return sorted(
            number
            for _, number in db.rows(
                "SELECT s.owner, count(*) FROM shards s JOIN workers w ON w.id = s.owner"
                " WHERE w.until >= clock_timestamp() GROUP BY s.owner"
            )
        )
    finally:
        db.close()


async def until(condition, seconds=60):
    async with asyncio.timeout(seconds):
        while not await asyncio.to_thread(condition):
            await asyncio.sleep(0.1)


async def test_a_killed_worker_is_replaced_and_nothing_is_lost_or_doubled(where, broker, workers, tmp_path):
    one, two = workers
    for worker in workers:
        worker.start()
    for worker in workers:
        await asyncio.to_thread(worker.wait_ready, 60)
    await until(lambda: owners(where) == [128, 128])
    journals = [MemoryJournal(site=site).grow(EACH) for site in SITES]
    async with contextlib.AsyncExitStack() as stack:
        links = [await stack.enter_async_context(running(journal, broker.url)) for journal in journals]
        async with asyncio.timeout(60):
            while not any(100 <= link.state.acked < EACH for link in links):
                await asyncio.sleep(0.001)
        two.kill()
        killed = time.monotonic()
        await until(lambda: owners(where) == [256])
        taken_over = time.monotonic() - killed
        for journal in journals:
            journal.grow(50)
        await asyncio.gather(*(acked(link, EACH + 50, 90) for link in links))
        two.start()  # it knows no cid
        await asyncio.to_thread(two.wait_ready, 60)
        await until(lambda: owners(where) == [128, 128])
        for journal in journals:
            journal.grow(50)
        await asyncio.gather(*(acked(link, EACH + 100, 90) for link in links))
    print(f"taken over {taken_over:.1f} s after kill -9")
    assert LEASE_S + 2 * BEAT_S < TAKEN_OVER_S
    assert [one.stop(), two.stop()] == [0, 0]
    assert owners(where) == []
    for site in SITES:
        found = report(where, site, tmp_path / "files")
        assert (found.records, found.missing, found.duplicates, found.held) == (EACH + 100, 0, 0, 0), site
        assert (found.epochs, found.broken, found.alarms) == (1, 0, 0), site


async def test_a_worker_that_stood_still_cannot_write_for_sites_of_others(where, broker, workers, tmp_path):
    """Stopped for longer than its lease, with batches on their way to it; then it goes on as if nothing had been."""
    one, two = workers
    one.start()
    await asyncio.to_thread(one.wait_ready, 60)
    journals = [MemoryJournal(site=site).grow(EACH) for site in SITES]
    async with contextlib.AsyncExitStack() as stack:
        links = [await stack.enter_async_context(running(journal, broker.url)) for journal in journals]
        async with asyncio.timeout(60):
            while not any(100 <= link.state.acked < EACH for link in links):
                await asyncio.sleep(0.001)
        os.kill(one.pid, signal.SIGSTOP)
        two.start()
        await asyncio.to_thread(two.wait_ready, 60)
        await until(lambda: owners(where) == [256])
        os.kill(one.pid, signal.SIGCONT)
        await asyncio.gather(*(acked(link, EACH, 90) for link in links))
        await until(lambda: owners(where) == [128, 128])
        for journal in journals:
            journal.grow(50)
        await asyncio.gather(*(acked(link, EACH + 50, 90) for link in links))
    for site in SITES:
        found = report(where, site, tmp_path / "files")
        assert (found.records, found.missing, found.duplicates, found.broken) == (EACH + 50, 0, 0, 0), site
