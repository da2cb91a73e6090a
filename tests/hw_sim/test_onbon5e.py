"""The fifth generation, and the long header of both (led.md 1.5, 1.6)."""

from functools import reduce
from operator import xor
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hw_sim.clock import VirtualClock
from hw_sim.onbon6e import Onbon6ECard
from hw_sim.onbon6e.areas import Malformed, read_update_5, unpack_bytes
from hw_sim.onbon6e.card import GENERATION
from hw_sim.onbon6e.frames import FrameParser, Header, fast_crc, wrap
from hw_sim.phy0 import enclose
from tests.hw_sim.hosts import Bench, vectors

VECTORS = vectors("led")
ALL = {v["id"]: bytes.fromhex(v["hex"]) for v in VECTORS["vectors"] + VECTORS["malformed"]}
BITMAPS = [bitmap for bitmap in VECTORS["bitmaps"] if bitmap["generation"] == "5"]
WIDTH, HEIGHT = 64, 32
CLOCK = bytes.fromhex("26 20 11 22 11 47 06 07")


class Desk:
    """A card and what it says to one frame at a time."""

    def __init__(self, device_type: int = 0x0154, **more: Any) -> None:
        self.bench = Bench(VirtualClock())
        parts = self.bench.parts()
        self.card = Onbon6ECard("led-1", *parts, width=WIDTH, height=HEIGHT, device_type=device_type, **more)

    async def __aenter__(self) -> "Desk":
        await self.card.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.card.stop()

    async def ask(self, asked: bytes) -> bytes:
        """The reply's body without escapes; empty: silence."""
        self.card.heard(asked)
        await self.bench.clock.advance(0)
        return next(iter(FrameParser().feed(self.bench.wire.taken())), b"")

    def short(self, group: int, command: int, payload: bytes = b"") -> bytes:
        length = len(payload) if len(payload) < 1 << 16 else 0  # the manual's way
        data = bytes([1, group, command]) + length.to_bytes(2, "little") + payload
        return wrap(Header(1, 0x8000, 0xF0, self.card.card.device_type, len(data)).write() + data)


def long(generation: int, group: int, command: int, payload: bytes = b"", *, spoil: int | None = None) -> bytes:
    """Made here from the page's list of fields."""
    body = bytes([1, group, command]) + len(payload).to_bytes(2, "little") + payload
    if generation == 6:
        head = bytes.fromhex("0100 0080 0700 7401 0000 0a00 9001 96 07 000000000000")
        tail = b"\0"
    else:
        head = bytes.fromhex("0100 0080 0500 5401 0100 0a00 0090 96 3c 000000000000")
        tail = b""
    head += len(body).to_bytes(2, "little") + fast_crc(body).to_bytes(2, "little") + tail
    raw = bytearray(head + bytes([reduce(xor, head)]) + body)
    if spoil is not None:
        raw[spoil] ^= 0x40
    return enclose(bytes(raw))


def reply_of(body: bytes) -> tuple[bytes, int, bytes]:
    """Group and command, error, payload; of either header."""
    data = body[16:-2] if body[4] == 0xF0 else body[27 + (body[4] == 7) :]
    return data[1:3], int.from_bytes(data[5:7], "little"), data[9:]


