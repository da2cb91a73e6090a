"""A strip screen on the keypads' line, on a real pty; answers cut and corrupted at every offset."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.contract import Context, Display, Driver, Identifiable, Page, PageLine
from drivers.errors import Absent, Busy, Gone, Late
from drivers.hall485.bus import Hall485Bus
from drivers.hall485.frame import Damage, Frame, FrameReader
from drivers.hall485.keypad import Keypad
from drivers.hall485.strip import Strip485, StripConfig, characters, one_line
from drivers.hall485.stripframe import SHOW_ROM, SHOW_TEXT, StripAnswer, StripFrame, coloured

from .conftest import VECTORS

WIRE = {vector["id"]: bytes.fromhex(vector["hex"]) for vector in VECTORS["strip"]}
SHOWN = Page(lines=(PageLine(text="A001号"),))
DARK = StripFrame(3, SHOW_TEXT, b" \x00").encode()
pytestmark = pytest.mark.usefixtures("nothing_left")


@pytest.fixture
async def strip(bus: Hall485Bus, hall_ctx: Context, peer: Any) -> AsyncIterator[Strip485]:
    async def no_time(seconds: float) -> None:
        await asyncio.sleep(0)

    hall_ctx.extra["sleep"] = no_time
    screen = Strip485(StripConfig(address=3, answer_timeout=0.3), bus, hall_ctx)
    await screen.open()
    peer.answer = lambda data: peer.send(WIRE["strip_ack"])
    yield screen
    await screen.close()


def test_vectors() -> None:
    assert StripFrame(3, SHOW_TEXT, coloured(characters("A001号"), "red")).encode() == WIRE["strip_A001"]
    assert StripFrame(3, SHOW_ROM).encode() == WIRE["strip_rom"]
    reader = FrameReader()
    reader.strips = True
    assert reader.feed(WIRE["strip_ack"]) == [StripAnswer(3)]


def test_it_is_what_the_contract_asks(strip: Strip485) -> None:
    for capability in (Driver, Display, Identifiable):
        assert isinstance(strip, capability)


async def test_a_page_is_one_text_and_sent_once(strip: Strip485, peer: Any, clock: Any) -> None:
    await strip.show(SHOWN)
    await strip.show(SHOWN)
    await peer.until_heard(WIRE["strip_A001"])
    clock.now += 31
    await strip.show(SHOWN)
    await peer.until_heard(WIRE["strip_A001"] * 2)
    assert (await strip.check()).state == "ready"


async def test_lines_go_behind_each_other_the_big_one_first(strip: Strip485, peer: Any) -> None:
    await strip.show(Page(lines=(PageLine(text="到3号"), PageLine(text="A1", big=True))))
    await peer.until_heard(StripFrame(3, SHOW_TEXT, coloured(characters("A1　到3号"), "red")).encode())


@pytest.mark.parametrize(
    ("most", "shown"),
    [
        (18, "A017　请到1号窗口"),
        (16, "A017 请到1号窗口"),
        (15, "A017请到1号窗口"),
        (8, "A017"),
        (3, "A017　请到1号窗口"),
    ],
)
def test_the_widest_form_that_fits(most: int, shown: str) -> None:
    page = Page(lines=(PageLine(text="请到1号窗口"), PageLine(text=" "), PageLine(text="A017", big=True)))
    assert one_line(page, most) == shown


async def test_an_unheard_text_is_said_twice(strip: Strip485, peer: Any) -> None:
    said = []
    peer.answer = lambda data: peer.send(WIRE["strip_ack"]) if len(said) else said.append(data)
    await strip.show(SHOWN)
    await peer.until_heard(WIRE["strip_A001"] * 2)


async def test_a_strip_that_is_not_there(strip: Strip485, peer: Any) -> None:
    peer.answer = lambda data: None
    with pytest.raises(Late):
        await strip.show(SHOWN)
    peer.answer = lambda data: peer.send(bytes.fromhex("a0 90 04 a5 aa"))
    with pytest.raises(Late):
        await strip.show(SHOWN)
    peer.answer = lambda data: peer.send(bytes.fromhex("a0 90 03 01 02 03 a5 aa"))
    await strip.show(SHOWN)


async def test_a_strip_that_never_answers(bus: Hall485Bus, hall_ctx: Context, peer: Any) -> None:
    screen = Strip485(StripConfig(address=3, answers=False), bus, hall_ctx)
    await screen.open()
    await screen.show(SHOWN)
    await peer.until_heard(WIRE["strip_A001"])
    assert (await screen.check()).detail == "never answers"
    await screen.close()


async def test_clear_and_identify(strip: Strip485, peer: Any) -> None:
    await strip.clear()
    await peer.until_heard(DARK)
    await strip.show(SHOWN)
    peer.forget()
    await strip.identify(1)
    blocks = StripFrame(3, SHOW_TEXT, coloured(characters("■" * 8), "red")).encode()
    await peer.until_heard(blocks + DARK + WIRE["strip_A001"])


async def test_what_stands_in_the_strip_itself(bus: Hall485Bus, hall_ctx: Context, peer: Any) -> None:
    screen = Strip485(StripConfig(address=3, idle="rom", answers=False), bus, hall_ctx)
    await screen.open()
    await screen.clear()
    await peer.until_heard(WIRE["strip_rom"])
    await screen.close()


async def test_it_shares_its_number_with_a_keypad(
    strip: Strip485, keypad_a: Keypad, peer: Any, on_wire: dict[str, bytes]
) -> None:
    peer.answer = lambda data: peer.send(WIRE["strip_ack"] + on_wire["key_call"]) if data[0] == 0xA0 else None
    await strip.show(SHOWN)
    await peer.until_heard(WIRE["strip_A001"] + on_wire["key_call"])
    async with asyncio.timeout(30):
        assert (await anext(keypad_a.events())).data["key"] == "next"


async def test_one_holder_and_the_end_of_the_line(strip: Strip485, bus: Hall485Bus, hall_ctx: Context) -> None:
    other = Strip485(StripConfig(address=3), bus, hall_ctx)
    with pytest.raises(Busy):
        await other.open()
    with pytest.raises(Gone):
        await other.show(SHOWN)
    waiting = asyncio.ensure_future(anext(strip.events()))
    await asyncio.sleep(0)
    await bus.close()
    for attempt in (waiting, strip.check(), strip.show(SHOWN)):
        with pytest.raises(Gone):
            await attempt
    with pytest.raises(Absent):
        await strip.open()


def test_long_texts_end_with_an_ellipsis() -> None:
    coded = characters("请" * 90)
    assert coded[-1] == b"\xa1\xad"
    assert sum(len(one) + 1 for one in coded) <= 249
    assert len(characters("请" * 83)) == 83
    with pytest.raises(ValueError, match="250"):
        StripFrame(1, SHOW_TEXT, bytes(250)).encode()


def test_what_gbk_lacks_is_a_box() -> None:
    assert b"".join(characters("𠮷\n号")) == "□ 号".encode("gbk")


KEY = Frame(3, 1, b"\x0c")
ANSWER = bytes.fromhex("a0 90 03 01 02 a5 aa")


def read(data: bytes) -> list[object]:
    reader = FrameReader()
    reader.strips = True
    return [item for item in [*reader.feed(data), *reader.abandon()] if not isinstance(item, Damage)]


def test_answers_cut_and_corrupted_at_every_offset() -> None:
    """A press right behind is found whatever happened to the answer."""
    for at in range(len(ANSWER)):
        assert read(ANSWER[:at] + KEY.encode())[-1] == KEY
        damaged = bytearray(ANSWER)
        damaged[at] ^= 0x40
        found = read(bytes(damaged) + KEY.encode())
        assert found[-1] == KEY
        assert all(isinstance(item, StripAnswer) for item in found[:-1])
    assert read(ANSWER + KEY.encode()) == [StripAnswer(3), KEY]


def test_keys_cut_and_corrupted_at_every_offset() -> None:
    whole = KEY.encode()
    for at in range(len(whole)):
        assert read(whole[:at] + ANSWER)[-1] == StripAnswer(3)
        damaged = bytearray(whole)
        damaged[at] ^= 0x40
        assert read(bytes(damaged) + ANSWER) == [StripAnswer(3)]


@settings(max_examples=100, deadline=None)
@given(noise=st.binary(max_size=40), cuts=st.lists(st.integers(1, 60), max_size=8))
def test_a_press_after_any_noise_is_found_however_it_is_cut(noise: bytes, cuts: list[int]) -> None:
    reader = FrameReader()
    reader.strips = True
    data = noise + b"\x00" * 30 + KEY.encode()
    found = []
    for start, end in zip([0, *sorted(cuts)], [*sorted(cuts), len(data)], strict=True):
        found += reader.feed(data[start:end])
    assert KEY in [*found, *reader.abandon()]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=120))
def test_any_text_makes_a_frame(text: str) -> None:
    frame = StripFrame(9, SHOW_TEXT, coloured(characters(text), "green")).encode()
    value = 0
    for byte in frame[2:]:
        value ^= byte
    assert value == 0
    assert frame[4] * 256 + frame[5] == len(frame) - 7
