"""Scanners on a serial line."""

import asyncio
from collections.abc import AsyncIterator, Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.codes.reading import CodeConfig, code_of
from drivers.codes.serial import Readings, SerialScanner, text_of
from drivers.contract import Code, CodeReader, Context, Driver, Event
from drivers.errors import Busy, Gone
from drivers.links import make_link

pytestmark = pytest.mark.usefixtures("nothing_left")


def scanner_of(peer: Any, ctx: Context, **settings: Any) -> SerialScanner:
    return SerialScanner(CodeConfig(**settings), make_link(f"serial://{peer.path}?baud=9600", ctx), ctx)


@pytest.fixture
async def scanner(peer: Any, ctx: Context) -> AsyncIterator[SerialScanner]:
    made = scanner_of(peer, ctx)
    await made.open()
    yield made
    await made.close()


async def next_event(scanner: SerialScanner) -> Event:
    async with asyncio.timeout(30):
        async for event in scanner.events():
            return event
    raise AssertionError


async def scan(scanner: SerialScanner) -> Code:
    async with asyncio.timeout(30):
        return await scanner.scan()


async def test_it_is_what_it_says(scanner: SerialScanner) -> None:
    assert isinstance(scanner, Driver)
    assert isinstance(scanner, CodeReader)
    assert (await scanner.check()).state == "ready"
    await scanner.open()


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b"\n\r", b""])
async def test_every_end_of_a_reading(scanner: SerialScanner, peer: Any, end: bytes) -> None:
    peer.send(b"A017-2026" + end)
    assert (await next_event(scanner)).data == {"text": "A017-2026", "symbology": ""}


async def test_a_waiting_scan_takes_the_reading_and_the_events_get_the_next(scanner: SerialScanner, peer: Any) -> None:
    waiting = asyncio.ensure_future(scan(scanner))
    await asyncio.sleep(0)
    with pytest.raises(Busy):
        await scanner.scan()
    peer.send(b"first\rsecond\r")
    assert (await waiting).text == "first"
    assert (await next_event(scanner)).data["text"] == "second"


async def test_a_cancelled_scan_takes_nothing(scanner: SerialScanner, peer: Any) -> None:
    waiting = asyncio.ensure_future(scanner.scan())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    peer.send(b"for the hall\r")
    assert (await next_event(scanner)).data["text"] == "for the hall"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("样例街道服务站".encode(), "样例街道服务站"),
        ("样例街道服务站".encode("gb18030"), "样例街道服务站"),
        ("\U00020bb7".encode("gb18030"), "\U00020bb7"),
        (b"plain", "plain"),
        (b"\xff\xff", "��"),
    ],
)
def test_encodings(raw: bytes, text: str) -> None:
    assert text_of(raw) == text


async def test_aim_identifiers_prefix_and_suffix(peer: Any, ctx: Context) -> None:
    scanner = scanner_of(peer, ctx, aim=True, prefix="<", suffix=">")
    await scanner.open()
    peer.send(b"<]Q1https://example.invalid/t?x=1>\r")
    assert (await next_event(scanner)).data == {"text": "https://example.invalid/t?x=1", "symbology": "qr"}
    await scanner.close()


def test_what_an_aim_identifier_is_not() -> None:
    assert code_of("]x9text", CodeConfig(aim=True)) == Code(text="text", symbology="]x9")
    assert code_of("]Q1text", CodeConfig()) == Code(text="]Q1text")
    assert code_of("]1", CodeConfig(aim=True)) == Code(text="]1")
    assert code_of("", CodeConfig()) is None
    assert code_of("<>", CodeConfig(prefix="<", suffix=">")) is None


async def test_a_flood_without_end_is_dropped_and_the_next_reading_counts(
    peer: Any, ctx: Context, notes: list[Any]
) -> None:
    scanner = scanner_of(peer, ctx, longest=20)
    await scanner.open()
    peer.send(b"x" * 1000 + b"\rgood\r")
    assert (await next_event(scanner)).data["text"] == "good"
    assert [name for name, _ in notes] == ["code dropped"]
    await scanner.close()


async def test_readings_nobody_takes_off_are_dropped_not_piled_up(
    scanner: SerialScanner, peer: Any, notes: list[Any], until: Callable[..., Any]
) -> None:
    peer.send(b"".join(f"{n}\r".encode() for n in range(20)))
    await until(lambda: len(notes) == 4)
    assert (await next_event(scanner)).data["text"] == "0"


async def test_unplugged(scanner: SerialScanner, peer: Any) -> None:
    waiting = asyncio.ensure_future(scan(scanner))
    listening = asyncio.ensure_future(next_event(scanner))
    await asyncio.sleep(0)
    peer.unplug()
    for task in (waiting, listening):
        with pytest.raises(Gone):
            await task
    with pytest.raises(Gone):
        await scanner.check()
    with pytest.raises(Gone):
        await scanner.scan()


async def test_nothing_read_stays_in_tap_or_log(scanner: SerialScanner, peer: Any, notes: list[Any]) -> None:
    peer.send(b"119999199001010012\r")
    event = await next_event(scanner)
    assert event.data["text"] == "119999199001010012"
    tap = scanner._link.tap.recent()  # type: ignore[attr-defined]
    assert sum(chunk.size for chunk in tap) == 19
    assert not any(chunk.data for chunk in tap)
    assert "1199" not in f"{notes} {Code(text='119999199001010012')!r}"


WHOLE = "第一\r".encode() + "第二".encode("gb18030") + b"\r\n" + b"third\n"


def test_cut_at_every_offset_gives_the_same() -> None:
    for at in range(len(WHOLE) + 1):
        readings = Readings(100)
        found = readings.feed(WHOLE[:at]) + readings.feed(WHOLE[at:]) + readings.end()
        assert [text_of(one or b"") for one in found] == ["第一", "第二", "third"]


def test_one_damaged_byte_spoils_its_own_reading_only() -> None:
    good = Readings(100).feed(WHOLE)
    for at in range(len(WHOLE)):
        bad = bytearray(WHOLE)
        bad[at] ^= 0x55
        found = Readings(100).feed(bytes(bad))
        assert sum(one in good for one in found) >= 1
        for one in found:
            text_of(one or b"").encode("utf-8")


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=10), st.integers(1, 30))
def test_cuts_change_nothing(data: bytes, cuts: list[int], longest: int) -> None:
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    whole, cut = Readings(longest), Readings(longest)
    found = [one for start, end in pairwise(edges) for one in cut.feed(data[start:end])]
    assert found + cut.end() == whole.feed(data) + whole.end()
