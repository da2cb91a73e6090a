import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from hw_sim.faults import Fault, FaultWord
from hw_sim.onbon6e import Onbon6ECard
from hw_sim.onbon6e.areas import unpack_words
from hw_sim.onbon6e.frames import FrameParser, Header, crc, fast_crc, wrap
from tests.hw_sim.hosts import Bench, ListWire, vectors

VECTORS = vectors("led")
CARD = {v["id"]: bytes.fromhex(v["hex"]) for v in VECTORS["vectors"] if v["family"] == "onbon_dynamic_f0"}
BAD = {v["id"]: bytes.fromhex(v["hex"]) for v in VECTORS["malformed"] if v["family"] == "onbon_dynamic_f0"}
WIDTH, HEIGHT = 64, 32


@pytest.fixture
async def card(bench: Bench):
    device = Onbon6ECard("led-1", *bench.parts(), width=WIDTH, height=HEIGHT)
    await device.start()
    yield device
    await device.stop()


class Asks:
    def __init__(self, card: Onbon6ECard, bench: Bench) -> None:
        self.card, self.wire, self.clock = card, bench.wire, bench.clock

    async def __call__(self, asked: bytes) -> bytes:
        self.card.heard(asked)
        await self.clock.advance(0)
        assert isinstance(self.wire, ListWire)
        return self.wire.taken()


@pytest.fixture
def ask(card: Onbon6ECard, bench: Bench) -> Asks:
    return Asks(card, bench)


def frame(
    data: bytes, *, address: int = 1, version: int = 0xF0, kind: int = 0x0174, length: int | None = None
) -> bytes:
    said = len(data) if length is None else length
    return wrap(Header(address, 0x8000, version, kind, said).write() + data)


def request(group: int, command: int, payload: bytes = b"", *, reply: int = 1) -> bytes:
    return bytes([reply, group, command]) + len(payload).to_bytes(2, "little") + payload


