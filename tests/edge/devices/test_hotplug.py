"""Back-offs end when the device is back, wherever the news comes from, and only its own."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from drivers.links.machine import Machine
from edge.devices.hotplug import HotPlug, kernel_news
from edge.devices.plugged import PlugLog
from tests.support.sysfs import FakeMachine, Usb
from tests.support.virtual_time import now, run_virtual

LINK = "serial-at:pci-0000:00:14.0-usb-0:1.2:1.0-port0?baud=9600"


class Bell:
    """News given by the test."""

    def __init__(self) -> None:
        self.rung = asyncio.Event()

    async def __call__(self) -> AsyncIterator[None]:
        while True:
            await self.rung.wait()
            self.rung.clear()
            yield


async def never() -> AsyncIterator[None]:
    await asyncio.Event().wait()
    yield


def test_a_socket_that_is_filled_wakes_its_own_supervisor(tmp_path: Path) -> None:
    async def test() -> None:
        fake = FakeMachine(tmp_path)
        fake.usb_serial(Usb("1.3"), "ttyUSB0", "/dev/null")
        async with HotPlug(str(tmp_path)) as hotplug:
            beside = asyncio.ensure_future(hotplug.wait(LINK.replace("1.2", "1.4"), 20.0))
            waiting = asyncio.ensure_future(hotplug.wait(LINK, 30.0))
            await asyncio.sleep(10)
            fake.usb_serial(Usb("1.2"), "ttyUSB7", "/dev/null")
            begun = now()
            assert await waiting is True
            assert now() - begun <= 0.25
            assert await beside is False

    run_virtual(test())


def test_a_re_plug_while_it_waits_is_seen_too(tmp_path: Path) -> None:
    async def test() -> None:
        fake = FakeMachine(tmp_path)
        fake.usb_serial(Usb("1.2"), "ttyUSB0", "/dev/null")
        async with HotPlug(str(tmp_path)) as hotplug:
            waiting = asyncio.ensure_future(hotplug.wait(LINK, 30.0))
            await asyncio.sleep(1)
            fake.unplug("ttyUSB0")
            await asyncio.sleep(1)
            fake.usb_serial(Usb("1.2"), "ttyUSB0", "/dev/null")
            assert await waiting is True

    run_virtual(test())


def test_what_is_there_and_silent_waits_its_time(tmp_path: Path) -> None:
    async def test() -> None:
        FakeMachine(tmp_path).usb_serial(Usb("1.2"), "ttyUSB0", "/dev/null")
        async with HotPlug(str(tmp_path)) as hotplug:
            begun = now()
            assert await hotplug.wait(LINK, 30.0) is False
            assert now() - begun == pytest.approx(30.0)

    run_virtual(test())


def test_news_are_followed_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def test() -> None:
        monkeypatch.setattr("edge.devices.hotplug.LOOK_SECONDS", 1000.0)
        fake, bell = FakeMachine(tmp_path), Bell()
        async with HotPlug(str(tmp_path), news=bell) as hotplug:
            waiting = asyncio.ensure_future(hotplug.wait(LINK, 500.0))
            await asyncio.sleep(10)
            fake.usb_serial(Usb("1.2"), "ttyUSB0", "/dev/null")
            bell.rung.set()
            begun = now()
            assert await waiting is True
            assert now() - begun <= 0.06

    run_virtual(test())


def test_links_by_name_and_links_without_a_place(tmp_path: Path) -> None:
    async def test() -> None:
        async with HotPlug(str(tmp_path), runtime=str(tmp_path), news=never) as hotplug:
            waiting = asyncio.ensure_future(hotplug.wait("serial:dev-port?baud=9600", 30.0))
            begun = now()
            assert await hotplug.wait("tcp://127.0.0.1:9", 5.0) is False
            assert now() - begun == pytest.approx(5.0)
            (tmp_path / "dev-port").touch()
            assert await waiting is True

    run_virtual(test())


async def test_the_kernels_own_news_can_be_opened_or_end_at_once() -> None:
    """In a container nobody speaks; the watcher must live with both."""
    news = kernel_news()
    try:
        async with asyncio.timeout(0.2):
            async for _ in news:
                break
    except TimeoutError:
        pass
    await news.aclose()  # type: ignore[attr-defined]


def test_what_was_plugged_in_and_pulled_out_is_written_down(tmp_path: Path) -> None:
    async def test() -> None:
        fake, notes = FakeMachine(tmp_path), list[tuple[str, object]]()

        def note(what: str, **facts: object) -> None:
            notes.append((what, facts["socket"]))

        fake.usb_serial(Usb("1.2"), "ttyUSB0", "/dev/null")
        known = PlugLog(Machine(tmp_path), (LINK, None), note)
        bell = Bell()
        async with HotPlug(str(tmp_path), news=bell, changed=known):
            fake.usb(Usb("1.7", usb_id="dead:beef"))
            bell.rung.set()
            await asyncio.sleep(0.1)
            (tmp_path / "sys/bus/usb/devices/1-1.7").unlink()
            bell.rung.set()
            await asyncio.sleep(0.1)
        place = "pci-0000:00:14.0-usb-0:1"
        assert notes == [
            ("plugged in", f"{place}.2"),
            ("unknown device plugged in, left alone", f"{place}.7"),
            ("pulled out", f"{place}.7"),
        ]

    run_virtual(test())
