"""Every simulator can have every trouble that it claims, and each changes what its peer sees."""

import asyncio
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest

import hw_sim.hall  # noqa: F401 - knows every kind of simulator
from hw_sim.clock import VirtualClock
from hw_sim.codes import KeyboardScanner, SerialScanner
from hw_sim.cpower import CPowerCard
from hw_sim.device import Device
from hw_sim.escpos import EscPosSimulator
from hw_sim.faults import Fault, FaultBox, FaultWord
from hw_sim.hall485 import Hall485Line, Keypad, RatingPad, Strip
from hw_sim.hall485.frames import Frame
from hw_sim.machine import ADAPTERS, SimulatedMachine
from hw_sim.onbon5k import Onbon5KCard
from hw_sim.onbon6e import Onbon6ECard
from hw_sim.pcsc import ChipCard, PcscReader
from hw_sim.sam import SamReader
from tests.hw_sim.hosts import ListWire
from tests.hw_sim.test_cpower import NETWORK, SERIAL
from tests.hw_sim.test_onbon5e import ALL as GRAPHIC_CARDS
from tests.hw_sim.test_onbon5k import CARD as FONT_CARD
from tests.hw_sim.test_sam import STATUS
from tests.hw_sim.test_sam_frames import card
from tests.hw_sim.test_strips import VECTORS as STRIPS

# Long enough for a hang of five seconds and the slowest answer, one byte at a time.
WATCHED = 40.0
REAL_TIME_STATUS = b"\x10\x04\x01\x10\x04\x02\x10\x04\x03\x10\x04\x04"
BACK_STATUS = b"\x1da\xff"  # four bytes at once
CUT = b"A017\n\x1dVA\x00"
EVALUATE = Frame(3, 1, b"\x0b").encode()


class SeenWire(ListWire):
    """Keeps everything a peer could notice, with its moment."""

    def __init__(self, clock: VirtualClock, faults: FaultBox, random: Random) -> None:
        super().__init__(clock, faults, random)
        self.seen: list[tuple[float, str, bytes]] = []

    def plug(self, *, elsewhere: bool = False) -> None:
        super().plug(elsewhere=elsewhere)
        self.seen.append((self.clock.now(), f"there {elsewhere}", b""))

    def unplug(self) -> None:
        super().unplug()
        self.seen.append((self.clock.now(), "gone", b""))

    async def _write(self, data: bytes) -> None:
        self.seen.append((round(self.clock.now(), 4), "said", data))


@dataclass
class Bench:
    folder: Path
    clock: VirtualClock = field(default_factory=VirtualClock)
    faults: FaultBox = field(default_factory=FaultBox)

    def __post_init__(self) -> None:
        self.wire = SeenWire(self.clock, self.faults, Random(8))

    @property
    def parts(self) -> tuple[SeenWire, FaultBox, VirtualClock, Random]:
        return self.wire, self.faults, self.clock, Random(7)


@dataclass
class Peer:
    """`asks`: two requests that the device answers. `troubled`: which device of the wire the fault befalls."""

    wired: Any
    asks: tuple[Callable[[], None], Callable[[], None]]
    troubled: Device


def asking(device: Any, *frames: bytes) -> Peer:
    first, second = frames if len(frames) == 2 else (frames[0], frames[0])
    return Peer(device, (lambda: device.heard(first), lambda: device.heard(second)), device)


def sam(bench: Bench) -> Peer:
    return asking(SamReader("sam-1", *bench.parts, cards={"card-1": card()}), STATUS)


def printer(bench: Bench) -> Peer:
    return asking(EscPosSimulator("printer-1", *bench.parts, folder=bench.folder), BACK_STATUS, CUT + REAL_TIME_STATUS)


def fifth(bench: Bench) -> Peer:
    led = Onbon6ECard("led-1", *bench.parts, width=64, height=32, device_type=0x0154)
    return asking(led, GRAPHIC_CARDS["e5_update_area_sdk"], GRAPHIC_CARDS["g5_ping_sdk"])


def sixth(bench: Bench) -> Peer:
    led = Onbon6ECard("led-1", *bench.parts, width=64, height=32)
    return asking(led, GRAPHIC_CARDS["g6_ping_sdk"], GRAPHIC_CARDS["e6_update_area_sdk"])


