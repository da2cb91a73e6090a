import asyncio
import random
import struct
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime

import pytest
from pydantic import ValidationError

from drivers.contract import Context, Display, Driver, Identifiable, Page, PageLine
from drivers.errors import Absent, Garbled, Gone, Late, Refused, WrongDevice
from drivers.led.onbon5k import Onbon5K
from drivers.led.onbon5k_config import Onbon5KConfig
from drivers.led.phy0 import Unframer, checked, frame
from drivers.links import make_link

from .conftest import Card, frames

VECTORS, MALFORMED = frames("vectors", "onbon_font_card"), frames("malformed", "onbon_font_card")
CALL = (PageLine(text="A017", big=True), PageLine(text="请到1号窗口"))
PAUSED = (PageLine(text="1号窗口"), PageLine(text="暂停服务", big=True))
SIGN = (PageLine(text="1号窗口"), PageLine(text="综合业务 社保医保 户政居住 出入境证件"))
Make = Callable[..., Onbon5K]


@dataclass
class Update:
    """An A3 06 as it stands on the wire, by the table of led.md 1.4. `areas`: id -> fields."""

    process_mode: int
    display_mode: int
    delete: bytes
    areas: dict[int, "Area"]


@dataclass
class Area:
    place: tuple[int, int, int, int]
    run_mode: int
    timeout: int
    alignment: int
    single: int
    effect: int
    text: bytes


def update(request: bytes) -> Update:
    (content,) = Unframer().feed(request)
    body = checked(content)
    assert body[11] == 2
    assert struct.unpack_from("<H", body, 12) == (len(body) - 14,)
    data = body[14:]
    assert data[:3] == b"\xa3\x06\x01"
    rest = data[5:]
    count = 0 if rest[0] == 0xFF else rest[0]
    delete, rest = rest[: 1 + count], rest[1 + count :]
    number, rest = rest[0], rest[1:]
    areas = {}
    for _ in range(number):
        (length,) = struct.unpack_from("<H", rest)
        area, rest = rest[2 : 2 + length], rest[2 + length :]
        assert struct.unpack_from("<I", area, 23) == (length - 27,)
        place = struct.unpack_from("<4H", area, 1)
        (timeout,) = struct.unpack_from("<H", area, 12)
        areas[area[9]] = Area(place, area[11], timeout, area[16], area[17], area[19], area[27:])
    assert rest == b""
    return Update(data[3], body[9], delete, areas)


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def card() -> AsyncIterator[Card]:
    card = Card(VECTORS["k_ack"])
    await card.start()
    yield card
    await card.stop()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def noted() -> list[tuple[str, dict[str, object]]]:
    return []


@pytest.fixture
async def panel(
    card: Card, clock: Clock, slept: list[float], noted: list[tuple[str, dict[str, object]]]
) -> AsyncIterator[Make]:
    made: list[Onbon5K] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    def make(**config: object) -> Onbon5K:
        ctx = Context(
            clock=clock,
            random=random.Random(1),
            note=lambda name, **facts: noted.append((name, facts)),
            extra={"sleep": sleep},
        )
        settings = Onbon5KConfig(**{"width": 192, "height": 64, "reply_timeout": 0.2, **config})
        made.append(Onbon5K(settings, make_link(f"tcp://127.0.0.1:{card.port}", ctx), ctx))
        return made[-1]

    yield make
    for device in made:
        await device.close()


async def test_open_pings(panel: Make, card: Card) -> None:
    device = panel()
    identity = await device.open()
    assert card.requests == [VECTORS["k_ping"]]
    assert identity.model == "BX-5K1"
    assert (await device.check()).state == "ready"
    assert (await device.open()) == identity


async def test_it_is_what_the_contract_asks(panel: Make) -> None:
    for capability in (Driver, Display, Identifiable):
        assert isinstance(panel(), capability)


async def test_a_call(panel: Make, card: Card) -> None:
    device = panel()
    await device.open()
    await device.show(Page(lines=CALL, fallback=PAUSED, lease=14.2))
    shown = update(card.requests[-1])
    assert (shown.process_mode, shown.delete, shown.display_mode) == (1, b"\xff", 0)
    assert shown.areas == {
        0: Area((0, 5, 24, 32), 2, 15, 0x0A, 1, 1, rb"\FO001\FE001\C1A017"),
        1: Area((0, 42, 24, 16), 2, 15, 0x0A, 1, 1, rb"\FO000\FE000\C1" + "请到1号窗口".encode("gb2312")),
    }


