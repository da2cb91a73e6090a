"""A peer as a program of its own: told what to do on stdin, tells what happened on stdout, a word a line."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
_POLITE_SECONDS: Final = 5.0


@dataclass(slots=True)
class Peer:
    module: str
    process: asyncio.subprocess.Process

    def tell(self, word: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{word}\n".encode())

    async def says(self, word: str, seconds: float) -> None:
        """Waits for the line `word`. Raises RuntimeError for another one or the end, TimeoutError."""
        line = await self.line(seconds)
        if line != word:
            raise RuntimeError(f"{self.module} says {line or 'nothing'!r}, not {word!r}")

    async def line(self, seconds: float) -> str:
        """The next one; '' at the end. Raises TimeoutError."""
        assert self.process.stdout is not None
        async with asyncio.timeout(seconds):
            return (await self.process.stdout.readline()).decode().strip()


@asynccontextmanager
async def peer(module: str, *words: str, package: str = "bench.peers") -> AsyncIterator[Peer]:
    """Runs `python -m <package>.<module> <words>` for the length of the block."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", f"{package}.{module}", *words, cwd=ROOT, stdin=pipe, stdout=pipe
    )
    try:
        yield Peer(module, process)
    finally:
        if process.returncode is None:
            process.terminate()
        try:
            async with asyncio.timeout(_POLITE_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
