"""Code scanners: what comes over a line and what is typed, read back by a reader of its own."""

import asyncio
import os
import struct
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hw_sim.clock import RealClock, VirtualClock
from hw_sim.codes import DigitKeys, KeyboardScanner, SerialScanner
from hw_sim.codes.keypad import Block
from hw_sim.codes.keys import chords
from hw_sim.faults import Fault, FaultWord
from hw_sim.machine import ADAPTERS, SimulatedMachine
from tests.hw_sim.hosts import Bench

SOCKET = "pci-0000:00:14.0-usb-0:1.4:1.0"
# linux/input-event-codes.h and a US keyboard, written out by hand: code to its two characters.
US = {
    **dict(zip(range(2, 14), zip("1234567890-=", "!@#$%^&*()_+", strict=True), strict=True)),
    **dict(zip(range(16, 28), zip("qwertyuiop[]", "QWERTYUIOP{}", strict=True), strict=True)),
    **dict(zip(range(30, 42), zip("asdfghjkl;'`", 'ASDFGHJKL:"~', strict=True), strict=True)),
    **dict(zip(range(43, 54), zip("\\zxcvbnm,./", "|ZXCVBNM<>?", strict=True), strict=True)),
    28: ("\n", "\n"),
    57: (" ", " "),
    15: ("\t", "\t"),
}
PAD = {82: "0", 79: "1", 80: "2", 81: "3", 75: "4", 76: "5", 77: "6", 71: "7", 72: "8", 73: "9"}
SHIFT, ALT = 42, 56


def typed(events: bytes) -> str:
    """What a program with a US layout understands; Alt numbers as GBK."""
    text, down, number = "", set(), ""
    for _, _, kind, code, value in struct.iter_unpack("@llHHi", events):
        if kind != 1:
            continue
        if value == 0:
            assert code in down
            down.discard(code)
            if code == ALT:
                text += int(number).to_bytes(2, "big").decode("gbk")
                number = ""
        elif value == 1:
            assert code not in down
            down.add(code)
            if ALT in down and code in PAD:
                number += PAD[code]
            elif code in US:
                text += US[code][SHIFT in down]
    assert not down
    return text


@pytest.mark.parametrize(
    ("options", "scanned", "said"),
    [
        ({}, "A017", b"A017\r"),
        ({"suffix": "crlf"}, "A017", b"A017\r\n"),
        ({"suffix": "lf"}, "A017", b"A017\n"),
        ({"suffix": "none"}, "A017", b"A017"),
        ({"aim": True}, "A017", b"]Q1A017\r"),
        ({}, "预约A017", "预约A017\r".encode()),
        ({"encoding": "gbk"}, "预约A017", "预约A017\r".encode("gbk")),
    ],
)
async def test_a_code_on_a_line(bench: Bench, options: dict[str, object], scanned: str, said: bytes) -> None:
    scanner = SerialScanner("scanner-1", *bench.parts(), **options)  # type: ignore[arg-type]
    await scanner.start()
    scanner.act("scan", text=scanned)
    await bench.clock.advance(0)
    assert bench.wire.taken() == said
    scanner.heard(b"\x16T\r")
    await bench.clock.advance(1)
    assert bench.wire.taken() == b""
    assert (scanner.view()["scans"], scanner.view()["heard"]) == (1, 3)
    await scanner.stop()


async def test_the_kind_of_code_is_in_the_prefix_only(bench: Bench) -> None:
    scanner = SerialScanner("scanner-1", *bench.parts(), aim=True)
    await scanner.start()
    scanner.act("scan", text="x", symbology="code128")
    await bench.clock.advance(0)
    assert bench.wire.taken() == b"]C0x\r"
    for wrong in ({"text": ""}, {"text": "x", "symbology": "runes"}):
        with pytest.raises(ValueError, match=r"at least one character|no code of the kind"):
            scanner.act("scan", **wrong)
    scanner.act("unplug")
    scanner.act("scan", text="lost")
    scanner.act("plug")
    await bench.clock.advance(0)
    assert bench.wire.taken() == b""
    await scanner.stop()


