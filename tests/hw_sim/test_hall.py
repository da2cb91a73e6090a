import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hw_sim.clock import VirtualClock
from hw_sim.faults import Fault, FaultWord
from hw_sim.hall import SimulatedHall
from hw_sim.hall485.frames import Frame
from hw_sim.sam.simulator import SPEED_SETTLES
from hw_sim.scene import Scene, SceneError, load_scene
from hw_sim.wires.mangle import ANOTHER_PROTOCOL
from tests.hw_sim.hosts import SerialHost, Tcp, serial_host
from tests.hw_sim.test_escpos import TICKET
from tests.hw_sim.test_onbon6e import CARD
from tests.hw_sim.test_sam import FIND, READ, SELECT, STATUS
from tests.hw_sim.test_sam_frames import RESPONSES
from tests.hw_sim.test_scene import STATION


@pytest.fixture
async def hall(tmp_path: Path) -> AsyncIterator[SimulatedHall]:
    async with SimulatedHall(load_scene(STATION), tmp_path) as hall:
        yield hall


async def test_links_name_every_wire_relative_to_the_run_folder(hall: SimulatedHall) -> None:
    links = hall.links()
    assert list(links) == ["sam-1", "printer-1", "rs485-1", "led-1", "led-2", "camera-1", "camera-2", "speaker-1"]
    assert links["sam-1"] == "serial:dev/sam-1?baud=115200"
    assert links["rs485-1"] == "serial:dev/rs485-1?baud=9600"
    assert links["speaker-1"] == "file:sound"
    assert links["led-1"].startswith("tcp://127.0.0.1:")
    assert links["led-1"] != links["led-2"]
    assert links["camera-1"].startswith("http://127.0.0.1:")
    assert links["camera-1"].endswith("/main")


async def test_a_card_is_read_over_the_port(hall: SimulatedHall, tmp_path: Path) -> None:
    hall.device("sam-1").act("lay_card", card="card-1")
    with serial_host(tmp_path / "dev/sam-1") as host:
        for asked, expected in (
            (FIND, RESPONSES["find_ok"]),
            (SELECT, RESPONSES["select_ok"]),
            (READ, RESPONSES["read_base_resident"]),
        ):
            host.write(asked)
            assert await host.read(len(expected)) == expected


async def test_a_new_speed_is_spoken_from_then_on(hall: SimulatedHall, tmp_path: Path) -> None:
    with serial_host(tmp_path / "dev/sam-1") as host:
        host.write(bytes.fromhex("AAAAAA96690003600261"))
        assert await host.read(11) == RESPONSES["status_ok"]
    await hall.clock.sleep(2 * SPEED_SETTLES)
    with serial_host(tmp_path / "dev/sam-1", 38400) as host:
        host.write(STATUS)
        assert await host.read(11) == RESPONSES["status_ok"]
    with serial_host(tmp_path / "dev/sam-1", 115200) as host:
        host.write(STATUS)
        assert await host.silent()


@pytest.mark.parametrize(
    ("fault", "answer"),
    [
        (Fault(FaultWord.SILENT), None),
        (Fault(FaultWord.HANG, 60), None),
        (Fault(FaultWord.SHORT), None),
        (Fault(FaultWord.WRONG_DEVICE), ANOTHER_PROTOCOL),
        (Fault(FaultWord.SPLIT), RESPONSES["status_ok"]),
        (Fault(FaultWord.SLOW, 0.001), RESPONSES["status_ok"]),
        (Fault(FaultWord.NOISE), None),
    ],
    ids=lambda value: value.word.value if isinstance(value, Fault) else "",
)
async def test_faults_on_a_real_port(hall: SimulatedHall, tmp_path: Path, fault: Fault, answer: bytes | None) -> None:
    hall.device("sam-1").set_fault(fault)
    with serial_host(tmp_path / "dev/sam-1") as host:
        host.write(STATUS)
        if answer is None:
            with pytest.raises((TimeoutError, AssertionError)):
                assert await host.read(11, seconds=0.1) == RESPONSES["status_ok"]
        else:
            assert await host.read(len(answer)) == answer


