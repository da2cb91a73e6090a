"""A C-Power panel on 127.0.0.1: telegrams in, prepared answers out; written from the vectors and the page."""

import asyncio
import random
import struct
from collections.abc import AsyncIterator, Callable, Sequence

import numpy as np
import pytest
from pydantic import ValidationError

from drivers.contract import (
    Adjustable,
    Adjustment,
    Context,
    Display,
    DisplayCondition,
    Driver,
    Identifiable,
    Page,
    PageLine,
)
from drivers.errors import Absent, Garbled, Gone, Late, Refused, Unsupported, WrongDevice
from drivers.glyphs import FontFiles, Glyphs
from drivers.led.cpower import commands
from drivers.led.cpower.config import CPowerConfig
from drivers.led.cpower.driver import CPower
from drivers.led.raster import Panel
from drivers.links import make_link

CALL = (PageLine(text="A017", big=True), PageLine(text="请到1号窗口"))
LONG = (PageLine(text="A017", big=True), PageLine(text="Social and medical insurance, please bring your identity card"))
Make = Callable[..., CPower]
Answer = Callable[[bytes], bytes | None]


def with_sum(body: bytes) -> bytes:
    return body + (sum(body) & 0xFFFF).to_bytes(2, "little")


class Card:
    """Answers as the page says: the echo test with its data, a packet with its head, everything else with ok."""

    def __init__(self, networked: bool = True) -> None:
        self.networked = networked
        self.asked: list[bytes] = []  # from id on, without the sum
        self.answers: list[Answer] = []
        self.port = 0
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        try:
            while True:
                content = await self._telegram(reader)
                assert with_sum(content[:-2]) == content
                self.asked.append(content[2:-2])
                answer = self.answers.pop(0) if self.answers else self.ok
                found = answer(content[2:-2])
                if found is not None:
                    writer.write(found)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def _telegram(self, reader: asyncio.StreamReader) -> bytes:
        if self.networked:
            head = await reader.readexactly(8)
            return await reader.readexactly(int.from_bytes(head[4:6], "little"))
        raw = (await reader.readuntil(b"\xae"))[1:-1]
        return raw.replace(b"\xaa\x05", b"\xa5").replace(b"\xaa\x0e", b"\xae").replace(b"\xaa\x0a", b"\xaa")

    def ok(self, asked: bytes, result: int = 0, card: int = 1) -> bytes:
        cmd, data = asked[1], asked[3:]
        said = {0x01: data, 0x2E: b"V3.2\0"}.get(cmd, b"")
        if cmd == 0x7B:
            said = b"\x01\x00" + data[2:4] + b"\x12"
        return self.reply(bytes((0xE8, 0x32, card, cmd, result)) + said)

    def reply(self, body: bytes) -> bytes:
        content = with_sum(body)
        if self.networked:
            return b"\xff\xff\xff\xff" + struct.pack("<HH", len(content), 0) + content
        escaped = content.replace(b"\xaa", b"\xaa\x0a").replace(b"\xa5", b"\xaa\x05").replace(b"\xae", b"\xaa\x0e")
        return b"\xa5" + escaped + b"\xae"

    def contents(self) -> list[bytes]:
        """What the windows were told, packets put together."""
        whole, part = [], b""
        for asked in self.asked:
            if asked[1] == 0x7B:
                part += asked[7:]
                if asked[5] == asked[6]:
                    whole.append(part)
                    part = b""
        return whole

    def unplug(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def stop(self) -> None:
        assert self._server is not None
        self.unplug()
        self._server.close()
        await self._server.wait_closed()


@pytest.fixture
async def card() -> AsyncIterator[Card]:
    card = Card()
    await card.start()
    yield card
    await card.stop()


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def panel(card: Card, fonts: FontFiles, clock: Clock) -> AsyncIterator[Make]:
    made: list[CPower] = []

    async def sleep(seconds: float) -> None:
        clock.now += seconds

    def make(**config: object) -> CPower:
        extra = {"fonts": fonts, "sleep": sleep}
        ctx = Context(clock=clock, random=random.Random(1), note=lambda *_, **__: None, extra=extra)
        settings = CPowerConfig(**{"width": 192, "height": 48, "reply_timeout": 0.2, **config})
        made.append(CPower(settings, make_link(f"tcp://127.0.0.1:{card.port}", ctx), ctx))
        return made[-1]

    yield make
    for device in made:
        await device.close()


def pictured(content: bytes) -> np.ndarray:
    assert content[:1] == b"\x03"
    return commands.dots_of(content[11:])["red"]


def telling(answers: Sequence[Answer]) -> list[Answer]:
    return list(answers)


async def test_it_is_what_the_contract_asks(panel: Make) -> None:
    for capability in (Driver, Display, Adjustable, Identifiable):
        assert isinstance(panel(), capability)


async def test_open_tests_the_echo_and_asks_the_version(panel: Make, card: Card) -> None:
    device = panel()
    identity = await device.open()
    assert (identity.maker, identity.firmware) == ("Lumen", "V3.2")
    assert [asked[1] for asked in card.asked] == [0x01, 0x2E]
    assert card.asked[0][0] == 0xFF
    assert (await device.check()).state == "ready"


async def test_a_card_without_a_version_is_taken(panel: Make, card: Card) -> None:
    card.answers = [card.ok, lambda asked: None]
    assert (await panel().open()).firmware == ""


async def test_a_version_with_a_00_that_came_twice_is_not_believed(panel: Make, card: Card) -> None:
    card.answers = [card.ok, lambda asked: card.reply(bytes.fromhex("e8 32 01 2e 00 00") + b"V3.2")]
    assert (await panel().open()).firmware == ""


async def test_a_page_is_one_picture_in_one_window(panel: Make, card: Card, glyphs: Glyphs) -> None:
    device = panel()
    await device.open()
    await device.show(Page(lines=CALL))
    split, picture = card.contents()
    assert split == commands.split([(0, 0, 192, 48)])
    assert picture[:11].hex(" ") == "03 00 00 01 ff ff 04 00 00 00 00"
    assert np.array_equal(pictured(picture), Panel(192, 48, glyphs).pages(CALL)[0])
    assert len([asked for asked in card.asked if asked[1] == 0x7B]) == 1 + 6


async def test_the_next_page_keeps_the_window(panel: Make, card: Card) -> None:
    device = panel()
    await device.open()
    await device.show(Page(lines=CALL))
    await device.show(Page(lines=(PageLine(text="暂停服务"),)))
    assert [content[0] for content in card.contents()] == [1, 3, 3]


async def test_the_same_page_is_sent_again_from_time_to_time(panel: Make, card: Card, clock: Clock) -> None:
    device = panel(refresh=30)
    await device.open()
    page = Page(lines=CALL, lease=10)
    for _ in range(10):
        await device.show(page)
        clock.now += 5
    assert [content[0] for content in card.contents()] == [1, 3, 3]


async def test_rare_characters_are_drawn(panel: Make, card: Card) -> None:
    device = panel()
    await device.open()
    await device.show(Page(lines=(PageLine(text="请䶮𠮷㐂到3号"),)))
    assert pictured(card.contents()[-1]).any()
    assert (await device.check()).state == "ready"


async def test_a_text_that_fits_nowhere_runs_in_the_cards_own_letters(panel: Make, card: Card) -> None:
    device = panel(width=96, height=32, fonts=[16])
    await device.open()
    await device.show(Page(lines=LONG))
    split, still, moving = card.contents()
    assert split == commands.split([(0, 0, 96, 16), (0, 16, 96, 16)])
    assert (still[1], still[2], still[-5:]) == (0, 0, b"A017\0")
    assert (moving[1], moving[2]) == (1, 11)
    assert moving.endswith(b"identity card\0")


async def test_text_by_the_cards_fonts_and_what_they_lack(panel: Make, card: Card) -> None:
    device = panel(draw="text", colour="yellow")
    await device.open()
    await device.show(Page(lines=(PageLine(text="请䶮到3号"),)))
    _, text = card.contents()
    assert text == commands.pure_text(0, "请□到3号".encode("gbk"), commands.Look(32, (255, 255, 0)))
    health = await device.check()
    assert (health.state, health.detail) == ("warning", "not in the card's fonts: U+4DAE")


async def test_an_empty_page_is_dark(panel: Make, card: Card) -> None:
    for draw in ("picture", "text"):
        device = panel(draw=draw)
        await device.open()
        await device.show(Page(lines=()))
        assert not pictured(card.contents()[-1]).any()


async def test_clear_leaves_the_live_display(panel: Make, card: Card) -> None:
    device = panel()
    await device.open()
    await device.show(Page(lines=CALL))
    await device.clear()
    assert card.contents()[-1] == commands.leave()
    await device.show(Page(lines=CALL))
    assert [content[0] for content in card.contents()] == [1, 3, 6, 1, 3]


async def test_identify_blinks_and_shows_again(panel: Make, card: Card, glyphs: Glyphs) -> None:
    device = panel()
    await device.open()
    await device.show(Page(lines=CALL))
    await device.identify(2)
    seen = [pictured(content) for content in card.contents() if content[0] == 3][1:]
    assert [bool(dots.all()) for dots in seen[:-1]] == [True, False] * 2
    assert np.array_equal(seen[-1], Panel(192, 48, glyphs).pages(CALL)[0])


async def test_identify_of_a_panel_that_showed_nothing(panel: Make, card: Card) -> None:
    device = panel()
    await device.open()
    await device.identify(1)
    assert card.contents()[-1] == commands.leave()


async def test_power_and_what_is_not_known(panel: Make, card: Card) -> None:
    device = panel()
    await device.open()
    await device.adjust(Adjustment(power=False))
    assert card.asked[-1][1:].hex(" ") == "76 01 00 00 00 00 00 00 00 00 00"
    asked = len(card.asked)
    with pytest.raises(Unsupported, match="46 and 47"):
        await device.adjust(Adjustment(brightness=50, power=True))
    assert len(card.asked) == asked
    assert await device.condition() == DisplayCondition()


async def test_refusals_and_silence(panel: Make, card: Card) -> None:
    device = panel()
    await device.open()
    for answer, error in (
        (lambda asked: card.ok(asked, result=2), Refused),
        (lambda asked: card.ok(asked, result=1), Garbled),
        (lambda asked: None, Late),
        (lambda asked: b"\0\x01hello, nobody", Garbled),
    ):
        card.answers = telling([answer])
        with pytest.raises(error):
            await device.show(Page(lines=CALL))
        await device.show(Page(lines=CALL))  # whole again: windows and all
        assert [content[0] for content in card.contents()][-2:] == [1, 3]
        await device.clear()


async def test_a_picture_broken_off_is_sent_anew(panel: Make, card: Card) -> None:
    device = panel()
    await device.open()
    card.answers = telling([card.ok, card.ok, card.ok, lambda asked: None])
    with pytest.raises(Late):
        await device.show(Page(lines=CALL))
    await device.show(Page(lines=CALL))
    assert [content[0] for content in card.contents()][-1] == 3


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (lambda card, asked: card.reply(bytes((0xE8, 0x33, 1, 1, 0)) + asked[3:]), WrongDevice),
        (lambda card, asked: card.ok(asked, card=9), WrongDevice),
        (lambda card, asked: card.reply(bytes((0xE8, 0x32, 1, 1, 0)) + b"hello"), Garbled),
        (lambda card, asked: card.reply(bytes((0x68, 0x32, 1, 1, 1)) + asked[3:]), Garbled),
        (lambda card, asked: None, Late),
    ],
    ids=["type", "other card", "echo", "own voice", "silence"],
)
async def test_open_meets_something_else(panel: Make, card: Card, answer, error) -> None:  # type: ignore[no-untyped-def]
    card.answers = [lambda asked: answer(card, asked)]
    with pytest.raises(error):
        await panel(card=1).open()


