"""The camera over real sockets: what comes is HTTP with JPEGs in it, and shows what lies on the desk."""

import asyncio
import io
from collections.abc import AsyncIterator
from itertools import pairwise
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from hw_sim.camera import Camera, Page
from hw_sim.camera.desk import Desk, Lying
from hw_sim.camera.pages import drawn
from hw_sim.clock import RealClock
from hw_sim.faults import Fault, FaultWord

WIDTH, HEIGHT = 320, 180
PAGES = {name: Page(id=name.replace("_", "-"), draw=name) for name in ("id_copy", "application", "blank", "household")}  # type: ignore[arg-type]


def a_camera(seed: int = 3, **options: Any) -> Camera:
    given = {"pages": PAGES, "width": WIDTH, "height": HEIGHT, "fps": 60, **options}
    return Camera("camera-1", RealClock(), Random(seed), **given)


@pytest.fixture
async def camera() -> AsyncIterator[Camera]:
    device = a_camera(side="camera-1-side")
    await device.start()
    yield device
    await device.stop()


class Viewer:
    """A browser's end: reads the head once, then parts."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def of(cls, link: str, *, path: str | None = None, raw: bytes | None = None) -> "Viewer":
        host, _, rest = link.removeprefix("http://").partition("/")
        address, port = host.split(":")
        viewer = cls(*await asyncio.open_connection(address, int(port)))
        viewer.writer.write(raw or f"GET {path or '/' + rest} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        return viewer

    async def head(self, seconds: float = 30) -> tuple[int, dict[str, str]]:
        async with asyncio.timeout(seconds):
            lines = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        fields = dict(line.lower().split(": ", 1) for line in lines[1:] if line)
        return int(lines[0].split(" ")[1]), fields

    async def part(self, seconds: float = 30) -> tuple[bytes, float]:
        """The JPEG and its moment."""
        async with asyncio.timeout(seconds):
            assert await self.reader.readline() == b"--frame\r\n"
            lines = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            fields = dict(line.lower().split(": ", 1) for line in lines if line)
            assert fields["content-type"] == "image/jpeg"
            jpeg = await self.reader.readexactly(int(fields["content-length"]))
            assert await self.reader.readline() == b"\r\n"
        return jpeg, float(fields["x-timestamp"])

    async def ended(self, seconds: float = 30) -> bytes:
        """Everything until the end; the other side may break it off."""
        got = b""
        try:
            async with asyncio.timeout(seconds):
                while more := await self.reader.read(65536):
                    got += more
        except ConnectionError:
            return got
        return got

    async def ended_or_silent(self, seconds: float = 0.25) -> bool:
        """True: ended. False: nothing came for so long, after what was on its way."""
        while True:
            try:
                async with asyncio.timeout(seconds):
                    if not await self.reader.read(65536):
                        return True
            except TimeoutError:
                return False


@pytest.fixture
async def view() -> AsyncIterator[Any]:
    viewers: list[Viewer] = []

    async def open_one(link: str, **options: Any) -> Viewer:
        viewers.append(await Viewer.of(link, **options))
        return viewers[-1]

    yield open_one
    for viewer in viewers:
        viewer.writer.close()


def pixels(jpeg: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(jpeg)).convert("RGB")).astype(int)


async def opened(view: Any, camera: Camera) -> Viewer:
    viewer = await view(camera.link)
    assert (await viewer.head())[0] == 200
    return viewer


async def test_frames_come_as_parts_of_one_answer(camera: Camera, view: Any) -> None:
    viewer = await view(camera.link)
    status, fields = await viewer.head()
    assert (status, fields["content-type"]) == (200, "multipart/x-mixed-replace; boundary=frame")
    frames = [await viewer.part() for _ in range(8)]
    assert all(pixels(jpeg).shape == (HEIGHT, WIDTH, 3) for jpeg, _ in frames)
    moments = [at for _, at in frames]
    assert moments == sorted(set(moments))
    assert all(one != two for (one, _), (two, _) in pairwise(frames))


async def test_frames_come_at_their_rate(view: Any) -> None:
    camera = a_camera(fps=40)
    await camera.start()
    viewer = await opened(view, camera)
    for _ in range(6):
        await viewer.part()
    moments = [(await viewer.part())[1] for _ in range(9)]
    assert 8 / 40 / 2 <= moments[-1] - moments[0] < 4.0  # a busy reader may find some of them waiting
    await camera.stop()


async def test_what_is_laid_under_it_is_seen_at_its_corners(camera: Camera, view: Any) -> None:
    viewer = await opened(view, camera)
    empty = pixels((await viewer.part())[0])
    camera.act("lay_page", page="blank")
    while (seen := pixels((await viewer.part())[0])).mean() < empty.mean() + 10:
        pass
    corners = camera.corners()
    assert corners is not None
    middle = np.mean(corners, axis=0)
    for corner in corners:
        inside = middle + (np.array(corner) - middle) * 0.95
        outside = middle + (np.array(corner) - middle) * 1.12
        assert seen[int(inside[1]), int(inside[0])].min() > 220
        if 0 <= outside[0] < WIDTH and 0 <= outside[1] < HEIGHT:
            assert seen[int(outside[1]), int(outside[0])].max() < 180
    camera.act("lift_page")
    assert camera.corners() is None


async def test_the_side_lens_is_another_path(camera: Camera, view: Any) -> None:
    side = await view(camera.side_link)
    assert (await side.head())[0] == 200
    main = await opened(view, camera)
    assert abs(pixels((await side.part())[0]) - pixels((await main.part())[0])).mean() > 20
    assert camera.side_link.endswith("/side")


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"GET /other HTTP/1.1\r\n\r\n", 404),
        (b"POST /main HTTP/1.1\r\n\r\n", 405),
        (b"what\r\n\r\n", 400),
        (b"GET /main HTTP/1.1\r\nX: " + b"x" * 9000 + b"\r\n\r\n", 431),
    ],
)
async def test_other_requests_are_turned_away(camera: Camera, view: Any, raw: bytes, status: int) -> None:
    assert (await (await view(camera.link, raw=raw)).head())[0] == status


async def test_too_many_viewers_are_told_so(camera: Camera, view: Any) -> None:
    first = [await opened(view, camera) for _ in range(4)]
    assert (await (await view(camera.link)).head())[0] == 503
    first[0].writer.close()
    async with asyncio.timeout(30):
        await camera.changed.until(lambda: camera.view()["clients"] < 4)


async def test_a_camera_that_hangs_keeps_the_connection(camera: Camera, view: Any) -> None:
    viewer = await opened(view, camera)
    await viewer.part()
    camera.set_fault(Fault(FaultWord.HANG))
    assert not (await viewer.ended_or_silent())
    camera.clear_faults()
    again = await opened(view, camera)
    await again.part()


async def test_a_stale_camera_shows_one_frame_of_one_moment(camera: Camera, view: Any) -> None:
    camera.set_fault(Fault(FaultWord.STALE))
    viewer = await opened(view, camera)
    first = await viewer.part()
    camera.act("lay_page", page="blank")
    assert [await viewer.part() for _ in range(6)] == [first] * 6
    camera.clear_faults()
    while (await viewer.part())[0] == first[0]:
        pass


async def test_half_a_jpeg_is_no_picture(camera: Camera, view: Any) -> None:
    camera.set_fault(Fault(FaultWord.SHORT, times=1))
    viewer = await opened(view, camera)
    half, _ = await viewer.part()
    assert half[:2] == b"\xff\xd8"
    with pytest.raises(OSError, match="truncated"):
        pixels(half)
    pixels((await viewer.part())[0])


async def test_noise_spoils_bytes_and_not_the_parts(camera: Camera, view: Any) -> None:
    camera.set_fault(Fault(FaultWord.NOISE, amount=0.2, times=1))
    viewer = await opened(view, camera)
    spoilt, (good, _) = (await viewer.part())[0], await viewer.part()
    assert sum(a != b for a, b in zip(spoilt, good, strict=False)) > len(good) // 20


async def test_another_device_answers_with_a_page(camera: Camera, view: Any) -> None:
    camera.set_fault(Fault(FaultWord.WRONG_DEVICE))
    viewer = await view(camera.link)
    status, fields = await viewer.head()
    assert (status, fields["content-type"]) == (200, "text/html")
    assert b"<html>" in await viewer.ended()


async def test_a_dropped_connection_ends_inside_a_frame(camera: Camera, view: Any) -> None:
    camera.set_fault(Fault(FaultWord.DROP, times=1))
    viewer = await opened(view, camera)
    got = await viewer.ended()
    assert got.startswith(b"--frame")
    assert not got.endswith(b"\r\n")
    await (await opened(view, camera)).part()


@pytest.mark.parametrize("word", [FaultWord.UNPLUG, FaultWord.POWER_CUT, FaultWord.ELSEWHERE])
async def test_a_camera_that_goes_away_and_comes_back(camera: Camera, view: Any, word: FaultWord) -> None:
    link = camera.link
    viewer = await opened(view, camera)
    await viewer.part()
    camera.set_fault(Fault(word))
    await viewer.ended()
    with pytest.raises(OSError):
        await view(link)
    assert (camera.link != link) == (word is FaultWord.ELSEWHERE)
    camera.clear_faults()
    assert camera.link == link
    await (await opened(view, camera)).part()


async def test_silent_slow_and_busy(camera: Camera, view: Any) -> None:
    camera.set_fault(Fault(FaultWord.SILENT, times=1))
    with pytest.raises(TimeoutError):
        await (await view(camera.link)).head(seconds=0.1)
    camera.set_fault(Fault(FaultWord.NAK, times=1))
    assert (await (await view(camera.link)).head())[0] == 503
    camera.set_fault(Fault(FaultWord.SLOW, amount=0.2))
    viewer = await opened(view, camera)
    (_, one), (_, two) = await viewer.part(), await viewer.part()
    assert two - one >= 0.19


@pytest.mark.parametrize(
    ("action", "values"),
    [
        ("lay_page", {"page": "passport"}),
        ("turn", {"degrees": 720}),
        ("turn", {"degrees": "upside down"}),
        ("shift", {"dx": 900, "dy": 0}),
        ("dim", {"level": 2}),
        ("glare", {"on": "yes"}),
        ("wave", {}),
    ],
)
def test_hands_that_cannot(action: str, values: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="camera-1"):
        a_camera().act(action, **values)


def test_hands_change_what_is_seen_and_what_is_told() -> None:
    camera = a_camera()
    seen = {camera.picture()}
    for action, values in (
        ("lay_page", {"page": "application"}),
        ("turn", {"degrees": 90}),
        ("shift", {"dx": 200, "dy": 0}),
        ("glare", {"on": True}),
        ("dim", {"level": 0.5}),
        ("blur", {"on": True}),
    ):
        camera.act(action, **values)
        seen.add(camera.picture())
    assert len(seen) == 7
    view = camera.view()
    assert (view["page"], view["turn"], view["shift"]) == ("application", 90.0, [200.0, 0.0])
    assert (view["glare"], view["dim"], view["blur"]) == (True, 0.5, True)


def test_a_page_shifted_far_is_cut_off_at_the_edge() -> None:
    camera = a_camera()
    camera.lay_page("blank")
    camera.shift(250, 0)
    corners = camera.corners()
    assert corners is not None
    assert max(x for x, _ in corners) > WIDTH
    picture = np.asarray(Image.open(io.BytesIO(camera.picture() or b"")).convert("L"))
    assert picture[HEIGHT // 2, WIDTH - 1] > 220


def seen_by(desk: Desk, lying: Lying) -> np.ndarray:
    return np.asarray(desk.picture(lying)).astype(int)


def test_dim_light_and_glare_are_dark_and_white() -> None:
    desk = Desk(WIDTH, HEIGHT, Random(1))
    light = seen_by(desk, Lying(PAGES["application"]))
    assert seen_by(desk, Lying(PAGES["application"], dim=0.8)).mean() < light.mean() * 0.25
    glaring = seen_by(desk, Lying(PAGES["application"], glare=True))
    assert (glaring.min(axis=2) == 255).sum() > (light.min(axis=2) == 255).sum() + 500


def test_blur_takes_the_strokes_away() -> None:
    desk = Desk(1280, 720, Random(1))
    sharp, blurred = (seen_by(desk, Lying(PAGES["application"], blur=on)) for on in (False, True))
    assert np.abs(np.diff(blurred, axis=1)).mean() < np.abs(np.diff(sharp, axis=1)).mean() * 0.7


async def test_same_seed_same_bytes_and_another_seed_others() -> None:
    frames = [await a_camera(seed)._eyes["/main"].frame(Lying(PAGES["id_copy"])) for seed in (1, 1, 2)]
    assert frames[0] == frames[1] != frames[2]


@pytest.mark.parametrize("draw", ["id_copy", "application", "contract", "household", "blank"])
def test_every_page_is_drawn_at_its_size(draw: Any) -> None:
    page = Page(id="p", draw=draw)
    image = drawn(page)
    assert abs(image.width / image.height - page.size[0] / page.size[1]) < 0.01
    assert (len(image.getcolors(1 << 20) or []) == 1) == (draw == "blank")


@given(st.floats(-360, 360), st.floats(-400, 400), st.floats(-400, 400))
@settings(max_examples=60, deadline=None)
def test_corners_go_round_in_one_sense_wherever_a_page_lies(turn: float, dx: float, dy: float) -> None:
    lens = Desk(WIDTH, HEIGHT, Random(1)).lens
    corners = lens.corners((210, 297), Lying(turn=turn, dx=dx, dy=dy))
    for n in range(4):
        (ax, ay), (bx, by), (cx, cy) = corners[n], corners[(n + 1) % 4], corners[(n + 2) % 4]
        assert (bx - ax) * (cy - by) - (by - ay) * (cx - bx) > 0


@given(st.lists(st.binary(min_size=1, max_size=200), min_size=1, max_size=6))
@settings(max_examples=40, deadline=None)
def test_no_request_breaks_it(pieces: list[bytes]) -> None:
    async def run() -> None:
        crashes: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: crashes.append(context))
        camera = a_camera(width=160, height=120)
        await camera.start()
        for piece in pieces:
            rude = await Viewer.of(camera.link, raw=piece)
            rude.writer.close()
        viewer = await Viewer.of(camera.link)
        assert (await viewer.head())[0] in (200, 503)
        viewer.writer.close()
        await camera.stop()
        assert crashes == []

    asyncio.run(run())
