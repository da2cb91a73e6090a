"""The programs of a station as the demo runs them: each with its log, started again when it dies, ended together."""

import asyncio
import ctypes
import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

AGAIN_SECONDS: Final = 0.5
POLITE_SECONDS: Final = 5.0
_PR_SET_PDEATHSIG: Final = 1


@dataclass(slots=True)
class Program:
    """One child process. `restarts` counts the times it had to be started again."""

    name: str
    argv: Sequence[str]
    log: Path
    env: Mapping[str, str] = field(default_factory=dict)
    restarts: int = -1
    held: bool = False
    _process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        return None if self._process is None or self._process.returncode is not None else self._process.pid

    async def run(self) -> None:
        """Keep it running until cancelled; then end it, politely first."""
        try:
            while True:
                if self.held:
                    await asyncio.sleep(AGAIN_SECONDS)
                    continue
                self.restarts += 1
                with self.log.open("ab") as log:
                    self._process = await asyncio.create_subprocess_exec(
                        *self.argv,
                        stdin=asyncio.subprocess.DEVNULL,
                        stdout=log,
                        stderr=log,
                        env={**os.environ, **self.env},
                        start_new_session=True,
                        preexec_fn=_die_with_parent,
                    )
                await self._process.wait()
                await asyncio.sleep(AGAIN_SECONDS)
        finally:
            await self._end()

    def kill(self) -> None:
        """As a power cut would: no goodbye."""
        if self.pid is not None:
            os.kill(self.pid, signal.SIGKILL)

    def hold(self, held: bool) -> None:
        """Keep it from running (and end it now), or let it run again."""
        self.held = held
        if held and self.pid is not None:
            os.kill(self.pid, signal.SIGTERM)

    async def _end(self) -> None:
        if self._process is None or self.pid is None:
            return
        self._process.terminate()
        try:
            async with asyncio.timeout(POLITE_SECONDS):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


def _die_with_parent() -> None:
    """The kernel ends the child when the demo itself is killed: nothing is left behind."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
