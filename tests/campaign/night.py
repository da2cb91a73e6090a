"""The full counts of the reference for storage and link, one after the other; and every mistake, each to be noticed."""

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from tests.campaign.link.storm import CAUGHT_BY, with_mistake
from tests.campaign.link.storm import campaign as storm
from tests.campaign.morning import Morning
from tests.campaign.mutants import MUTANTS, mutant
from tests.campaign.progress import Progress
from tests.campaign.storage.calls import campaign as fail_calls
from tests.campaign.storage.months_kills import AT_COPIES, kill_lives
from tests.campaign.storage.months_kills import campaign as kill_closings
from tests.campaign.storage.power import campaign as cut_powers
from tests.campaign.storage.power import cut_power

KILLS: Final = 1_000  # of the station, half of them of the centre and of the broker each
MONTHS_KILLS: Final = 200  # of a process that closes months
MORNING_KILLS: Final = 200  # of the whole halld
OF_THE_CLOSING: Final = ("months-note-later", "months-copies-keep-erased")  # between two steps: kills hit that
OF_THE_DISK: Final = tuple(
    name
    for name in MUTANTS
    if name.startswith(("journal-", "centre-", "months-")) and "-takes-" not in name and name not in OF_THE_CLOSING
)
MOMENTS: Final = 100


def mistakes(seed: int, folder: Path, progress: Progress) -> dict[str, Any]:
    """Each is made on purpose under the check that must see it: power cuts, kills, a storm on the link, or several."""
    found: dict[str, list[str]] = {}
    for name in OF_THE_DISK:
        if name != "centre-without-dedupe":
            with mutant(name):
                outcome = cut_power(name.partition("-")[0], MOMENTS, seed, commits=20, enough=1)
            found[f"{name} (power)"] = outcome.broken
            progress.at(len(found), len(found), f"{name} under power cuts, noticed in so many ways", outcome.broken)
    for name in OF_THE_CLOSING:
        share = 1.0 if "copies" in name else AT_COPIES
        killed = kill_lives(MOMENTS, seed, progress, careless=name, enough=1, at_copies=share)
        found[f"{name} (kills)"] = killed.broken
    for name in CAUGHT_BY:
        found[f"{name} (link)"] = with_mistake(name, folder / name, seed)
        progress.at(len(found), len(found), f"{name} on the link, noticed in so many ways", found[f"{name} (link)"])
    return {
        "seed": seed,
        "caught": {name: lines[:2] for name, lines in found.items() if lines},
        "broken": [f"{name} was not noticed" for name, lines in found.items() if not lines],
    }


def night(seed: int, folder: Path, progress: Progress) -> dict[str, Any]:
    """What is found of each part is said when it ends, so that a night that is cut off was not for nothing."""
    parts: dict[str, Callable[[], dict[str, Any]]] = {
        "mistakes": lambda: mistakes(seed, folder / "mistakes", progress),
        "power": lambda: cut_powers(0, seed, progress),
        "calls": lambda: fail_calls(1, seed, progress),
        "months": lambda: kill_closings(MONTHS_KILLS, seed, progress),
        "link": lambda: storm(KILLS, seed, folder / "link", progress),
        "morning": lambda: asyncio.run(Morning(MORNING_KILLS, seed, folder / "morning").run()),
    }
    found: dict[str, Any] = {}
    for name, part in parts.items():
        found[name] = part()
        print(json.dumps({name: found[name]}, ensure_ascii=False), file=sys.stderr, flush=True)
    return {"seed": seed, **found, "broken": [f"{name}: {one}" for name in found for one in found[name]["broken"]]}