async def test_the_cards_last_page_says_what_a_dead_host_cannot(panel: Make, card: Card) -> None:
    device = panel(lease_mode="logo")
    await device.open()
    await device.show(Page(lines=CALL, fallback=PAUSED, lease=10))
    areas = update(card.requests[-1]).areas
    assert [(area.run_mode, area.timeout, area.single) for area in areas.values()] == [(3, 10, 2)] * 2
    assert areas[0].text == rb"\FO001\FE001\C1A017\n\FO001\FE001\C1" + "暂停服务".encode("gb2312")
    assert areas[1].text.endswith(rb"\n\FO000\FE000\C1" + "1号窗口".encode("gb2312"))


async def test_what_has_no_last_words_vanishes(panel: Make, card: Card) -> None:
    device = panel(lease_mode="logo")
    await device.open()
    await device.show(Page(lines=SIGN, fallback=PAUSED[1:], lease=10))
    areas = update(card.requests[-1]).areas
    assert sorted((area.run_mode, area.timeout) for area in areas.values()) == [(2, 10), (2, 10), (3, 10)]


@pytest.mark.parametrize(("config", "lease"), [({"lease_mode": "none"}, 10), ({}, 0)])
async def test_no_lease(panel: Make, card: Card, config: dict[str, str], lease: float) -> None:
    device = panel(**config)
    await device.open()
    await device.show(Page(lines=CALL, fallback=PAUSED, lease=lease))
    assert {(area.run_mode, area.timeout) for area in update(card.requests[-1]).areas.values()} == {(0, 0)}


async def test_renewed_in_place(panel: Make, card: Card) -> None:
    device = panel()
    await device.open()
    page = Page(lines=CALL, fallback=PAUSED, lease=15)
    for _ in range(3):
        await device.show(page)
    first, second, third = (update(request) for request in card.requests[1:])
    assert (second.process_mode, second.delete) == (0, b"\x00")
    assert second.areas == first.areas
    assert third == second


async def test_another_number_comes_in_place_another_layout_anew(panel: Make, card: Card) -> None:
    device = panel()
    await device.open()
    for text, process_mode in (("A017", 1), ("A018", 0)):
        await device.show(Page(lines=(PageLine(text=text, big=True), CALL[1]), lease=15))
        assert update(card.requests[-1]).process_mode == process_mode
    await device.show(Page(lines=(PageLine(text="暂停服务"),), lease=15))
    last = update(card.requests[-1])
    assert (last.process_mode, last.delete, list(last.areas)) == (1, b"\xff", [0])


async def test_after_a_failed_update_everything_comes_anew(panel: Make, card: Card) -> None:
    device = panel()
    await device.open()
    page = Page(lines=CALL, lease=15)
    await device.show(page)
    card.answers = [None]
    with pytest.raises(Late):
        await device.show(page)
    await device.show(page)
    assert update(card.requests[-1]).process_mode == 1


async def test_an_empty_page_is_dark(panel: Make, card: Card) -> None:
    device = panel()
    await device.open()
    await device.show(Page(lines=(PageLine(text=" "),), lease=15))
    assert update(card.requests[-1]) == Update(1, 0, b"\xff", {})


async def test_a_moving_line_comes_to_its_end(panel: Make, card: Card, clock: Clock) -> None:
    """Renewing starts it again: so seldom, under a longer time-out of the card's."""
    device = panel(width=96, height=32)
    await device.open()
    page = Page(lines=SIGN, lease=15)
    await device.show(page)
    still, moving = update(card.requests[-1]).areas.values()
    assert (still.effect, still.timeout, still.alignment) == (1, 15, 0x0A)
    assert (moving.effect, moving.timeout, moving.alignment) == (3, 60, 0x08)
    sent = []
    for _ in range(8):
        clock.now += 5
        await device.show(page)
        sent.append(list(update(card.requests[-1]).areas))
    assert sent == [[0]] * 5 + [[0, 1]] + [[0]] * 2


async def test_a_number_that_moves_keeps_its_short_lease(panel: Make, card: Card) -> None:
    device = panel(width=64, height=16)
    await device.open()
    await device.show(Page(lines=CALL, lease=15))
    (area,) = update(card.requests[-1]).areas.values()
    assert (area.effect, area.timeout) == (3, 15)


