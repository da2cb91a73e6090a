"""Frames in USB packets, both shapes (idcard.md section 1.2), from the page's vectors."""

import asyncio
import json
from collections.abc import AsyncIterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.contract import Context
from drivers.errors import Gone
from drivers.idcard.carrier import FourPipes, OnePair, carrier_for
from drivers.idcard.frame import FrameReader, Reply
from drivers.idcard.sam import SamConfig
from drivers.idcard.sam_usb import UsbSamReader
from drivers.links import make_link
from drivers.links.usb_pipes import Shape
from tests.support.usbip_server import UsbDevice, UsbIpServer

USB: dict[str, Any] = json.loads((Path(__file__).parent / "golden" / "usb.json").read_text(encoding="utf-8"))
VECTORS = json.loads((Path(__file__).parent / "golden" / "vectors.json").read_text(encoding="utf-8"))
FRAMES = {one["name"]: bytes.fromhex(one["hex"]) for one in VECTORS["responses"]}
REQUESTS = {one["name"]: bytes.fromhex(one["hex"]) for one in VECTORS["requests"]}
PAIR = Shape(ins=1, outs=1, packet=64, hid=False)
HID = Shape(ins=1, outs=1, packet=64, hid=True)


def packets(frame: bytes, size: int = 64) -> list[bytes]:
    return [frame[at : at + size] for at in range(0, len(frame), size)]


def test_the_shape_is_the_endpoints() -> None:
    assert isinstance(carrier_for(Shape(2, 2, 64, False)), FourPipes)
    assert isinstance(carrier_for(Shape(1, 1, 64, True)), OnePair)
    assert isinstance(carrier_for(Shape(2, 1, 64, True)), OnePair)


@pytest.mark.parametrize("name", sorted(name for name, sent in USB["single_pipe"].items() if isinstance(sent, list)))
def test_single_pair_vectors(name: str) -> None:
    wire = [bytes.fromhex(packet) for packet in USB["single_pipe"][name]]
    if name.startswith("request_find"):
        carrier = OnePair(HID if name.endswith("padded") else PAIR)
        assert carrier.outgoing(REQUESTS["find_card"]) == [(0, packet) for packet in wire]
        return
    carrier = OnePair(PAIR)
    frame = FRAMES["find_ok" if "find" in name else "read_base_resident"]
    assert b"".join(carrier.incoming(0, packet) for packet in wire) == frame


def test_a_card_fills_the_pages_number_of_packets() -> None:
    sent = packets(FRAMES["read_base_resident"])
    assert len(sent) == USB["single_pipe"]["response_read_base_resident_count"]
    assert len(sent[-1]) == USB["single_pipe"]["last_packet_len"]


def test_four_pipe_vectors() -> None:
    parts = {name: bytes.fromhex(sent) for name, sent in USB["four_pipe"].items()}
    carrier = FourPipes()
    assert carrier.outgoing(REQUESTS["find_card"]) == [(0, parts["out_0x02"]), (1, parts["out_0x06"])]
    came = carrier.incoming(0, parts["in_0x81"]) + carrier.incoming(1, parts["in_0x85"])
    assert came == FRAMES["find_ok"]


@pytest.mark.parametrize("name", sorted(FRAMES))
def test_padding_is_dropped_even_when_it_is_an_older_frame(name: str) -> None:
    frame, stale = FRAMES[name], FRAMES["read_base_hmt_J"]
    sent = packets(frame)
    sent[-1] += stale[: 64 - len(sent[-1])]
    pair = OnePair(PAIR)
    assert b"".join(pair.incoming(0, packet) for packet in sent) == frame
    four = FourPipes()
    body = packets(frame[7:])
    body[-1] += stale[: 64 - len(body[-1])]
    came = four.incoming(0, frame[:7] + bytes(57)) + b"".join(four.incoming(1, packet) for packet in body)
    assert came == frame


@pytest.mark.parametrize("size", [32, 50, 64])
def test_a_byte_that_came_twice_shifts_the_last_byte_out_of_the_frame(size: int) -> None:
    frame = FRAMES["read_base_resident"]
    at = frame.index(frame[-1], 20)
    carrier = OnePair(PAIR)
    doubled = frame[:at] + frame[at : at + 1] + frame[at:]
    assert len(doubled) % size, "its last packet is a short one"
    reader = FrameReader()
    (found,) = reader.feed(b"".join(carrier.incoming(0, packet) for packet in packets(doubled, size)))
    assert isinstance(found, Reply)
    assert not reader.ends_clean


