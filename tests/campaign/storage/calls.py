"""The n-th call to the disk fails, for every n of a script: fail-stop, and nothing acknowledged is lost by it.

A failed sync loses for good what it should have kept, as Linux does: a second try proves nothing.
"""

import asyncio
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple

from tests.campaign.progress import Progress
from tests.campaign.storage.disk import EIO, ENOMEM, ENOSPC, Disk, Trouble
from tests.campaign.storage.images import Platter, lay
from tests.campaign.storage.power import SUBJECTS, judged

COMMITS: Final = 50
LONGEST_S: Final = 60.0
WAYS: Final = ((EIO, False), (EIO, True), (ENOSPC, False), (ENOSPC, True), (ENOMEM, False))


class Attempt(NamedTuple):
    """Call number `at` of the script of `name` fails with `code`, and all calls after it when `lasting`."""

    name: str
    code: str
    lasting: bool
    at: int
    seed: int
    commits: int = COMMITS


class Found(NamedTuple):
    """`fired`: the kind of call that failed, "" when the script has fewer. `calls`: how many it made."""

    fired: str
    calls: int
    broken: list[str]


@dataclass
class Outcome:
    attempts: int = 0
    fired: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    def count(self, one: Attempt, found: Found) -> None:
        self.attempts += 1
        self.fired[f"{one.name} {one.code} {found.fired}"] += 1
        self.broken += found.broken


def attempt(one: Attempt) -> Found:
    place = Path(tempfile.mkdtemp(prefix="hall-calls-"))
    try:
        return asyncio.run(_attempted(one, place))
    finally:
        shutil.rmtree(place)


async def _attempted(one: Attempt, place: Path) -> Found:
    folder, after = place / "disk", place / "image"
    folder.mkdir()
    after.mkdir()
    disk = Disk(folder, trouble=Trouble(one.at, one.code, one.lasting))
    subject = SUBJECTS[one.name]
    with disk.in_use():
        script = subject.script(folder, disk.trace, one.seed, one.commits)
        try:
            async with asyncio.timeout(LONGEST_S):
                await script.run()
        except TimeoutError:
            return Found(disk.trouble.fired, disk.trouble.calls, [f"{one}: somebody waits for ever"])
        except OSError:
            pass  # the start was refused aloud
    told = list(disk.trace.told(len(disk.trace.events)))
    platter = Platter()
    platter.play(disk.trace.events)
    lay(platter.image("lost", Random(one.seed)), after)
    broken = [*script.broken]
    for words, where in (("process gone", folder), ("power gone", after)):
        broken += [f"{one}, {disk.trouble.fired}, {words}: {line}" for line in await judged(subject, where, told)]
    return Found(disk.trouble.fired, disk.trouble.calls, broken)


def attempts(name: str, seed: int, stride: int, commits: int = COMMITS) -> Iterator[Attempt]:
    """Every `stride`-th call of the script, in every way of failing."""
    for code, lasting in WAYS:
        calls = attempt(Attempt(name, code, lasting, 0, seed, commits)).calls
        for at in range(1 + seed % stride, calls + 1, stride):
            yield Attempt(name, code, lasting, at, seed, commits)


def try_all(tries: Iterable[Attempt], progress: Progress, *, workers: int = 0) -> Outcome:
    """`workers` processes; 0: in this one."""
    tries, outcome = list(tries), Outcome()
    pool = ProcessPoolExecutor(workers) if workers else None
    try:
        found = pool.map(attempt, tries) if pool else map(attempt, tries)
        for one, each in zip(tries, found, strict=True):
            outcome.count(one, each)
            progress.at(outcome.attempts, len(tries), "failing calls", outcome.broken)
    finally:
        if pool:
            pool.shutdown(cancel_futures=True)
    return outcome


def campaign(stride: int, seed: int, progress: Progress) -> dict[str, Any]:
    """Both subjects."""
    tries = [one for name in SUBJECTS for one in attempts(name, seed, stride)]
    outcome = try_all(tries, progress, workers=os.cpu_count() or 1)
    never = [one for one, number in outcome.fired.items() if one.endswith(" ") and number]
    return {
        "seed": seed,
        "attempts": outcome.attempts,
        "fired": dict(sorted(outcome.fired.items())),
        "broken": outcome.broken + [f"a failure that was ordered did not come: {one}" for one in never],
    }
