"""Keys to text, and the three devices that type: scanner, number pad, rating pad."""

import asyncio
import os
import stat
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.codes.keyboard import KeyboardScanner
from drivers.codes.reading import CodeConfig
from drivers.contract import CodeReader, Context, Driver, Event, KeypadDevice, KeypadLine, Prompt, RatingDevice
from drivers.errors import Absent, BadConfig, Busy, Denied, DeviceError, Gone, Unsupported
from drivers.keyboard import layout
from drivers.keyboard.numeric import NumericConfig, NumericKeypad
from drivers.keyboard.rating import KeyboardPad, KeyPadConfig
from drivers.keyboard.typing import Typist
from drivers.links import evdev, make_link
from drivers.links.evdev import EventReader, InputEvent
from tests.support.input_device import InputDevice, event, stroke

CODES = {sign: code for code, sign in layout.SHIFTED.items() if code not in layout.KEYPAD} | {
    sign: code for code, sign in layout.PLAIN.items() if code not in layout.KEYPAD
}
SHIFTED = {sign for code, sign in layout.SHIFTED.items() if sign != layout.PLAIN[code]}
SHIFT, ENTER = 42, 28


def typed(text: str) -> bytes:
    """As scanners do it: shift down and up around each character that needs it."""
    return b"".join(
        event(1, SHIFT, 1) + stroke(CODES[sign]) + event(1, SHIFT, 0) if sign in SHIFTED else stroke(CODES[sign])
        for sign in text
    )


@pytest.fixture
def device(ctx: Context, tmp_path: Path) -> Iterator[InputDevice]:
    ctx.root = str(tmp_path / "machine")
    made = InputDevice(Path(ctx.root))
    yield made
    made.unplug()


@pytest.fixture
async def open_device(device: InputDevice, ctx: Context, nothing_left: None) -> AsyncIterator[Callable[..., Any]]:
    opened: list[Any] = []

    async def make(cls: Any, config: Any) -> Any:
        opened.append(cls(config, make_link(device.url, ctx), ctx))
        await opened[-1].open()
        return opened[-1]

    yield make
    for one in opened:
        await one.close()


async def events_of(driver: Any, count: int) -> list[Event]:
    found: list[Event] = []
    async with asyncio.timeout(30):
        async for one in driver.events():
            found.append(one)
            if len(found) == count:
                break
    return found


EVERYTHING = "".join(sorted(set(layout.PLAIN.values()) | set(layout.SHIFTED.values())))


async def test_every_character_of_the_keyboard(open_device: Any, device: InputDevice) -> None:
    scanner = await open_device(KeyboardScanner, CodeConfig())
    assert isinstance(scanner, CodeReader)
    assert isinstance(scanner, Driver)
    sending = asyncio.to_thread(device.send, typed(EVERYTHING) + stroke(ENTER))  # more than a pty holds
    _, [read] = await asyncio.gather(sending, events_of(scanner, 1))
    assert read.data == {"text": EVERYTHING, "symbology": ""}
    assert len(EVERYTHING) == 96  # 95 printable characters of ASCII, and tab


async def test_a_long_code_is_one_reading(open_device: Any, device: InputDevice) -> None:
    scanner = await open_device(KeyboardScanner, CodeConfig())
    waiting = asyncio.ensure_future(scanner.scan())
    await asyncio.sleep(0)
    text = "https://example.invalid/Ticket?n=A017&k=" + "0123456789aB" * 20
    for at in range(0, len(text), 20):
        await asyncio.to_thread(
            device.send, typed(text[at : at + 20])
        )  # more than its buffer holds: somebody must read
    await asyncio.to_thread(device.send, stroke(ENTER))
    async with asyncio.timeout(30):
        assert (await waiting).text == text


async def test_a_code_too_long_or_with_lost_keys_is_dropped_whole(
    open_device: Any, device: InputDevice, notes: list[Any]
) -> None:
    scanner = await open_device(KeyboardScanner, CodeConfig(longest=5))
    device.send(typed("123456") + stroke(ENTER) + typed("12") + event(0, 3, 0) + typed("34") + stroke(ENTER))
    device.send(typed("12345") + stroke(ENTER))
    [read] = await events_of(scanner, 1)
    assert read.data["text"] == "12345"
    assert [name for name, _ in notes] == ["code dropped", "code dropped"]
    assert "12345" not in str(notes)


async def test_held_keys_and_caps_lock(open_device: Any, device: InputDevice) -> None:
    scanner = await open_device(KeyboardScanner, CodeConfig())
    a = CODES["a"]
    device.send(event(1, a, 1) + event(1, a, 2) * 30 + event(1, a, 0))
    device.send(stroke(layout.CAPS_LOCK) + typed("b1") + stroke(layout.CAPS_LOCK) + typed("c") + stroke(ENTER))
    [read] = await events_of(scanner, 1)
    assert read.data["text"] == "aB1c"


async def test_number_pad(open_device: Any, device: InputDevice) -> None:
    pad = await open_device(NumericKeypad, NumericConfig())
    assert isinstance(pad, KeypadDevice)
    kp = {sign: code for code, sign in layout.KEYPAD.items()}
    for keys in ("\n", "17\n", "+", "-", "*", "/", "0.", "9.", "5+", "\n"):
        device.press(*(96 if key == "\n" else kp[key] for key in keys))
    found = [tuple(one.data.values()) for one in await events_of(pad, 9)]
    assert found == [
        ("next", ""),
        ("number", "17"),
        ("recall", ""),
        ("miss", ""),
        ("finish", ""),
        ("pause", ""),
        ("suspend", ""),
        ("recall", ""),
        ("next", ""),
    ]
    await pad.display(KeypadLine(ticket="A017"))
    with pytest.raises(Unsupported):
        await pad.beep()