async def test_serial_telegrams_over_a_serial_server(panel: Make, card: Card) -> None:
    card.networked = False
    device = panel(framing="serial", card=1)
    await device.open()
    await device.show(Page(lines=CALL))
    assert [content[0] for content in card.contents()] == [1, 3]


async def test_a_late_answer_of_another_packet_is_passed_over(panel: Make, card: Card) -> None:
    device = panel()
    await device.open()

    def after_an_old_one(asked: bytes) -> bytes:
        old = bytes((0xE8, 0x32, 1, 0x7B, 0)) + b"\x01\x00\x07\x07\x12"
        return card.reply(old) + card.ok(asked)

    card.answers = [after_an_old_one]
    await device.show(Page(lines=CALL))


async def test_unplugged_and_back(panel: Make, card: Card) -> None:
    device = panel()
    await device.open()
    await device.show(Page(lines=CALL))
    async with asyncio.timeout(30):
        waiting = asyncio.ensure_future(anext(device.events()))
        await asyncio.sleep(0)
        card.unplug()
        with pytest.raises(Gone):
            await waiting
    await device.open()
    await device.show(Page(lines=CALL))
    assert [content[0] for content in card.contents()] == [1, 3, 1, 3]
    await card.stop()
    with pytest.raises(Absent):
        await panel().open()
    await card.start()


async def test_cut_off_at_any_moment_the_next_page_is_whole(panel: Make, card: Card, glyphs: Glyphs) -> None:
    device = panel()
    await device.open()
    for turns in range(0, 24, 3):
        showing = asyncio.ensure_future(device.show(Page(lines=LONG)))
        for _ in range(turns):
            await asyncio.sleep(0)
        showing.cancel()
        await asyncio.wait([showing])
        await device.show(Page(lines=CALL))
        assert np.array_equal(pictured(card.contents()[-1]), Panel(192, 48, glyphs).pages(CALL)[0])


@pytest.mark.parametrize(
    "settings", [{"fonts": (11,)}, {"fonts": ()}, {"height": 8, "fonts": (16,)}, {"card": 0}, {"colour": "grey"}]
)
def test_settings_that_make_no_sense(settings: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        CPowerConfig(**{"width": 192, "height": 48, **settings})
