"""The C-Power card: every frame of the page, every damaged one, and what shines (led.md 2)."""

import io
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from hw_sim.box.led_reader import read_panel
from hw_sim.clock import VirtualClock
from hw_sim.cpower import CPowerCard
from hw_sim.cpower.frames import NetworkFrames, SerialFrames, checksum
from hw_sim.cpower.letters import SIZES
from hw_sim.cpower.packets import Malformed
from hw_sim.cpower.pictures import read_gif, read_i1
from hw_sim.faults import Fault, FaultWord
from tests.hw_sim.hosts import Bench, vectors

VECTORS = vectors("led")
SERIAL = {v["id"]: bytes.fromhex(v["hex"]) for v in VECTORS["vectors"] if v["family"] == "cpower_serial"}
NETWORK = {v["id"]: bytes.fromhex(v["hex"]) for v in VECTORS["vectors"] if v["family"] == "cpower_net"}
BAD = {v["id"]: v for v in VECTORS["malformed"] if v["family"].startswith("cpower")}
WIDTH, HEIGHT = 192, 48
TWO_WINDOWS = b"\x01\x02" + bytes.fromhex("0000 0000 00c0 0018 0000 0018 00c0 0018")
FOREVER = b"\xff\xff"


class Desk:
    def __init__(self, **more: Any) -> None:
        self.bench = Bench(VirtualClock())
        size = {"width": WIDTH, "height": HEIGHT} | {key: more.pop(key) for key in ("width", "height") if key in more}
        self.card = CPowerCard("led-1", *self.bench.parts(), **size, **more)
        self.frames = NetworkFrames(b"\xff" * 4) if self.card.framing == "network" else SerialFrames()

    async def __aenter__(self) -> "Desk":
        await self.card.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.card.stop()

    async def ask(self, asked: bytes, seconds: float = 0.0) -> bytes:
        self.card.heard(asked)
        await self.bench.clock.advance(seconds)
        return self.bench.wire.taken()

    async def do(self, command: int, data: bytes, *, id: int = 1, confirm: int = 1) -> bytes | None:
        """Result and data of the answer; None: silence."""
        body = bytes([0x68, 0x32, id, command, confirm]) + data
        said = await self.ask(self.frames.wrap(body + checksum(body)))
        if not said:
            return None
        raw = next(iter(SerialFrames().feed(said))) if self.card.framing == "serial" else said[8:]
        assert raw[:2] == b"\xe8\x32"
        assert checksum(raw[:-2]) == raw[-2:]
        assert raw[3] == command
        return raw[4:-2]

    async def show(self, content: bytes, *, confirm: int = 1) -> int | None:
        """The result of the last packet; content cut as the page says."""
        parts = [content[:200]] + [content[at : at + 200] for at in range(200, len(content), 200)]
        result = None
        for number, part in enumerate(parts):
            head = len(part).to_bytes(2, "little") + bytes([number, len(parts) - 1])
            answer = await self.do(0x7B, head + part, confirm=confirm)
            result = None if answer is None else answer[0]
        return result

    def lit(self) -> set[tuple[int, int]]:
        width = self.card.screen.width
        return {(n % width, n // width) for n, on in enumerate(self.card.pixels()) if on}


def pure_text(
    text: bytes, *, window: int = 0, effect: int = 0, align: int = 5, font: int = 2, rgb: str = "ff0000"
) -> bytes:
    return bytes([0x12, window, effect, align, 1]) + FOREVER + bytes([font]) + bytes.fromhex(rgb) + text + b"\0"


def i1(dots: list[list[int]]) -> bytes:
    """Red only, one bit a dot, from the page's words."""
    rows = [
        bytes(int("".join(map(str, (row + [0] * 7)[at : at + 8])), 2) for at in range(0, len(row), 8)) for row in dots
    ]
    width, height = len(dots[0]), len(dots)
    return b"I1" + width.to_bytes(2, "little") + height.to_bytes(2, "little") + b"\1\0" + b"".join(rows)


ANSWERED = {
    "cp_text_pure": "e8 32 01 7b 00 01 00 00 00 12",
    "cp_save": "e8 32 01 7b 00 01 00 00 00 07",
    "cp_power_on": "e8 32 01 76 00",
    "cp_power_off": "e8 32 01 76 00",
    "cp_set_net": "e8 32 01 3c 01 01",
    "cp_text_escape": "e8 32 01 7b 00 01 00 00 00 12",
    "cp_split_1win": "e8 32 01 7b 00 01 00 00 00 01",
    "cp_image_i1": "e8 32 01 7b 00 01 00 00 00 03",
    "cp_exit": "e8 32 01 7b 00 01 00 00 00 06",
}


def test_every_request_of_the_page_is_in_the_table() -> None:
    asked = {v["id"] for v in VECTORS["vectors"] if v["family"] == "cpower_serial" and v["direction"] == "host>device"}
    assert asked == set(ANSWERED)


@pytest.mark.parametrize("name", sorted(ANSWERED))
async def test_every_request_of_the_page_is_answered_right(name: str) -> None:
    async with Desk() as desk:
        body = bytes.fromhex(ANSWERED[name])
        assert await desk.ask(SERIAL[name]) == SerialFrames().wrap(body + checksum(body))


async def test_the_answers_of_the_page() -> None:
    async with Desk() as desk:
        assert await desk.ask(SERIAL["cp_text_pure"]) == SERIAL["cp_ack"]
        assert await desk.ask(SERIAL["cp_set_net"]) == SERIAL["cp_set_net_reply"]
        spoilt = SERIAL["cp_text_pure"].replace(b"abc", b"abd", 1)
        assert await desk.ask(spoilt) == SERIAL["cp_err_checksum"]


@pytest.mark.parametrize("name", sorted(BAD))
async def test_every_damaged_frame_of_the_page(name: str) -> None:
    bad = BAD[name]
    framing = "network" if bad["family"] == "cpower_net" else "serial"
    async with Desk(framing=framing) as desk:
        before = desk.card.view()
        answer = await desk.ask(bytes.fromhex(bad["hex"]), 1.0)
        if result := bad.get("expected_device_reply", {}).get("rr"):
            raw = next(iter(SerialFrames().feed(answer)))
            assert raw[4] == result
        else:
            assert answer == b""
        after = desk.card.view()
        assert (after["updates"], after["windows"]) == (before["updates"], before["windows"])
        good = NETWORK["cpn_window3"] if framing == "network" else SERIAL["cp_text_pure"]
        assert await desk.ask(good, 1.0) != b"", "resynchronised"


@pytest.mark.parametrize("name", sorted(NETWORK))
async def test_every_network_frame_is_answered_and_shown(name: str) -> None:
    meaning = next(v for v in VECTORS["vectors"] if v["id"] == name)["meaning"]
    big5 = "text_big5" in meaning
    async with Desk(framing="network", charset="big5" if big5 else "gb2312", lamps="full") as desk:
        assert await desk.show(TWO_WINDOWS) == 0
        answer = await desk.ask(NETWORK[name])
        assert answer[:8] == bytes.fromhex("ffffffff 0c00 0000")
        assert answer[8:13] == bytes.fromhex("e8 32 01 7b 00")
        shown = desk.card.view()["windows"][NETWORK[name][18]]["items"][0]
        assert shown["text"] == meaning.get("text_big5", meaning.get("text_gb2312"))
        assert (shown["absent"], shown["stay"]) == (
            0,
            0xFFFF if name == "cpn_window3" else {"cpn_text_big5": 3}.get(name, 3),
        )


async def test_both_framings_at_once_are_never_understood() -> None:
    async with Desk(framing="network") as network, Desk() as serial:
        assert await network.ask(SERIAL["cp_power_off"], 1.0) == b""
        assert await serial.ask(NETWORK["cpn_window3"], 1.0) == b""


async def test_text_is_read_off_the_lamps() -> None:
    async with Desk() as desk:
        assert await desk.show(pure_text("请A017号".encode("gb2312"))) == 0
        png = desk.card.picture()
        assert png is not None
        assert read_panel(png, ["请A018号", "请A017号"]) == "请A017号"
        (item,) = desk.card.view()["windows"][0]["items"]
        assert (item["text"], item["sizes"], item["cut"], item["align"]) == (
            "请A017号",
            [16],
            False,
            ["centre", "middle"],
        )


async def test_the_published_text_with_an_escape_and_forty_dots() -> None:
    async with Desk() as desk:
        await desk.ask(SERIAL["cp_text_escape"])
        (item,) = desk.card.view()["windows"][0]["items"]
        assert (item["text"], item["sizes"], item["pages"], item["absent"]) == ("前方积水 禁止通行", [40], 2, 0)
        assert item["shown"] == "前方积水 "
        await desk.bench.clock.advance(3.2)
        assert desk.card.view()["windows"][0]["items"][0]["shown"] == "禁止通行"


async def test_letters_with_a_colour_and_size_each() -> None:
    async with Desk(lamps="dual") as desk:
        letters = b"\x12\x00A" + b"\x22" + "号".encode("gb2312") + b"\x00\x00\n" + b"\x34" + "口".encode("gb2312")
        assert await desk.show(b"\x02\x00\x00\x00\x01\x00\x03" + letters) == 0
        (item,) = desk.card.view()["windows"][0]["items"]
        assert (item["text"], item["sizes"], item["colours"]) == ("A号\n口", [16, 32], [1, 2, 3])
        assert set(desk.card.colours()) == {0, 1, 2, 3}
        assert await desk.show(b"\x02\x00\x00\x00\x01\x00\x03" + letters[:-1]) is None


async def test_a_green_text_is_dark_on_a_red_panel() -> None:
    async with Desk() as red, Desk(lamps="dual") as dual:
        for desk in (red, dual):
            await desk.show(pure_text(b"A017", rgb="00ff00"))
        assert red.lit() == set()
        assert set(dual.card.colours()) == {0, 2}


@pytest.mark.parametrize("font", range(len(SIZES)))
async def test_every_size_of_letter(font: int) -> None:
    async with Desk(width=256, height=64) as desk:
        await desk.show(pure_text("号".encode("gb2312"), font=font, align=0))
        rows = [y for _, y in desk.lit()]
        assert 0.6 * SIZES[font] <= max(rows) - min(rows) + 1 <= SIZES[font]


@pytest.mark.parametrize(
    ("align", "left", "top"), [(0, 0, 0), (1, 88, 0), (2, 176, 0), (4, 0, 16), (8, 0, 32), (5, 88, 16)]
)
async def test_alignment(align: int, left: int, top: int) -> None:
    async with Desk() as desk:
        await desk.show(pure_text("国".encode("gb2312"), align=align))
        lit = desk.lit()
        assert left <= min(x for x, _ in lit) < left + 4
        assert top <= min(y for _, y in lit) < top + 4


async def test_a_simple_picture_shines_dot_by_dot() -> None:
    async with Desk() as desk:
        await desk.ask(SERIAL["cp_image_i1"])
        assert desk.lit() == {(0, 0), (15, 0), (15, 1)}
        image = Image.open(io.BytesIO(desk.card.picture() or b""))
        assert image.size == (WIDTH, HEIGHT)


async def test_a_whole_panel_as_a_picture_comes_in_packets() -> None:
    random = Random(3)
    dots = [[random.randrange(2) for _ in range(WIDTH)] for _ in range(HEIGHT)]
    content = b"\x03\x00\x00\x01" + FOREVER + b"\x04" + bytes(4) + i1(dots)
    assert len(content) > 1000
    async with Desk() as desk:
        assert await desk.show(content) == 0
        assert desk.lit() == {(x, y) for y, row in enumerate(dots) for x, dot in enumerate(row) if dot}
        assert desk.card.view()["updates"] == 1


def test_pictures_of_three_colours_and_eight_bits() -> None:
    head = b"I1" + bytes.fromhex("0200 0100")
    assert read_i1(head + b"\x07\x00\x80\x40\xc0").colours == bytes([1 | 4, 2 | 4])
    assert read_i1(head + b"\x73\x00" + bytes([255, 10, 0, 128])).colours == bytes([1, 2])
    for wrong in (b"\x00\x00\x80", b"\x01\x01\x80", b"\x01\x00", b"\x01\x00\x80\x80", b"\x11\x00\x80", b"\x09\x00\x80"):
        with pytest.raises(Malformed):
            read_i1(head + wrong)


async def test_a_gif_is_drawn() -> None:
    image = Image.new("P", (20, 10))
    image.putpalette([0, 0, 0, 255, 0, 0])
    image.putpixel((3, 4), 1)
    out = io.BytesIO()
    image.save(out, "GIF")
    async with Desk() as desk:
        assert (
            await desk.show(b"\x03\x00\x00\x01" + FOREVER + b"\x01" + bytes.fromhex("000a 0005") + out.getvalue()) == 0
        )
        assert desk.lit() == {(13, 9)}


@given(st.binary(max_size=80), st.integers(0, 60))
@settings(max_examples=60, deadline=None)
def test_no_damaged_gif_crashes(rubbish: bytes, keep: int) -> None:
    out = io.BytesIO()
    Image.new("P", (9, 5)).save(out, "GIF")
    with pytest.raises(Malformed):
        read_gif(out.getvalue()[:keep] + rubbish if keep < 13 else b"GIF87a" + rubbish[:6])


async def test_windows_share_the_panel() -> None:
    async with Desk() as desk:
        assert await desk.show(TWO_WINDOWS) == 0
        await desk.show(pure_text("上".encode("gb2312"), window=0))
        await desk.show(pure_text("下".encode("gb2312"), window=1))
        rows = {y // 24 for _, y in desk.lit()}
        assert rows == {0, 1}
        await desk.show(pure_text(b" ", window=0))
        assert {y // 24 for _, y in desk.lit()} == {1}
        assert await desk.show(pure_text(b"x", window=2)) is None, "there is no such window"
        assert await desk.show(b"\x01\x01" + bytes.fromhex("0000 0000 00c1 0030")) is None, "wider than the panel"
        assert len(desk.card.view()["windows"]) == 2


async def test_static_texts_lie_beside_each_other_and_a_text_takes_all() -> None:
    def static(text: str, x: int) -> bytes:
        place = x.to_bytes(2, "big") + bytes.fromhex("0000 0040 0010")
        return b"\x04\x00\x01\x00" + place + b"\x02\xff\x00\x00" + text.encode("gb2312") + b"\0"

    async with Desk() as desk:
        assert await desk.show(static("窗口", 0)) == 0
        assert await desk.show(static("社保", 96)) == 0
        assert {x // 96 for x, _ in desk.lit()} == {0, 1}
        assert await desk.show(static("户政", 96)) == 0
        assert [item["text"] for item in desk.card.view()["windows"][0]["items"]] == ["窗口", "户政"]
        assert await desk.show(static("外", 160)) is None
        await desk.show(pure_text(b"1"))
        assert len(desk.card.view()["windows"][0]["items"]) == 1


async def test_the_clock_runs_and_is_set_by_hand() -> None:
    clock = b"\x05\x00" + FOREVER + b"\x00\x01\xff\x02\xff\x00\x00" + "时间".encode("gb2312") + b"\0"
    async with Desk() as desk:
        assert await desk.show(clock) == 0
        desk.card.act("set_clock", moment="2026-11-22 09:30:05")
        before = desk.lit()
        await desk.bench.clock.advance(1.2)
        assert desk.card.view()["windows"][0]["items"][0]["shown"] == "时间09:30:06"
        assert desk.lit() != before
        with pytest.raises(ValueError, match="does not match"):
            desk.card.act("set_clock", moment="tomorrow")


async def test_power_keeps_the_windows_and_a_power_cut_does_not() -> None:
    async with Desk() as desk:
        await desk.show(pure_text(b"A017"))
        shining = desk.lit()
        await desk.ask(SERIAL["cp_power_off"])
        assert (desk.lit(), desk.card.light, desk.card.view()["on"]) == (set(), 0.0, False)
        await desk.ask(SERIAL["cp_power_on"])
        assert desk.lit() == shining
        desk.card.set_fault(Fault(FaultWord.POWER_CUT))
        desk.card.clear_faults()
        assert desk.lit() == set()
        await desk.show(pure_text(b"A017"))
        await desk.ask(SERIAL["cp_save"])
        desk.card.act("power", on=False)
        desk.card.act("power", on=True)
        assert desk.lit() == shining, "saved windows come back"
        assert await desk.show(b"\x07\x01\x00\x00") == 0
        assert await desk.show(b"\x07\x00\x00\x01") is None
        assert desk.card.view()["saved"] is False


async def test_leaving_the_live_display_and_coming_back() -> None:
    async with Desk() as desk:
        await desk.show(pure_text(b"A017"))
        await desk.ask(SERIAL["cp_exit"])
        assert (desk.lit(), desk.card.view()["live"]) == (set(), False)
        await desk.show(pure_text(b"A018"))
        assert desk.lit()


async def test_brightness_is_seen_and_has_no_command() -> None:
    async with Desk() as desk:
        await desk.show(pure_text(b"A017"))
        bright = desk.card.picture()
        desk.card.act("set_brightness", level=4)
        assert desk.card.picture() != bright
        assert desk.card.view()["brightness"] == 4
        for wrong in (-1, 32, "8", True):
            with pytest.raises(ValueError, match="level is a number"):
                desk.card.act("set_brightness", level=wrong)
        for command in (0x45, 0x46, 0x47, 0x75):
            assert await desk.do(command, b"\0") is None
        assert desk.card.view()["brightness"] == 4


async def test_queries_and_restarts() -> None:
    async with Desk() as desk:
        assert await desk.do(0x01, b"hello\xa5\xae\xaa") == b"\0hello\xa5\xae\xaa"
        assert (await desk.do(0x2E, b"\0") or b"")[1:].startswith(b"SIM")
        assert await desk.do(0x29, b"\0") == b"\0" + (1 << 20).to_bytes(4, "little")
        assert await desk.do(0x2E, b"") is None
        await desk.show(pure_text(b"A017"))
        assert await desk.do(0xFE, b"APP?") is None
        assert desk.lit()
        assert await desk.do(0xFE, b"APP!") == b"\0"
        assert not desk.lit()
        assert await desk.do(0x2D, b"\0") == b"\0"


async def test_id_and_speed() -> None:
    async with Desk() as desk:
        assert await desk.do(0x3E, b"\x01") == b"\x01\x01\x01\x00"
        assert await desk.do(0x3E, b"\x00\xff\x00") == b"\x01\x00", "255 is everybody"
        assert await desk.do(0x3E, b"\x00\x07\x09") == b"\x01\x00", "there is no tenth speed"
        assert await desk.do(0x3E, b"\x00\x07\x04") == b"\x01\x01"
        assert await desk.do(0x01, b"x") is None, "another id now"
        assert await desk.do(0x01, b"x", id=7) == b"\0x"
        assert await desk.do(0x01, b"x", id=0xFF) == b"\0x"
        assert desk.card.card.baud == 9600


async def test_a_new_id_code_is_valid_after_its_answer() -> None:
    async with Desk(framing="network") as desk:
        setting = bytes.fromhex("00 c0a801de c0a80101 ffffff00 1450 01020304")
        assert await desk.do(0x3C, setting) == b"\x01\x01"
        assert await desk.do(0x01, b"x") is None
        desk.frames = NetworkFrames(bytes([1, 2, 3, 4]))
        assert await desk.do(0x01, b"x") == b"\0x"
        assert (await desk.do(0x3C, b"\x01") or b"")[1:] == b"\x01" + setting[1:]
        assert desk.card.view()["network"] == "192.168.1.222:5200"


async def test_packets_out_of_order_are_refused_and_begin_anew() -> None:
    async with Desk() as desk:
        content = pure_text(b"7" * 300)

        async def packet(number: int, last: int, part: bytes) -> bytes | None:
            return await desk.do(0x7B, len(part).to_bytes(2, "little") + bytes([number, last]) + part)

        assert await packet(1, 1, content[200:]) == b"\x02\x01\x00\x01\x01" + content[200:201]
        assert await packet(0, 1, content[:200]) == b"\x00\x01\x00\x00\x01\x12"
        assert await packet(0, 1, content[:200]) == b"\x00\x01\x00\x00\x01\x12", "a first packet begins anew"
        assert (await packet(1, 2, content[200:]) or b"")[0] == 2, "the last number changed"
        assert (await packet(1, 1, content[200:]) or b"")[0] == 2, "and the beginning is forgotten"
        await packet(0, 1, content[:200])
        assert (await packet(1, 1, content[200:]) or b"")[0] == 0
        assert desk.card.view()["updates"] == 1
        assert await packet(0, 0, b"\x12" + bytes(250)) is None, "longer than a packet"
        assert await packet(2, 1, b"x") is None


async def test_nobody_who_asks_for_no_confirmation_hears_one() -> None:
    async with Desk() as desk:
        assert await desk.show(pure_text(b"A017"), confirm=0) is None
        assert desk.lit()
        body = bytes.fromhex("68 32 01 7b 00 01 00 00 00 06")
        assert await desk.ask(SerialFrames().wrap(body + b"\0\0")) == b""


async def test_frames_for_others_are_left_alone() -> None:
    async with Desk() as desk:
        assert await desk.do(0x76, b"\0\0" + bytes(7), id=2) is None
        reply = SERIAL["cp_ack"]
        assert await desk.ask(reply) == b"", "an answer is no request"
        assert desk.card.view()["on"] is True


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"\x12\x00\x40\x00\x01\x00\x01\x02\xff\x00\x00x\x00", "effect"),
        (b"\x12\x00\x00\x03\x01\x00\x01\x02\xff\x00\x00x\x00", "align"),
        (b"\x12\x00\x00\x00\x65\x00\x01\x02\xff\x00\x00x\x00", "speed"),
        (b"\x12\x00\x00\x00\x01\x00\x01\x08\xff\x00\x00x\x00", "font"),
        (b"\x12\x00\x00\x00\x01\x00\x01\x02\xff\x00\x00x\x00y", "after the end"),
        (b"\x01\x00", "no windows"),
        (b"\x01\x09" + bytes(72), "nine windows"),
        (b"\x01\x01" + bytes(8), "no size"),
        (b"\x03\x00\x00\x01\xff\xff\x02\x00\x00\x00\x00NAME", "a file it does not have"),
        (b"\x03\x00\x00\x01\xff\xff\x04\x00\xc0\x00\x00I1\x08\x00\x01\x00\x01\x00\x80", "outside"),
        (b"\x06\x00", "left over"),
        (b"\x08", "stored programs"),
        (b"\x81", "templates"),
    ],
)
async def test_contents_no_card_knows_are_dropped(content: bytes, why: str) -> None:
    async with Desk() as desk:
        assert await desk.show(content) is None, why
        assert desk.card.view()["updates"] == 0
        assert desk.card.view()["last_error"]


async def test_a_frame_cut_anywhere_is_silent_and_the_next_one_is_heard() -> None:
    for framing, frame in (("serial", SERIAL["cp_text_escape"]), ("network", NETWORK["cpn_window3"])):
        async with Desk(framing=framing) as desk:
            for end in range(1, len(frame)):
                assert await desk.ask(frame[:end], 1.0) == b"", end
                assert await desk.ask(frame, 1.0) != b"", end
            for byte in frame[:-1]:
                assert await desk.ask(bytes([byte])) == b""
            assert await desk.ask(frame[-1:]) != b""


async def test_one_wrong_byte_anywhere_never_changes_the_panel() -> None:
    async with Desk() as desk:
        await desk.show(pure_text(b"A017"))
        before = desk.lit()
        frame = SERIAL["cp_image_i1"]
        for place in range(len(frame)):
            await desk.ask(frame[:place] + bytes([frame[place] ^ 0x10]) + frame[place + 1 :], 1.0)
            assert desk.lit() == before, place


async def test_refusals_and_spoilt_answers() -> None:
    async with Desk() as desk:
        desk.card.set_fault(Fault(FaultWord.NAK, times=1))
        assert await desk.show(pure_text(b"A017")) == 2
        assert not desk.lit()
        desk.card.set_fault(Fault(FaultWord.BAD_CHECKSUM, times=1))
        said = await desk.ask(SERIAL["cp_power_on"])
        raw = next(iter(SerialFrames().feed(said)))
        assert checksum(raw[:-2]) != raw[-2:]
        with pytest.raises(ValueError, match="nak amount"):
            desk.card.set_fault(Fault(FaultWord.NAK, 300))


@given(st.lists(st.binary(max_size=30), max_size=5), st.binary(max_size=40))
@settings(max_examples=60, deadline=None)
def test_what_is_wrapped_comes_out_again_after_any_noise(noise: list[bytes], body: bytes) -> None:
    frames = SerialFrames()
    for piece in noise:
        list(frames.feed(piece))
    wrapped = frames.wrap(b"\x68" + body)
    assert list(frames.feed(wrapped)) == [b"\x68" + body]
    assert wrapped.count(b"\xa5") == wrapped.count(b"\xae") == 1
