"""USB devices over USB/IP: descriptors, waiting pipes, short packets, stalls, unplugging, readers in both shapes."""

import asyncio
import struct
from collections.abc import AsyncIterator
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hw_sim.clock import RealClock
from hw_sim.faults import Fault, FaultBox, FaultWord
from hw_sim.sam import SamReader
from hw_sim.sam.usb import UsbPlug, usb_wire
from hw_sim.usb import BusBerth, UsbIpServer
from hw_sim.usb.device import Urb, UsbDevice
from hw_sim.usb.server import LONGEST_TRANSFER
from tests.hw_sim.hosts import vectors
from tests.hw_sim.test_sam import FIND, READ, SELECT, STATUS
from tests.hw_sim.test_sam_frames import RESPONSES, card
from tests.hw_sim.usbip import ECONNRESET, EPIPE, NotLent, UsbHost, devices

USB = vectors("idcard")["usb"]
PACKETS = [bytes.fromhex(packet) for packet in USB["single_pipe"]["response_read_base_resident"]]


class Desk:
    """Readers on one USB/IP server, and hosts that borrow them."""

    def __init__(self) -> None:
        self.server = UsbIpServer()
        self.readers: list[SamReader] = []
        self.hosts: list[UsbHost] = []

    async def reader(self, **plug: object) -> SamReader:
        faults, clock, random = FaultBox(), RealClock(), Random(4)
        berth = BusBerth(len(self.readers) + 1)
        wire = usb_wire(UsbPlug.model_validate(plug), self.server, berth, clock, faults, random)
        id = f"sam-{len(self.readers) + 1}"
        reader = SamReader(id, wire, faults, clock, random, cards={"card-1": card()}, reading_seconds=0.01)
        await reader.start()
        self.readers.append(reader)
        return reader

    async def host(self, reader: SamReader) -> UsbHost:
        self.hosts.append(await UsbHost.borrow(reader.link))
        return self.hosts[-1]


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    desk = Desk()
    yield desk
    for host in desk.hosts:
        await host.close()
    for reader in desk.readers:
        await reader.stop()


async def test_what_is_plugged_in_is_listed(desk: Desk) -> None:
    await desk.reader(shape="four_pipe")
    hid = await desk.reader(hid=True, usb_id="0316:5020")
    listed = await devices(desk.server.port)
    assert [(one.bus_id, one.vendor, one.product, one.interfaces) for one in listed] == [
        ("1-1", 0x0400, 0xC35A, ((0xFF, 0, 0),)),
        ("1-2", 0x0316, 0x5020, ((3, 0, 0),)),
    ]
    hid.act("unplug")
    assert [one.bus_id for one in await devices(desk.server.port)] == ["1-1"]
    hid.act("plug")
    again = (await devices(desk.server.port))[1]
    assert (again.bus_id, again.devnum > listed[1].devnum) == ("1-2", True)


async def test_descriptors_say_which_shape_it_is(desk: Desk) -> None:
    shapes = {}
    for shape, transfer in (("four_pipe", "bulk"), ("single_pair", "interrupt")):
        host = await desk.host(await desk.reader(shape=shape, transfer=transfer))
        device = await host.control(0x80, 6, 0x0100, length=18)
        assert struct.unpack("<HH", device[8:12]) == (0x0400, 0xC35A)
        head = await host.control(0x80, 6, 0x0200, length=9)
        whole = await host.control(0x80, 6, 0x0200, length=struct.unpack("<H", head[2:4])[0])
        ends, place = [], 0
        while place < len(whole):
            if whole[place + 1] == 5:
                ends.append((whole[place + 2], whole[place + 3], struct.unpack("<H", whole[place + 4 : place + 6])[0]))
            place += whole[place]
        shapes[shape] = ends
    assert shapes == {
        "four_pipe": [(0x02, 2, 64), (0x06, 2, 64), (0x81, 2, 64), (0x85, 2, 64)],
        "single_pair": [(0x01, 3, 64), (0x82, 3, 64)],
    }


async def test_control_requests(desk: Desk) -> None:
    host = await desk.host(await desk.reader(hid=True))
    assert (await host.control(0x81, 6, 0x2200, length=64)).startswith(bytes.fromhex("0600FF"))
    assert len(await host.control(0x81, 6, 0x2100, length=9)) == 9
    assert await host.control(0x80, 8, length=1) == b"\x01"
    assert await host.control(0x80, 6, 0x0300, length=255) == bytes.fromhex("04030904")
    await host.control(0x21, 0x0A)
    for kind, request, value in ((0x80, 6, 0x0301), (0xC0, 0x55, 0), (0x00, 9, 7)):
        with pytest.raises(OSError) as stalled:
            await host.control(kind, request, value, length=8)
        assert stalled.value.errno == -EPIPE
    await host.control(0x00, 9, 0)
    with pytest.raises(OSError):
        await host.write(0x01, FIND)