async def test_rating_pad(open_device: Any, device: InputDevice, ctx: Context) -> None:
    now = 100.0
    ctx.clock = lambda: now
    pad = await open_device(KeyboardPad, KeyPadConfig())
    assert isinstance(pad, RatingDevice)
    kp = {sign: code for code, sign in layout.KEYPAD.items()}

    async def press(*signs: str) -> list[Event]:
        device.press(*(kp[sign] for sign in signs))
        return await events_of(pad, 1)

    assert [(e.name, e.data) for e in await press("2")] == [("stray_rating", {"value": 2})]
    now += 1
    await pad.ask(Prompt(nonce="n1", seconds=20))
    assert [(e.name, e.data) for e in await press("1", "5")] == [("rating", {"nonce": "n1", "level": "very_satisfied"})]
    now += 1
    assert (await press("5"))[0].name == "stray_rating"
    now += 1
    await pad.ask(Prompt(nonce="n2", seconds=20))
    now += 21
    assert (await press("1"))[0].name == "stray_rating"
    await pad.ask(Prompt(nonce="n3", seconds=20))
    await pad.withdraw()
    now += 1
    assert (await press("1"))[0].name == "stray_rating"
    now += 1
    await pad.ask(Prompt(nonce="n4", seconds=20))
    assert (await press("9"))[0].name == "stray_rating"


async def test_unplugged_and_plugged_in_again(open_device: Any, device: InputDevice) -> None:
    scanner = await open_device(KeyboardScanner, CodeConfig())
    waiting = asyncio.ensure_future(scanner.scan())
    await asyncio.sleep(0)
    device.unplug()
    with pytest.raises(Gone):
        async with asyncio.timeout(30):
            await waiting
    with pytest.raises(Gone):
        await scanner.check()
    with pytest.raises(DeviceError):
        await scanner.open()


async def test_nothing_typed_stays_in_the_tap(open_device: Any, device: InputDevice) -> None:
    scanner = await open_device(KeyboardScanner, CodeConfig())
    device.send(typed("119999199001010012") + stroke(ENTER))
    await events_of(scanner, 1)
    kept = scanner._link.tap.recent()
    assert kept
    assert not any(chunk.data for chunk in kept)


async def test_an_empty_socket_and_odd_urls(ctx: Context, tmp_path: Path) -> None:
    ctx.root = str(tmp_path)
    with pytest.raises(Absent):
        await make_link("input-at:pci-0000:00:14.0-usb-0:9:1.0", ctx).open()
    for url in ("input-at:", "input-at:x?grab=no"):
        with pytest.raises(BadConfig):
            make_link(url, ctx)


async def test_keys_cannot_be_written(device: InputDevice, ctx: Context) -> None:
    link = make_link(device.url, ctx)
    await link.open()
    with pytest.raises(Unsupported):
        await link.write(b"x")
    assert link.is_open
    await link.close()
    await link.close()


@pytest.mark.parametrize(
    ("refusal", "error"), [(OSError(16, "busy"), Busy), (OSError(25, "ENOTTY"), Denied), (OSError(1, "no"), Denied)]
)
async def test_a_real_input_device_that_cannot_be_grabbed_is_not_read(
    device: InputDevice, ctx: Context, monkeypatch: pytest.MonkeyPatch, refusal: OSError, error: type[DeviceError]
) -> None:
    """Its keys would go to the kiosk as well. No input node exists here: the facts of one stand in for the pty's."""
    facts = os.stat_result((stat.S_IFCHR | 0o600, 1, 1, 1, 0, 0, 0, 0, 0, 0), {"st_rdev": os.makedev(13, 69)})

    def refuse(*_: object) -> None:
        raise refusal

    monkeypatch.setattr(evdev.os, "fstat", lambda handle: facts)
    monkeypatch.setattr(evdev.fcntl, "ioctl", refuse)
    with pytest.raises(error):
        await make_link(device.url, ctx).open()


WHOLE = typed("Ab1") + stroke(ENTER)


def test_events_cut_at_every_offset() -> None:
    whole = EventReader().feed(WHOLE)
    for at in range(len(WHOLE) + 1):
        reader = EventReader()
        assert reader.feed(WHOLE[:at]) + reader.feed(WHOLE[at:]) == whole
    reader = EventReader()
    assert [one for byte in WHOLE for one in reader.feed(bytes([byte]))] == whole


def test_every_byte_damaged() -> None:
    """Never more characters than keys went down, and never an exception."""
    for at in range(len(WHOLE)):
        bad = bytearray(WHOLE)
        bad[at] ^= 0xFF
        typist = Typist()
        strokes = [one for e in EventReader().feed(bytes(bad)) if (one := typist.take(e)) is not None]
        assert len(strokes) <= 6


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from(sorted(CODES)), max_size=60))
def test_what_is_typed_is_read(text: str) -> None:
    typist = Typist()
    events = EventReader().feed(typed(text))
    assert "".join(one.text for e in events if (one := typist.take(e)) is not None) == text


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 31), st.integers(0, 767), st.integers(-5, 5)), max_size=60))
def test_any_events(events: list[tuple[int, int, int]]) -> None:
    typist = Typist()
    for one in events:
        taken = typist.take(InputEvent(*one))
        assert taken is None or len(taken.text) <= 1
