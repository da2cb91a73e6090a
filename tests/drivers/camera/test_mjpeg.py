import asyncio
import hashlib
from contextlib import aclosing

import pytest

from drivers.contract import DocCamera, Driver, Shot
from drivers.errors import (
    Absent,
    BadConfig,
    Denied,
    DeviceError,
    DriverFault,
    Garbled,
    Gone,
    Late,
    Unsupported,
    WrongDevice,
)
from drivers.links import make_link
from tests.drivers.camera import server as s
from tests.drivers.camera.conftest import Kept, NewCamera
from tests.drivers.camera.papers import form, scene

WHOLE = Shot(rectify=False)
pytestmark = pytest.mark.usefixtures("nothing_left")


async def test_a_page_under_the_camera_becomes_a_picture_out_of_band(new_camera: NewCamera, kept: Kept) -> None:
    laid = scene(form(), fill=0.8, turn=4, size=(1280, 720))
    async with s.camera(s.showing(laid.jpeg())) as served:
        driver = new_camera(served)
        identity = await driver.open()
        picture = await driver.capture(Shot())
        await driver.close()
    assert identity.model == "TestCam/1.0"
    assert isinstance(driver, Driver)
    assert isinstance(driver, DocCamera)
    jpeg = kept[picture.hash]
    assert hashlib.sha256(jpeg).hexdigest() == picture.hash
    assert (picture.bytes, picture.warnings, picture.cut_off) == (len(jpeg), (), False)
    assert picture.height / picture.width == pytest.approx(2**0.5, abs=0.004)
    assert "***" in repr(picture)
    assert picture.hash not in repr(picture)


async def test_the_whole_frame_is_the_cameras_own_bytes(new_camera: NewCamera, kept: Kept) -> None:
    async with s.camera(s.steady) as served:
        driver = new_camera(served)
        await driver.open()
        assert kept[(await driver.capture(WHOLE)).hash] in s.PICTURES
        await driver.close()


async def test_nothing_is_open_while_nobody_looks(new_camera: NewCamera) -> None:
    async with s.camera(s.steady) as served:
        driver = new_camera(served)
        await driver.open()
        await asyncio.wait_for(served.gone.wait(), 30)
        await driver.capture(WHOLE)
        await asyncio.wait_for(served.gone.wait(), 30)
        await driver.close()


async def test_a_picture_that_waited_in_the_camera_is_not_taken_for_a_new_one(
    new_camera: NewCamera, kept: Kept
) -> None:
    async def first_old(here: s.Camera, send: s.Send) -> None:
        await send(s.HEAD % s.BOUNDARY)
        await send(s.part(s.PICTURES[0]))
        await asyncio.sleep(here.tick)
        for _ in range(3):
            await send(s.part(s.PICTURES[1]))
        await asyncio.Event().wait()

    async with s.camera(first_old) as served:
        driver = new_camera(served)
        await driver.open()
        assert kept[(await driver.capture(WHOLE)).hash] == s.PICTURES[1]
        await driver.close()