def pixels_of(lit: set[tuple[int, int]], x: int, width: int, height: int) -> bytes:
    """Words as the page has them, written here a second time from the page."""
    skip = x % 32
    row_bits = -(-(skip + width) // 32) * 32
    out = bytearray()
    for y in range(height):
        bits = ["1"] * row_bits
        for column in range(width):
            if (column, y) in lit:
                bits[skip + column] = "0"
        for word in range(0, row_bits, 32):
            out += int("".join(bits[word : word + 32]), 2).to_bytes(4, "little")
    return bytes(out)


def area(
    pages: list[bytes],
    *,
    id: int = 0,
    mode: int = 0,
    timeout: int = 60,
    place: tuple[int, int, int, int] = (0, 0, 32, 2),
    stay: int = 100,
    offset: int = 0,
) -> tuple[bytes, bytes]:
    head = bytes([id, mode]) + timeout.to_bytes(2, "little") + bytes([1, 0, 0, 1, 0, 0, 0, 0, 0x10])
    head += b"".join(number.to_bytes(2, "little") for number in place) + bytes([0]) + bytes(9)
    head += len(pages).to_bytes(2, "little")
    for page in pages:
        head += bytes([0x1A, 0, 0, 0, 0, 1, 0, 0]) + stay.to_bytes(2, "little") + bytes([1]) + bytes(2) + bytes(9)
        head += offset.to_bytes(4, "little") + len(page).to_bytes(4, "little")
        offset += len(page)
    return len(head).to_bytes(4, "little") + head, b"".join(pages)


def update(*areas: tuple[bytes, bytes]) -> bytes:
    heads, pixels = b"".join(head for head, _ in areas), b"".join(data for _, data in areas)
    return frame(request(0xA7, 0x00, len(areas).to_bytes(2, "little") + heads + pixels))


def dots(*lit: tuple[int, int], width: int = 32, height: int = 2, x: int = 0) -> bytes:
    return pixels_of(set(lit), x, width, height)


def lit(card: Onbon6ECard) -> set[tuple[int, int]]:
    pixels = card.pixels()
    assert len(pixels) == WIDTH * HEIGHT
    return {(place % WIDTH, place // WIDTH) for place, on in enumerate(pixels) if on}


def error_of(reply: bytes) -> int:
    (body,) = FrameParser().feed(reply)
    assert body[17:19] == b"\xa0\x01"
    return int.from_bytes(body[21:23], "little")


@pytest.mark.parametrize("vector", VECTORS["checksums"][:2], ids=["digits", "ping"])
def test_the_crc_of_the_page(vector: dict[str, str]) -> None:
    data = bytes.fromhex(vector["input_hex"])
    assert crc(data) == fast_crc(data) == int(vector["result"], 16)


@pytest.mark.parametrize("name", CARD)
def test_every_frame_of_the_page_is_taken_apart_and_put_together_the_same(name: str) -> None:
    (body,) = FrameParser().feed(CARD[name])
    assert wrap(body[:-2]) == CARD[name]


@pytest.mark.parametrize(
    "vector", [v for v in VECTORS["bitmaps"] if v["generation"] == "6"], ids=lambda vector: vector["id"]
)
def test_pixels_of_the_vendors_encoder(vector: dict) -> None:
    width, height = vector["width"], vector["height"]
    got = unpack_words(bytes.fromhex(vector["hex"]), vector["area_x"], width, height)
    assert {(i % width, i // width) for i, on in enumerate(got) if on} == {tuple(p) for p in vector["lit_pixels"]}


async def test_the_vendors_area_shows_its_pixels(card: Onbon6ECard, ask: Asks) -> None:
    assert await ask(CARD["e6_update_area_sdk"]) == CARD["e_ack"]
    assert lit(card) == {(0, 0), (31, 1)}


async def test_delete_one_and_delete_all(card: Onbon6ECard, ask: Asks) -> None:
    await ask(update(area([dots((0, 0))]), area([dots((1, 0))], id=1, place=(32, 4, 32, 2), offset=8)))
    assert lit(card) == {(0, 0), (33, 4)}
    assert await ask(CARD["e6_delete_area0_sdk"]) == CARD["e_ack"]
    assert lit(card) == {(33, 4)}
    assert await ask(CARD["e_delete_all"]) == CARD["e_ack"]
    assert lit(card) == set()


async def test_brightness_is_set_and_asked(card: Onbon6ECard, ask: Asks) -> None:
    assert await ask(CARD["e_brightness_8"]) == CARD["e_ack"]
    assert await ask(CARD["e_brightness_query"]) == CARD["e_brightness_reply"]


async def test_ping_names_type_address_and_size(ask: Asks) -> None:
    (body,) = FrameParser().feed(await ask(CARD["e_ping_any"]))
    assert body[17:19] == b"\xa2\x80"
    data = body[25:-2]
    assert data[:2] == b"\x74\x01"
    assert data[11:13] == b"\x01\x00"
    assert int.from_bytes(data[14:16], "little") == WIDTH
    assert int.from_bytes(data[16:18], "little") == HEIGHT


async def test_damage_is_answered_as_the_page_says(card: Onbon6ECard, ask: Asks) -> None:
    assert await ask(BAD["e_bad_crc"]) == CARD["e_nack_crc"]
    assert error_of(await ask(BAD["e_wrong_type"])) == 17
    assert await ask(BAD["e_len_mismatch"]) == b""
    assert await ask(BAD["e_pix_short"]) == b""
    for fine in ("e_double_tail_ok", "e_short_preamble_ok"):
        assert b"\xa2\x80" in await ask(BAD[fine])
    assert card.view()["frames"] == 2


async def test_silence_for_what_is_not_for_this_card(ask: Asks) -> None:
    ping = request(0xA2, 0x00)
    assert await ask(frame(ping, address=2)) == b""
    assert await ask(frame(ping, version=0x02)) == b""
    assert await ask(frame(ping)[:-3]) == b""
    assert await ask(frame(ping).replace(b"\xf0", b"\xa6\x07")) == b""
    assert b"\xa2\x80" in await ask(frame(ping)[:-3] + frame(ping))
    for other in VECTORS["vectors"]:
        if other["family"] in ("onbon_g5_full_header", "onbon_font_card"):
            assert await ask(bytes.fromhex(other["hex"])) == b""


async def test_unknown_groups_commands_and_places_outside_are_refused(ask: Asks) -> None:
    assert error_of(await ask(frame(request(0xA9, 0x00)))) == 1
    assert error_of(await ask(frame(request(0xA2, 0x55)))) == 2
    outside = area([dots(x=WIDTH - 31)], place=(WIDTH - 31, 0, 32, 2))
    assert error_of(await ask(update(outside))) == 18
    assert error_of(await ask(update(area([dots()], id=4)))) == 18


async def test_no_reply_where_none_is_wanted(card: Onbon6ECard, ask: Asks) -> None:
    assert await ask(frame(request(0xA2, 0x00, reply=0))) == b""
    assert card.view()["frames"] == 1


async def test_one_bad_area_changes_nothing(card: Onbon6ECard, ask: Asks) -> None:
    await ask(update(area([dots((5, 1))])))
    await ask(update(area([dots((0, 0))]), area([dots()], id=1, place=(0, HEIGHT - 1, 32, 2))))
    assert lit(card) == {(5, 1)}


async def looks(ask: Asks, card: Onbon6ECard, *moments: float) -> list[int]:
    """Which page, told by the column of its one dot, is seen so many seconds after the update; -1 dark."""
    seen, now = [], 0.0
    for moment in moments:
        await ask.clock.advance(moment - now)
        now = moment
        seen.append(min((x for x, _ in lit(card)), default=-1))
    return seen


PAGES = [dots((0, 0)), dots((1, 0)), dots((2, 0))]


@pytest.mark.parametrize(
    ("mode", "timeout", "seen"),
    [
        (0, 5, [0, 1, 2, 0, 1, 0]),
        (1, 5, [0, 1, 2, 2, 2, 2]),
        (2, 5, [0, 1, 2, 0, 1, -1]),
        (3, 5, [0, 1, 0, 1, 0, 2]),
        (4, 5, [0, 1, 2, -1, -1, -1]),
        (5, 2, [0, 1, 2, 0, 1, -1]),
    ],
)
async def test_run_modes(card: Onbon6ECard, ask: Asks, mode: int, timeout: int, seen: list[int]) -> None:
    await ask(update(area(PAGES, mode=mode, timeout=timeout)))
    assert await looks(ask, card, 0.5, 1.5, 2.5, 3.5, 4.5, 6.5) == seen


async def test_an_update_renews_the_time_out(card: Onbon6ECard, ask: Asks) -> None:
    call = update(area([dots((0, 0)), dots((9, 0))], mode=3, timeout=10))
    await ask(call)
    for _ in range(3):
        await ask.clock.advance(8)
        assert lit(card) == {(0, 0)}
        await ask(call)
    await ask.clock.advance(10.1)
    assert lit(card) == {(9, 0)}


async def test_a_panel_that_changes_by_itself_says_so(card: Onbon6ECard, ask: Asks) -> None:
    await ask(update(area([dots((0, 0))], mode=2, timeout=3)))
    await ask.clock.advance(1)
    version = card.changed.version
    await ask.clock.advance(1)
    assert card.changed.version == version
    await ask.clock.advance(1.2)
    assert card.changed.version == version + 1


async def test_a_power_cut_empties_the_panel(card: Onbon6ECard, ask: Asks) -> None:
    await ask(CARD["e_brightness_8"])
    await ask(update(area([dots((0, 0))])))
    card.set_fault(Fault(FaultWord.POWER_CUT))
    assert lit(card) == set()
    card.clear_faults()
    assert lit(card) == set()
    assert card.view()["brightness"] == 8


async def test_the_picture_is_one_pixel_a_lamp(card: Onbon6ECard, ask: Asks) -> None:
    await ask(update(area([dots((3, 1))])))
    image = Image.open(io.BytesIO(card.picture() or b"")).convert("RGB")
    assert image.size == (WIDTH, HEIGHT)
    assert image.getpixel((3, 1)) == (255, 52, 32)
    assert image.getpixel((4, 1)) == (28, 8, 8)
    assert card.panel_image().getpixel((3, 1)) == 255


async def test_faults_of_the_card(card: Onbon6ECard, ask: Asks) -> None:
    card.set_fault(Fault(FaultWord.NAK, amount=3, times=1))
    assert await ask(CARD["e_brightness_8"]) == CARD["e_nack_busy"]
    card.set_fault(Fault(FaultWord.BAD_CHECKSUM, times=1))
    (body,) = FrameParser().feed(await ask(CARD["e_brightness_8"]))
    assert fast_crc(body[:-2]) != int.from_bytes(body[-2:], "little")
    assert await ask(CARD["e_brightness_8"]) == CARD["e_ack"]


@given(st.binary(max_size=120))
@settings(max_examples=60, deadline=None)
def test_any_bytes_survive_framing(body: bytes) -> None:
    (got,) = FrameParser().feed(wrap(body))
    assert got[:-2] == body


@given(st.sets(st.tuples(st.integers(0, 49), st.integers(0, 2)), max_size=30), st.integers(0, 70))
@settings(max_examples=60, deadline=None)
def test_any_picture_at_any_place_is_read_back(picture: set[tuple[int, int]], x: int) -> None:
    got = unpack_words(pixels_of(picture, x, 50, 3), x, 50, 3)
    assert {(i % 50, i // 50) for i, on in enumerate(got) if on} == picture
