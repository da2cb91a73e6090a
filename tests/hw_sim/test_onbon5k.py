import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from hw_sim.faults import Fault, FaultWord
from hw_sim.onbon5k import Onbon5KCard
from hw_sim.onbon5k.card import Traits
from hw_sim.onbon5k.frames import LONGEST_BODY, CheckMode, Header, frame, is_whole
from hw_sim.onbon5k.layout import set_text
from hw_sim.onbon5k.letters import glyph
from hw_sim.onbon5k.markup import read_text
from hw_sim.onbon5k.rtc import NEVER_SET
from hw_sim.onbon5k.update import read_update
from hw_sim.phy0 import FrameParser, wrap
from tests.hw_sim.hosts import Bench, ListWire, vectors

VECTORS = vectors("led")
CARD = {v["id"]: bytes.fromhex(v["hex"]) for v in VECTORS["vectors"] if v["family"] == "onbon_font_card"}
BAD = {v["id"]: v for v in VECTORS["malformed"] if v["family"] == "onbon_font_card"}
WIDTH, HEIGHT = 192, 64


def a_card(bench: Bench, *, fonts: tuple[int, ...] = (16,), traits: Traits | None = None) -> Onbon5KCard:
    return Onbon5KCard("led-1", *bench.parts(), width=WIDTH, height=HEIGHT, fonts=fonts, traits=traits)  # type: ignore[arg-type]


@pytest.fixture
async def card(bench: Bench):
    device = a_card(bench)
    await device.start()
    yield device
    await device.stop()


class Asks:
    def __init__(self, card: Onbon5KCard, bench: Bench) -> None:
        self.card, self.wire, self.clock = card, bench.wire, bench.clock

    async def __call__(self, asked: bytes) -> bytes:
        self.card.heard(asked)
        await self.clock.advance(0)
        assert isinstance(self.wire, ListWire)
        return self.wire.taken()

    async def nack(self, asked: bytes) -> int:
        reply = body(await self(asked))
        assert reply[14:16] == b"\xa0\x01", reply.hex(" ")
        return reply[16]


@pytest.fixture
def ask(card: Onbon5KCard, bench: Bench) -> Asks:
    return Asks(card, bench)


def body(sent: bytes) -> bytes:
    (got,) = FrameParser(LONGEST_BODY).feed(sent)
    return got


def request(
    group: int, command: int, payload: bytes = b"", *, reply: int = 1, process: int = 0, **header: object
) -> bytes:
    data = bytes([group, command, reply, process, 0]) + payload
    fields = {"destination": 1, "source": 0x8000, "device_type": 0xFE, "data_length": len(data), **header}
    return frame(Header(**fields), data)  # type: ignore[arg-type]


def area(
    text: str | bytes,
    *,
    id: int = 0,
    place: tuple[int, int, int, int] = (0, 0, WIDTH, HEIGHT),
    mode: int = 0,
    timeout: int = 0,
    align: int = 0,
    single: int = 2,
    wrap: int = 2,
    effect: int = 1,
    stay: int = 2,
    space: int = 0,
    sound: bytes = b"\0",
) -> bytes:
    """Places in pixels, bit 15 set; written here a second time from the page."""
    x, y, width, height = place
    data = text if isinstance(text, bytes) else text.encode("gbk")
    numbers = (x | 0x8000, y, width | 0x8000, height)
    head = b"\0" + b"".join(number.to_bytes(2, "little") for number in numbers)
    head += bytes([id, space, mode]) + timeout.to_bytes(2, "little") + sound
    head += bytes([0, align, single, wrap, effect, 0, 0, stay]) + len(data).to_bytes(4, "little")
    return len(head + data).to_bytes(2, "little") + head + data


def update(*areas: bytes, delete: bytes = b"\0", process: int = 0, reply: int = 1) -> bytes:
    return request(0xA3, 0x06, delete + bytes([len(areas)]) + b"".join(areas), process=process, reply=reply)


def shown(card: Onbon5KCard) -> list[str | None]:
    return [one["shown"] for one in card.view()["areas"]]


