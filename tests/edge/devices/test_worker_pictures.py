"""Pictures from a real camera server through a worker, a host and the host link to the hall, and to `hallctl try`."""

import asyncio
import hashlib
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import psutil
import pytest

from drivers.camera.mjpeg import MjpegCamera
from drivers.contract import Context, Shot
from drivers.errors import Absent, Busy, DeviceError, Late, Unsupported
from drivers.links import make_link
from edge.devices.attached import Attached
from edge.devices.host import Host
from edge.devices.pictures import KEEP_SECONDS, MOST_BYTES, PictureStore
from edge.devices.registry import Registry
from edge.devices.supervisor import build_supervisors
from edge.devices.trial import Trial, attempt
from edge.devices.worker_proxy import Workers
from edge.site import Site
from edge.site_sections.lines import Device
from tests.drivers.camera import server
from tests.drivers.camera.papers import form, scene
from tests.edge.devices.rig import small_site
from tests.edge.devices.rough import RoughPrinter

pytestmark = pytest.mark.kill
ROOT = str(Path(__file__).parents[3])
WHOLE = Shot(rectify=False)


@dataclass
class Hall:
    registry: Registry
    store: PictureStore
    workers: Workers

    def state(self, device: str) -> str:
        return next(status.state for status in self.registry.statuses() if status.id == device)

    async def until(self, device: str, state: str) -> None:
        async with asyncio.timeout(30):
            while self.state(device) != state:
                await asyncio.sleep(0.01)

    async def capture(self, device: str = "camera-1", seconds: float = 10) -> dict[str, Any]:
        return await self.registry.call(device, "capture", WHOLE, deadline=seconds)


def site_with(cameras: dict[str, str]) -> Site:
    devices = [
        Device(id=name, driver="camera.mjpeg", link=link, options={"frame_seconds": 0.5})
        for name, link in cameras.items()
    ]
    printer = Device(id="printer-1", driver="printer.escpos", link="tcp://127.0.0.1:9")
    return small_site().model_copy(update={"devices": (*devices, printer)})


@asynccontextmanager
async def hall_with(tmp_path: Path, **cameras: str) -> AsyncIterator[Hall]:
    children = psutil.Process().children()
    site = site_with({name.replace("_", "-"): link for name, link in cameras.items()})
    store = PictureStore(time.monotonic)
    ctx = Context(
        clock=time.monotonic, random=Random(1), note=lambda *a, **k: None, runtime=str(tmp_path), keep=store.keep
    )
    registry = Registry(site, fence=1, on_event=lambda event: asyncio.sleep(0), on_change=lambda: None)
    async with Workers(ctx) as workers:
        classes: dict[str, Any] = {"camera.mjpeg": MjpegCamera, "printer.escpos": RoughPrinter}
        attached = {
            setup.id: Attached(setup, classes[setup.driver], ctx, lambda device: host.on_health(device), workers)
            for setup in site.devices
        }
        supervisors = build_supervisors(
            attached, make_link=make_link, ctx=ctx, on_event=lambda *a: None, holder="test", claims=tmp_path
        )
        host = Host("main", "00" * 8, attached, supervisors, ctx, store)
        socket = tmp_path / "d.sock"
        tasks = [asyncio.ensure_future(registry.serve(socket)), asyncio.ensure_future(host.run(str(socket)))]
        try:
            hall = Hall(registry, store, workers)
            for setup in site.devices:
                await hall.until(setup.id, "ready")
            yield hall
        finally:
            for task in reversed(tasks):
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
    assert psutil.Process().children() == children


@pytest.fixture(autouse=True)
def path_for_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", ROOT)


