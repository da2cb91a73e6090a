"""A process to kill: appends for ever and prints each command id after it was acknowledged. Argument: the folder."""

import asyncio
import os
import sys
from itertools import count
from pathlib import Path

from edge.clock import SystemClock
from edge.journal import Journal, KeyRing
from tests.edge.journal.material import BOOT, SITE, ZONE, called, issued


async def main(folder: Path) -> None:
    journal = await Journal.open(
        folder,
        site=SITE,
        boot=BOOT,
        clock=SystemClock(),
        zone=ZONE,
        random_bytes=os.urandom,
        keys=KeyRing(bytes(32)),
    )
    start = journal.next_seq
    print("ready", flush=True)

    async def one(lane: int) -> None:
        for n in count():
            cmd = f"c:{start}:{lane}:{n}"
            made = await journal.append([issued(lane, {"name": "样本"}), called(lane)], cmd=cmd)
            os.write(1, f"{cmd} {made[-1].seq} {made[-1].hash}\n".encode())

    await asyncio.gather(*(one(lane) for lane in range(8)))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
