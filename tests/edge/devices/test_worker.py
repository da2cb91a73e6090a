"""Drivers in real processes that are really killed."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from random import Random
from typing import Any

import psutil
import pytest

from drivers.contract import Context, DocCamera, Driver, Printer, PrintJob, RatingDevice, Shot
from drivers.errors import Busy, DeviceError, DriverFault, Gone, Late, OutcomeUnknown, PaperOut
from edge.devices import worker_proxy
from edge.devices.pictures import PictureStore
from edge.devices.verbs import perform
from edge.devices.worker_process import Limits
from edge.devices.worker_proxy import Workers
from tests.edge.devices.rough import Rough, RoughCamera, RoughConfig, RoughPads, RoughPrinter

pytestmark = pytest.mark.kill
LINK = "tcp://127.0.0.1:9"
ROOT = str(Path(__file__).parents[3])


@pytest.fixture
def notes() -> list[tuple[str, dict[str, Any]]]:
    return []


@pytest.fixture
async def workers(monkeypatch: pytest.MonkeyPatch, notes: list[Any], tmp_path: Path) -> AsyncIterator[Workers]:
    """Afterwards no process, task or file is left."""
    monkeypatch.setenv("PYTHONPATH", ROOT)
    tasks, files = asyncio.all_tasks(), set(os.listdir("/proc/self/fd"))
    children = psutil.Process().children()  # other tests of the run may keep some: multiprocessing's resource tracker
    store = PictureStore(time.monotonic)
    ctx = Context(
        clock=time.monotonic,
        random=Random(1),
        note=lambda text, **facts: notes.append((text, facts)),
        grace=0.3,
        runtime=str(tmp_path),
        extra={"store": store},
        keep=store.keep,
    )
    async with Workers(ctx, Limits(memory=160 * 1024 * 1024, silent=3)) as made:
        yield made
    assert psutil.Process().children() == children
    await asyncio.sleep(0)
    assert {task for task in asyncio.all_tasks() - tasks if "fixture" not in repr(task)} <= {asyncio.current_task()}
    assert len(set(os.listdir("/proc/self/fd")) - files) == 0


def new(workers: Workers, cls: type[Rough], name: str = "d1", **config: str) -> Any:
    return workers.driver(cls, RoughConfig(**config), LINK, name)  # type: ignore[arg-type]


async def opened(workers: Workers, cls: type[Rough], name: str = "d1", **config: str) -> Any:
    driver = new(workers, cls, name, **config)
    await driver.open()
    return driver


def job(what: str) -> PrintJob:
    return PrintJob(id=what, lines=())


async def gone(pid: int) -> None:
    async with asyncio.timeout(30):
        while psutil.pid_exists(pid):
            await asyncio.sleep(0.01)


async def let_go(workers: Workers) -> None:
    """Until every withdrawn call has ended; fails when a worker had to be killed for it."""
    alive = workers.pids()
    async with asyncio.timeout(30):
        while any(worker._overdue for worker in workers._running.values()):
            await asyncio.sleep(0)
    assert workers.pids() == alive


async def test_a_driver_in_a_worker_is_a_driver_with_its_capabilities(workers: Workers, notes: list[Any]) -> None:
    printer, camera = new(workers, RoughPrinter), new(workers, RoughCamera)
    assert isinstance(printer, Driver)
    assert isinstance(printer, Printer)
    assert not isinstance(printer, DocCamera | RatingDevice)
    assert isinstance(camera, DocCamera)
    identity = await printer.open()
    assert identity.model == "tcp://127.0.0.1:9"
    assert int(identity.serial) in [child.pid for child in psutil.Process().children()]
    assert (await printer.check()).state == "ready"
    assert (await printer.print(job("x"))).bytes == int(identity.serial)
    assert await perform(printer, "status", None) == {"state": "ok", "code": ""}
    assert ("opened", {"worker": "printer", "facts": {"event": "clash", "text": "clash"}}) in notes
    await printer.close()
    with pytest.raises(Gone):
        await printer.check()


async def test_one_worker_a_camera_and_one_a_kind_of_the_others(workers: Workers) -> None:
    first = [(await new(workers, cls, name).open()).serial for cls in (RoughPrinter, RoughCamera) for name in "ab"]
    assert first[0] == first[1]
    assert len({*first}) == 3


@pytest.mark.parametrize(
    ("what", "error", "text"),
    [
        ("no paper", PaperOut, "roll"),
        ("busy", Busy, "another program"),
        ("mistake", DriverFault, r"KeyError at rough.py:\d+"),
    ],
)
async def test_errors_keep_their_kind_and_a_mistake_never_shows_its_text(
    what: str, error: type[DeviceError], text: str, workers: Workers
) -> None:
    printer = await opened(workers, RoughPrinter)
    with pytest.raises(error, match=text) as raised:
        await printer.print(job(what))
    assert "张三" not in str(raised.value)
    assert getattr(raised.value, "holder", "another program") == "another program"
    assert (await printer.check()).state == "ready"


@pytest.mark.parametrize("how", ["kill", "abort", "exit"])
async def test_a_worker_that_dies_in_a_verb_leaves_others_untouched_and_is_started_again(
    how: str, workers: Workers
) -> None:
    printer, other = await opened(workers, RoughPrinter), await opened(workers, RoughPads)
    before = workers.pids()
    listening = asyncio.ensure_future(anext(aiter_of(printer)))
    assert (await listening).data == {"number": 0}
    printing = asyncio.ensure_future(printer.print(job("slow" if how == "kill" else how)))
    asking = asyncio.ensure_future(stuck_check(printer))
    if how == "kill":
        await other.check()
        os.kill(before["printer"], signal.SIGKILL)
    with pytest.raises(OutcomeUnknown, match="SIGKILL" if how == "kill" else "SIGABRT|exit code 3"):
        await printing
    with pytest.raises(DriverFault):
        await asking
    assert (await other.check()).state == "ready"
    assert workers.pids() == {"rating_pad": before["rating_pad"]}
    await printer.close()
    await printer.open()
    assert (await printer.check()).state == "ready"
    assert workers.pids()["printer"] != before["printer"]


def aiter_of(driver: Any) -> Any:
    return driver.events()


async def stuck_check(driver: Any) -> None:
    while True:
        await driver.check()


async def test_a_driver_that_blocks_is_left_at_the_deadline_and_killed_after_the_grace(workers: Workers) -> None:
    camera, other = await opened(workers, RoughCamera, "a"), await opened(workers, RoughCamera, "b")
    pid, begun = workers.pids()["camera a"], time.monotonic()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await camera.capture(Shot(side="side"))
    assert time.monotonic() - begun < 30.0  # it blocks for a minute
    await gone(pid)
    assert "camera a" not in workers.pids()
    with pytest.raises(DriverFault, match="hangs"):
        await camera.check()
    assert (await other.check()).state == "ready"
    await camera.close()
    await camera.open()
    assert (await camera.capture(Shot())).bytes == 2_000_000


async def test_a_driver_that_lets_go_when_withdrawn_keeps_its_worker(workers: Workers) -> None:
    printer = await opened(workers, RoughPrinter)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await printer.print(job("slow"))
    await let_go(workers)
    assert (await printer.check()).state == "ready"


async def test_one_that_blocks_does_not_stop_a_driver_beside_it(workers: Workers, notes: list[Any]) -> None:
    one, beside = await opened(workers, RoughPrinter, "a"), await opened(workers, RoughPrinter, "b")
    blocked = asyncio.ensure_future(one.print(job("block")))
    async with asyncio.timeout(30):
        while notes[-1][0] != "begun":
            await asyncio.sleep(0.01)
        assert (await beside.print(job("x"))).bytes > 0
    blocked.cancel()
    await gone(workers.pids()["printer"])


async def test_a_worker_that_holds_the_interpreter_gives_no_beat_and_is_killed(workers: Workers) -> None:
    printer = await opened(workers, RoughPrinter)
    with pytest.raises(OutcomeUnknown, match="no sign of life"):
        await printer.print(job("hold the interpreter"))


async def test_a_worker_that_was_stopped_is_killed(workers: Workers) -> None:
    printer = await opened(workers, RoughPrinter)
    os.kill(workers.pids()["printer"], signal.SIGSTOP)
    with pytest.raises(DriverFault, match="no sign of life"):
        await printer.check()


async def test_memory_has_a_limit(workers: Workers) -> None:
    printer, other = await opened(workers, RoughPrinter), await opened(workers, RoughPads)
    with pytest.raises(DeviceError, match="memory"):
        await printer.print(job("eat memory"))
    assert (await other.check()).state == "ready"


async def test_memory_is_watched_where_the_limit_cannot_be_set(
    workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    printer = await opened(workers, RoughPrinter)
    monkeypatch.setattr("edge.devices.worker_process.resident_bytes", lambda pid: 1 << 40)
    with pytest.raises(OutcomeUnknown, match="MiB of memory"):
        await printer.print(job("slow"))


@pytest.mark.parametrize("what", ["block", "abort"])
async def test_trouble_at_open_and_at_close_is_over_in_time(
    what: str, workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as hurried:
        hurried.setattr(worker_proxy, "OPEN_SECONDS", 3.0)
        with pytest.raises(Late if what == "block" else DriverFault):
            await opened(workers, RoughCamera, "a", at_open=what)
    closing = await opened(workers, RoughCamera, "b", at_close=what)
    pid, begun = workers.pids()["camera b"], time.monotonic()
    await closing.close()
    assert time.monotonic() - begun < 30.0  # it blocks for a minute
    await gone(pid)


async def test_pictures_come_beside_their_answer(workers: Workers) -> None:
    camera = await opened(workers, RoughCamera)
    picture = await camera.capture(Shot(max_dpi=600))
    assert workers._ctx.extra["store"].get(picture.hash) == bytes(6_000_000)


async def test_a_preview_runs_while_somebody_takes_it_and_ends_with_its_trouble(workers: Workers) -> None:
    camera = await opened(workers, RoughCamera)
    async with aclosing(camera.preview(100)) as frames:
        seen = [await anext(frames) for _ in range(3)]
    assert seen[0] == b"frame 1"
    await let_go(workers)
    assert (await camera.check()).state == "ready"
    with pytest.raises(Gone, match="pulled"):
        await anext(camera.preview(13))


async def test_a_preview_nobody_takes_off_keeps_only_the_newest(workers: Workers) -> None:
    camera = await opened(workers, RoughCamera)
    async with aclosing(camera.preview(200)) as frames:
        await anext(frames)
        await camera.capture(Shot(max_dpi=600))
        await camera.capture(Shot(max_dpi=600))
        assert int((await anext(frames)).split()[1]) > 2


async def test_events_come_in_order_and_none_is_lost(workers: Workers) -> None:
    pad = await opened(workers, RoughPads)
    async with aclosing(pad.events()) as events:
        await pad.check()
        assert [(await anext(events)).data["number"] for _ in range(3)] == [0, 1, 2]


async def test_a_worker_dies_with_its_host(workers: Workers, tmp_path: Path) -> None:
    script = f"""
import asyncio, time, os, signal
from random import Random
from drivers.contract import Context
from edge.devices.worker_proxy import Workers
from tests.edge.devices.rough import RoughConfig, RoughPrinter
async def main():
    ctx = Context(clock=time.monotonic, random=Random(1), note=lambda *a, **k: None, runtime={str(tmp_path)!r})
    async with Workers(ctx) as workers:
        print((await workers.driver(RoughPrinter, RoughConfig(), {LINK!r}, "d").open()).serial, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""
    host = await asyncio.create_subprocess_exec(sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE)
    out, _ = await host.communicate()
    assert host.returncode == -signal.SIGKILL
    await gone(int(out))