async def test_missing_characters_are_said(panel: Make, card: Card, noted: list) -> None:  # type: ignore[type-arg]
    device = panel(spellings={"𠮷": "吉"})
    await device.open()
    page = Page(lines=(PageLine(text="䶮𠮷"),), lease=15)
    for _ in range(2):
        await device.show(page)
    assert update(card.requests[-1]).areas[0].text.endswith("□吉".encode("gb2312"))
    health = await device.check()
    assert (health.state, health.code) == ("warning", "unsupported")
    assert health.detail.endswith("U+4DAE U+20BB7")
    assert noted == [("led.replaced", {"characters": "U+4DAE U+20BB7"})]
    await device.show(Page(lines=CALL))
    assert (await device.check()).state == "ready"


FONT_MISSING = frame(bytes.fromhex("0080 0100 000000 00 00 00 51 02 0500 a0 01 0c 0000"))


async def test_a_font_that_is_not_on_the_card(panel: Make, card: Card) -> None:
    device = panel()
    await device.open()
    card.answers = [FONT_MISSING]
    await device.show(Page(lines=CALL, lease=15))
    assert update(card.requests[-1]).areas[0].text == rb"\FO000\FE000\C1A017"
    health = await device.check()
    assert (health.state, health.detail) == ("warning", "no font of 32 dots on the card")
    await device.show(Page(lines=CALL))
    assert len(card.requests) == 5
    await device.identify(1)
    assert b"\\FO000" in update(card.requests[-3]).areas[0].text


async def test_no_font_on_the_card_at_all(panel: Make, card: Card) -> None:
    device = panel()
    await device.open()
    card.answers = [FONT_MISSING, FONT_MISSING]
    with pytest.raises(Refused, match="font missing"):
        await device.show(Page(lines=CALL))


@pytest.mark.parametrize(
    ("units", "across"), [("8px", (0, 24)), ("pixel_bit15", (0x8000, 0x80C0)), ("pixel_plain", (0, 192))]
)
async def test_units(panel: Make, card: Card, units: str, across: tuple[int, int]) -> None:
    device = panel(units=units)
    await device.open()
    await device.show(Page(lines=CALL))
    x, y, width, height = update(card.requests[-1]).areas[0].place
    assert ((x, width), (y, height)) == (across, (5, 32))


async def test_colour_fonts_and_programs_under_the_areas(panel: Make, card: Card) -> None:
    device = panel(colour="yellow", fonts={24: ["O007"]}, over_programs=True)
    await device.open()
    await device.show(Page(lines=CALL))
    shown = update(card.requests[-1])
    assert shown.display_mode == 1
    assert shown.areas[0].text == rb"\FO007\C3A017"


@pytest.mark.parametrize("answers", [["k_ack", "k_nack_2"], ["k_ack", "k_ack"]])
async def test_clear(panel: Make, card: Card, answers: list[str]) -> None:
    device = panel()
    await device.open()
    await device.show(Page(lines=CALL))
    card.answers = [VECTORS[name] for name in answers]
    await device.clear()
    assert update(card.requests[-2]) == Update(1, 0, b"\xff", {})
    assert card.requests[-1] == VECTORS["k_clear"]
    assert (await device.check()).state == "ready"


async def test_clear_refused_for_another_reason(panel: Make, card: Card) -> None:
    device = panel()
    await device.open()
    card.answers = [VECTORS["k_ack"], VECTORS["k_nack_3"]]
    with pytest.raises(Refused):
        await device.clear()


async def test_identify_blinks_and_then_shows_what_was_shown(panel: Make, card: Card, slept: list[float]) -> None:
    device = panel()
    await device.open()
    await device.show(Page(lines=CALL))
    shown = card.requests[-1]
    await device.identify(3)
    assert sum(slept) == 3
    lit, dark = update(card.requests[2]), update(card.requests[3])
    assert lit.areas[0].place == (0, 0, 24, 64)
    assert (lit.areas[0].run_mode, lit.areas[0].timeout) == (2, 2)
    assert lit.areas[0].text.endswith(b"\\n".join(["■■■■■■".encode("gb2312")] * 2))
    assert dark.areas == {}
    assert len(card.requests) == 2 + 6 + 1
    assert card.requests[-1] == shown


async def test_identify_on_a_dark_panel_leaves_it_dark(panel: Make, card: Card) -> None:
    device = panel()
    await device.open()
    await device.identify(1)
    assert update(card.requests[-1]).areas == {}


