"""The power goes at every write of a script; every disk that this may leave is opened and asked for its promises."""

import asyncio
import shutil
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Final, Protocol

import apsw

from edge.journal import JournalError
from tests.campaign.progress import Progress
from tests.campaign.storage.centre_script import CentreScript
from tests.campaign.storage.centre_script import judge as judge_centre
from tests.campaign.storage.disk import Disk
from tests.campaign.storage.images import KINDS, Platter, lay
from tests.campaign.storage.journal_script import JournalScript
from tests.campaign.storage.journal_script import judge as judge_journal
from tests.campaign.storage.months_script import MonthsScript
from tests.campaign.storage.months_script import judge as judge_months
from tests.campaign.storage.trace import Told, Trace

COMMITS: Final = 200


class Script(Protocol):
    broken: list[str]

    async def run(self) -> None: ...


@dataclass(frozen=True)
class Subject:
    """What is tried: its script (folder, trace, seed, commits), and who judges the folder afterwards."""

    script: Callable[[Path, Trace, int, int], Script]
    judge: Callable[[Path, Iterable[Told]], Awaitable[list[str]]]


SUBJECTS: Final = {
    "journal": Subject(lambda f, t, s, n: JournalScript(f, t, seed=s, commits=n), judge_journal),
    "months": Subject(lambda f, t, s, n: MonthsScript(f, t, seed=s, commits=n), judge_months),
    "centre": Subject(lambda f, t, s, n: CentreScript(f, t, seed=s, commits=n), judge_centre),
}


@dataclass
class Outcome:
    points: int = 0
    images: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)


def record_run(subject: Subject, seed: int, commits: int) -> Trace:
    with tempfile.TemporaryDirectory(prefix="hall-power-") as place:
        folder = Path(place) / "disk"
        folder.mkdir()
        disk = Disk(folder)
        with disk.in_use():
            asyncio.run(subject.script(folder, disk.trace, seed, commits).run())
        return disk.trace


def cut_power(
    name: str, points: int, seed: int, *, commits: int = COMMITS, progress: Progress | None = None, enough: int = 0
) -> Outcome:
    """At `points` moments of the script of `name`, all of them when it has fewer; 0 = every one.

    `enough`: stop after so many broken promises.
    """
    subject, outcome = SUBJECTS[name], Outcome()
    trace = record_run(subject, seed, commits)
    moments = trace.points()
    chosen = set(Random(seed).sample(moments, min(points, len(moments))) if points else moments)
    platter = Platter()
    for count, event in enumerate(trace.events, 1):
        platter.play([event])
        if count not in chosen or (enough and len(outcome.broken) >= enough):
            continue
        outcome.points += 1
        told = list(trace.told(count))
        for kind in KINDS:
            words = f"{name}, seed {seed}, event {count}, {kind}"
            image = platter.image(kind, Random(f"{seed}/{count}/{kind}"))
            outcome.images[kind] += 1
            outcome.broken += [f"{words}: {line}" for line in _try(subject, image, told)]
        if progress is not None:
            progress.at(outcome.points, len(chosen), f"power cuts of the {name}", outcome.broken)
    return outcome


def _try(subject: Subject, image: dict[str, bytes], told: list[Told]) -> list[str]:
    folder = Path(tempfile.mkdtemp(prefix="hall-image-"))
    try:
        lay(image, folder)
        return asyncio.run(judged(subject, folder, told))
    finally:
        shutil.rmtree(folder)


async def judged(subject: Subject, folder: Path, told: list[Told]) -> list[str]:
    try:
        return await subject.judge(folder, told)
    except (apsw.Error, JournalError, OSError) as error:
        return [f"it opened and cannot be read: {error!r}"]


def campaign(points: int, seed: int, progress: Progress) -> dict[str, Any]:
    """`points` of each subject."""
    found = {name: cut_power(name, points, seed, progress=progress) for name in SUBJECTS}
    return {
        "seed": seed,
        "points": {name: one.points for name, one in found.items()},
        "images": {name: dict(one.images) for name, one in found.items()},
        "broken": [line for one in found.values() for line in one.broken],
    }
