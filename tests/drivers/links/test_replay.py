import asyncio
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.contract import Context, Link, Page, PageLine
from drivers.errors import Absent, BadConfig, Gone
from drivers.led.onbon5k import Onbon5K
from drivers.led.onbon5k_config import Onbon5KConfig
from drivers.links import make_link
from drivers.links.capture import dump, load
from drivers.links.tap import Chunk, WireTap

PAGE = Page(lines=(PageLine(text="A017", big=True), PageLine(text="请到1号窗口")), lease=15)
ACK = bytes.fromhex("a5 00 80 01 00 00 00 00 00 00 00 51 02 05 00 a0 00 00 00 00 dd 2b 5a")
Replay = Callable[[str], Link]


@pytest.fixture
def world(tmp_path: Path) -> Context:
    return Context(clock=lambda: 0.0, random=random.Random(1), note=lambda *_, **__: None, runtime=str(tmp_path))


@pytest.fixture
def replay(world: Context, tmp_path: Path) -> Replay:
    def make(text: str) -> Link:
        (tmp_path / "wire.jsonl").write_text(text)
        return make_link("replay:wire.jsonl", world)

    return make


async def test_a_days_wire_is_played_again(replay: Replay, world: Context) -> None:
    """Heard once from a card on TCP, then without it: the same driver, the same answers."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readuntil(b"\x5a"):
                writer.write(ACK)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        link = make_link(f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}", world)
        await _morning(link, world, PAGE)
        heard = dump(link.tap.recent())  # type: ignore[attr-defined]
    again = replay(heard)
    await _morning(again, world, PAGE)
    assert [(chunk.direction, chunk.data) for chunk in again.tap.recent()] == [  # type: ignore[attr-defined]
        (chunk.direction, chunk.data) for chunk in load(heard)
    ]
    with pytest.raises(Gone, match="not in the capture"):
        await _morning(replay(heard), world, Page(lines=(PageLine(text="B001"),)))


async def _morning(link: Link, world: Context, page: Page) -> None:
    device = Onbon5K(Onbon5KConfig(width=192, height=64), link, world)
    try:
        assert (await device.open()).model == "BX-5K1"
        await device.show(page)
        assert (await device.check()).state == "ready"
    finally:
        await device.close()


async def test_bytes_come_when_theirs_was_asked(replay: Replay) -> None:
    link = replay('{"at": 0, "out": "01 02"}\n{"at": 1, "in": "0a 0b"}\n{"at": 2, "in": "0c"}\n')
    await link.open()
    assert link.is_open
    reading = asyncio.ensure_future(link.read(2))
    await link.write(b"\x01")
    await asyncio.sleep(0)
    assert not reading.done()
    await link.write(b"\x02")
    assert await reading == b"\x0a\x0b"
    assert await link.read() == b"\x0c"
    with pytest.raises(Gone, match="ends here"):
        await link.read()
    assert not link.is_open


async def test_what_was_never_read_is_passed_over(replay: Replay) -> None:
    link = replay('{"at": 0, "in": "00"}\n{"at": 1, "out": "01"}\n{"at": 2, "in": "02"}\n')
    await link.open()
    await link.write(b"\x01")
    assert link.discard_input() == b"\x02"
    assert link.discard_input() == b""


async def test_masked_bytes(replay: Replay) -> None:
    link = replay('{"at": 0, "out": 3}\n{"at": 1, "in": "aa"}\n')
    await link.open()
    await link.write(b"abc")
    assert await link.read() == b"\xaa"
    link = replay('{"at": 0, "in": 3}\n{"at": 1, "out": "01"}\n{"at": 2, "in": 3}\n')
    await link.open()
    await link.write(b"\x01")
    with pytest.raises(BadConfig, match="masked"):
        await link.read()


async def test_each_opening_takes_the_next_connection(replay: Replay) -> None:
    """A printer's link is open only while it prints."""
    link = replay(
        '{"at": 0, "open": true}\n{"at": 0, "out": "01"}\n{"at": 1, "in": "0a"}\n'
        '{"at": 2, "open": true}\n{"at": 2, "out": "02"}\n{"at": 3, "in": "0b"}\n'
    )
    for sent, heard in ((b"\x01", b"\x0a"), (b"\x02", b"\x0b")):
        await link.open()
        await link.write(sent)
        assert await link.read() == heard
        with pytest.raises(Gone, match="ends here"):
            await link.read()
        await link.close()
    with pytest.raises(Absent):
        await link.open()


async def test_less_than_the_capture_sent_is_another_session(replay: Replay) -> None:
    link = replay('{"at": 0, "open": true}\n{"at": 0, "out": "01 02"}\n{"at": 1, "open": true}\n')
    await link.open()
    await link.write(b"\x01")
    await link.close()
    with pytest.raises(Gone, match="1 bytes of the capture were not sent"):
        await link.open()


async def test_how_it_began_is_kept_and_what_is_missing_is_marked(replay: Replay) -> None:
    now = 0.0
    tap = WireTap(lambda: now)
    tap.opened()
    tap.record("out", b"\x01")
    tap.record("in", b"\x0a")
    now = 30.0
    tap.record("out", b"\x02")
    now = 85.0
    tap.record("out", b"\x03")
    tap.record("in", b"\x0c")
    assert [chunk.direction for chunk in tap.recent()] == ["out", "out", "in"]
    now = 95.0
    assert [(chunk.direction, chunk.data.hex()) for chunk in tap.session()] == [
        ("open", ""),
        ("out", "01"),
        ("in", "0a"),
        ("gap", ""),
        ("out", "03"),
        ("in", "0c"),
    ]
    link = replay(dump(tap.session()))
    await link.open()
    for sent, heard in ((b"\x01", b"\x0a"), (b"\x03", b"\x0c")):
        await link.write(sent)
        assert await link.read() == heard


async def test_closed(replay: Replay) -> None:
    link = replay('{"at": 0, "out": "01"}\n')
    with pytest.raises(Gone, match="not open"):
        await link.write(b"\x01")
    await link.open()
    reading = asyncio.ensure_future(link.read())
    await asyncio.sleep(0)
    await link.close()
    with pytest.raises(Gone):
        await reading


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"at": 0}', '{"at": 0, "in": "zz"}', '{"in": "00"}', '{"at": 0, "in": []}']
)
async def test_no_capture(replay: Replay, text: str) -> None:
    with pytest.raises(BadConfig, match="line 1"):
        await replay(text).open()


async def test_no_file(world: Context) -> None:
    with pytest.raises(Absent):
        await make_link("replay:none.jsonl", world).open()
    with pytest.raises(BadConfig):
        make_link("replay://host/file", world)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["in", "out"]), st.binary(min_size=1, max_size=20), st.booleans())))
def test_a_capture_keeps_everything_but_what_is_private(wire: list[tuple[str, bytes, bool]]) -> None:
    tap = WireTap(lambda: 7.0)
    for direction, data, tap.private in wire:
        tap.record(direction, data)  # type: ignore[arg-type]
    expected = [Chunk(0.0, way, b"" if private else data, len(data)) for way, data, private in wire]  # type: ignore[arg-type]
    assert list(load(dump(tap.recent()))) == expected