def test_zeros_behind_the_end_of_a_short_packet_are_padding() -> None:
    frame = FRAMES["read_base_resident"]
    *full, last = packets(frame)
    carrier = OnePair(PAIR)
    assert b"".join(carrier.incoming(0, packet) for packet in [*full, last + bytes(5)]) == frame


def test_a_body_told_of_before_its_head() -> None:
    frame = FRAMES["read_base_resident"]
    carrier = FourPipes()
    first, *rest = packets(frame[7:])
    came = [carrier.incoming(1, first), carrier.incoming(0, frame[:7]), *(carrier.incoming(1, one) for one in rest)]
    assert b"".join(came) == frame


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(FRAMES)), st.integers(1, 64))
def test_any_packet_size_gives_the_frame(name: str, size: int) -> None:
    frame = FRAMES[name]
    pair = OnePair(PAIR)
    assert b"".join(pair.incoming(0, packet) for packet in packets(frame, size)) == frame
    four = FourPipes()
    head = b"".join(four.incoming(0, packet) for packet in packets(frame[:7], size))
    assert head + b"".join(four.incoming(1, packet) for packet in packets(frame[7:], size)) == frame


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.binary(min_size=1, max_size=64)), max_size=30))
def test_noise_breaks_nothing_and_the_next_exchange_works(noise: list[tuple[int, bytes]]) -> None:
    frame = FRAMES["select_ok"]
    for carrier in (OnePair(PAIR), FourPipes()):
        for pipe, packet in noise:
            carrier.incoming(pipe, packet)
        carrier.outgoing(REQUESTS["select_card"])
        if isinstance(carrier, OnePair):
            assert carrier.incoming(0, frame) == frame
        else:
            assert carrier.incoming(0, frame[:7]) + carrier.incoming(1, frame[7:]) == frame


class UsbSam:
    """A module behind USB/IP: answers by the vectors, in either shape."""

    def __init__(self, server: UsbIpServer, four: bool, padded: bool) -> None:
        self.server, self.four, self.padded = server, four, padded
        self.answers = {
            "sam_status": "status_ok",
            "sam_id": "sam_id_fake",
            "find_card": "find_ok",
            "select_card": "select_ok",
            "read_append": "append_none",
            "read_base": "read_base_resident",
        }
        self._heard = b""
        server.device.endpoints = (0x81, 0x85, 0x02, 0x06) if four else (0x81, 0x02)
        server.device.hear = self.hear

    def forget(self) -> None:
        self._heard = b""

    def hear(self, address: int, data: bytes) -> None:
        self._heard += data
        for name, request in REQUESTS.items():
            if self._heard.rstrip(b"\0") == request.rstrip(b"\0"):
                self._heard = b""
                self.answer(FRAMES[self.answers[name]])

    def answer(self, frame: bytes) -> None:
        parts = [(0x81, frame[:7]), (0x85, frame[7:])] if self.four else [(0x81, frame)]
        for address, part in parts:
            for packet in packets(part):
                self.server.say(address, packet.ljust(64, b"\0") if self.padded else packet)


@pytest.fixture
async def server(nothing_left: None) -> AsyncIterator[UsbIpServer]:
    async with UsbIpServer(UsbDevice()) as serving:
        yield serving


@pytest.mark.parametrize(("four", "padded"), [(False, False), (False, True), (True, False), (True, True)])
async def test_a_card_over_usb(server: UsbIpServer, ctx: Context, four: bool, padded: bool) -> None:
    UsbSam(server, four, padded)
    reader = UsbSamReader(SamConfig(), make_link(server.url + "?id=0400:c35a", ctx), ctx)
    async with asyncio.timeout(30):
        assert (await reader.open()).serial.startswith("05.01-")
        assert (await reader.check()).state == "ready"
        for _ in range(3):
            assert (await reader.read()).name == "张测试"
    await reader.close()


@pytest.mark.parametrize("four", [False, True])
@pytest.mark.parametrize("at", range(6))
async def test_unplugged_at_every_step(server: UsbIpServer, ctx: Context, four: bool, at: int) -> None:
    sam = UsbSam(server, four, padded=False)
    reader = UsbSamReader(SamConfig(), make_link(server.url, ctx), ctx)
    last = next(islice(sam.answers, at, None))
    hear = sam.hear

    def until_then(address: int, data: bytes) -> None:
        if REQUESTS[last].endswith(data):
            server.unplug()
        else:
            hear(address, data)

    server.device.hear = until_then

    async def use() -> None:
        async with asyncio.timeout(30):
            await reader.open()
            await reader.read()

    with pytest.raises(Gone):
        await use()
    await reader.close()
    server.device.hear = hear
    sam.forget()
    server.plug_in()
    assert (await reader.open()).serial
    await reader.close()