async def test_the_kits_area_of_the_fifth_generation_shines() -> None:
    async with Desk() as desk:
        assert reply_of(await desk.ask(ALL["e5_update_area_sdk"])) == (b"\xa0\x00", 0, b"")
        shining = {(n % WIDTH, n // WIDTH) for n, lit in enumerate(desk.card.pixels()) if lit}
        assert shining == {(0, 0), (31, 1)}
        assert desk.card.view()["generation"] == 5
        assert reply_of(await desk.ask(ALL["e5_delete_area0_sdk"])) == (b"\xa0\x00", 0, b"")
        assert not any(desk.card.pixels())


async def test_a_card_takes_areas_of_its_own_generation_only() -> None:
    async with Desk() as fifth, Desk(0x0174) as sixth:
        other = ALL["e6_update_area_sdk"].replace(bytes.fromhex("7401"), bytes.fromhex("5401"), 1)
        raw = next(iter(FrameParser().feed(other)))[:-2]
        assert await fifth.ask(wrap(raw)) == b""
        assert reply_of(await sixth.ask(ALL["e5_update_area_sdk"]))[1] == 17
        assert fifth.card.view()["updates"] == sixth.card.view()["updates"] == 0


@pytest.mark.parametrize("bitmap", BITMAPS, ids=lambda bitmap: bitmap["id"])
def test_every_bitmap_of_the_fifth_generation(bitmap: dict[str, Any]) -> None:
    width, height = bitmap["width"], bitmap["height"]
    lit = unpack_bytes(bytes.fromhex(bitmap["hex"]), bitmap["area_x"], width, height)
    assert [[n % width, n // width] for n, on in enumerate(lit) if on] == bitmap["lit_pixels"]


@given(st.integers(0, 30), st.integers(1, 70), st.integers(1, 5), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_bytes_of_any_place_and_size(x: int, width: int, height: int, random: Any) -> None:
    dots = [[random.randrange(2) for _ in range(width)] for _ in range(height)]
    packed = bytearray()
    for row in dots:
        bits = "1" * (x % 8) + "".join("0" if dot else "1" for dot in row)
        bits = bits.ljust(-(-len(bits) // 8) * 8, "1")
        packed += bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))
    assert unpack_bytes(bytes(packed), x, width, height) == bytes(dot for row in dots for dot in row)
    with pytest.raises(Malformed):
        unpack_bytes(bytes(packed) + b"\xff", x, width, height)


def test_an_area_cut_anywhere_is_malformed() -> None:
    payload = next(iter(FrameParser().feed(ALL["e5_update_area_sdk"])))[16 + 5 : -2]
    (area,) = read_update_5(payload)
    assert (area.width, area.height, area.timeout, area.pages[0].seconds) == (32, 2, 60, 7.5)
    for end in range(len(payload)):
        with pytest.raises(Malformed):
            read_update_5(payload[:end])
    with pytest.raises(Malformed):
        read_update_5(payload + b"\0")


async def test_brightness_of_the_fifth_generation() -> None:
    async with Desk() as desk:
        assert reply_of(await desk.ask(desk.short(0xA2, 0x07, bytes([0] + [3] * 48))))[1] == 0
        assert reply_of(await desk.ask(desk.short(0xA2, 0x19))) == (b"\xa2\x99", 0, bytes([0, 0, 0, 0, 0, 3]))
        bright = desk.card.picture()
        await desk.ask(desk.short(0xA2, 0x07, bytes([0] + [15] * 48)))
        assert desk.card.picture() != bright
        for wrong in (bytes([0] + [3] * 47), bytes([0] + [3] * 49)):
            assert await desk.ask(desk.short(0xA2, 0x07, wrong)) == b""
        for wrong in (bytes([2] + [3] * 48), bytes([0] + [16] * 48), bytes([0] + [3] * 47 + [4])):
            assert reply_of(await desk.ask(desk.short(0xA2, 0x07, wrong)))[0] == b"\xa0\x01"
        assert desk.card.view()["brightness"] == 15


async def test_brightness_by_half_hours_follows_the_cards_clock() -> None:
    async with Desk() as desk:
        await desk.ask(long(5, 0xA2, 0x02, CLOCK))  # 11:47:06
        await desk.ask(desk.short(0xA2, 0x07, bytes([1]) + bytes(n % 16 for n in range(48))))
        assert desk.card.view()["brightness"] == 23 % 16
        await desk.bench.clock.advance(15 * 60)
        assert desk.card.view()["brightness"] == 24 % 16


@pytest.mark.parametrize(("generation", "device_type"), [(5, 0x0154), (6, 0x0174)])
async def test_power_clock_and_status_by_the_long_header(generation: int, device_type: int) -> None:
    async with Desk(device_type) as desk:
        assert reply_of(await desk.ask(long(generation, 0xA2, 0x02, CLOCK))) == (b"\xa0\x00", 0, b"")
        assert desk.card.view()["clock"] == "2026-11-22 11:47:06"
        assert reply_of(await desk.ask(long(generation, 0xA2, 0x05, b"\0"))) == (b"\xa0\x00", 0, b"")
        kind, error, status = reply_of(await desk.ask(long(generation, 0xA2, 0x0F)))
        assert (kind, error, len(status)) == (b"\xa2\x8f", 0, 61)
        assert (status[0], status[3], status[14:22]) == (0, 15, CLOCK)
        assert desk.card.view()["on"] is False
        assert desk.card.light == 0.0
        await desk.ask(long(generation, 0xA2, 0x05, b"\1"))
        assert reply_of(await desk.ask(long(generation, 0xA2, 0x0F)))[2][0] == 1
        assert reply_of(await desk.ask(long(generation, 0xA2, 0x05, b"\2")))[0] == b"\xa0\x01"
        assert reply_of(await desk.ask(long(generation, 0xA2, 0x02, b"\x1a" * 8)))[1] == 14
        assert await desk.ask(long(generation, 0xA2, 0x05, b"\1\1")) == b""
        assert reply_of(await desk.ask(long(generation, 0xA7, 0x00, b"\0")))[1] == 2
        assert reply_of(await desk.ask(long(generation, 0xA9, 0x00)))[1] == 1


async def test_every_frame_of_the_vendors_kit_with_the_long_header() -> None:
    async with Desk(0x0154) as fifth, Desk(0x0174) as sixth:
        for name in ("g6_ping_sdk", "g6_power_on_sdk", "g6_clock_sdk", "g6_brightness_sdk"):
            assert reply_of(await sixth.ask(ALL[name]))[1] == 0, name
            assert await fifth.ask(ALL[name]) == b"", name
        assert sixth.card.view()["clock"] == "2026-11-22 11:47:06"
        assert sixth.card.view()["brightness"] == 7
        for name in ("g5_ping_sdk", "g5_power_on_sdk", "g5_power_off_sdk"):
            assert reply_of(await fifth.ask(ALL[name]))[1] == 0, name
            assert await sixth.ask(ALL[name]) == b"", name
        assert fifth.card.view()["on"] is False
        assert await fifth.ask(ALL["g5_bad_header_xor"]) == b""


async def test_the_reply_has_the_same_kind_of_header_with_right_checks() -> None:
    async with Desk(0x0174) as desk:
        desk.card.heard(ALL["g6_power_on_sdk"])
        await desk.bench.clock.advance(0)
        raw = next(iter(FrameParser().feed(desk.bench.wire.taken())))
        assert raw[:4] == bytes.fromhex("0080 0100")
        assert raw[10:12] == bytes.fromhex("a266")  # the sequence number asked with
        assert reduce(xor, raw[:28]) == 0
        assert int.from_bytes(raw[24:26], "little") == fast_crc(raw[28:])
        assert int.from_bytes(raw[22:24], "little") == len(raw) - 28


@pytest.mark.parametrize("generation", [5, 6])
async def test_damage_anywhere_in_a_long_frame_is_never_obeyed(generation: int) -> None:
    async with Desk(0x0154 if generation == 5 else 0x0174) as desk:
        size = (27 if generation == 5 else 28) + 6
        for place in range(size):
            answer = await desk.ask(long(generation, 0xA2, 0x05, b"\0", spoil=place))
            in_body = place >= size - 6
            assert (reply_of(answer)[1] == 5) if in_body else (answer == b""), place
            assert desk.card.view()["on"] is True


async def test_a_card_that_does_not_know_the_long_header_is_silent() -> None:
    async with Desk(0x0174, long_header=False) as desk:
        assert await desk.ask(ALL["g6_power_on_sdk"]) == b""
        assert reply_of(await desk.ask(desk.short(0xA2, 0x05, b"\0")))[1] == 2
        assert reply_of(await desk.ask(desk.short(0xA2, 0x00)))[0] == b"\xa2\x80"


@pytest.mark.parametrize("device_type", sorted(GENERATION))
async def test_every_device_type_of_the_page_answers_to_its_own(device_type: int) -> None:
    async with Desk(device_type) as desk:
        kind, _, identity = reply_of(await desk.ask(desk.short(0xA2, 0x00)))
        assert (kind, identity[:2]) == (b"\xa2\x80", device_type.to_bytes(2, "little"))


async def test_an_area_of_more_than_300_kilobytes_is_refused() -> None:
    async with Desk() as desk:
        row = -(-WIDTH // 8)
        page = bytes([0, 1, 0, 0, 100, 0, 1, 64, 0, 0, 0, 0, 0]) + b"\xff" * row * HEIGHT
        head = bytes([0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0x10]) + b"".join(
            number.to_bytes(2, "little") for number in (0, 0, WIDTH, HEIGHT)
        )
        most = 300 * 1024 // (row * HEIGHT)
        for pages, error in ((most, 0), (most + 1, 4)):
            info = head + b"\0" + pages.to_bytes(2, "little") + (len(page).to_bytes(4, "little") + page) * pages
            update = desk.short(0xA7, 0x00, len(info).to_bytes(4, "little") + info)
            assert reply_of(await desk.ask(update))[1] == error
