"""A driver in a worker that hangs, eats memory or crashes: killed, back, set aside, tried again; the others go on."""

import asyncio
import time
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bench.desk import Desk
from bench.ill import IllPrinter
from bench.topics import isolate
from drivers.contract import Context
from drivers.links import make_link
from edge.devices import supervisor
from edge.devices.attached import Attached
from edge.devices.supervisor import build_supervisors
from edge.devices.worker_process import Limits
from edge.devices.worker_proxy import Workers
from edge.site_sections.lines import Device

pytestmark = pytest.mark.kill
ROOT = str(Path(__file__).parents[3])


async def test_killed_back_within_five_seconds_and_set_aside_after_five(tmp_path: Path) -> None:
    seen = await isolate.watch(Desk(tmp_path, lambda line: None), quiet=0.5)
    assert seen.failed == 0, "verbs of the devices beside"
    assert set(seen.faults.values()) == {5}
    for way in isolate.WAYS:
        assert len(seen.back[way]) == 4
        assert max(seen.back[way]) < 5.0
        assert max(seen.killed[way]) < 5.0
    assert min(len(times) for times in seen.times.values()) > 10


async def test_who_shares_a_worker_with_a_crash_loop_gets_his_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second crash parts them; only the one that crashes is quarantined, and it is tried again and heals."""
    monkeypatch.setenv("PYTHONPATH", ROOT)
    monkeypatch.setattr(supervisor, "RETRY_SECONDS", 1.5)
    news = asyncio.Event()
    attached: dict[str, Attached] = {}
    ctx = Context(time.monotonic, Random(1), lambda *_, **__: None, grace=0.5, runtime=str(tmp_path))

    async def until(device: str, *states: str) -> None:
        async with asyncio.timeout(30):
            while (attached[device].health.code or attached[device].health.state) not in states:
                news.clear()
                await news.wait()

    async with Workers(ctx, Limits(memory=160 * 1024 * 1024)) as workers, asyncio.TaskGroup() as group:
        for name in ("bad", "good"):
            setup = Device(id=name, driver="test", link=f"tcp://127.0.0.1:{9 if name == 'bad' else 19}")
            attached[name] = Attached(setup, IllPrinter, ctx, lambda _: news.set(), workers)
        facts: Any = {"make_link": make_link, "ctx": ctx, "on_event": None, "holder": "test", "claims": tmp_path}
        tasks = [group.create_task(one.run()) for one in build_supervisors(attached, **facts)]
        for crash in range(5):
            await until("bad", "ready", "quarantined")
            if crash < 2:
                await until("good", "ready")
                same = attached["good"].identity.serial == attached["bad"].identity.serial
                assert same, "one worker a kind as long as all is well"
            await asyncio.gather(
                attached["bad"].call("print", {"id": "crashes", "lines": []}, 3.0), return_exceptions=True
            )
            await until("bad", "driver_fault", "quarantined", "starting")
        await until("bad", "quarantined")
        await until("good", "ready")
        pid = attached["good"].identity.serial
        assert (await attached["good"].call("print", {"id": "well", "lines": []}, 3.0)) == {
            "bytes": 0,
            "paper": "unknown",
        }
        await until("bad", "ready")
        assert attached["good"].identity.serial == pid, "not disturbed by what the other did since"
        for task in tasks:
            task.cancel()