def box(card: Onbon5KCard) -> tuple[int, int, int, int] | None:
    """Left, top, right, bottom of what is lit."""
    return card.panel_image().getbbox()


def lamps_of(text: str, *, dots: int = 16) -> set[tuple[int, int]]:
    """Where a text lights lamps when it stands at the panel's top left."""
    left, lit = 0, set()
    for letter in text:
        wide = not letter.isascii()
        for y, row in enumerate(glyph(letter, wide, dots)):  # type: ignore[arg-type]
            lit |= {(left + x, y) for x, on in enumerate(row) if on}
        left += dots if wide else dots // 2
    return lit


def lit(card: Onbon5KCard) -> set[tuple[int, int]]:
    pixels = card.pixels()
    assert len(pixels) == WIDTH * HEIGHT
    return {(place % WIDTH, place // WIDTH) for place, on in enumerate(pixels) if on}


@pytest.mark.parametrize("name", CARD)
def test_every_frame_of_the_page_is_taken_apart_and_put_together_the_same(name: str) -> None:
    got = body(CARD[name])
    header = Header.read(got)
    assert is_whole(header.check, got)
    assert wrap(got[:-2]) == CARD[name] == frame(header, got[14:-2])


@pytest.mark.parametrize(
    "name", ["k_ping", "k_clear", "k_power_on", "k_power_off", "k_clock", "k_del_area_3", "k_reset"]
)
async def test_plain_commands_are_acknowledged_as_the_page_shows(ask: Asks, name: str) -> None:
    assert await ask(CARD[name]) == CARD["k_ack"]


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("k_dyn_published", "012345QRSTTV'B", [0, 0, 192, 32]),
        ("k_dyn_window3", "3号窗口\n社会保障", [0, 0, 192, 48]),
        ("k_dyn_pixel_units", "A001号", [5, 0, 60, 16]),
        ("k_escape_all", "ウZ[", [0, 0, 64, 16]),
    ],
)
async def test_areas_of_the_page_are_shown(
    card: Onbon5KCard, ask: Asks, name: str, text: str, place: list[int]
) -> None:
    assert await ask(CARD[name]) == CARD["k_ack"]
    (seen,) = card.view()["areas"]
    assert (seen["text"], seen["place"], seen["absent"], seen["strange"]) == (text, place, "", [])
    left, top, right, bottom = box(card) or (0, 0, 0, 0)
    assert place[0] <= left < right <= place[0] + place[2]
    assert place[1] <= top < bottom <= place[1] + place[3]


async def test_what_the_page_says_of_its_areas_is_recorded(card: Onbon5KCard, ask: Asks) -> None:
    await ask(CARD["k_dyn_published"])
    (seen,) = card.view()["areas"]
    assert (seen["effect"], seen["speed"], seen["stay"], seen["timeout"]) == ("left", 4, 2.5, 2)
    assert (seen["single_line"], seen["wraps"]) == (False, True)
    await ask(CARD["k_dyn_window3"])
    (seen,) = card.view()["areas"]
    assert (seen["align"], seen["stay"], seen["wraps"]) == (["centre", "middle"], 5.0, False)


async def test_a_captured_frame_wants_no_reply_and_is_shown(card: Onbon5KCard, ask: Asks) -> None:
    assert await ask(CARD["k_dyn_captured"]) == b""
    (seen,) = card.view()["areas"]
    assert (seen["id"], seen["text"], seen["place"]) == (2, "AIRPRE:1016.0hPa", [0, 36, 96, 12])
    assert (seen["run_mode"], seen["single_line"], seen["effect"]) == (1, True, "static")
    assert seen["cut"], "sixteen dots do not fit into twelve"


async def test_status_is_the_pages_reply(card: Onbon5KCard, ask: Asks) -> None:
    for name in ("k_clock", "k_brightness_10"):
        assert await ask(CARD[name]) == CARD["k_ack"]
    await ask(update(area("甲", id=0), area("乙", id=1)))
    assert await ask(CARD["k_status"]) == CARD["k_status_reply"]
    await ask(CARD["k_power_off"])
    await ask.clock.advance(61)
    status = body(await ask(CARD["k_status"]))[19:-2]
    assert status[:10] == bytes.fromhex("02 0a 26 20 11 22 09 31 06 07")