async def test_small_verbs(panel: Make, card: Card) -> None:
    device = panel(brightness=10)
    await device.open()
    assert card.requests[-1] == VECTORS["k_brightness_10"]
    await device.set_power(True)
    assert card.requests[-1] == VECTORS["k_power_on"]
    await device.set_clock(datetime(2026, 11, 22, 9, 30, 5))  # noqa: DTZ001 - the card knows local time only
    assert card.requests[-1] == VECTORS["k_clock"]
    card.answers = [VECTORS["k_status_reply"]]
    assert (await device.status()).areas == (0, 1)
    assert card.requests[-1] == VECTORS["k_status"]


@pytest.mark.parametrize("code", ["1", "2", "3", "5"])
async def test_nack(panel: Make, card: Card, code: str) -> None:
    device = panel()
    await device.open()
    card.answers = [VECTORS[f"k_nack_{code}"]]
    with pytest.raises(Refused) as refused:
        await device.show(Page(lines=CALL))
    assert refused.value.device_code == code


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (None, Late),
        (MALFORMED["k_bad_crc"], Garbled),
        (MALFORMED["k_bad_escape"], Garbled),
        (MALFORMED["k_no_start"], Garbled),
        (MALFORMED["k_len_long"], Garbled),
        (MALFORMED["k_truncated"], Late),
        (MALFORMED["k_unknown_group"], Late),
        (MALFORMED["k_text_len"], Late),
        (frames("vectors")["e_ack"], WrongDevice),
        (frame(bytes.fromhex("0080 0100 000000 00 00 00 51 02 0500 a0 01 11 0000")), WrongDevice),
    ],
    ids=["silent", "crc", "escape", "no-start", "length", "cut", "group", "other", "graphic-card", "controller-type"],
)
async def test_bad_replies(panel: Make, card: Card, answer: bytes | None, error: type[Exception]) -> None:
    card.answers = [answer]
    with pytest.raises(error):
        await panel().open()


async def test_another_card_than_configured(panel: Make) -> None:
    with pytest.raises(WrongDevice):
        await panel(device_type=0x61).open()
    await panel(device_type=0x51).open()


async def test_noise_before_the_reply_and_a_double_end_do_no_harm(panel: Make, card: Card) -> None:
    device = panel()
    card.answers = [b"\x00\x7f" + VECTORS["k_status_reply"] + VECTORS["k_ack"] + b"\x5a"]
    await device.open()
    await device.check()


async def test_unplugged(panel: Make, card: Card) -> None:
    device = panel()
    await device.open()
    async with asyncio.timeout(30):
        waiting = asyncio.ensure_future(anext(device.events()))
        await asyncio.sleep(0)
        card.unplug()
        with pytest.raises(Gone):
            await waiting
    with pytest.raises(Gone):
        await device.check()
    await device.open()


async def test_nobody_there(panel: Make, card: Card) -> None:
    await card.stop()
    with pytest.raises(Absent):
        await panel().open()


async def test_cancelled_requests_leave_the_next_one_whole(panel: Make, card: Card) -> None:
    device = panel()
    await device.open()
    card.answers = [None]
    asking = asyncio.ensure_future(device.show(Page(lines=CALL)))
    await card.received(2)
    assert (await device.check()).state == "busy"
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert (await device.check()).state == "ready"


@pytest.mark.parametrize(
    "options",
    [
        {"width": 100, "height": 32},
        {"width": 96, "height": 12},
        {"width": 96, "height": 32, "fonts": {}},
        {"width": 96, "height": 32, "fonts": {16: ["E000"]}},
        {"width": 96, "height": 32, "fonts": {16: ["O000", r"\C1"]}},
        {"width": 96, "height": 32, "substitute": "䶮"},
        {"width": 96, "height": 32, "spellings": {"䶮": "𠮷"}},
        {"width": 96, "height": 32, "lines": 5},
    ],
)
def test_settings_that_make_no_sense(options: dict) -> None:  # type: ignore[type-arg]
    with pytest.raises(ValidationError):
        Onbon5KConfig(**options)


def test_settings_as_a_site_file_writes_them() -> None:
    config = Onbon5KConfig.model_validate(
        {"width": 100, "height": 32, "units": "pixel_bit15", "fonts": {"16": ["O000", "E000"], "48": ["O002"]}}
    )
    assert config.sizes == (16,)
