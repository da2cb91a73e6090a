"""A journal in memory, as the uplink reads it."""

import asyncio
import hashlib
from dataclasses import dataclass, field

from sync.protocol import record
from sync.source import Mark, Stored

SITE = "LH-0042"
EPOCH = "9f3c5a7e11d20b64"


def skeleton(seq, prev, *, site=SITE, epoch=EPOCH, kind="ticket.called", body=None, **more):
    if seq == 1:
        kind = "epoch.opened"
        body = {"why": "new", "from": None, "common": 0, "chain": record.ZERO}
    return {
        "seq": seq, "site": site, "epoch": epoch, "at": "2026-11-23T09:14:07.312+08:00", "up": seq, "kind": kind,
        "v": 1, "subject": f"t:{seq}", "actor": "clerk:0107", "body": body or {"call": 1, "window": "3"},
        "prev": prev, "alg": "sha256", **more,
    }  # fmt: skip


@dataclass
class MemoryJournal:
    site: str = SITE
    epoch: str = EPOCH
    records: dict = field(default_factory=dict)
    mark: Mark | None = None
    marks: list = field(default_factory=list)

    def __post_init__(self):
        self._next = max(self.records, default=0) + 1
        self._grown = asyncio.Event()
        self._below_floor = record.ZERO

    @property
    def next_seq(self):
        return self._next

    @property
    def floor(self):
        return next(iter(self.records), self._next)  # inserted in order of seq

    def append(self, *, part: bytes | None = None, gone: bytes | None = None, **more):
        """One more record; `part` is sealed beside it, `gone` was, and is erased by now."""
        seq = self._next
        prev = self.records[seq - 1].record.hash if seq - 1 in self.records else self._below_floor
        named = [hashlib.sha256(found).hexdigest() for found in (part, gone) if found is not None]
        if named:
            more["sealed"] = [{"kid": "k:1", "alg": "aes-256-gcm", "nonce": "AAAA", "h": h} for h in named]
        built = record.build(skeleton(seq, prev, site=self.site, epoch=self.epoch, **more))
        parts = {} if part is None else {named[0]: part}
        self.records[seq] = Stored(built, parts, () if gone is None else (named[-1],))
        self._next += 1
        self._grown.set()
        self._grown = asyncio.Event()
        return built

    def grow(self, count, **more):
        for _ in range(count):
            self.append(**more)
        return self

    def forget_below(self, floor):
        """As after retention: records below `floor` are gone."""
        self._below_floor = self.records[floor - 1].record.hash
        for seq in [seq for seq in self.records if seq < floor]:
            del self.records[seq]

    async def read(self, after, limit=64, max_bytes=262_144):
        found, size = [], 0
        for seq in range(after + 1, min(after + limit, self._next - 1) + 1):
            size += len(self.records[seq].record.raw)
            if found and size > max_bytes:
                break
            found.append(self.records[seq])
        return found

    async def hash_at(self, seq):
        if seq == 0:
            return record.ZERO
        if seq in self.records:
            return self.records[seq].record.hash
        return self._below_floor if seq == self.floor - 1 else None

    async def wait_beyond(self, seq):
        while self._next - 1 <= seq:
            await self._grown.wait()

    async def save_mark(self, mark):
        self.mark = mark
        self.marks.append(mark)

    async def load_mark(self):
        return self.mark