@pytest.mark.parametrize("name", BAD)
async def test_damage_is_answered_as_the_page_says(card: Onbon5KCard, ask: Asks, name: str) -> None:
    sent = bytes.fromhex(BAD[name]["hex"])
    match BAD[name].get("expected_device_reply"):
        case {"nack_error": code}:
            known = CARD.get(f"k_nack_{code}")
            assert await ask(sent) == known if known else await ask.nack(sent) == code
        case None if name in ("k_area_outside", "k_text_len"):
            assert await ask.nack(sent) == 10
        case None:
            assert await ask(sent) == b""
    assert lit(card) == set()
    assert await ask(CARD["k_ping"]) == CARD["k_ack"]


async def test_silence_for_what_is_not_for_this_card(ask: Asks) -> None:
    assert await ask(request(0xA2, 0, destination=2)) == b""
    assert await ask(request(0xA2, 0, destination=0xFFFF)) == b""
    assert await ask(CARD["k_ping"].replace(b"\xfe\x02", b"\xfe\xf0")) == b""
    assert await ask(request(0xA2, 0, barcode=b"BX5K00000000001 ")) == b""
    for other in VECTORS["vectors"]:
        if other["family"].startswith("onbon") and other["family"] != "onbon_font_card":
            assert await ask(bytes.fromhex(other["hex"])) == b""


async def test_any_address_a_blank_barcode_and_the_other_checks_are_heard(ask: Asks) -> None:
    assert await ask(request(0xA2, 0, destination=0xFFFE)) == CARD["k_ack"]
    assert await ask(request(0xA2, 0, barcode=b" " * 16)) == CARD["k_ack"]
    assert await ask(request(0xA2, 0, check=CheckMode.NONE)) == CARD["k_ack"]
    summed = body(await ask(request(0xA2, 0, check=CheckMode.SUM)))
    assert sum(summed[:-2]).to_bytes(2, "little") == summed[-2:]


async def test_a_clock_for_everybody_is_set_and_not_answered(card: Onbon5KCard, ask: Asks) -> None:
    clock = bytes.fromhex("26 20 11 22 09 30 05 07")
    assert await ask(request(0xA2, 3, clock, destination=0xFFFF)) == b""
    assert card.view()["clock"] == "2026-11-22 09:30:05"


async def test_another_device_type_is_refused(ask: Asks) -> None:
    assert await ask.nack(request(0xA2, 0, device_type=0x62)) == 17
    assert await ask(request(0xA2, 0, device_type=0x51)) == CARD["k_ack"]


WRONG = {
    "brightness of sixteen": request(0xA3, 2, bytes([1, 16]) + bytes(48)),
    "a level too few": request(0xA3, 2, bytes([1, 9]) + bytes(47)),
    "power three": request(0xA3, 0, b"\x03"),
    "run mode six": update(area("甲", mode=6)),
    "effect seven": update(area("甲", effect=7)),
    "alignment three": update(area("甲", align=3)),
    "single line three": update(area("甲", single=3)),
    "no width": update(area("甲", place=(0, 0, 0, 16))),
    "a voice this card lacks": update(area("甲", sound=bytes([1, 0x00, 5, 5]))),
    "an area less than told": request(0xA3, 6, b"\0\x02" + area("甲")),
    "bytes left over": request(0xA3, 6, b"\0\x01" + area("甲") + b"\0"),
}


@pytest.mark.parametrize("name", WRONG)
async def test_what_no_card_knows_is_refused_as_format(card: Onbon5KCard, ask: Asks, name: str) -> None:
    assert await ask.nack(WRONG[name]) == 10
    assert lit(card) == set()


