"""Where captured bytes go in a test, and a camera driver on a real connection to a real (small) web server."""

import hashlib
import time
from random import Random

import pytest

from drivers.camera.mjpeg import MjpegCamera, MjpegConfig
from drivers.contract import Context
from drivers.links import make_link
from tests.drivers.camera.server import Camera


class Kept(dict[str, bytes]):
    def __call__(self, data: bytes) -> str:
        digest = hashlib.sha256(data).hexdigest()
        self[digest] = data
        return digest


class NewCamera:
    def __init__(self, kept: Kept) -> None:
        self.ctx = Context(clock=time.monotonic, random=Random(1), note=lambda *a, **k: None, grace=0.5, keep=kept)

    def __call__(self, served: Camera, **options: object) -> MjpegCamera:
        config = MjpegConfig.model_validate({"frame_seconds": 0.3, **options})
        return MjpegCamera(config, make_link(served.link(), self.ctx), self.ctx)  # type: ignore[arg-type]


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def new_camera(kept: Kept) -> NewCamera:
    return NewCamera(kept)
