"""The driver of USB cameras on video files: no /dev/video here, but the same OpenCV code reads both."""

import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from random import Random

import cv2
import numpy as np
import pytest

from drivers.camera.uvc import UvcCamera, UvcConfig
from drivers.camera.video import VideoStream
from drivers.contract import Context, DocCamera, Driver, Shot
from drivers.errors import Absent, BadConfig, DriverFault, Gone, Late, Unsupported
from drivers.links import make_link
from edge.devices.worker_proxy import Workers
from tests.drivers.camera.conftest import Kept
from tests.drivers.camera.papers import scene

Film = Callable[..., Path]
SIZE = (640, 480)


@pytest.fixture
def film(tmp_path: Path) -> Film:
    """A video of a page under a sensor with noise; `frozen`: every picture the same."""

    def make(name: str = "desk.avi", *, frames: int = 200, frozen: bool = False) -> Path:
        noise = np.random.default_rng(3)
        page = cv2.resize(scene().picture, SIZE).astype(np.int16)
        grain = noise.integers(-6, 7, page.shape)
        # So many that two pictures taken within the driver's patience are never a whole number of rounds apart.
        shifts = range(1 if frozen else 53)
        pictures = [np.clip(page + np.roll(grain, shift, axis=1), 0, 255).astype(np.uint8) for shift in shifts]
        writer = cv2.VideoWriter(str(tmp_path / name), cv2.CAP_OPENCV_MJPEG, cv2.VideoWriter.fourcc(*"MJPG"), 30, SIZE)
        for number in range(frames):
            writer.write(pictures[number % len(pictures)])
        writer.release()
        return tmp_path / name

    return make


@pytest.fixture
def ctx(tmp_path: Path, kept: Kept) -> Context:
    return Context(
        clock=time.monotonic, random=Random(1), note=lambda *a, **k: None, grace=0.5, keep=kept, runtime=str(tmp_path)
    )


@pytest.fixture
async def camera(ctx: Context) -> AsyncIterator[Callable[..., UvcCamera]]:
    made: list[UvcCamera] = []

    def make(url: str = "video:desk.avi", **config: object) -> UvcCamera:
        settings = UvcConfig.model_validate({"frame_seconds": 1.0, **config})
        made.append(UvcCamera(settings, make_link(url, ctx), ctx))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for device in made:
        await device.close()


async def test_what_the_contract_asks(camera: Callable[..., UvcCamera]) -> None:
    assert isinstance(camera(), Driver)
    assert isinstance(camera(), DocCamera)


async def test_a_page_is_taken(camera: Callable[..., UvcCamera], film: Film, kept: Kept) -> None:
    film()
    device = camera(width=SIZE[0], height=SIZE[1])
    await device.open()
    assert (await device.check()).state == "ready"
    picture = await device.capture(Shot(rectify=False))
    assert (picture.width, picture.height) == SIZE
    assert "unchanged" not in picture.warnings
    assert kept[picture.hash][:2] == b"\xff\xd8"


async def test_a_second_lens_is_a_device_of_its_own(camera: Callable[..., UvcCamera], film: Film) -> None:
    film()
    film("face.avi")
    device = camera(side="video:face.avi")
    await device.open()
    assert (await device.capture(Shot(side="side", rectify=False))).width == SIZE[0]
    alone = camera()
    await alone.open()
    with pytest.raises(Unsupported):
        await alone.capture(Shot(side="side"))


async def test_a_preview_stays_below_its_rate(camera: Callable[..., UvcCamera], film: Film) -> None:
    film()
    device = camera()
    await device.open()
    began, taken = time.monotonic(), 0
    async for jpeg in device.preview(30.0):
        assert jpeg[:2] == b"\xff\xd8"
        if (taken := taken + 1) == 4:
            break
    assert time.monotonic() - began >= 3 / 5 - 0.05


async def test_the_same_picture_again_and_again_is_said(camera: Callable[..., UvcCamera], film: Film) -> None:
    """A file's clock goes on, so the picture may be new: a person is told that nothing proves it."""
    film(frozen=True)
    device = camera()
    await device.open()
    assert "unchanged" in (await device.capture(Shot(rectify=False))).warnings


async def test_a_camera_whose_clock_stands_too_is_stale(
    camera: Callable[..., UvcCamera], film: Film, monkeypatch: pytest.MonkeyPatch
) -> None:
    film(frozen=True)
    real = VideoStream._stamp
    monkeypatch.setattr(VideoStream, "_stamp", lambda self, content, moment: real(self, content, 0.0))
    with pytest.raises(Late, match="old picture"):
        await camera().open()


def test_stamps() -> None:
    stream = VideoStream(None, (0, 0), {}, lambda *_: None)  # type: ignore[arg-type]
    seen = [(1, 10.0), (2, 20.0), (2, 20.0), (2, 30.0), (3, 30.0), (3, 0.0)]
    assert [stream._stamp(*each) for each in seen] == [1.0, 2.0, 2.0, None, 3.0, 3.0]


async def test_the_end_of_the_pictures(camera: Callable[..., UvcCamera], film: Film) -> None:
    film(frames=3)
    with pytest.raises(Gone):
        await camera().open()


async def test_another_size_than_asked(camera: Callable[..., UvcCamera], film: Film) -> None:
    film()
    with pytest.raises(BadConfig, match="640x480, not 1920x1080"):
        await camera(width=1920, height=1080).open()


async def test_nothing_there(camera: Callable[..., UvcCamera]) -> None:
    with pytest.raises(Absent):
        await camera("video:dev/video0").open()
    with pytest.raises(Absent):
        await camera("video-at:pci-0000:00:14.0-usb-0:1.3:1.0-video-index0").open()
    with pytest.raises(BadConfig):
        make_link("video://host/dev/video0", camera()._ctx)


async def test_the_worker_may_be_killed(film: Film, ctx: Context) -> None:
    film()
    async with Workers(ctx) as workers:
        config = UvcConfig(frame_seconds=1.0)
        device = workers.driver(UvcCamera, config, "video:desk.avi", "camera-1")
        await device.open()
        picture = await device.capture(Shot(rectify=False))  # type: ignore[attr-defined]
        assert picture.width == SIZE[0]
        await _first(device)
        (pid,) = workers.pids().values()
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(DriverFault):
            await device.capture(Shot(rectify=False))  # type: ignore[attr-defined]
        again = workers.driver(UvcCamera, config, "video:desk.avi", "camera-1")
        await again.open()
        assert (await again.check()).state == "ready"


async def _first(device: DocCamera) -> bytes:
    async for jpeg in device.preview(5.0):
        return jpeg
    raise AssertionError("no preview")