async def test_refusals_of_their_own(bench: Bench, card: Onbon5KCard, ask: Asks) -> None:
    assert await ask.nack(update(area("\\FO001甲"))) == 12
    assert await ask.nack(request(0xA3, 4, b"\1\1P001")) == 6
    assert await ask.nack(request(0xA3, 1, bytes.fromhex("01 08 00 25 00"))) == 14
    assert await ask.nack(request(0xA2, 3, bytes.fromhex("26 20 11 22 09 30 05 03"))) == 14
    assert await ask(request(0xA3, 4, b"\1\1P000")) == CARD["k_ack"]
    without_clear = Asks(a_card(bench, traits=Traits(clears=False)), bench)
    await without_clear.card.start()
    assert await without_clear(CARD["k_clear"]) == CARD["k_nack_2"]
    await without_clear.card.stop()


async def test_one_bad_area_changes_nothing(card: Onbon5KCard, ask: Asks) -> None:
    await ask(update(area("甲", id=4)))
    before = card.pixels()
    outside = area("乙", id=5, place=(WIDTH - 8, 0, 16, 16))
    assert await ask.nack(update(area("丙", id=4), outside, delete=b"\xff")) == 10
    assert card.pixels() == before


async def test_several_areas_and_their_deletion(card: Onbon5KCard, ask: Asks) -> None:
    await ask(update(*(area(text, id=n, place=(64 * n, 0, 64, 16)) for n, text in enumerate("甲乙丙"))))
    assert shown(card) == ["甲", "乙", "丙"]
    await ask(update(delete=b"\x02\x00\x02"))
    assert shown(card) == ["乙"]
    await ask(update(area("丁", id=7), process=1))
    assert shown(card) == ["丁"]
    await ask(update(delete=b"\xff"))
    assert (shown(card), lit(card)) == ([], set())


async def test_units_of_the_page(bench: Bench, ask: Asks, card: Onbon5KCard) -> None:
    asked = CARD["k_dyn_window3"]
    await ask(asked)
    assert card.view()["areas"][0]["place"] == [0, 0, 192, 48]
    plain = Asks(a_card(bench, traits=Traits(units="pixel_plain")), bench)
    await plain.card.start()
    await plain(asked)
    assert plain.card.view()["areas"][0]["place"] == [0, 0, 24, 48]
    await plain.card.stop()


async def test_letters_stand_where_they_should(card: Onbon5KCard, ask: Asks) -> None:
    await ask(update(area("请A017号")))
    assert lit(card) == lamps_of("请A017号")
    await ask(update(area("请A017号", place=(100, 20, 92, 16))))
    assert lit(card) == {(x + 100, y + 20) for x, y in lamps_of("请A017号")}


@pytest.mark.parametrize(
    ("align", "left", "top"), [(0, 0, 0), (1, 192 - 16, 0), (2, 88, 0), (4, 0, 48), (8, 0, 24), (10, 88, 24)]
)
async def test_alignment(card: Onbon5KCard, ask: Asks, align: int, left: int, top: int) -> None:
    await ask(update(area("甲", align=align)))
    assert lit(card) == {(x + left, y + top) for x, y in lamps_of("甲")}


async def test_bigger_fonts_by_marker(bench: Bench) -> None:
    ask = Asks(a_card(bench, fonts=(16, 24, 32)), bench)
    await ask.card.start()
    await ask(update(area("\\FO002号")))
    assert lit(ask.card) == lamps_of("号", dots=32)
    await ask(update(area("\\FO001\\FE001号7")))
    assert lit(ask.card) == lamps_of("号7", dots=24)
    await ask.card.stop()


async def test_wrapping_and_pages(card: Onbon5KCard, ask: Asks) -> None:
    place = (0, 0, 48, 32)
    await ask(update(area("一二三四五六七", place=place)))
    (seen,) = card.view()["areas"]
    assert (seen["pages"], seen["shown"], seen["cut"]) == (2, "一二三\n四五六", False)
    await ask(update(area("一二三四\\n五", place=place, wrap=1)))
    (seen,) = card.view()["areas"]
    assert (seen["pages"], seen["shown"], seen["cut"]) == (1, "一二三四\n五", True)
    await ask(update(area("一二三四五", place=place, single=1)))
    (seen,) = card.view()["areas"]
    assert (seen["pages"], seen["shown"]) == (2, "一二三")
    await ask(update(area("一二\\n三四", place=place, space=1)))
    assert card.view()["areas"][0]["pages"] == 2


