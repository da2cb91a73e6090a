"""Whatever comes down a wire, no simulator crashes, and each still answers a good frame afterwards."""

import asyncio
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from hw_sim.clock import VirtualClock
from hw_sim.cpower import CPowerCard
from hw_sim.escpos import EscPosSimulator
from hw_sim.hall485 import Hall485Line, Keypad, RatingPad, Strip
from hw_sim.onbon5k import Onbon5KCard
from hw_sim.onbon6e import Onbon6ECard
from hw_sim.onbon6e.frames import FrameParser
from hw_sim.sam import SamReader
from hw_sim.wired import WiredDevice
from tests.hw_sim.hosts import Bench, ListWire
from tests.hw_sim.test_cpower import NETWORK, SERIAL
from tests.hw_sim.test_escpos import TICKET
from tests.hw_sim.test_hall485 import FRAMES
from tests.hw_sim.test_onbon5e import ALL as GRAPHIC_CARDS
from tests.hw_sim.test_onbon5e import reply_of
from tests.hw_sim.test_onbon5k import CARD as FONT_CARD
from tests.hw_sim.test_onbon6e import CARD, area, dots, request, update
from tests.hw_sim.test_sam import STATUS
from tests.hw_sim.test_sam_frames import RESPONSES, card
from tests.hw_sim.test_strips import VECTORS as STRIPS

PAUSE = 1.0


def damaged(good: list[bytes]) -> st.SearchStrategy[list[bytes]]:
    """Plain rubbish, and good frames with bytes changed or cut away."""
    cut = st.builds(
        lambda frame, start, place, byte: (
            frame[start % len(frame) : place % len(frame)] + bytes([byte]) + frame[place % len(frame) + 1 :]
        ),
        st.sampled_from(good),
        st.integers(0, 40),
        st.integers(0, 400),
        st.integers(0, 255),
    )
    return st.lists(st.one_of(st.binary(max_size=60), cut, st.sampled_from(good)), max_size=8)


def after(device: WiredDevice, wire: ListWire, clock: VirtualClock, rubbish: list[bytes], good: bytes) -> bytes:
    """What the device answers to `good` after the rubbish and a pause. A crash in a chore fails too."""

    async def run() -> bytes:
        crashes: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: crashes.append(context))
        await device.start()
        for piece in rubbish:
            device.heard(piece)
            await clock.advance(0)
        await clock.advance(PAUSE)
        wire.taken()
        device.left()
        device.heard(good)
        await clock.advance(PAUSE)
        await device.stop()
        assert crashes == []
        return wire.taken()

    return asyncio.run(run())


@given(damaged([STATUS, bytes.fromhex("AAAAAA96690003300132"), bytes.fromhex("AAAAAA9669000461FF50CA")]))
@settings(max_examples=60, deadline=None)
def test_reader(rubbish: list[bytes]) -> None:
    bench = Bench(VirtualClock())
    reader = SamReader("sam-1", *bench.parts(), cards={"card-1": card()})
    reader.lay_card("card-1")
    assert after(reader, bench.wire, bench.clock, rubbish, STATUS) == RESPONSES["status_ok"]


@given(damaged([*FRAMES.values(), *STRIPS.values()]))
@settings(max_examples=60, deadline=None)
def test_line(rubbish: list[bytes]) -> None:
    bench = Bench(VirtualClock())
    stations = [
        Keypad("k", 3, bench.clock, Random(1)),
        RatingPad("p", 3, bench.clock, Random(2), extended=True),
        Strip("s", 3, bench.clock, Random(3)),
    ]
    line = Hall485Line("rs485-1", *bench.parts(), stations=stations)
    identify = bytes.fromhex("ff680202680320 23 16")
    assert after(line, bench.wire, bench.clock, rubbish, identify)[6:7] == b"\xa0"


@given(damaged([*CARD.values(), update(area([dots((0, 0))])), request(0xA7, 0)]))
@settings(max_examples=80, deadline=None)
def test_led_card(rubbish: list[bytes]) -> None:
    bench = Bench(VirtualClock())
    led = Onbon6ECard("led-1", *bench.parts(), width=64, height=32)
    assert after(led, bench.wire, bench.clock, rubbish, CARD["e_brightness_8"]) == CARD["e_ack"]


@given(damaged([frame for name, frame in GRAPHIC_CARDS.items() if name.startswith(("e5", "g5", "g6"))]))
@settings(max_examples=80, deadline=None)
def test_led_card_of_the_fifth_generation(rubbish: list[bytes]) -> None:
    bench = Bench(VirtualClock())
    led = Onbon6ECard("led-1", *bench.parts(), width=64, height=32, device_type=0x0154)
    answer = after(led, bench.wire, bench.clock, rubbish, GRAPHIC_CARDS["e5_update_area_sdk"])
    assert reply_of(next(iter(FrameParser().feed(answer)))) == (b"\xa0\x00", 0, b"")


@given(damaged(list(SERIAL.values())))
@settings(max_examples=80, deadline=None)
def test_cpower_on_a_serial_line(rubbish: list[bytes]) -> None:
    bench = Bench(VirtualClock())
    led = CPowerCard("led-1", *bench.parts(), width=64, height=32)
    # A whole frame of the page may have moved or split the windows, never the answer to a power command.
    assert after(led, bench.wire, bench.clock, rubbish, SERIAL["cp_power_on"])[:6] == bytes.fromhex("a5e832017600")


@given(damaged(list(NETWORK.values())))
@settings(max_examples=80, deadline=None)
def test_cpower_on_the_network(rubbish: list[bytes]) -> None:
    bench = Bench(VirtualClock())
    led = CPowerCard("led-1", *bench.parts(), width=64, height=32, framing="network")
    answer = after(led, bench.wire, bench.clock, rubbish, NETWORK["cpn_window3"])
    assert answer[8:13] == bytes.fromhex("e832017b00")


@given(damaged(list(FONT_CARD.values())))
@settings(max_examples=80, deadline=None)
def test_led_font_card(rubbish: list[bytes]) -> None:
    bench = Bench(VirtualClock())
    led = Onbon5KCard("led-1", *bench.parts(), width=192, height=64)
    assert after(led, bench.wire, bench.clock, rubbish, FONT_CARD["k_ping"]) == FONT_CARD["k_ack"]


@given(damaged([TICKET, b"\x1b*\x21\x04\x00", b"\x1d(L\x0a\x00", b"\x1d(k\x03\x00", b"\x1dv0\x00\x01\x00"]))
@settings(max_examples=80, deadline=None)
def test_printer(rubbish: list[bytes]) -> None:
    bench = Bench(VirtualClock())
    with TemporaryDirectory() as folder:
        printer = EscPosSimulator("printer-1", *bench.parts(), folder=Path(folder))
        got = after(printer, bench.wire, bench.clock, rubbish, b"\x10\x04\x01")
        assert got[-1:] == b"\x12"
