"""A mosquitto of our own on a free loopback port."""

import asyncio
import getpass
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from hw_sim.demo.station import free_port

# Room that lets a peer with one message a record run as fast as it can and lose nothing; we need a fraction of it.
_SETTINGS: Final = """\
listener {port} 127.0.0.1
allow_anonymous true
set_tcp_nodelay true
user {user}
max_inflight_messages 200
max_queued_messages 100000
"""
_START_SECONDS: Final = 10.0


@asynccontextmanager
async def mosquitto(folder: Path, port: int = 0) -> AsyncIterator[int]:
    """The port it listens on, until the end of the block; `port` 0: a free one."""
    port = port or free_port()
    settings = folder / "mosquitto.conf"
    settings.write_text(_SETTINGS.format(port=port, user=getpass.getuser()))
    program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(program, "-c", str(settings), stdout=quiet, stderr=quiet)
    try:
        async with asyncio.timeout(_START_SECONDS):
            while not await _listens(port):
                await asyncio.sleep(0.02)
        yield port
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True
