"""`halld` alone, from its start to the moment it tells systemd that it is ready."""

import asyncio
import os
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psutil

from bench.stations import edit_site
from config import folder as config_folder
from hw_sim.demo.site_file import write_site
from hw_sim.demo.station import BIN, free_port

_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Start:
    """From exec to READY=1. `processor`: seconds the daemon itself computed, which other work on the machine hardly
    changes."""

    seconds: float
    processor: float


async def start_once(folder: Path) -> Start:
    """On the journal in `folder`/data; the daemon is ended politely afterwards."""
    argv = _argv(folder)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear, (folder / "halld.log").open("ab") as log:
        address = folder / "notify.sock"
        address.unlink(missing_ok=True)
        ear.bind(str(address))
        ear.setblocking(False)
        environment = {**os.environ, "NOTIFY_SOCKET": str(address)}
        began = time.perf_counter()
        process = await asyncio.create_subprocess_exec(*argv, stdout=log, stderr=log, env=environment)
        try:
            async with asyncio.timeout(_SECONDS):
                while b"READY=1" not in await asyncio.get_running_loop().sock_recv(ear, 1024):
                    continue
            spent = psutil.Process(process.pid).cpu_times()
            return Start(time.perf_counter() - began, spent.user + spent.system)
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()


def _argv(folder: Path) -> list[str]:
    site = folder / "site.yaml"
    listen = f"127.0.0.1:{free_port()}"
    write_site(config_folder() / "sites" / "station.yaml", site, links={}, centre_url="", listen=listen)
    edit_site(site, _without_centre)
    return [
        *(str(BIN / "halld"), "--site", str(site), "--data", str(folder / "data"), "--runtime", str(folder)),
        *("--site-key", str(folder / "site.key"), "--make-throw-away-key"),
    ]


def _without_centre(site: Any) -> None:
    site["centre"] = {"url": None}