@pytest.mark.parametrize("padded", [False, True])
async def test_a_card_through_one_pair_of_pipes(desk: Desk, padded: bool) -> None:
    reader = await desk.reader(padded=padded)
    host = await desk.host(reader)
    reader.act("lay_card", card="card-1")
    found = "response_find_zero_padded" if padded else "response_find"
    request = bytes.fromhex(USB["single_pipe"]["request_find_zero_padded" if padded else "request_find"][0])
    await host.write(0x01, request)
    assert await host.read(0x82) == bytes.fromhex(USB["single_pipe"][found][0])
    await host.write(0x01, SELECT)
    assert (await host.read(0x82))[:19] == RESPONSES["select_ok"]
    await host.write(0x01, READ)
    got = [await host.read(0x82) for _ in PACKETS]
    assert got[:-1] == PACKETS[:-1]
    assert got[-1] == (PACKETS[-1].ljust(64, b"\0") if padded else PACKETS[-1])


async def test_a_card_through_four_pipes(desk: Desk) -> None:
    reader = await desk.reader(shape="four_pipe")
    host = await desk.host(reader)
    reader.act("lay_card", card="card-1")
    four = {name: bytes.fromhex(text) for name, text in USB["four_pipe"].items()}
    await host.write(0x02, four["out_0x02"])
    await host.write(0x06, four["out_0x06"])
    assert await host.read(0x81) == four["in_0x81"]
    assert await host.read(0x85) == four["in_0x85"]
    for asked, reply in ((SELECT, "select_ok"), (READ, "read_base_resident")):
        await host.write(0x02, asked[:7])
        await host.write(0x06, asked[7:])
        assert await host.read(0x81) == RESPONSES[reply][:7]
        assert await host.read(0x85, 4096) == RESPONSES[reply][7:]


async def test_a_frame_on_the_wrong_pipe_is_not_heard(desk: Desk) -> None:
    reader = await desk.reader(shape="four_pipe")
    host = await desk.host(reader)
    await host.write(0x02, STATUS)
    await host.write(0x06, b"")
    await host.write(0x06, STATUS[7:])
    assert reader.view()["requests"] == 1
    await host.write(0x06, STATUS[7:])
    assert reader.view()["requests"] == 1
    for wrong in (0x01, 0x83):
        number, future = host.submit(wrong, b"x", 64)
        async with asyncio.timeout(30):
            assert (await future)[0] < 0, number


async def test_a_read_waits_until_there_is_something_and_can_be_taken_back(desk: Desk) -> None:
    reader = await desk.reader()
    host = await desk.host(reader)
    number, waiting = host.submit(0x82, length=64)
    await host.write(0x01, STATUS[:5])
    assert not waiting.done()
    async with asyncio.timeout(30):
        assert (await host.unlink(number))[0] == ECONNRESET
    assert not waiting.done()
    assert (await host.unlink(number))[0] == 0
    await host.write(0x01, STATUS[5:])
    assert await host.read(0x82) == RESPONSES["status_ok"]


async def test_a_transfer_ends_with_a_full_buffer_or_a_short_packet(desk: Desk) -> None:
    reader = await desk.reader()
    host = await desk.host(reader)
    reader.act("lay_card", card="card-1")
    for asked in (FIND, SELECT):
        await host.write(0x01, asked)
        await host.read(0x82)
    await host.write(0x01, READ)
    assert await host.read(0x82, 128) == b"".join(PACKETS[:2])
    assert await host.read(0x82, 4096) == b"".join(PACKETS[2:])
    await host.write(0x01, STATUS)
    with pytest.raises(OSError):
        await host.read(0x82, 8)  # a packet larger than the buffer is lost, as by a real controller


async def test_a_stalled_pipe_stays_so_until_it_is_cleared(desk: Desk) -> None:
    reader = await desk.reader()
    host = await desk.host(reader)
    reader.set_fault(Fault(FaultWord.STALL, times=1))
    waiting = host.submit(0x82, length=64)[1]
    await host.write(0x01, STATUS)
    async with asyncio.timeout(30):
        assert (await waiting)[0] == EPIPE
    with pytest.raises(OSError):
        await host.read(0x82)
    assert await host.control(0x82, 0, 0, 0x82, 2) == b"\x01\x00"
    await host.control(0x02, 1, 0, 0x82)
    await host.write(0x01, STATUS)
    assert await host.read(0x82) == RESPONSES["status_ok"]