@given(st.text(st.sampled_from("".join(a + b for a, b in US.values())), max_size=30))
@settings(max_examples=50, deadline=None)
def test_every_key_of_the_layout_types_its_character(text: str) -> None:
    from hw_sim.codes.keys import frame

    events = b"".join(frame(0.0, report) for chord in chords(text, "lost") for report in chord.reports())
    assert typed(events) == text


class Reader:
    """The host's end of an event node."""

    def __init__(self, node: Path) -> None:
        self.fd = os.open(node, os.O_RDONLY | os.O_NONBLOCK)

    async def events(self, until: int) -> bytes:
        """Until the key with this code is let go, or the device is gone."""
        got, ready, loop = b"", asyncio.Event(), asyncio.get_running_loop()
        loop.add_reader(self.fd, ready.set)
        try:
            async with asyncio.timeout(30):
                while True:
                    await ready.wait()
                    ready.clear()
                    try:
                        data = os.read(self.fd, 4096)
                    except BlockingIOError:
                        continue
                    got += data
                    ended = struct.pack("@HHi", 1, until, 0) in got
                    if not data or ended:
                        return got
        finally:
            loop.remove_reader(self.fd)

    def close(self) -> None:
        os.close(self.fd)


class Desk:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.machine = SimulatedMachine(folder / "machine", VirtualClock(), Random(1))
        self.scanners: list[KeyboardScanner] = []
        self.readers: list[Reader] = []

    async def scanner(self, **options: object) -> KeyboardScanner:
        await self.machine.start()
        berth = self.machine.occupy("scanner-1", ADAPTERS["keyboard"], SOCKET)
        options = {"key_seconds": 0.0, **options}
        fifo = self.folder / "dev/scanner-1.events"
        scanner = KeyboardScanner("scanner-1", berth, fifo, RealClock(), Random(2), **options)  # type: ignore[arg-type]
        await scanner.start()
        self.scanners.append(scanner)
        return scanner

    def read(self, node: str = "event0") -> Reader:
        self.readers.append(Reader(self.machine.root / "dev/input" / node))
        return self.readers[-1]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    for reader in desk.readers:
        reader.close()
    for scanner in desk.scanners:
        await scanner.stop()


ENTER = 28


async def test_a_scanner_types_shifted_letters_and_enter(desk: Desk) -> None:
    scanner = await desk.scanner(aim=True)
    assert scanner.link == f"input-at:{SOCKET}"
    reader = desk.read()
    scanner.act("scan", text="https://hall.example/?t=A017&x=1")
    assert typed(await reader.events(ENTER)) == "]Q1https://hall.example/?t=A017&x=1\n"


async def test_events_are_whole_reports_with_scan_codes(desk: Desk) -> None:
    scanner = await desk.scanner()
    reader = desk.read()
    scanner.act("scan", text="A")
    events = [
        (kind, code, value) for _, _, kind, code, value in struct.iter_unpack("@llHHi", await reader.events(ENTER))
    ]
    assert events[:5] == [(4, 4, 0x700E1), (1, 42, 1), (4, 4, 0x70004), (1, 30, 1), (0, 0, 0)]
    assert events[5:10] == [(4, 4, 0x70004), (1, 30, 0), (4, 4, 0x700E1), (1, 42, 0), (0, 0, 0)]


async def test_keys_may_repeat(desk: Desk) -> None:
    scanner = await desk.scanner(repeat=True)
    reader = desk.read()
    scanner.act("scan", text="7")
    events = await reader.events(ENTER)
    assert [value for *_, kind, code, value in struct.iter_unpack("@llHHi", events) if (kind, code) == (1, 8)] == [
        *(1, 2, 2, 2, 0)
    ]
    assert typed(events) == "7\n"


@pytest.mark.parametrize(("chinese", "text"), [("lost", "A1\n"), ("alt", "预约A1\n")])
async def test_chinese_is_lost_or_typed_with_alt(desk: Desk, chinese: str, text: str) -> None:
    scanner = await desk.scanner(chinese=chinese)
    reader = desk.read()
    scanner.act("scan", text="预约A1")
    assert typed(await reader.events(ENTER)) == text


