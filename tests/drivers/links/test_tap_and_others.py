import asyncio
import logging
from pathlib import Path

import pytest

from drivers.contract import Context, Link
from drivers.errors import Denied, Unsupported
from drivers.links import WireTap, keep_private, make_link, register
from drivers.links.folder import FolderLink
from drivers.links.stream import StreamLink
from drivers.links.trouble import at_open


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_tap_forgets_after_a_minute() -> None:
    clock = Clock()
    tap = WireTap(clock)
    tap.record("out", b"one")
    clock.now = 30
    tap.record("in", b"two")
    assert [(chunk.at, chunk.direction, chunk.data) for chunk in tap.recent()] == [
        (0.0, "out", b"one"),
        (30, "in", b"two"),
    ]
    clock.now = 61
    assert [chunk.data for chunk in tap.recent()] == [b"two"]
    clock.now = 91
    assert tap.recent() == ()


def test_the_tap_is_bounded_by_size() -> None:
    tap = WireTap(Clock())
    for _ in range(1000):
        tap.record("in", bytes(1024))
    assert sum(len(chunk.data) for chunk in tap.recent()) <= 256 * 1024


async def test_private_bytes_leave_only_their_size(peer, ctx: Context, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    link = make_link(f"serial://{peer.path}?baud=9600", ctx)
    assert isinstance(link, StreamLink)
    await link.open()
    keep_private(link, True)
    peer.send(b"PERSONAL")
    async with asyncio.timeout(30):
        assert await link.read() == b"PERSONAL"
    keep_private(link, False)
    await link.write(b"open")
    await link.close()
    assert [(chunk.data, chunk.size) for chunk in link.tap.recent()] == [(b"", 8), (b"open", 4)]
    assert "PERSONAL" not in caplog.text


async def test_a_folder_is_a_link_without_bytes(ctx: Context) -> None:
    link = make_link("file:sound", ctx)
    assert isinstance(link, FolderLink)
    assert link.folder == Path(ctx.runtime, "sound")
    await link.open()
    assert link.is_open
    assert link.folder.is_dir()
    with pytest.raises(Unsupported):
        await link.read()
    with pytest.raises(Unsupported):
        await link.write(b"x")
    await link.close()
    assert not link.is_open


async def test_new_schemes_can_be_registered(ctx: Context) -> None:
    made: list[str] = []

    def replay(url: str, context: Context) -> Link:
        made.append(url)
        return FolderLink(url, Path(context.runtime))

    register("replay-of-the-test", replay)
    assert make_link("replay-of-the-test:capture.jsonl", ctx).name == "replay-of-the-test:capture.jsonl"
    assert made == ["replay-of-the-test:capture.jsonl"]
    with pytest.raises(ValueError, match="taken"):
        register("serial", replay)


def test_no_right_is_denied() -> None:
    assert isinstance(at_open(PermissionError(13, "no"), "serial:/dev/x"), Denied)
