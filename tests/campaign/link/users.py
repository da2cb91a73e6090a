"""People at a desk: each asks under one id until there is an answer, and remembers what was said. Outside the desk."""

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from tests.campaign.link.programs import Kept

ASK_AGAIN_S = 5.0


@dataclass
class Users:
    """`desk`: 0 for the station, others for machines that use its name. `told`: the file of what was said."""

    program: Kept
    random: Random
    told: Path
    desk: int = 0
    kinds: tuple[str, ...] = ("ticket",) * 16 + ("named",) * 4 + ("file",) * 3 + ("poison",)
    count: int = 0
    answers: int = 0
    states: asyncio.Queue[dict[str, Any]] = field(default_factory=asyncio.Queue)
    _waiting: dict[str, asyncio.Future[dict[str, Any]]] = field(default_factory=dict)
    _wishes: dict[str, dict[str, Any]] = field(default_factory=dict)
    _may: asyncio.Event = field(default_factory=asyncio.Event)
    _busy: int = 0

    def __post_init__(self) -> None:
        self.program.heard = self._heard
        self.program.ended = self._dead
        self._may.set()

    def _heard(self, said: dict[str, Any]) -> None:
        if "state" in said:
            self.states.put_nowait(said["state"])
        cmd = said.get("cmd") or said.get("again")
        if cmd is None:
            return
        if "cmd" in said:  # a promise, whoever still listens
            self.answers += 1
            line = {**said, "do": self._wishes[cmd]["do"], "desk": self.desk}
            with self.told.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
        waiting = self._waiting.pop(cmd, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(said)

    def _dead(self) -> None:
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_result({"again": ""})
        self._waiting.clear()

    async def lane(self) -> None:
        """One person after the other, for ever."""
        while True:
            await self._may.wait()
            self._busy += 1
            try:
                await self._wish()
            finally:
                self._busy -= 1
            await asyncio.sleep(self.random.uniform(0.02, 0.2))

    async def _wish(self) -> None:
        self.count += 1
        cmd = f"c:{self.desk}:{self.count}"
        wish = self._wishes[cmd] = self._made(self.random.choice(self.kinds)) | {"cmd": cmd}
        answers = 0
        while answers < (2 if self.random.random() < 0.1 else 1):  # some ask once more, to be sure
            answer = await self._asked(wish)
            answers += "cmd" in answer
            if "cmd" not in answer:
                await asyncio.sleep(0.05)

    def _made(self, kind: str) -> dict[str, Any]:
        if kind == "named":
            return {"do": "ticket", "name": "样本"}
        if kind == "file":
            size = self.random.choice((1_000, 20_000, 20_000, 200_000))
            return {"do": "file", "seed": self.random.getrandbits(32), "size": size}
        return {"do": kind}

    async def _asked(self, wish: dict[str, Any]) -> dict[str, Any]:
        await self.program.up.wait()
        waiting = self._waiting[wish["cmd"]] = asyncio.get_running_loop().create_future()
        self.program.say(wish)
        with suppress(TimeoutError):
            return await asyncio.wait_for(waiting, ASK_AGAIN_S)
        return {"again": wish["cmd"]}

    async def served(self, count: int, seconds: float = 10.0) -> None:
        """`count` more were answered, or nobody was for so long."""
        wanted = self.answers + count
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.answers < wanted:
                    await asyncio.sleep(0.02)

    async def pause(self) -> None:
        """Nobody asks any more, and everybody has an answer."""
        self._may.clear()
        while self._busy:
            await asyncio.sleep(0.05)

    def go_on(self) -> None:
        self._may.set()

    async def state(self, seconds: float = 3.0) -> dict[str, Any] | None:
        """What the desk says of its line; None when it does not answer."""
        while not self.states.empty():
            self.states.get_nowait()
        self.program.say({"do": "state"})
        with suppress(TimeoutError):
            return await asyncio.wait_for(self.states.get(), seconds)
        return None