async def test_what_nobody_reads_is_lost(desk: Desk) -> None:
    scanner = await desk.scanner()
    scanner.act("scan", text="early")
    async with asyncio.timeout(30):
        await scanner.changed.until(lambda: not scanner.view()["typing"])
    reader = desk.read()
    scanner.act("scan", text="late")
    assert typed(await reader.events(ENTER)) == "late\n"
    reader.close()
    desk.readers.clear()
    scanner.act("scan", text="between")
    async with asyncio.timeout(30):
        await scanner.changed.until(lambda: not scanner.view()["typing"])
    reader = desk.read()
    scanner.act("scan", text="last")
    assert typed(await reader.events(ENTER)) == "last\n"


async def test_pulling_it_out_ends_the_reader(desk: Desk) -> None:
    scanner = await desk.scanner()
    reader = desk.read()
    scanner.set_fault(Fault(FaultWord.UNPLUG))
    assert await reader.events(ENTER) == b""
    assert not (desk.machine.root / "dev/input/event0").exists()
    scanner.act("scan", text="nothing")
    scanner.clear_faults()
    scanner.set_fault(Fault(FaultWord.ELSEWHERE))
    reader = desk.read("event1")
    scanner.act("scan", text="here")
    assert typed(await reader.events(ENTER)) == "here\n"
    scanner.clear_faults()
    desk.machine.act("move", device="scanner-1", socket=SOCKET.replace("1.4", "1.3"))
    assert scanner.link == "input-at:pci-0000:00:14.0-usb-0:1.3:1.0"
    reader = desk.read()
    scanner.act("scan", text="there")
    assert typed(await reader.events(ENTER)) == "there\n"


@pytest.mark.parametrize("word", [FaultWord.SHORT, FaultWord.DROP])
async def test_a_scan_that_stops_in_the_middle(desk: Desk, word: FaultWord) -> None:
    scanner = await desk.scanner()
    reader = desk.read()
    scanner.set_fault(Fault(word, times=1))
    scanner.act("scan", text="12345678")
    got = await reader.events(5)
    assert typed(got) == "1234"
    if word is FaultWord.DROP:
        assert await reader.events(ENTER) == b""
        reader = desk.read()
    scanner.act("scan", text="9")
    assert typed(await reader.events(ENTER)) == "9\n"


@pytest.mark.parametrize(
    ("block", "codes"),
    [("numpad", {"1": 79, "5": 76, "enter": 96, "plus": 78, "dot": 83}), ("row", {"1": 2, "0": 11, "enter": 28})],
)
async def test_a_keypad_types_one_key_at_a_time(tmp_path: Path, block: Block, codes: dict[str, int]) -> None:
    machine = SimulatedMachine(tmp_path / "machine", VirtualClock(), Random(1))
    await machine.start()
    berth = machine.occupy("keys-1", ADAPTERS["keypad"], SOCKET)
    keys = DigitKeys("keys-1", berth, tmp_path / "keys.events", RealClock(), Random(2), block=block, key_seconds=0)
    await keys.start()
    reader = Reader(machine.root / "dev/input/event0")
    for key, code in codes.items():
        keys.act("press", key=key)
        events = [event[2:] for event in struct.iter_unpack("@llHHi", await reader.events(code))]
        assert [event for event in events if event[0] == 1] == [(1, code, 1), (1, code, 0)]
    with pytest.raises(ValueError, match="no key 'call'; there are: 0"):
        keys.act("press", key="call")
    assert keys.view()["pressed"] == len(codes)
    reader.close()
    await keys.stop()


async def test_a_wrong_key_between_and_a_silent_scanner(desk: Desk) -> None:
    scanner = await desk.scanner()
    reader = desk.read()
    scanner.set_fault(Fault(FaultWord.SILENT, times=1))
    scanner.act("scan", text="unheard")
    scanner.set_fault(Fault(FaultWord.NOISE, times=1))
    scanner.act("scan", text="123")
    got = typed(await reader.events(ENTER))
    assert len(got.rstrip("\n")) in (3, 4)
    assert sorted(set(got) & set("123\n")) == ["\n", "1", "2", "3"]
    assert got != "123\n"
