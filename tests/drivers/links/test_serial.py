import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from drivers.contract import Context, Link
from drivers.errors import Absent, BadConfig, Busy, Gone
from drivers.links import ended, make_link

pytestmark = pytest.mark.usefixtures("nothing_left")


@pytest.fixture
def link(peer, ctx: Context) -> Link:
    return make_link(f"serial://{peer.path}?baud=115200", ctx)


async def test_bytes_both_ways(link: Link, peer) -> None:
    await link.open()
    await link.write(b"ask")
    await peer.until_heard(b"ask")
    peer.send(b"answer")
    received = b""
    async with asyncio.timeout(30):
        while len(received) < 6:
            received += await link.read()
    assert received == b"answer"
    await link.close()


async def test_every_byte_value_passes_raw(link: Link, peer) -> None:
    await link.open()
    everything = bytes(range(256))
    await link.write(everything)
    await peer.until_heard(everything)
    peer.send(everything)
    received = b""
    async with asyncio.timeout(30):
        while len(received) < 256:
            received += await link.read()
    assert received == everything
    await link.close()


async def test_a_path_under_the_runtime_folder(peer, ctx: Context) -> None:
    Path(ctx.runtime, "dev").mkdir()
    Path(ctx.runtime, "dev", "sam-1").symlink_to(peer.path)
    link = make_link("serial:dev/sam-1?baud=9600", ctx)
    await link.open()
    await link.write(b"x")
    await peer.until_heard(b"x")
    await link.close()


async def test_a_replug_behind_the_same_name(new_peer, ctx: Context) -> None:
    name = Path(ctx.runtime, "port")
    first, second = new_peer(), new_peer()
    name.symlink_to(first.path)
    link = make_link("serial:port?baud=9600", ctx)
    await link.open()
    first.unplug()
    with pytest.raises(Gone):
        await link.read()
    name.unlink()
    name.symlink_to(second.path)
    await link.open()
    await link.write(b"x")
    await second.until_heard(b"x")
    await link.close()


async def test_a_second_opener_hears_who_holds_the_port(link: Link, peer, ctx: Context) -> None:
    await link.open()
    other = make_link(f"serial://{peer.path}?baud=115200", ctx)
    with pytest.raises(Busy) as refusal:
        await other.open()
    assert f"pid {os.getpid()}" in refusal.value.holder
    assert not other.is_open
    await link.close()
    await other.open()
    await other.close()


async def test_opening_twice_is_opening_once(link: Link) -> None:
    await link.open()
    await link.open()
    assert link.is_open
    await link.close()
    await link.close()
    assert not link.is_open


async def test_many_openings_leave_nothing(link: Link, open_files: Callable[[], int]) -> None:
    await link.open()
    await link.close()
    before = open_files()
    for _ in range(20):  # each costs the library's settling time of 10 ms
        await link.open()
        await link.close()
    assert open_files() == before


async def test_nothing_there_is_absent(ctx: Context) -> None:
    with pytest.raises(Absent):
        await make_link("serial:not-there?baud=9600", ctx).open()


async def test_a_plain_file_is_absent(ctx: Context) -> None:
    Path(ctx.runtime, "file").write_bytes(b"")
    with pytest.raises(Absent):
        await make_link("serial:file?baud=9600", ctx).open()


async def test_unplug_while_reading_is_gone_at_once(link: Link, peer) -> None:
    await link.open()
    reading = asyncio.ensure_future(link.read())
    await asyncio.sleep(0)
    peer.unplug()
    async with asyncio.timeout(30):
        with pytest.raises(Gone):
            await reading
        with pytest.raises(Gone):
            await link.write(b"x")
        with pytest.raises(Gone):
            await link.read()
    assert not link.is_open
    await link.close()


async def test_unplug_before_writing_is_gone(link: Link, peer) -> None:
    await link.open()
    peer.unplug()
    with pytest.raises(Gone):
        await link.write(b"x")
    await link.close()


async def test_bytes_that_came_before_the_unplug_are_still_read(link: Link, peer) -> None:
    await link.open()
    peer.send(b"last words")
    async with asyncio.timeout(30):
        assert await link.read(4) == b"last"
        peer.unplug()
        await ended(link)
        assert await link.read() == b" words"
        with pytest.raises(Gone):
            await link.read()
    await link.close()


async def test_a_cancelled_read_loses_nothing(link: Link, peer) -> None:
    await link.open()
    received = b""
    for number in range(60):
        reading = asyncio.ensure_future(link.read())
        peer.send(bytes([number]))
        for _ in range(number % 4):
            await asyncio.sleep(0)
        reading.cancel()
        await asyncio.wait([reading])
        received += b"" if reading.cancelled() else reading.result()
    async with asyncio.timeout(30):
        while len(received) < 60:
            received += await link.read()
    assert received == bytes(range(60))
    await link.close()


async def test_closing_ends_a_waiting_read(link: Link) -> None:
    await link.open()
    reading = asyncio.ensure_future(link.read())
    await asyncio.sleep(0)
    await link.close()
    with pytest.raises(Gone):
        await reading


async def test_open_cut_off_leaves_nothing(link: Link, open_files: Callable[[], int]) -> None:
    before = open_files()
    for turns in range(6):
        opening = asyncio.ensure_future(link.open())
        for _ in range(turns):
            await asyncio.sleep(0)
        opening.cancel()
        await asyncio.wait([opening])
        await link.close()
    assert open_files() == before
    await link.open()
    await link.close()


async def test_discarding_input_returns_it(link: Link, peer) -> None:
    await link.open()
    peer.send(b"stale")
    async with asyncio.timeout(30):
        assert await link.read(1) == b"s"
    assert link.discard_input() == b"tale"
    assert link.discard_input() == b""
    await link.close()


async def test_discarding_reaches_what_the_loop_has_not_seen(link: Link, peer) -> None:
    await link.open()
    peer.send(b"stale")
    assert link.discard_input() == b"stale"
    peer.send(b"fresh")
    async with asyncio.timeout(30):
        assert await link.read() == b"fresh"
    peer.unplug()
    assert link.discard_input() == b""
    with pytest.raises(Gone):
        await link.read()
    await link.close()


async def test_a_flood_is_held_back_and_whole(link: Link, peer) -> None:
    await link.open()
    flood = os.urandom(300_000)
    sent, stalled = 0, 0
    received = bytearray()
    async with asyncio.timeout(30):
        while len(received) < len(flood):
            try:
                sent += os.write(peer.master, flood[sent : sent + 4096])
                await asyncio.sleep(0)
            except BlockingIOError:
                stalled = sent - len(received)
            if stalled or sent == len(flood):
                received += await link.read(50_000)
                stalled = 0 if len(received) == sent else stalled
    assert received == flood
    await link.close()


@pytest.mark.parametrize(
    "url",
    [
        "serial:///dev/ttyS0?baud=fast",
        "serial:///dev/ttyS0?baud=-1",
        "serial:///dev/ttyS0?speed=9600",
        "serial:///dev/ttyS0?parity=maybe",
        "serial://dev/ttyS0",
        "serial:",
        "tcp://host",
        "tcp://host:99999",
        "tcp://127.0.0.1:1?timeout=nan",
        "carrier-pigeon:coop",
        "",
    ],
)
def test_urls_that_make_no_sense(url: str, ctx: Context) -> None:
    with pytest.raises(BadConfig):
        make_link(url, ctx)
