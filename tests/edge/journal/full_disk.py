"""Run by a test in its own mounts: a journal on a small tmpfs that is filled up. Prints one JSON object."""

import asyncio
import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

from edge.journal import DiskFull, Journal, JournalFailed, KeyRing
from edge.journal.reserve import FILE
from edge.journal.verify import verify
from tests.edge.journal.material import BOOT, SITE, ZONE, TurnedClock, called, issued

MOST = 20_000


async def opened(data: Path) -> Journal:
    return await Journal.open(
        data,
        site=SITE,
        boot=BOOT,
        clock=TurnedClock(),
        zone=ZONE,
        random_bytes=random.Random(5).randbytes,
        keys=KeyRing(bytes(32)),
    )


def fill(path: Path) -> None:
    with path.open("ab", buffering=0) as file:
        for size in (65536, 4096, 512):
            try:
                while file.write(b"x" * size) == size:
                    pass
            except OSError:
                continue


async def append_until_refused(journal: Journal, told: list[str]) -> None:
    for n in range(MOST):
        cmd = f"c:{len(told)}"
        try:
            await journal.append([issued(n, {"name": "张测试"}), called(n)], cmd=cmd)
        except JournalFailed:
            return
        told.append(cmd)


async def main(place: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    data, told = place / "data", ["c:0"]
    journal = await opened(data)
    await journal.append([called(0)], cmd="c:0")
    journal.reserve.look()
    found["reserve"] = (data / FILE).stat().st_blocks * 512
    fill(place / "filler")
    try:
        await journal.seal_file("case:1", b"a page")
    except DiskFull as refused:
        found["scan"] = refused.code
    await append_until_refused(journal, told)
    found["released"] = not (data / FILE).exists()
    found["from_the_reserve"] = len(told) - 1
    await journal.close()
    found["good_when_full"] = verify(data / "journal.db").good
    (place / "filler").unlink()
    journal = await opened(data)
    found["lost"] = [cmd for cmd in told if await journal.answer_to(cmd) is None]
    await journal.append([called(1)], cmd="c:after")
    journal.reserve.look()
    found["made_again"] = (data / FILE).exists()
    await journal.close()
    found["good"] = verify(data / "journal.db").good
    return found


if __name__ == "__main__":
    place = Path(sys.argv[1])
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(place)], check=True)
    print(json.dumps(asyncio.run(main(place))))
    sys.stdout.flush()
    os._exit(0)
