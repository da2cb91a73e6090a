import asyncio
import struct
from collections.abc import Callable

import numpy as np
import pytest

from drivers.contract import Adjustable, Adjustment, Display, DisplayCondition, Driver, Identifiable, Page, PageLine
from drivers.errors import Absent, Garbled, Gone, Late, Refused, Unsupported, WrongDevice
from drivers.glyphs import Glyphs
from drivers.led import area5, area6, fullheader
from drivers.led.onbon6e import Onbon6E
from drivers.led.phy0 import Unframer, checked, frame
from drivers.led.raster import Panel

from .conftest import Card, frames

VECTORS, MALFORMED = frames("vectors"), frames("malformed")
CALL = (PageLine(text="A017", big=True), PageLine(text="请到1号窗口"))
PAUSED = (PageLine(text="暂停服务"),)
Make = Callable[..., Onbon6E]


def sent(request: bytes) -> tuple[int, int, bytes]:
    """Group, cmd and payload of a request on the wire, by the layout of led.md 1.5."""
    (content,) = Unframer().feed(request)
    body = checked(content)
    (length,) = struct.unpack_from("<I", body, 12)
    assert length == len(body) - 16
    assert body[16] == 1
    return body[17], body[18], body[21:]


def area(request: bytes) -> tuple[int, int, list[np.ndarray]]:
    """Run mode, time-out and the pictures of an update with one area over 192x64."""
    group, cmd, payload = sent(request)
    assert (group, cmd) == (0xA7, 0x00)
    count, length = struct.unpack_from("<HI", payload)
    assert count == 1
    info, pixels = payload[6 : 6 + length], payload[6 + length :]
    assert struct.unpack_from("<4H", info, 13) == (0, 0, 192, 64)
    (pages,) = struct.unpack_from("<H", info, 31)
    pictures = []
    for page in range(pages):
        offset, size = struct.unpack_from("<II", info, 33 + 30 * page + 22)
        pictures.append(area6.unpack_pixels(pixels[offset : offset + size], 192, 64))
    return info[1], struct.unpack_from("<H", info, 2)[0], pictures


async def test_open_pings_any_card(panel: Make, card: Card) -> None:
    device = panel()
    identity = await device.open()
    assert card.requests == [VECTORS["e_ping_any"]]
    assert identity.model == "BX-6E1"
    assert (await device.check()).state == "ready"
    assert (await device.open()) == identity


async def test_it_is_what_the_contract_asks(panel: Make) -> None:
    for capability in (Driver, Display, Adjustable, Identifiable):
        assert isinstance(panel(), capability)


async def test_a_lease_is_the_cards_own_timeout(panel: Make, card: Card, glyphs: Glyphs) -> None:
    device = panel()
    await device.open()
    await device.show(Page(lines=CALL, fallback=PAUSED, lease=14.2))
    run_mode, timeout, pictures = area(card.requests[-1])
    drawing = Panel(192, 64, glyphs)
    assert (run_mode, timeout) == (3, 15)
    assert np.array_equal(pictures[0], drawing.pages(CALL)[0])
    assert np.array_equal(pictures[-1], drawing.picture(PAUSED))
    assert len(pictures) == 2


@pytest.mark.parametrize(
    ("config", "page", "expected"),
    [
        ({}, Page(lines=CALL, fallback=PAUSED), (0, 0, 1)),
        ({}, Page(lines=CALL, lease=10), (2, 10, 1)),
        ({"lease_mode": "vanish"}, Page(lines=CALL, fallback=PAUSED, lease=10), (2, 10, 1)),
        ({"lease_mode": "none"}, Page(lines=CALL, fallback=PAUSED, lease=10), (0, 0, 1)),
    ],
)
async def test_run_modes(panel: Make, card: Card, config: dict, page: Page, expected: tuple) -> None:  # type: ignore[type-arg]
    device = panel(**config)
    await device.open()
    await device.show(page)
    run_mode, timeout, pictures = area(card.requests[-1])
    assert (run_mode, timeout, len(pictures)) == expected


async def test_the_same_page_is_sent_again_to_renew_the_lease(panel: Make, card: Card) -> None:
    device = panel()
    await device.open()
    for _ in range(3):
        await device.show(Page(lines=CALL, fallback=PAUSED, lease=10))
    assert len(card.requests) == 4
    assert len(set(card.requests[1:])) == 1


async def test_clear_deletes_our_area_only(panel: Make, card: Card) -> None:
    device = panel(address=1, device_type=0x0174)
    await device.open()
    await device.clear()
    assert card.requests[-1] == VECTORS["e6_delete_area0_sdk"]


async def test_brightness(panel: Make, card: Card) -> None:
    device = panel(address=1, device_type=0x0174, brightness=8)
    await device.open()
    assert card.requests[-1] == VECTORS["e_brightness_8"]


async def test_identify_blinks_and_then_shows_what_was_shown(panel: Make, card: Card, slept: list[float]) -> None:
    device = panel()
    await device.open()
    await device.show(Page(lines=CALL))
    shown = card.requests[-1]
    await device.identify(5)
    run_mode, timeout, pictures = area(card.requests[-2])
    assert (run_mode, timeout) == (2, 6)
    assert [bool(picture.all()) for picture in pictures] == [True, False]
    assert slept == [5]
    assert card.requests[-1] == shown