async def test_merged_answers_come_together(hall: SimulatedHall, tmp_path: Path) -> None:
    hall.device("sam-1").set_fault(Fault(FaultWord.MERGE, times=1))
    with serial_host(tmp_path / "dev/sam-1") as host:
        host.write(STATUS)
        assert await host.silent()
        host.write(FIND)
        both = RESPONSES["status_ok"] + RESPONSES["find_none"]
        assert await host.read(len(both)) == both


async def asked(host: SerialHost) -> bytes:
    host.write(STATUS)
    return await host.read(11)


@pytest.mark.parametrize("word", [FaultWord.DROP, FaultWord.UNPLUG, FaultWord.POWER_CUT, FaultWord.ELSEWHERE])
async def test_a_port_that_goes_away_and_comes_back(hall: SimulatedHall, tmp_path: Path, word: FaultWord) -> None:
    reader, port = hall.device("sam-1"), tmp_path / "dev/sam-1"
    with serial_host(port) as host:
        reader.set_fault(Fault(word))
        with pytest.raises(OSError):
            await asked(host)
    assert (tmp_path / "dev/sam-1-elsewhere").is_symlink() == (word is FaultWord.ELSEWHERE)
    assert port.is_symlink() == (word is FaultWord.DROP)
    reader.clear_faults()
    with serial_host(port) as host:
        host.write(STATUS)
        assert await host.read(11) == RESPONSES["status_ok"]


async def test_a_dropped_tcp_connection(hall: SimulatedHall, tcp: Tcp) -> None:
    led = hall.device("led-1")
    led.set_fault(Fault(FaultWord.DROP, times=1))
    host = await tcp(led.link)
    host.write(CARD["e_ping_any"])
    assert 0 < len(await host.reader.read()) < 40
    again = await tcp(led.link)
    again.write(CARD["e_brightness_8"])
    assert await again.read(len(CARD["e_ack"])) == CARD["e_ack"]


async def test_the_led_card_over_tcp(hall: SimulatedHall, tcp: Tcp) -> None:
    led = hall.device("led-1")
    host = await tcp(led.link)
    host.write(CARD["e6_update_area_sdk"])
    assert await host.read(len(CARD["e_ack"])) == CARD["e_ack"]
    assert led.view()["lit"] == 2
    assert led.view()["updates"] == 1


async def test_a_ticket_over_tcp_with_status_in_the_middle(hall: SimulatedHall, tcp: Tcp, tmp_path: Path) -> None:
    printer = hall.device("printer-1")
    host = await tcp(printer.link)
    host.write(TICKET[:150] + b"\x10\x04\x04")
    assert await host.read(1) == b"\x12"
    host.write(TICKET[150:])
    async with asyncio.timeout(30):
        await printer.changed.until(lambda: printer.view()["printed"] == 1)
    assert (tmp_path / "printed/printer-1/001.png").read_bytes() == printer.picture()
    assert "A017" in printer.view()["last_ticket"]["lines"]


async def test_keypad_and_pad_over_one_port(hall: SimulatedHall, tmp_path: Path) -> None:
    keypad, pad = hall.device("keypad-1"), hall.device("pad-1")
    with serial_host(tmp_path / "dev/rs485-1", 9600) as host:
        keypad.act("press", key="evaluate")
        report = await host.read(10)
        assert report == Frame(1, 1, b"\x0b").encode()
        host.write(report)
        async with asyncio.timeout(30):
            await keypad.changed.until(lambda: not keypad.view()["waiting_for_echo"])
        assert pad.view()["state"] == "rate"
        pad.act("rate", value=4)
        assert await host.read(10) == Frame(1, 0x11, b"\x04").encode()
        host.write(Frame(1, 1, b"\x04").encode())
        async with asyncio.timeout(30):
            await pad.changed.until(lambda: pad.view()["state"] == "thanks")
        assert await host.silent(0.6)