async def looks(ask: Asks, *moments: float) -> list[str | None]:
    """What is read so many seconds after the update; empty when all is dark."""
    seen: list[str | None] = []
    now = 0.0
    for moment in moments:
        await ask.clock.advance(moment - now)
        now = moment
        seen.append(shown(ask.card)[0] if lit(ask.card) else None)
    return seen


@pytest.mark.parametrize(
    ("mode", "timeout", "seen"),
    [
        (0, 5, "一二三一二一"),
        (1, 5, "一二三三三三"),
        (2, 5, "一二三一二-"),
        (3, 5, "一二一二一三"),
        (4, 5, "一二三---"),
        (5, 2, "一二三一二-"),
    ],
)
async def test_run_modes(ask: Asks, mode: int, timeout: int, seen: str) -> None:
    await ask(update(area("一\\n二\\n三", mode=mode, timeout=timeout, single=1, stay=2)))
    got = await looks(ask, 0.5, 1.5, 2.5, 3.5, 4.5, 6.5)
    assert "".join(page or "-" for page in got) == seen


async def test_a_repeated_call_renews_the_time_out(ask: Asks) -> None:
    call = update(area("请A017号到1号窗口\\n暂停服务", mode=3, timeout=10, single=1))
    for _ in range(3):
        await ask(call)
        await ask.clock.advance(8)
        assert shown(ask.card) == ["请A017号到1号窗口"]
    await ask.clock.advance(2.1)
    assert shown(ask.card) == ["暂停服务"]


async def test_characters_outside_gb2312_stay_dark_and_are_named(card: Onbon5KCard, ask: Asks) -> None:
    await ask(update(area("国國民".encode("gbk") + b"\xff")))
    (seen,) = card.view()["areas"]
    assert seen["absent"] == "國\N{REPLACEMENT CHARACTER}"
    assert lit(card) == lamps_of("国") | {(x + 32, y) for x, y in lamps_of("民")}


async def test_a_backslash_in_a_characters_second_byte_is_no_marker(card: Onbon5KCard, ask: Asks) -> None:
    await ask(update(area(b"\x81\x5cn" + "乙\\Q".encode("gbk"))))
    (seen,) = card.view()["areas"]
    assert (seen["text"], seen["strange"]) == (b"\x81\x5c".decode("gbk") + "n乙\\Q", ["\\Q"])


async def test_clock_fields_run_with_the_cards_clock(card: Onbon5KCard, ask: Asks) -> None:
    await ask(CARD["k_clock"])
    await ask(update(area("\\DY-\\DL-\\DD \\DH:\\DM:\\DS")))
    assert shown(card) == ["2026-11-22 09:30:05"]
    await ask.clock.advance(0.2)
    version = card.changed.version
    await ask.clock.advance(1)
    assert shown(card) == ["2026-11-22 09:30:06"]
    assert card.changed.version == version + 1


async def test_colours_of_the_text(bench: Bench) -> None:
    device = Onbon5KCard("led-1", *bench.parts(), width=WIDTH, height=HEIGHT, lamps="dual")
    ask = Asks(device, bench)
    await device.start()
    await ask(update(area("一\\C2一\\C3一")))
    rows = [device.colours()[y * WIDTH : (y + 1) * WIDTH] for y in range(16)]
    assert [{row[x] for row in rows for x in range(16 * n, 16 * n + 16)} for n in range(3)] == [{0, 1}, {0, 2}, {0, 3}]
    picture = Image.open(io.BytesIO(device.picture() or b"")).convert("RGB")
    assert picture.size == (WIDTH, HEIGHT)
    assert len(picture.getcolors() or []) == 4
    await device.stop()


