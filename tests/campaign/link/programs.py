"""The processes of a link campaign: started again whenever they die, asked by lines, ended by their own id."""

import asyncio
import ctypes
import json
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[3]
AGAIN_S: Final = 0.05
_PR_SET_PDEATHSIG: Final = 1
Heard = Callable[[dict[str, Any]], None]


@dataclass
class Kept:
    """One program. `heard`: its lines; `ended`: it died, or was told to. `up` once it said that it is ready."""

    name: str
    argv: Callable[[], Sequence[str]]
    log: Path
    heard: Heard = lambda line: None
    ended: Callable[[], None] = lambda: None
    env: Mapping[str, str] = field(default_factory=dict)
    held: bool = False
    starts: int = 0
    up: asyncio.Event = field(default_factory=asyncio.Event)
    _gone: asyncio.Event = field(default_factory=asyncio.Event)
    _process: asyncio.subprocess.Process | None = None

    async def run(self) -> None:
        """Until cancelled; then it is killed."""
        try:
            while True:
                if not self.held:
                    await self._live()
                await asyncio.sleep(AGAIN_S)
        finally:
            self.kill()
            if self._process is not None:
                await self._process.wait()

    async def _live(self) -> None:
        self.starts += 1
        self._gone.clear()
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self.argv(), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=log, cwd=ROOT,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **self.env}, preexec_fn=_die_with_parent, limit=1 << 22,
            )  # fmt: skip
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            if line.endswith(b"\n") and line.startswith(b"{"):
                said = json.loads(line)
                if "ready" in said:
                    self.up.set()
                self.heard(said)
        await self._process.wait()
        self.up.clear()
        self.ended()
        self._gone.set()

    @property
    def pid(self) -> int | None:
        return None if self._process is None or self._process.returncode is not None else self._process.pid

    def say(self, line: dict[str, Any]) -> None:
        """Lost when it is not there; whoever wants an answer asks again."""
        if self.pid is not None and self._process is not None and self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.write(json.dumps(line).encode() + b"\n")

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    async def hold(self) -> None:
        """Dead, and stays so until `held` is taken back."""
        self.held = True
        self.kill()
        if self.pid is not None:
            await self._gone.wait()

    def _signal(self, number: int) -> None:
        if self.pid is not None:
            os.kill(self.pid, number)


async def tool(program: str, *words: str) -> str:
    """A program of the product, to its end; raises with what it said when it fails."""
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).parent / program), *words,
        cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"{program} {words}: {said.decode()[-400:]}")
    return said.decode()


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