def font_card(bench: Bench) -> Peer:
    return asking(Onbon5KCard("led-1", *bench.parts, width=192, height=64), FONT_CARD["k_ping"], FONT_CARD["k_status"])


def cpower_serial(bench: Bench) -> Peer:
    return asking(CPowerCard("led-1", *bench.parts, width=64, height=32), SERIAL["cp_power_on"], SERIAL["cp_text_pure"])


def cpower_network(bench: Bench) -> Peer:
    led = CPowerCard("led-1", *bench.parts, width=64, height=32, framing="network")
    return asking(led, NETWORK["cpn_window3"])


def scanner(bench: Bench) -> Peer:
    device = SerialScanner("scanner-1", *bench.parts)
    scan = lambda: device.act("scan", text="A017-0042")  # noqa: E731
    return Peer(device, (scan, scan), device)


def on_line(bench: Bench, which: str) -> Peer:
    clock = bench.clock
    pad = RatingPad("pad-3", 3, clock, Random(2), extended=True)
    stations = {
        "keypad": Keypad("keypad-3", 3, clock, Random(1)),
        "pad": pad,
        "strip": Strip("strip-3", 3, clock, Random(3)),
    }
    line = Hall485Line("rs485-1", *bench.parts, stations=list(stations.values()))

    def press(key: str) -> Callable[[], None]:
        return lambda: stations["keypad"].act("press", key=key)

    asks = {
        "keypad": (press("call"), press("recall")),
        "pad": (lambda: line.heard(bytes.fromhex("ff6802026803202316")),) * 2,
        "strip": (lambda: line.heard(STRIPS["strip_A001"]),) * 2,
        "line": (lambda: line.heard(STRIPS["strip_A001"]),) * 2,
    }
    return Peer(line, asks[which], stations.get(which, line))


TABLE: dict[str, tuple[type[Device], Callable[[Bench], Peer]]] = {
    "sam": (SamReader, sam),
    "escpos": (EscPosSimulator, printer),
    "onbon5e": (Onbon6ECard, fifth),
    "onbon6e": (Onbon6ECard, sixth),
    "onbon5k": (Onbon5KCard, font_card),
    "cpower on a line": (CPowerCard, cpower_serial),
    "cpower on the network": (CPowerCard, cpower_network),
    "scanner": (SerialScanner, scanner),
    "hall485": (Hall485Line, lambda bench: on_line(bench, "line")),
    "keypad": (Keypad, lambda bench: on_line(bench, "keypad")),
    "pad": (RatingPad, lambda bench: on_line(bench, "pad")),
    "strip": (Strip, lambda bench: on_line(bench, "strip")),
}
# These speak no bytes on a wire of the bench; their own tests set each of their troubles against a real peer.
OWN_TESTS = {
    "camera": "test_camera.py",
    "speaker": "test_speaker.py",
    "tablet": "test_tablet.py",
    "recorder": "test_recorder.py",
    "machine": "test_machine.py",
    "pcsc": "test_pcsc*.py",
    "scanner": "test_codes.py",
    "keys": "test_codes.py",
}


async def watched(build: Callable[[Bench], Peer], folder: Path, fault: Fault | None) -> list[tuple[float, str, bytes]]:
    """What a peer sees of two requests, one after the other."""
    bench = Bench(folder)
    peer = build(bench)
    await peer.wired.start()
    await bench.clock.advance(0.1)
    if fault is not None:
        peer.troubled.set_fault(fault)
        assert fault.word in peer.troubled.faults
    for ask in peer.asks:
        ask()
        await bench.clock.advance(WATCHED / 2)
    seen = list(bench.wire.seen)
    if fault is not None:
        peer.troubled.clear_faults()
        assert peer.troubled.view()["faults"] == []
        assert peer.troubled.plugged
        assert peer.troubled.powered
    await peer.wired.stop()
    return seen


def claims() -> Iterator[tuple[str, FaultWord]]:
    for name, (kind, _) in TABLE.items():
        yield from ((name, word) for word in sorted(kind.troubles))