async def test_power_by_command_and_by_schedule(card: Onbon5KCard, ask: Asks) -> None:
    await ask(CARD["k_clock"])
    await ask(update(area("甲")))
    await ask(CARD["k_power_off"])
    assert lit(card) == set()
    await ask(CARD["k_power_on"])
    assert lit(card) == lamps_of("甲")
    assert await ask(request(0xA3, 1, bytes.fromhex("01 08 00 09 31"))) == CARD["k_ack"]
    assert lit(card)
    await ask.clock.advance(60)
    assert lit(card) == set()
    await ask(request(0xA3, 8))
    assert lit(card)


async def test_brightness_by_half_hours(card: Onbon5KCard, ask: Asks) -> None:
    await ask(request(0xA2, 3, bytes.fromhex("26 20 11 22 09 59 58 07")))
    levels = bytes(level % 16 for level in range(48))
    assert await ask(request(0xA3, 2, bytes([2, 0]) + levels)) == CARD["k_ack"]
    assert card.view()["brightness"] == 19 % 16
    await ask.clock.advance(2)
    assert card.view()["brightness"] == 20 % 16


async def test_reset_format_and_power_cut(card: Onbon5KCard, ask: Asks) -> None:
    await ask(CARD["k_brightness_10"])
    await ask(update(area("甲")))
    await ask(CARD["k_reset"])
    assert lit(card) == set()
    await ask(update(area("甲")))
    card.set_fault(Fault(FaultWord.POWER_CUT))
    card.clear_faults()
    assert (lit(card), card.view()["brightness"]) == (set(), 10)
    assert await ask(request(0xA1, 0)) == CARD["k_ack"]
    assert await ask.nack(update(area("甲"))) == 12
    card.act("load_fonts")
    assert await ask(update(area("甲"))) == CARD["k_ack"]


async def test_a_voice_card_speaks(bench: Bench) -> None:
    ask = Asks(a_card(bench, traits=Traits(device_type=0x5C)), bench)
    await ask.card.start()
    own = bytes([2, 0x21, 8, 5, 4, 0, 0, 0]) + "你好".encode("gbk")
    await ask(update(area("甲", id=3, sound=own)))
    ((id, sound, _),) = ask.card.card.spoken
    assert sound is not None
    assert (id, sound.text, sound.repeat, sound.speaker) == (3, "你好".encode("gbk"), 2, 1)
    await ask.card.stop()


async def test_network_is_recorded_and_changes_nothing(card: Onbon5KCard, ask: Asks) -> None:
    payload = bytes([2, 192, 0, 2, 31, 255, 255, 255, 0, 192, 0, 2, 1]) + (5005).to_bytes(2, "little")
    assert await ask(request(0xA4, 5, payload)) == CARD["k_ack"]
    assert card.view()["network"] == "static 192.0.2.31:5005"


async def test_faults_of_the_card(card: Onbon5KCard, ask: Asks) -> None:
    card.set_fault(Fault(FaultWord.NAK, times=1))
    assert await ask(CARD["k_ping"]) == CARD["k_nack_3"]
    card.set_fault(Fault(FaultWord.BAD_CHECKSUM, times=1))
    assert not is_whole(CheckMode.CRC, body(await ask(CARD["k_ping"])))
    assert await ask(CARD["k_ping"]) == CARD["k_ack"]
    with pytest.raises(ValueError, match="nak amount"):
        card.set_fault(Fault(FaultWord.NAK, amount=300))


@given(st.binary(max_size=80), st.sampled_from([(16, 16), (48, 32), (8, 8), (192, 64)]), st.integers(1, 2))
@settings(max_examples=80, deadline=None)
def test_any_text_is_set_inside_its_area(text: bytes, size: tuple[int, int], single: int) -> None:
    (parsed,) = read_update(b"\0\x01" + area(text, place=(0, 0, *size), single=single)).areas
    written = read_text(parsed.text, NEVER_SET)
    setting = set_text(parsed, written, dict.fromkeys(range(1000), 16))
    assert all(len(page.colours) == size[0] * size[1] for page in setting.pages)
    assert "".join(page.text for page in setting.pages).replace("\n", "") == written.plain.replace("\n", "")
