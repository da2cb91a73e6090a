"""Many spoiled frames at one centre after the other, each from a seed of its own."""

import time
from pathlib import Path
from typing import Any, Final

from tests.campaign.progress import Progress
from tests.sync.fuzz import CentreUnderFire

AT_ONE: Final = 5_000


def fire(count: int, seed: int, folder: Path, progress: Progress) -> dict[str, Any]:
    """`broken` names the seed, to play it again by itself."""
    began, frames, broken = time.monotonic(), 0, list[str]()
    while frames < count:
        place = folder / f"centre-{seed}"
        place.mkdir(parents=True)
        one = CentreUnderFire(place, seed)
        broken += [f"seed {seed}: {line}" for line in one.run(min(AT_ONE, count - frames))]
        frames, seed = frames + one.frames, seed + 1
        progress.at(frames, count, "spoiled frames", broken)
    return {"frames": frames, "next_seed": seed, "seconds": round(time.monotonic() - began, 1), "broken": broken[:50]}
