"""Two listeners in the running loop, and what they refuse to listen on."""

import asyncio
import signal
import socket
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from edge.api.client import HallClient, HallError
from edge.api.server import CannotListen, serve
from tests.edge.api.bench import Bench, bench, free_port, serving, site
from tests.edge.api.conftest import Served


@pytest.fixture
async def idle(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench(tmp_path / "j", site(free_port())) as hall:
        yield hall


async def test_only_owner_and_group_may_use_the_socket(served: Served) -> None:
    assert stat.S_IMODE(served.socket.stat().st_mode) == 0o660


async def test_ended_servers_leave_nothing_and_can_come_back(idle: Bench, tmp_path: Path) -> None:
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    for _ in range(2):
        async with serving(idle, tmp_path) as path:
            assert path.exists()
            assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == handlers
        assert not path.exists()


async def test_dead_socket_is_replaced_and_a_live_one_kept(idle: Bench, tmp_path: Path) -> None:
    path = tmp_path / "api.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    async with serving(idle, tmp_path):
        with pytest.raises(CannotListen, match="in use"):
            await serve(idle, listen="127.0.0.1:0", local_socket=path)
        assert path.exists()


@pytest.mark.parametrize("listen", ["0.0.0.0:0", "192.0.2.1:0", "[::]:0", "example.org:0"])
async def test_leaving_the_machine_needs_a_certificate(idle: Bench, tmp_path: Path, listen: str) -> None:
    with pytest.raises(CannotListen, match="certificate"):
        await serve(idle, listen=listen, local_socket=tmp_path / "api.sock")


async def test_address_in_use(idle: Bench, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(CannotListen):
            await serve(idle, listen=f"127.0.0.1:{taken.getsockname()[1]}", local_socket=tmp_path / "api.sock")
    assert not (tmp_path / "api.sock").exists()


async def test_stopping_ends_an_open_card_read(idle: Bench, tmp_path: Path) -> None:
    async with serving(idle, tmp_path) as path:
        client = HallClient(socket=str(path), place="k1")
        reading = asyncio.create_task(client.read_card(30))
        await idle.reader.waiting.wait()
    assert idle.reader.stopped.is_set()
    with pytest.raises(HallError):
        await reading
    await client.close()
