"""Many stations in one process: the product's own uplink each, over a connection each, from a journal in memory.

`fleet.py COUNT PORT RECORDS`. On stdin: `go` connects all of them, `more` lets each write one record more. On stdout:
`ready` when the journals are made, `drained` whenever the centre has acknowledged everything that each of them holds.
It is not what a station is in life: those have a disk and a machine of their own.
"""

import asyncio
import resource
import sys
from collections.abc import Sequence
from random import Random
from typing import Any, Final

from edge.clock import SystemClock
from sync.link_state import LinkState
from sync.mqtt import MqttDial
from sync.protocol import record
from sync.source import Mark, Stored
from sync.uplink import Uplink
from sync.wire import Letter, Wire

SPARE_FILES: Final = 200
SWITCH_S: Final = 0.0005
"""A dial runs in a thread, which waits a switch interval for each of its steps while the loop is busy with those who
are connected: at Python's 5 ms thousands of stations leave twenty dials a second, and the last wait for minutes."""
DIALS_AT_ONCE: Final = 64
"""One process shall not run into the time-out of its own handshakes; machines of their own need no such thing."""
_BOOT: Final = "00aa11bb22cc33dd"


class MemoryJournal:
    """Fits sync.source.JournalSource. Every record is built and hashed as a hall's."""

    def __init__(self, site: str, epoch: str) -> None:
        self.site, self.epoch = site, epoch
        self.floor = 1
        self._stored: list[Stored] = []
        self._grown = asyncio.Event()

    @property
    def next_seq(self) -> int:
        return len(self._stored) + 1

    def write(self) -> None:
        made = record.build(skeleton(self.site, self.epoch, self.next_seq, self._head()))
        self._stored.append(Stored(made, {}, ()))
        self._grown.set()
        self._grown.clear()

    def _head(self) -> str:
        return self._stored[-1].record.hash if self._stored else record.ZERO

    async def read(self, after: int, limit: int = 64, max_bytes: int = 262_144) -> list[Stored]:
        return self._stored[after : after + limit]

    async def hash_at(self, seq: int) -> str | None:
        if seq == 0:
            return record.ZERO
        return self._stored[seq - 1].record.hash if seq <= len(self._stored) else None

    async def wait_beyond(self, seq: int) -> None:
        while self.next_seq - 1 <= seq:
            await self._grown.wait()

    async def save_mark(self, mark: Mark) -> None:
        pass

    async def load_mark(self) -> Mark | None:
        return None


def skeleton(site: str, epoch: str, seq: int, prev: str) -> dict[str, Any]:
    """A call, as a hall writes it; the opening of the epoch at seq 1."""
    opened = {"why": "new", "from": None, "common": 0, "chain": record.ZERO}
    called = {"window": "w3", "call": 1, "clerk": "c01", "why": "order", "policy": "vt", "ahead": 0, "owed": 0}
    return {
        "seq": seq, "site": site, "epoch": epoch, "at": "2026-11-23T09:14:07.312+08:00", "up": seq * 10,
        "kind": "ticket.called" if seq > 1 else "epoch.opened", "v": 1, "subject": f"t:{seq:026d}",
        "actor": "keypad:keypad-1", "body": called if seq > 1 else opened, "prev": prev, "alg": "sha256",
        "business_date": "2026-11-23", "boot": _BOOT, "cmd": f"k:{seq:026d}",
    }  # fmt: skip


class Fleet:
    def __init__(self, count: int, port: int, records: int) -> None:
        self._dials = asyncio.Semaphore(DIALS_AT_ONCE)
        self._behind = set(range(count))
        self._level = asyncio.Event()
        self._level.clear()
        self.journals = [MemoryJournal(f"FL-{n:06}", f"{n + 1:016x}") for n in range(count)]
        for journal in self.journals:
            for _ in range(records):
                journal.write()
        clock = SystemClock()
        self.uplinks: Sequence[Uplink] = [
            Uplink(
                journal, "", clock=clock, random=Random(n), boot=f"{n + 1:016x}", version="fleet", free=lambda: 1 << 40,
                dial=self._dial(f"mqtt://127.0.0.1:{port}", journal.site),
            )
            for n, journal in enumerate(self.journals)
        ]  # fmt: skip
        for n, uplink in enumerate(self.uplinks):
            uplink.subscribe(lambda state, n=n: self._hear(n, state))  # type: ignore[misc]

    def _dial(self, url: str, site: str) -> Any:
        dial = MqttDial(url, site)

        async def one(*, subscriptions: Sequence[tuple[str, int]], will: Letter | None) -> Wire:
            async with self._dials:
                return await dial(subscriptions=subscriptions, will=will)

        return one

    def _hear(self, n: int, state: LinkState) -> None:
        if state.online and state.acked >= self.journals[n].next_seq - 1:
            self._behind.discard(n)
            if not self._behind:
                self._level.set()

    def more(self) -> None:
        self._behind = set(range(len(self.journals)))
        self._level.clear()
        for journal in self.journals:
            journal.write()

    async def drained(self) -> None:
        await self._level.wait()


def make_room(stations: int) -> None:
    """For so many connections in this process and in those that it starts. Raises OSError: the machine has none."""
    needed = stations + SPARE_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise OSError(f"{stations} stations need {needed} open files a process; this machine allows {hard}")
    if soft != resource.RLIM_INFINITY and soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


async def main() -> None:
    count, port, records = map(int, sys.argv[1:])
    make_room(count)
    sys.setswitchinterval(SWITCH_S)
    fleet = Fleet(count, port, records)
    print("ready", flush=True)
    running: list[asyncio.Task[None]] = []
    while line := (await asyncio.to_thread(sys.stdin.readline)).strip():
        if line == "go":
            running = [asyncio.create_task(uplink.run()) for uplink in fleet.uplinks]
        else:
            fleet.more()
        await fleet.drained()
        print("drained", flush=True)
    for task in running:
        task.cancel()


if __name__ == "__main__":
    asyncio.run(main())
