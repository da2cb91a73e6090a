"""`ippeveprinter` of CUPS: a real IPP printer on loopback, without a word on the network.

It needs a message bus to start (for its Bonjour part, which is off): a private one, empty.
"""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

_QUIET = asyncio.subprocess.DEVNULL
_START_SECONDS = 30.0  # on a busy machine


@dataclass(frozen=True, slots=True)
class Printer:
    """`folder`: where the pages it took lie."""

    url: str
    folder: Path

    def pages(self) -> list[Path]:
        return sorted(file for file in self.folder.iterdir() if file.suffix in (".pdf", ".pwg"))


@asynccontextmanager
async def ippeveprinter(folder: Path, formats: str, command: str = "exit 0") -> AsyncIterator[Printer]:
    """`command`: a shell script that prints a job; what it says of `STATE:` on stderr is the printer's state."""
    folder.mkdir(parents=True, exist_ok=True)
    port, bus = _free_port(), folder / "bus"
    options = ["-r", "off", "-p", str(port), "-n", "localhost", "-k", "-d", str(folder), "-f", formats, "-s", "60"]
    script = folder / "print.sh"
    script.write_text(f"#!/bin/sh\n{command}\n", "utf-8")
    script.chmod(0o755)
    options += ["-c", str(script)]
    async with (
        _running("dbus-daemon", "--session", f"--address=unix:path={bus}", "--nofork", "--nopidfile"),
        _appears(bus),
        _running("ippeveprinter", *options, "Hall", env={"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={bus}"}),
    ):
        await _answers(port)
        yield Printer(f"ipp://127.0.0.1:{port}/ipp/print", folder)


@asynccontextmanager
async def _running(program: str, *arguments: str, env: dict[str, str] | None = None) -> AsyncIterator[None]:
    environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", **(env or {})}
    child = await asyncio.create_subprocess_exec(
        program, *arguments, stdin=_QUIET, stdout=_QUIET, stderr=_QUIET, env=environment
    )
    try:
        yield
    finally:
        if child.returncode is None:
            child.terminate()
        await child.wait()


@asynccontextmanager
async def _appears(file: Path) -> AsyncIterator[None]:
    async with asyncio.timeout(_START_SECONDS):
        while not file.exists():
            await asyncio.sleep(0.02)
    yield


async def _answers(port: int) -> None:
    async with asyncio.timeout(_START_SECONDS), httpx.AsyncClient(trust_env=False) as http:
        while True:
            try:
                await http.get(f"http://127.0.0.1:{port}/")
            except httpx.HTTPError:
                await asyncio.sleep(0.05)
            else:
                return


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