async def test_identify_on_a_dark_panel_leaves_it_dark(panel: Make, card: Card) -> None:
    device = panel()
    await device.open()
    await device.identify(1)
    assert sent(card.requests[-1]) == (0xA7, 0x01, b"\x01\x00")


@pytest.mark.parametrize(("name", "code"), [("e_nack_busy", "3"), ("e_nack_crc", "5")])
async def test_nack(panel: Make, card: Card, name: str, code: str) -> None:
    device = panel()
    await device.open()
    card.answers = [VECTORS[name]]
    with pytest.raises(Refused) as refused:
        await device.show(Page(lines=CALL))
    assert refused.value.device_code == code


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (None, Late),
        (MALFORMED["e_bad_crc"], Garbled),
        (MALFORMED["k_bad_escape"], Garbled),
        (VECTORS["e_ack"][:-4], Late),
        (b"\x00\x01\x02hello", Garbled),
        (VECTORS["k_ack"], WrongDevice),
    ],
    ids=["silent", "crc", "escape", "cut", "noise", "font-card"],
)
async def test_bad_replies(panel: Make, card: Card, answer: bytes | None, error: type[Exception]) -> None:
    device = panel()
    card.answers = [answer]
    with pytest.raises(error):
        await device.open()


async def test_another_card_than_configured(panel: Make) -> None:
    with pytest.raises(WrongDevice):
        await panel(device_type=0x0274).open()


async def test_noise_before_the_reply_and_a_double_end_do_no_harm(panel: Make, card: Card) -> None:
    device = panel()
    card.answers = [b"\x00\x7f" + VECTORS["e_ack"] + b"\x5a"]
    await device.open()
    await device.check()


async def test_a_stray_data_reply_is_passed_over(panel: Make, card: Card) -> None:
    card.answers = [VECTORS["e_brightness_reply"] + VECTORS["e_ack"]]
    await panel().open()


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


FIFTH = frame(bytes.fromhex("0080 0100 f000 5401 00000000 09000000 00 a000 0000 0000 0000"))


async def test_a_card_of_the_fifth_generation_gets_its_own_packing(panel: Make, card: Card, glyphs: Glyphs) -> None:
    device = panel()
    card.answers = [FIFTH]
    assert (await device.open()).model == "BX-5E1"
    await device.show(Page(lines=CALL, fallback=PAUSED, lease=10))
    group, cmd, payload = sent(card.requests[-1])
    (length,) = struct.unpack_from("<I", payload)
    assert (group, cmd, length) == (0xA7, 0x00, len(payload) - 4)
    assert payload[5] == 3  # the last page stays when nobody renews
    (pages,) = struct.unpack_from("<H", payload, 26)
    (size,) = struct.unpack_from("<I", payload, 28)
    assert pages == 2
    assert size == 13 + 24 * 64
    picture = area5.unpack_pixels(payload[28 + 17 : 28 + 4 + size], 192, 64)
    assert np.array_equal(picture, Panel(192, 64, glyphs).pages(CALL)[0])


async def test_the_generation_can_be_said_for_cards_that_do_not_say_it(panel: Make, card: Card) -> None:
    nameless = frame(bytes.fromhex("0080 0100 f000 feff 00000000 09000000 00 a000 0000 0000 0000"))
    device = panel(generation=5)
    card.answers = [nameless]
    await device.open()
    await device.show(Page(lines=CALL))
    assert struct.unpack_from("<I", sent(card.requests[-1])[2])[0] == 24 + 17 + 24 * 64


async def test_another_generation_than_configured(panel: Make) -> None:
    with pytest.raises(WrongDevice):
        await panel(generation=5).open()


async def test_brightness_in_percent_and_back(panel: Make, card: Card) -> None:
    device = panel(address=1, device_type=0x0174)
    await device.open()
    await device.adjust(Adjustment(brightness=53))
    assert card.requests[-1] == VECTORS["e_brightness_8"]
    card.answers = [VECTORS["e_brightness_reply"]]
    assert await device.condition() == DisplayCondition(brightness=53)
    assert card.requests[-1] == VECTORS["e_brightness_query"]


async def test_a_card_that_does_not_know_the_question(panel: Make, card: Card) -> None:
    device = panel()
    await device.open()
    card.answers = [frame(bytes.fromhex("0080 0100 f000 7401 00000000 09000000 00 a001 0100 0200 0000"))]
    assert await device.condition() == DisplayCondition()
    card.answers = [frame(bytes.fromhex("0080 0100 f000 7401 00000000 0b000000 00 a299 0000 0000 0200 0001"))]
    with pytest.raises(Garbled):
        await device.condition()


async def test_power_goes_with_the_vendors_header(panel: Make, card: Card) -> None:
    device = panel(address=1, device_type=0x0174)
    await device.open()
    await device.adjust(Adjustment(power=True))
    assert card.requests[-1] == fullheader.request(
        6, fullheader.POWER, b"\x01", address=1, device_type=0x0174, sequence=1
    )


async def test_a_card_that_ignores_that_header_is_not_asked_twice(panel: Make, card: Card) -> None:
    device = panel(reply_timeout=0.05)
    await device.open()
    card.answers = [None]
    with pytest.raises(Unsupported):
        await device.adjust(Adjustment(power=False))
    asked = len(card.requests)
    with pytest.raises(Unsupported):
        await device.adjust(Adjustment(brightness=50, power=False))
    assert len(card.requests) == asked  # then nothing was sent
    await device.adjust(Adjustment(brightness=50))
