"""Pushes: to everybody who may see them, newest wins, and for ever."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection, connect, unix_connect
from websockets.exceptions import ConnectionClosedError

from edge.api.client import HallClient, Live, Lost, NotAllowed, Timing
from edge.api.live import BAD_WATCH, SESSION_OVER
from edge.api.schema import NOT_YOUR_TOPIC, TicketRequest
from edge.api.station_schema import LinkSnapshot
from tests.edge.api.bench import bench, free_port, serving, site, until
from tests.edge.api.conftest import FAST, Served


def live_line(served: Served, place: str) -> connect:
    return unix_connect(str(served.socket), "ws://hall/api/live", additional_headers={"X-Hall-Place": place})


async def push(line: ClientConnection) -> Live:
    """The next push that is no beat."""
    async with asyncio.timeout(30):
        while (live := Live.model_validate_json(await line.recv())).topic == "beat":
            pass
        return live


async def closed_with(line: ClientConnection) -> int:
    """Read to the end of the line; the code it was closed with."""
    with contextlib.suppress(ConnectionClosedError):
        async with asyncio.timeout(30):
            async for _ in line:
                pass
    return line.close_code or 0


async def first(stream: AsyncIterator[Live | Lost]) -> Live | Lost:
    async with asyncio.timeout(30):
        return await anext(stream)


async def test_two_screens_see_one_ticket_at_once(served: Served) -> None:
    board, kiosk = served.client("board").live("hall"), served.client("k1").live("hall")
    for screen in (board, kiosk):
        seen = await first(screen)
        assert isinstance(seen, Live)
        assert seen.hall is not None
        assert (seen.n, seen.hall.waiting) == (1, 0)
    await served.client().take_ticket(TicketRequest(id="request-1", service="general"))
    for screen in (board, kiosk):
        seen = await first(screen)
        assert isinstance(seen, Live)
        assert seen.hall is not None
        assert seen.hall.waiting == 1
        assert {queue.service: queue.waiting for queue in seen.hall.queues}["general"] == 1


async def test_clerk_sees_his_window_only(served: Served) -> None:
    clerk = await served.clerk("w1")
    headers = {"Cookie": f"hall_session={clerk.cookies['hall_session']}"}
    uri = f"ws://127.0.0.1:{served.port}/api/live"
    async with connect(uri, origin=served.origin, additional_headers=headers) as line:  # type: ignore[arg-type]
        await line.send(json.dumps({"topics": ["window:w1"], "language": "en"}))
        served.hall.troubles["led-1"] = ("fault", "late")
        served.hall.troubles["led-2"] = ("fault", "late")
        served.hall.line = LinkSnapshot(online=False, pending=3, oldest=240.0, acked=0)
        served.hall.told.tick()
        while not (seen := await push(line)).window or seen.window.link.online:
            pass
        faults = [device for device in seen.window.devices if device.state == "fault"]
        assert [device.id for device in faults] == ["led-1"]
        assert "did not answer in time" in faults[0].text
        assert faults[0].detail == ""
        assert seen.window.window.clerk == "c01"
        await line.send(json.dumps({"topics": ["window:w2"]}))
        assert await closed_with(line) == NOT_YOUR_TOPIC


async def test_signed_out_elsewhere_sees_nothing_more(served: Served) -> None:
    clerk = await served.clerk("w1")
    headers = {"Cookie": f"hall_session={clerk.cookies['hall_session']}"}
    uri = f"ws://127.0.0.1:{served.port}/api/live"
    async with connect(uri, origin=served.origin, additional_headers=headers) as line:  # type: ignore[arg-type]
        await line.send(json.dumps({"topics": ["window:w1"]}))
        await push(line)
        await clerk.delete("/api/session")
        assert await closed_with(line) == SESSION_OVER


async def test_board_may_watch_the_hall_only(served: Served) -> None:
    for topic in ("window:w1", "ticket:t:1", "devices", "link", "everything"):
        with pytest.raises(NotAllowed):
            await first(served.client("board").live("hall", topic))
    with pytest.raises(NotAllowed):
        await first(served.client("k9").live("hall"))


async def test_kiosk_watches_its_ticket_and_its_devices(served: Served) -> None:
    client = served.client()
    ticket = await client.take_ticket(TicketRequest(id="request-1", service="general"))
    stream = client.live(f"ticket:{ticket.ticket}", "devices")
    topics = {item.topic: item for item in [await first(stream), await first(stream)] if isinstance(item, Live)}
    devices = topics["devices"].devices
    assert devices is not None
    assert {device.id for device in devices} == {"sam-1", "printer-1"}
    await served.hall.print_ends(ticket.ticket, "unknown", "outcome_unknown")
    while not isinstance(seen := await first(stream), Live) or not seen.ticket or seen.ticket.print != "unknown":
        pass
    assert seen.ticket.number == "A001"


async def test_a_silent_hall_beats(served: Served) -> None:
    async with live_line(served, "board") as line:
        await line.send('{"topics": ["hall"]}')
        async with asyncio.timeout(30):
            pushes = [Live.model_validate_json(await line.recv()) for _ in range(3)]
    assert [(live.n, live.topic) for live in pushes] == [(1, "hall"), (2, "beat"), (3, "beat")]


@pytest.mark.parametrize("greeting", ["", "[]", '{"topics": "hall"}', json.dumps({"topics": ["hall"] * 17})])
async def test_bad_greeting_closes_the_line(served: Served, greeting: str) -> None:
    async with live_line(served, "board") as line:
        await line.send(greeting)
        assert await closed_with(line) == BAD_WATCH


async def test_a_screen_that_does_not_read_gets_the_newest_and_stops_nobody(served: Served) -> None:
    """The slow one falls behind by what fits into the line's buffers; what changed meanwhile is one push."""
    slow, writer = await asyncio.open_unix_connection(str(served.socket), limit=1024)
    headers = ("Host: hall", "X-Hall-Place: technician", "Connection: Upgrade", "Upgrade: websocket")
    key = ("Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
    writer.write("\r\n".join(("GET /api/live HTTP/1.1", *headers, *key, "", "")).encode())
    await slow.readuntil(b"\r\n\r\n")
    watch = b'{"topics": ["devices"]}'
    writer.write(bytes([0x81, 0x80 | len(watch), 0, 0, 0, 0]) + watch)
    screen = served.client("technician").live("devices")
    seen = await first(screen)
    changes = 800
    for n in range(changes):
        served.hall.troubles["led-1"] = ("fault", f"code-{n}.")
        served.hall.told.tick()
        for _ in range(6):
            await asyncio.sleep(0)
    last = f"code-{changes - 1}."
    while not isinstance(seen, Live) or not seen.devices or all(device.code != last for device in seen.devices):
        seen = await first(screen)
    pushed = b""
    async with asyncio.timeout(30):
        while last.encode() not in pushed:
            pushed += await slow.read(65536)
    writer.close()
    assert 1 < pushed.count(b'"topic":"devices"') < changes / 2


async def test_client_reconnects_and_tells_the_age(tmp_path: Path) -> None:
    port = free_port()
    async with bench(tmp_path / "j", site(port)) as hall:
        loop = asyncio.get_running_loop()
        async with serving(hall, tmp_path) as path:
            client = HallClient(socket=str(path), place="board", timing=FAST)
            stream = client.live("hall")
            assert isinstance(await first(stream), Live)
            heard = loop.time()
        losses = []
        while len(losses) < 3:
            item = await first(stream)
            assert isinstance(item, Lost)
            losses.append(item)
        assert [loss.tries for loss in losses] == [1, 2, 3]
        assert all(loss.since <= losses[0].since <= loop.time() for loss in losses)
        assert abs(losses[0].since - heard) < 2
        async with serving(hall, tmp_path):
            while isinstance(item := await first(stream), Lost):
                pass
            assert item.hall is not None
            assert item.n == 1
        await client.close()


async def test_silence_counts_as_lost(tmp_path: Path) -> None:
    """A server that accepts and then says nothing is no hall."""
    path = str(tmp_path / "mute.sock")
    mute = await asyncio.start_unix_server(lambda reader, writer: None, path)
    client = HallClient(socket=path, place="board", timing=Timing(0.01, 0.01, silence=0.05, connect=0.05))
    assert isinstance(await first(client.live("hall")), Lost)
    await client.close()
    mute.close()


async def test_watchers_leave_no_trace(served: Served) -> None:
    async with live_line(served, "board") as line:
        await line.send('{"topics": ["hall"]}')
        await push(line)
        assert len(served.hall.told._watchers) == 1
    await until(lambda: not served.hall.told._watchers)
