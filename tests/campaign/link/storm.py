"""A station at work while its line, its broker, its centre and it itself fail, one after the other and together."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Final

from tests.campaign.link import checker
from tests.campaign.link.acts import ACTS
from tests.campaign.link.desk import SITE
from tests.campaign.link.line import FaultLine, Weather
from tests.campaign.link.programs import Kept
from tests.campaign.link.users import Users
from tests.campaign.progress import Progress
from tests.support.mosquitto import Mosquitto

LANES: Final = 4
UP_S: Final = 60.0
VISIT_S: Final = 15.0
SMALL_MIB: Final = 160  # the centre asks for nothing more when less than 64 are free
KINDS: Final = {"ticket.issued": 2, "page.captured": 1, "key.issued": 1, "boot.started": 9}


@dataclass
class Storm:
    """`plan`: names of acts, in order. `mistakes`: of tests.campaign.mutants, for "desk" and for "centre".
    `small`: both disks are file systems of SMALL_MIB, which can be filled; needs root.

    `drain`: seconds after the last fault in which everything must have arrived.
    """

    folder: Path
    plan: Sequence[str]
    seed: int
    mistakes: dict[str, str] = field(default_factory=dict)
    drain: float = 60.0
    progress: Progress = field(default_factory=lambda: Progress(quiet=True))
    broken: list[str] = field(default_factory=list)
    happened: Counter[str] = field(default_factory=Counter)
    offset: int = 0
    behind: bool = False  # the centre was restored and may lack what it has acknowledged
    twins: list[Path] = field(default_factory=list)
    small: bool = False
    _mounted: list[Path] = field(default_factory=list)

    async def run(self) -> dict[str, Any]:
        """Returns the verdict; `broken` is empty when every promise was kept."""
        try:
            return await self._run()
        finally:
            self._unmount()

    async def _run(self) -> dict[str, Any]:
        began = time.monotonic()
        self._make()
        tasks: list[asyncio.Task[None]] = []
        try:
            await asyncio.to_thread(self.broker.start)
            await asyncio.gather(self.line.start(), self.centre_line.start())
            tasks = [asyncio.create_task(one) for one in (self.desk.run(), self.centre.run())]
            async with asyncio.timeout(UP_S):
                await self.desk.up.wait()
            people = [asyncio.create_task(self.users.lane()) for _ in range(LANES)]
            tasks += people
            await self._acts()
            drained = await self._drained()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.gather(self.line.stop(), self.centre_line.stop())
            self.broker.kill()
        return self._verdict(drained, time.monotonic() - began)

    def _make(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        for name in ("centre", "log"):
            (self.folder / name).mkdir(parents=True)
        self.data, self.db, self.told = (self.folder / name for name in ("data", "centre/centre.db", "told.jsonl"))
        self.told.touch()
        self.data.mkdir()
        for place in (self.data, self.db.parent) if self.small else ():
            size = ["-t", "tmpfs", "-o", f"size={SMALL_MIB}m"]
            subprocess.run(["mount", *size, "tmpfs", str(place)], check=True)
            self._mounted.append(place)
        (self.folder / "kinds.json").write_text(json.dumps(KINDS))
        self.random = Random(self.seed)
        self.broker = Mosquitto(self.folder)
        self.line, self.centre_line = (FaultLine(self.broker.port, Random(self.random.random())) for _ in range(2))
        self.desk = self.desk_at(self.data, "desk", self.mistakes.get("desk", ""))
        env = {"HALL_CAMPAIGN_MISTAKE": self.mistakes.get("centre", "")}
        self.centre = Kept("centre", self._centre, self.folder / "log" / "centre.log", env=env)
        self.users = Users(self.desk, Random(self.random.random()), self.told)

    def _unmount(self) -> None:
        for place in self._mounted:
            subprocess.run(["umount", "-l", str(place)], check=True)

    def desk_at(self, data: Path, name: str, mistake: str = "") -> Kept:
        def argv() -> list[str]:
            words = ["--data", str(data), "--url", f"mqtt://127.0.0.1:{self.line.port}", "--offset", str(self.offset)]
            return [sys.executable, "-m", "tests.campaign.link.desk", *words, "--mistake", mistake]

        return Kept(name, argv, self.folder / "log" / f"{name}.log")

    def _centre(self) -> list[str]:
        words = ["--db", str(self.db), "--broker", f"mqtt://127.0.0.1:{self.centre_line.port}"]
        kinds = ["--kinds", str(self.folder / "kinds.json")]
        return [sys.executable, "-m", "tests.campaign.link.centre", "run", *words, *kinds]

    async def _acts(self) -> None:
        for number, name in enumerate(self.plan, 1):
            await self.users.served(self.random.randint(1, 12))  # somebody is always in the middle of something
            await ACTS[name](self)
            self.happened[name] += 1
            self.progress.at(number, len(self.plan), f"faults of the link, {self.users.count} wishes", self.broken)
            async with asyncio.timeout(UP_S):
                await self.desk.up.wait()

    def calm(self) -> None:
        """All troubles of the lines end."""
        for line in (self.line, self.centre_line):
            line.weather = Weather()

    async def _drained(self) -> float | None:
        """Seconds from the end of the last fault until both ends were level; None when they are not in time."""
        self.calm()
        await self.users.pause()
        return await self.level(self.drain)

    async def level(self, seconds: float) -> float | None:
        """Seconds until both ends hold the same, seen from outside; None when that did not come.

        Now and then somebody comes: a station at rest asks a restored centre after 300 s only (sync.md section 4).
        """
        began = time.monotonic()
        next_visit = began + VISIT_S
        while time.monotonic() - began < seconds:
            if await asyncio.to_thread(self.is_level):
                return time.monotonic() - began
            if time.monotonic() > next_visit:
                next_visit += VISIT_S
                self.users.go_on()
                await self.users.served(1)
                await self.users.pause()
            await asyncio.sleep(0.3)
        return None

    def is_level(self) -> bool:
        if not self.db.exists() or not (self.data / "journal.db").exists():
            return False
        try:
            here, there = (
                {row.birth for row in rows if row.is_of_people}
                for rows in (checker.station_rows(self.data / "journal.db"), checker.centre_rows(self.db))
            )
        except checker.NOT_NOW:
            return False
        told = checker.read_told(self.told)
        return here == there and not checker.missing_files(told, self.db.parent / "files", SITE)

    def _verdict(self, drained: float | None, seconds: float) -> dict[str, Any]:
        told = checker.read_told(self.told)
        files = self.db.parent / "files"
        broken = checker.judge(told, self.data / "journal.db", self.db, files, SITE, twins=self.twins)
        if drained is None:
            broken.append(f"the two ends are not level {self.drain:g} s after the last fault")
        return {
            "seed": self.seed,
            "faults": dict(sorted(self.happened.items())),
            "wishes": self.users.count,
            "told": len(told),
            "records": len(checker.centre_rows(self.db)),
            "epochs": len({row.data["epoch"] for row in checker.centre_rows(self.db)}),
            "files": sum("h" in one.get("more", {}) for one in told),
            "starts": {"desk": self.desk.starts, "centre": self.centre.starts},
            "drained": None if drained is None else round(drained, 1),
            "seconds": round(seconds, 1),
            "broken": self.broken + broken,
        }


def plan_of(kills: int, seed: int) -> list[str]:
    """`kills` of the station, half as many of the centre and of the broker, and of all else in proportion."""
    each = {
        "kill-station": kills - kills // 5, "kill-unheard": kills // 5,
        "kill-centre": kills // 2, "wipe-broker": kills // 2,
        "delay": kills // 10, "rate": kills // 20, "cut": kills // 10, "down": kills // 10, "swallow": kills // 20,
        "tear": kills // 10, "twice": kills // 10, "freeze": kills // 20, "clock": kills // 20, "garbage": kills // 10,
        "restore-station": kills // 40, "restore-apart": kills // 40, "restore-centre": kills // 40,
    }  # fmt: skip
    plan = [name for name, count in each.items() for _ in range(max(count, 1 if kills >= 10 else 0))]
    Random(f"plan {seed}").shuffle(plan)
    return [*plan, "twin"] if kills >= 40 else plan


def campaign(kills: int, seed: int, folder: Path, progress: Progress) -> dict[str, Any]:
    """The plan of `kills`; then full disks, where this user may mount."""
    print(f"seed {seed}", file=sys.stderr)
    storm = Storm(folder / "storm", plan_of(kills, seed), seed, progress=progress, drain=180.0)
    found = {"storm": asyncio.run(storm.run())}
    if os.geteuid() == 0:
        plan = ["full-station", "full-centre"] * max(1, kills // 50)
        small = Storm(folder / "small", plan, seed, progress=progress, drain=120.0, small=True)
        found["full_disks"] = asyncio.run(small.run())
    return {"seed": seed, **found, "broken": [line for one in found.values() for line in one["broken"]]}


CAUGHT_BY: Final = {
    "journal-acknowledges-before-commit": ("desk", ["kill-unheard"] * 3),
    "journal-takes-a-command-twice": ("desk", ["cut"] * 8),  # a tenth of the people ask once more
    "numbers-by-max": ("desk", ["restore-apart"]),
    "centre-acknowledges-before-commit": ("centre", ["kill-centre"] * 4),
    "centre-without-dedupe": ("centre", ["twice"] * 2),
}


def with_mistake(name: str, folder: Path, seed: int) -> list[str]:
    """What the checker says of a campaign in which one end makes this mistake."""
    end, plan = CAUGHT_BY[name]
    storm = Storm(folder, plan, seed, mistakes={end: name}, drain=5.0)
    return list(asyncio.run(storm.run())["broken"])