async def test_a_captured_picture_is_fetched_once_and_then_gone(tmp_path: Path) -> None:
    async with server.camera(server.steady) as served, hall_with(tmp_path, camera_1=served.link()) as hall:
        picture = await hall.capture()
        assert len(hall.store) == 1
        data = await hall.registry.fetch_picture(picture["hash"])
        assert data in server.PICTURES
        assert hashlib.sha256(data).hexdigest() == picture["hash"]
        with pytest.raises(Absent):
            await hall.registry.fetch_picture(picture["hash"])
        await until_empty(hall.store)
        assert not any(data in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


async def until_empty(store: PictureStore) -> None:
    async with asyncio.timeout(30):
        while len(store):
            await asyncio.sleep(0)


async def test_a_picture_of_a_megabyte_and_one_that_expired(tmp_path: Path) -> None:
    big = os.urandom(3_000_000)
    async with server.camera(server.steady) as served, hall_with(tmp_path, camera_1=served.link()) as hall:
        hall.registry._remember_picture(hall.store.keep(big), "main")
        assert await hall.registry.fetch_picture(hashlib.sha256(big).hexdigest()) == big
        picture = await hall.capture()
        hall.store.drop(picture["hash"])
        with pytest.raises(Absent):
            await hall.registry.fetch_picture(picture["hash"])


async def test_a_camera_that_hangs_is_late_and_the_others_do_not_notice(tmp_path: Path) -> None:
    async with (
        server.camera(server.steady) as bad,
        server.camera(server.steady) as good,
        hall_with(tmp_path, camera_1=bad.link(), camera_2=good.link()) as hall,
    ):
        pids = hall.workers.pids()
        bad.script = server.never_answers
        begun = time.monotonic()
        with pytest.raises(Late):
            await hall.capture("camera-1", seconds=0.4)
        assert time.monotonic() - begun < 3.0
        assert (await hall.capture("camera-2"))["width"] == 320
        await hall.until("camera-1", "fault")
        bad.script = server.steady
        await hall.until("camera-1", "ready")
        assert hall.workers.pids() == pids  # it let go by itself: nobody had to be killed


async def test_a_camera_worker_that_is_killed_comes_back_and_the_others_do_not_notice(tmp_path: Path) -> None:
    async with (
        server.camera(server.steady) as one,
        server.camera(server.steady) as two,
        hall_with(tmp_path, camera_1=one.link(), camera_2=two.link()) as hall,
    ):
        before = hall.workers.pids()
        one.script = server.never_answers
        cut_off = asyncio.ensure_future(hall.capture("camera-1"))
        await asyncio.sleep(0)
        os.kill(before["camera camera-1"], signal.SIGKILL)
        with pytest.raises(DeviceError):
            await cut_off
        one.script = server.steady
        await hall.until("camera-1", "fault")
        assert (await hall.capture("camera-2"))["bytes"] > 0
        await hall.until("camera-1", "ready")
        assert (await hall.capture("camera-1"))["bytes"] > 0
        after = hall.workers.pids()
        assert after["camera camera-1"] != before["camera camera-1"]
        assert {**after, "camera camera-1": 0} == {**before, "camera camera-1": 0}


async def test_preview_flows_while_somebody_looks_and_two_a_host_at_most(tmp_path: Path) -> None:
    async with server.camera(server.steady) as served, hall_with(tmp_path, camera_1=served.link()) as hall:
        preview = hall.registry.preview
        async with aclosing(preview("camera-1", 20)) as frames, aclosing(preview("camera-1", 5)) as others:
            seen = [await anext(frames), await anext(frames), await anext(others)]
            assert set(seen) <= set(server.PICTURES)
            assert served.looking == 1
            assert (await hall.capture())["width"] == 320
            with pytest.raises(Busy):
                await anext(preview("camera-1", 5))
        await asyncio.wait_for(served.gone.wait(), 30)
        async with aclosing(preview("camera-1", 5)) as frames:
            await anext(frames)
            served.script = server.says(b"")
            os.kill(hall.workers.pids()["camera camera-1"], signal.SIGKILL)
            with pytest.raises(DeviceError):
                await rest_of(frames)
        with pytest.raises(Unsupported):
            await anext(preview("printer-1", 5))


async def rest_of(frames: AsyncIterator[bytes]) -> None:
    async for _ in frames:
        pass


def test_pictures_are_kept_five_minutes_and_the_oldest_go_when_there_are_too_many() -> None:
    now = 100.0
    store = PictureStore(lambda: now)
    first = store.keep(b"one")
    assert store.get(first) == b"one"
    now += KEEP_SECONDS - 1
    assert store.get(first) == b"one"
    now += 1
    with pytest.raises(Absent):
        store.get(first)
    assert len(store) == 0
    many = [store.keep(bytes([n]) * (MOST_BYTES // 4)) for n in range(6)]
    assert len(store) == 4
    with pytest.raises(Absent):
        store.get(many[0])


async def test_the_trial_captures_a_page_into_a_file_only_this_user_reads(tmp_path: Path) -> None:
    laid = scene(form(), fill=0.8, turn=4, size=(1280, 720))
    out = tmp_path / "page.jpg"
    async with server.camera(server.showing(laid.jpeg())) as served:
        hallctl = [sys.executable, "-c", "from edge.cli import main; main()"]
        process = await asyncio.create_subprocess_exec(
            *(*hallctl, "--lang", "en", "try", "camera.mjpeg", "capture"),
            *("--link", served.link(), "--out", str(out), "--option", "frame_seconds=1", "--json"),
            stdout=asyncio.subprocess.PIPE,
        )
        said, _ = await process.communicate()
    assert process.returncode == 0, said
    assert out.read_bytes().startswith(b"\xff\xd8")
    assert out.stat().st_mode & 0o777 == 0o600
    assert hashlib.sha256(out.read_bytes()).hexdigest() in said.decode()


async def test_a_trial_of_a_camera_that_is_not_there_leaves_nothing_behind(tmp_path: Path) -> None:
    out, children = tmp_path / "page.jpg", psutil.Process().children()
    with pytest.raises(Absent):
        await attempt(Trial("camera.mjpeg", "http://127.0.0.1:9/x", "capture", out=out), lambda line: None)
    assert psutil.Process().children() == children
    assert not out.exists()
