"""The site's HELLO: what it holds, in one message."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sync.protocol.heads import head_seqs
from sync.protocol.messages import Birth, Hello
from sync.source import Clock, JournalSource

NO_FEEDS: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Introduction:
    """What a HELLO says besides the journal. `boot`: 16 hex digits, new for each start. `free`: bytes on the disk."""

    clock: Clock
    boot: str
    version: str
    free: Callable[[], int]

    async def hello(
        self, source: JournalSource, cid: str, disputed: int | None, feeds: Mapping[str, Any] = NO_FEEDS
    ) -> Hello:
        """`disputed`: a seq where the centre's chain is unlike ours, added as a head. `feeds`: how far each is held."""
        next_seq, floor = source.next_seq, source.floor
        seqs = head_seqs(next_seq, floor)
        if disputed is not None and disputed not in seqs:
            seqs = sorted({*seqs, disputed}, reverse=True)
        heads = [(seq, known) for seq in seqs if (known := await source.hash_at(seq)) is not None]
        return Hello(
            cid=cid,
            site=source.site,
            epoch=source.epoch,
            next=next_seq,
            floor=floor,
            heads=tuple(heads),
            feeds=dict(feeds),
            free=self.free(),
            now=self.clock.now_ms(),
            up=self.clock.up_ms(),
            boot=self.boot,
            version=self.version,
        )

    def birth(self, source: JournalSource, cid: str, *, online: bool) -> bytes:
        return Birth(cid=cid, online=online, epoch=source.epoch, version=self.version).payload()