async def test_a_station_that_talks_into_the_hosts_frame_ruins_both(hall: SimulatedHall, tmp_path: Path) -> None:
    line, keypad = hall.device("rs485-1"), hall.device("keypad-1")
    with serial_host(tmp_path / "dev/rs485-1", 9600) as host:
        host.write(Frame(2, 2, bytes(16)).encode() * 8)
        async with asyncio.timeout(30):
            await line.changed.until(lambda: line.wire.hearing)  # type: ignore[attr-defined]
        keypad.act("press", key="call")
        assert await host.read(10) != Frame(1, 1, b"\x0c").encode()
        assert line.view()["collisions"] == 1
        assert await host.read(10) == Frame(1, 1, b"\x0c").encode()


async def test_a_host_that_talks_into_a_stations_frame_ruins_both(hall: SimulatedHall, tmp_path: Path) -> None:
    line, keypad = hall.device("rs485-1"), hall.device("keypad-1")
    with serial_host(tmp_path / "dev/rs485-1", 9600) as host:
        for key in "123456":
            keypad.act("press", key=key)
        keypad.act("press", key="call")
        begun = await host.read(1)
        host.write(Frame(2, 3).encode())
        whole = Frame(1, 1, bytes([1, 2, 3, 4, 5, 6, 0x0C])).encode()
        assert begun + await host.read(15) != whole
        assert line.view()["collisions"] == 1
        assert hall.device("keypad-2").view()["beeps"] == 0
        assert await host.read(16) == whole


async def test_every_device_shows_itself_as_json(hall: SimulatedHall) -> None:
    for id, device in hall.simulators.items():
        view = json.loads(json.dumps(device.view()))
        assert (view["id"], view["kind"]) == (id, device.kind)
        with pytest.raises(ValueError, match="cannot 'dance'"):
            device.act("dance")


async def test_changes_are_told_with_the_device(hall: SimulatedHall) -> None:
    told: list[str] = []
    hall.on_change(told.append)
    hall.device("keypad-2").act("press", key="1")
    hall.device("sam-1").act("lay_card", card="card-2")
    assert set(told) == {"keypad-2", "sam-1"}


TROUBLED = {
    "scene": "s",
    "devices": [{"id": "sam-1", "sim": "sam"}, {"id": "printer-1", "sim": "escpos"}],
    "troubles": [
        {"at": 12.5, "device": "printer-1", "fault": "paper_out", "seconds": 30},
        {"at": 20, "device": "sam-1", "fault": "nak", "amount": 65, "times": 3},
    ],
}


async def test_scripted_troubles_come_at_their_moments(tmp_path: Path, clock: VirtualClock) -> None:
    async with SimulatedHall(Scene.model_validate(TROUBLED), tmp_path, clock=clock) as hall:
        printer, sam = hall.device("printer-1"), hall.device("sam-1")
        seen = []
        for step in (12.4, 0.2, 8, 25):
            await clock.advance(step)
            seen.append((printer.view()["paper"], len(sam.view()["faults"])))
        assert seen == [("ok", 0), ("out", 0), ("out", 1), ("ok", 1)]


def test_a_trouble_its_device_cannot_have_is_refused(tmp_path: Path) -> None:
    scene = Scene.model_validate(TROUBLED | {"troubles": [{"at": 1, "device": "sam-1", "fault": "paper_out"}]})
    with pytest.raises(SceneError, match=r"sam-1 \(sam\) cannot have paper_out"):
        SimulatedHall(scene, tmp_path)


async def test_the_same_seed_makes_the_same_noise(tmp_path: Path) -> None:
    heard = []
    for seed in (1, 1, 2):
        run = tmp_path / f"run{len(heard)}"
        async with SimulatedHall(load_scene(STATION), run, seed=seed) as hall:
            hall.device("sam-1").set_fault(Fault(FaultWord.NOISE, 0.5))
            with serial_host(run / "dev/sam-1") as host:
                host.write(STATUS)
                heard.append(await host.read(12))
    assert heard[0] == heard[1] != heard[2]


async def test_nothing_is_left_under_dev_after_the_end(tmp_path: Path) -> None:
    async with SimulatedHall(load_scene(STATION), tmp_path):
        assert len(list((tmp_path / "dev").iterdir())) == 2
    assert list((tmp_path / "dev").iterdir()) == []