@pytest.mark.parametrize(("name", "word"), list(claims()))
async def test_a_claimed_trouble_is_seen_by_the_peer(name: str, word: FaultWord, tmp_path: Path) -> None:
    build = TABLE[name][1]
    well = await watched(build, tmp_path, None)
    assert any(kind == "said" for _, kind, _ in well), "without trouble it answers"
    assert await watched(build, tmp_path, None) == well, "and always in the same way"
    assert await watched(build, tmp_path, Fault(word)) != well


@pytest.mark.parametrize("word", [FaultWord.SLOW, FaultWord.POWER_CUT])
async def test_a_typing_scanner_that_is_slow_or_has_no_power(tmp_path: Path, word: FaultWord) -> None:
    clock = VirtualClock()
    machine = SimulatedMachine(tmp_path / "machine", clock, Random(1))
    berth = machine.occupy("scanner-1", ADAPTERS["keyboard"], "pci-0000:00:14.0-usb-0:1:1.0")
    scanner = KeyboardScanner("scanner-1", berth, tmp_path / "dev/scanner-1.events", clock, Random(2))
    await scanner.start()
    node = machine.root / "dev/input/event0"
    assert node.exists()
    scanner.set_fault(Fault(word))
    assert node.exists() == (word is FaultWord.SLOW)
    reader = os.open(node, os.O_RDONLY | os.O_NONBLOCK) if word is FaultWord.SLOW else None
    scanner.act("scan", text="12345")
    await clock.advance(1.1)  # at once without the trouble
    assert scanner.view()["typing"] == (word is FaultWord.SLOW)
    if reader is not None:
        assert len(os.read(reader, 1 << 16)) < 5 * 2 * 3 * 24
        os.close(reader)
    await scanner.stop()


async def test_a_chip_card_that_answers_late() -> None:
    clock, answers = VirtualClock(), asyncio.Queue[bytes]()

    async def vpcd(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"\0\1\1" + b"\0\5\0\x84\0\0\4")  # power up, get challenge
        while head := await reader.read(2):
            answers.put_nowait(await reader.readexactly(int.from_bytes(head, "big")))
        writer.close()

    server = await asyncio.start_server(vpcd, "127.0.0.1", 0)
    cards = {"bank-1": ChipCard(id="bank-1", kind="bank", account="620000000000000001")}
    port = server.sockets[0].getsockname()[1]
    pcsc = PcscReader("pcsc-1", clock, Random(1), cards=cards, port=port)
    pcsc.set_fault(Fault(FaultWord.HANG, 20.0))
    pcsc.act("insert", card="bank-1")
    async with asyncio.timeout(30):
        while not pcsc.view()["commands"]:
            await clock.advance(0.25)
    await clock.advance(15)
    assert answers.empty()
    await clock.advance(10)
    async with asyncio.timeout(30):
        assert len(await answers.get()) >= 2
    await pcsc.stop()
    server.close()


def everybody() -> Iterator[type[Device]]:
    todo = [Device]
    while todo:
        for kind in todo.pop().__subclasses__():
            todo.append(kind)
            if kind.kind and kind.__module__.startswith("hw_sim."):
                yield kind


def test_every_simulator_says_what_it_can_have_and_is_tried() -> None:
    tried = {kind for kind, _ in TABLE.values()}
    for kind in everybody():
        assert kind.troubles, kind
        if kind in tried:
            continue
        files = [Path(__file__), *sorted(Path(__file__).parent.glob(OWN_TESTS[kind.kind]))]
        text = "".join(file.read_text("utf-8") for file in files)
        named = {FaultWord[name] for name in re.findall(r"FaultWord\.([A-Z_]+)", text)}
        whole = f"{kind.__name__}.troubles" in text
        assert whole or kind.troubles <= named, (kind, sorted(kind.troubles - named))


@pytest.mark.parametrize(("name", "kind"), [(name, kind) for name, (kind, _) in TABLE.items()])
def test_a_trouble_nobody_claims_is_refused(name: str, kind: type[Device], tmp_path: Path) -> None:
    peer = TABLE[name][1](Bench(tmp_path))
    for word in set(FaultWord) - peer.troubled.troubles:
        with pytest.raises(ValueError, match="cannot have the fault"):
            peer.troubled.set_fault(Fault(word))
