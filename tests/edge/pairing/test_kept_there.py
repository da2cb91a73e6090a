"""What a machine far from its hall keeps: presses until they are settled, and the devices it was told last."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from drivers.contract import Event
from drivers.errors import BadConfig
from edge.devices import messages as m
from edge.devices.attached import Attached
from edge.devices.outbox import Outbox
from edge.devices.spool import Spool
from edge.devices.supervisor import Supervisor
from edge.devices.told import ToldDevices
from edge.devices.ways import address_of
from edge.site_sections.lines import Device


def event(key: str) -> Event:
    return Event(name="key", data={"key": key})


def test_a_press_outlives_a_kill_and_is_forgotten_once_settled(tmp_path):
    path = tmp_path / "events.spool"
    box = Outbox(Spool(path, "b1"))
    for key in ("next", "recall"):
        box.add("keypad-1", event(key))
    box.acknowledge(1)
    box.add("scanner-1", Event(name="code", data={"text": "119999199001010012"}))
    assert b"119999" not in path.read_bytes(), "whom a code names is not written down"

    again = Outbox(Spool(path, "b2"))
    assert [(one.boot, one.n, one.data["key"]) for one in again] == [("b1", 2, "recall")]
    again.add("keypad-1", event("finish"))
    assert [(one.boot, one.n) for one in again] == [("b1", 2), ("", 1)]
    again.acknowledge(2, "b1")
    again.acknowledge(1)
    assert path.stat().st_size == 0


def test_a_line_cut_off_at_any_byte_costs_that_line_only(tmp_path):
    path = tmp_path / "events.spool"
    box = Outbox(Spool(path, "b1"))
    box.add("keypad-1", event("next"))
    whole = path.stat().st_size
    box.add("keypad-1", event("recall"))
    raw = path.read_bytes()
    for cut in range(len(raw) + 1):
        path.write_bytes(raw[:cut])
        kept = [one.n for one in Outbox(Spool(path, "b2"))]
        assert kept == [1][: cut >= whole - 1] + [2][: cut >= len(raw) - 1]


def news(version: str, *devices: dict[str, object]) -> m.Devices:
    return m.Devices.model_validate({"version": version, "devices": devices})


LED = {"id": "led-1", "driver": "led.onbon6e", "link": "tcp://192.0.2.31:5005"}
BUS = {"id": "rs485-1", "driver": "hall485.bus", "link": "serial:dev/rs485-1"}
PAD = {"id": "pad-1", "driver": "hall485.pad", "bus": "rs485-1", "options": {"address": 1}}


@dataclass
class Built:
    """Lines as they are started and ended, in place of devices."""

    log: list[str] = field(default_factory=list)

    def __call__(self, setups: Sequence[Device]) -> tuple[dict[str, Attached], list[Supervisor]]:
        built, head = self, setups[0].id

        class Runs:
            async def run(self) -> None:
                built.log.append(f"+{head}")
                try:
                    await asyncio.get_running_loop().create_future()
                finally:
                    built.log.append(f"-{head}")

        return {setup.id: setup for setup in setups}, [Runs()]  # type: ignore[misc,list-item]


@asynccontextmanager
async def told_in(folder: Path, built: Built) -> AsyncIterator[ToldDevices]:
    told, started = ToldDevices(folder, "window-3", built), asyncio.Event()
    running = asyncio.ensure_future(told.run(started))
    await started.wait()
    await asyncio.sleep(0)
    yield told
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def test_only_what_changed_is_started_anew(tmp_path):
    built = Built()
    async with told_in(tmp_path, built) as told:
        await told.configure(news("1", LED, BUS, PAD))
        await asyncio.sleep(0)
        assert sorted(built.log) == ["+led-1", "+rs485-1"]
        built.log.clear()
        await told.configure(news("1", LED, BUS, PAD))
        await told.configure(news("2", LED, BUS, {**PAD, "options": {"address": 2}}))
        await asyncio.sleep(0)
        assert built.log == ["-rs485-1", "+rs485-1"]
        built.log.clear()
        await told.configure(news("3", BUS, {**PAD, "options": {"address": 2}}))
        assert built.log == ["-led-1"]
        assert set(told.attached) == {"rs485-1", "pad-1"}


async def test_it_starts_without_the_hall_on_what_it_was_told_last(tmp_path):
    async with told_in(tmp_path, Built()) as told:
        await told.configure(news("1", LED))
    assert (tmp_path / "devices.last-good.json").stat().st_mode & 0o777 == 0o600
    built = Built()
    async with told_in(tmp_path, built) as told:
        assert built.log == ["+led-1"]
        assert set(told.attached) == {"led-1"}
        await told.configure(news("1", LED))
        assert built.log == ["+led-1"]


@pytest.mark.parametrize("kept", [b"", b"{", b'{"version": 1}'])
async def test_a_damaged_list_is_as_none(tmp_path, kept):
    (tmp_path / "devices.last-good.json").write_bytes(kept)
    async with told_in(tmp_path, Built()) as told:
        assert told.attached == {}


async def test_a_device_of_a_newer_hall_costs_that_device_only(tmp_path):
    async with told_in(tmp_path, Built()) as told:
        await told.configure(news("1", LED, {"id": "Not An Id", "driver": "x"}, {**BUS, "fresh": 1}))
        assert set(told.attached) == {"led-1", "rs485-1"}


@pytest.mark.parametrize("url", ["tls://hall", "http://hall:1", "tls://:1", "hall:8688", "tls://hall:x"])
def test_what_is_no_address(url):
    with pytest.raises(BadConfig):
        address_of(url)