@pytest.mark.parametrize(
    ("script", "error"),
    [
        (s.hangs, Late),
        (s.never_answers, Late),
        (s.old_picture, Late),
        (s.half_pictures, Garbled),
        (s.closes_in_the_middle, Gone),
        (s.says(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>"), WrongDevice),
        (s.says(b"HTTP/1.1 403 Forbidden\r\n\r\n"), Denied),
        (s.says(b"\x16\x03\x01 not http at all"), Garbled),
        (s.says(b""), Gone),
    ],
)
async def test_each_trouble_of_a_camera_has_its_name_and_comes_in_time(
    script: s.Script, error: type[DeviceError], new_camera: NewCamera
) -> None:
    async with s.camera(s.steady) as served:
        driver = new_camera(served)
        await driver.open()
        served.script = script
        loop = asyncio.get_running_loop()
        for ask in (driver.check, lambda: driver.capture(WHOLE)):
            begun = loop.time()
            with pytest.raises(error):
                await ask()
            assert loop.time() - begun < 1.0
        served.script = s.steady
        assert (await driver.check()).state == "ready"
        await driver.close()


async def test_half_pictures_between_whole_ones_are_passed_over(new_camera: NewCamera, kept: Kept) -> None:
    async with s.camera(s.every_other_half) as served:
        driver = new_camera(served)
        await driver.open()
        assert kept[(await driver.capture(WHOLE)).hash] in s.PICTURES[::2]
        await driver.close()


async def test_a_picture_that_ends_rightly_and_is_rubbish_within_is_garbled(new_camera: NewCamera) -> None:
    async with s.camera(s.showing(b"\xff\xd8" + bytes(500) + b"\xff\xd9")) as served:
        driver = new_camera(served)
        await driver.open()
        with pytest.raises(Garbled):
            await driver.capture(Shot())
        await driver.close()


async def test_same_bytes_without_a_time_stamp_are_said_to_be_unproven(new_camera: NewCamera) -> None:
    async with s.camera(s.showing(s.PICTURES[0], stamps=False)) as served:
        driver = new_camera(served)
        await driver.open()
        assert "unchanged" in (await driver.capture(WHOLE)).warnings
        await driver.close()


async def test_chunked_transfer(new_camera: NewCamera) -> None:
    async with s.camera(s.chunked) as served:
        driver = new_camera(served)
        await driver.open()
        assert (await driver.capture(WHOLE)).width == 320
        await driver.close()


async def test_preview_and_capture_share_one_connection_and_preview_keeps_its_rate(new_camera: NewCamera) -> None:
    tall = s.flat_jpeg(120, (1600, 1200))
    async with s.camera(s.showing(tall)) as served:
        driver = new_camera(served)
        await driver.open()
        await asyncio.wait_for(served.gone.wait(), 30)
        loop = asyncio.get_running_loop()
        begun = loop.time()
        frames = []
        async with aclosing(driver.preview(50.0)) as preview:
            async for jpeg in preview:
                frames.append(jpeg)
                if len(frames) == 2:
                    assert (await driver.capture(WHOLE)).height == 1200
                    assert served.looking == 1
                if len(frames) == 3:
                    break
        assert loop.time() - begun >= 0.4  # three pictures at 5 a second, however many are asked for
        from drivers.camera.page import jpeg_lines

        assert [jpeg_lines(jpeg) for jpeg in frames] == [720] * 3
        await asyncio.wait_for(served.gone.wait(), 30)
        await driver.close()


async def look_until_it_ends(driver: DocCamera) -> None:
    async with aclosing(driver.preview(5)) as preview:  # type: ignore[type-var]
        async for _ in preview:
            pass


async def test_a_preview_of_a_camera_that_hangs_ends(new_camera: NewCamera) -> None:
    async with s.camera(s.steady) as served:
        driver = new_camera(served)
        await driver.open()
        for script in (s.hangs, s.old_picture):
            served.script = script
            with pytest.raises(Late):
                await look_until_it_ends(driver)
        with pytest.raises(BadConfig):
            await anext(driver.preview(0))
        await driver.close()


async def test_the_second_lens(new_camera: NewCamera) -> None:
    async with s.camera(s.steady) as served:
        driver = new_camera(served, side="/side?lens=2")
        await driver.open()
        await driver.capture(Shot(side="side", rectify=False))
        await driver.close()
        assert served.asked[-1] == b"GET /side?lens=2 HTTP/1.1"
        without = new_camera(served)
        await without.open()
        with pytest.raises(Unsupported):
            await without.capture(Shot(side="side"))
        await without.close()


async def test_no_camera_and_no_keeper(new_camera: NewCamera) -> None:
    async with s.camera(s.steady) as served:
        unkept = NewCamera(Kept())
        unkept.ctx = type(unkept.ctx)(clock=unkept.ctx.clock, random=unkept.ctx.random, note=unkept.ctx.note)
        driver = unkept(served)
        await driver.open()
        with pytest.raises(DriverFault):
            await driver.capture(WHOLE)
        await driver.close()
        with pytest.raises(Gone):
            await driver.capture(WHOLE)
    with pytest.raises(Absent):
        await new_camera(served).open()


@pytest.mark.parametrize(
    "url", ["http:///x", "http://user:pw@127.0.0.1/x", "http://h:99999/", "http://127.0.0.1/a b", "http://h/\r\nX: y"]
)
async def test_links_that_are_no_camera_address(url: str, new_camera: NewCamera) -> None:
    with pytest.raises(BadConfig):
        make_link(url, new_camera.ctx)