@pytest.mark.parametrize("word", [FaultWord.UNPLUG, FaultWord.POWER_CUT, FaultWord.ELSEWHERE])
async def test_unplugging_ends_the_hosts_connection(desk: Desk, word: FaultWord) -> None:
    reader = await desk.reader()
    host = await desk.host(reader)
    host.submit(0x82, length=64)
    before = reader.link
    reader.set_fault(Fault(word))
    async with asyncio.timeout(30):
        await host.gone.wait()
    if word is FaultWord.ELSEWHERE:
        assert reader.link != before
        assert [one.bus_id for one in await devices(desk.server.port)] == [reader.link.rpartition("/")[2]]
    else:
        assert await devices(desk.server.port) == []
        with pytest.raises(NotLent):
            await UsbHost.borrow(before)
    reader.clear_faults()
    assert reader.link == before
    host = await desk.host(reader)
    await host.write(0x01, STATUS)
    assert await host.read(0x82) == RESPONSES["status_ok"]


async def test_a_reader_pulled_in_the_middle_of_an_answer_comes_back_empty(desk: Desk) -> None:
    reader = await desk.reader()
    host = await desk.host(reader)
    reader.set_fault(Fault(FaultWord.DROP, times=1))
    await host.write(0x01, STATUS)
    async with asyncio.timeout(30):
        await host.gone.wait()
    host = await desk.host(reader)
    await host.write(0x01, STATUS)
    assert await host.read(0x82) == RESPONSES["status_ok"]


async def test_one_host_at_a_time_and_answers_wait_for_the_next(desk: Desk) -> None:
    reader = await desk.reader()
    host = await desk.host(reader)
    with pytest.raises(NotLent):
        await UsbHost.borrow(reader.link)
    await host.write(0x01, STATUS)
    await host.close()
    async with asyncio.timeout(30):
        await reader.changed.until(lambda: not reader.wire.connected)  # type: ignore[attr-defined]
    host = await desk.host(reader)
    assert await host.read(0x82) == RESPONSES["status_ok"]


@pytest.mark.parametrize(
    "rubbish",
    [b"\x01\x11\x80\x03\0\0\0\0" + b"9-9".ljust(32, b"\0"), b"\x01\x06\x80\x05\0\0\0\0", b"GET / HTTP/1.0\r\n\r\n"],
)
async def test_the_server_survives_rubbish(desk: Desk, rubbish: bytes) -> None:
    await desk.reader()
    reader, writer = await asyncio.open_connection("127.0.0.1", desk.server.port)
    writer.write(rubbish)
    async with asyncio.timeout(30):
        await reader.read()
    writer.close()
    assert len(await devices(desk.server.port)) == 1


@pytest.mark.parametrize(
    "request_head",
    [
        struct.pack(">5I", 9, 1, 0x10002, 0, 1) + bytes(28),
        struct.pack(">5I", 1, 1, 0x77777, 0, 1) + bytes(28),
        struct.pack(">5IIi", 1, 1, 0x10002, 0, 1, 0, LONGEST_TRANSFER + 1) + bytes(20),
    ],
    ids=["command", "device", "length"],
)
async def test_a_wrong_request_ends_the_connection(desk: Desk, request_head: bytes) -> None:
    reader = await desk.reader()
    host = await desk.host(reader)
    host._writer.write(request_head)
    async with asyncio.timeout(30):
        await host.gone.wait()
    await desk.host(reader)


@given(st.lists(st.tuples(st.integers(0, 255), st.binary(min_size=8, max_size=8), st.binary(max_size=80)), max_size=12))
@settings(max_examples=80, deadline=None)
def test_whatever_a_host_asks_each_request_is_answered_once(asked: list[tuple[int, bytes, bytes]]) -> None:
    heard: list[bytes] = []
    device = UsbDevice(UsbPlug(hid=True).description(), lambda _, data: heard.append(data), lambda: None, lambda: None)
    answered: list[int] = []
    for number, (endpoint, setup, data) in enumerate(asked):
        device.submit(Urb(number, endpoint, 64, lambda *_, number=number: answered.append(number), setup, data))
    device.submit(Urb(900, 0, 0, lambda *_: None, bytes.fromhex("0009010000000000")))
    device.submit(Urb(901, 0, 0, lambda *_: None, bytes.fromhex("0201000082000000")))
    for _ in range(len(asked) + 1):
        device.send(0x82, b"packet")
    assert sorted(answered) == list(range(len(asked)))


async def test_a_reader_on_a_line_cannot_stall(desk: Desk) -> None:
    reader = await desk.reader()
    assert FaultWord.STALL in reader.troubles
    assert FaultWord.STALL not in SamReader.troubles
