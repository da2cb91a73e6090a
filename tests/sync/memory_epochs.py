"""A journal in memory that can be imaged, restored and go on in new epochs, as a station's can."""

from dataclasses import dataclass, field

from sync.protocol import record
from sync.protocol.epochs import OPENED, opened_body, write_again
from sync.source import Stored
from tests.sync.memory_journal import MemoryJournal


@dataclass
class EpochJournal(MemoryJournal):
    """`left`: (epoch, records that still count, mark) of earlier epochs. `fresh`: where new epoch ids come from."""

    fresh: object = None
    left: list = field(default_factory=list)
    restored: bool = False
    gap: bool = False
    doubted: bool = False
    centre: str = ""
    opened: list = field(default_factory=list)

    def image(self):
        """What a copy of the disk would bring back."""
        copy = EpochJournal(
            site=self.site, epoch=self.epoch, records=dict(self.records), mark=self.mark, fresh=self.fresh,
            left=list(self.left), centre=self.centre,
        )  # fmt: skip
        copy.restored = copy.gap = True
        return copy

    def history(self):
        return [one for _, records, _ in self.left for one in records] + list(self.records.values())

    def births(self):
        return [one.record.birth for one in self.history() if one.record.kind != OPENED]

    async def wait_beyond(self, seq):
        epoch = self.epoch
        while self.epoch == epoch and self._next - 1 <= seq:
            await self._grown.wait()

    async def fork_found(self):
        self.doubted = self.doubted or not self.gap
        self.gap = True

    async def fork_was_none(self):
        if self.doubted:  # a tail that was lost keeps the gap to the end of the day
            self.gap, self.doubted = self.restored, False

    async def continue_above(self, why, common, tail, *, complete):
        kept = [one for seq, one in self.records.items() if seq <= common]
        self._begin(why, common, tail, [*self.left, (self.epoch, kept, self.mark)])
        self.restored, self.gap, self.doubted = False, not complete, False

    async def meet(self, centre, *, empty):
        known, self.centre = self.centre, centre
        if known in ("", centre) or not empty:
            return False
        for index, (epoch, records, mark) in enumerate(self.left):
            durable = mark.durable if mark is not None and mark.epoch == epoch else 0
            kept = [one for one in records if one.record.seq <= durable]
            if len(kept) < len(records):
                self._begin("restore", 0, (), [*self.left[:index], (epoch, kept, mark)])
                return True
        return False

    def _begin(self, why, common, tail, left):
        chain = self.records[common].record.hash if common else record.ZERO
        body = opened_body(why, left=self.epoch, common=common, chain=chain)
        stays = {id(one) for _, records, _ in left for one in records}
        own = [one for one in self.history() if id(one) not in stays]
        held = {one.record.birth for _, records, _ in left for one in records}
        epoch = f"{self.fresh.getrandbits(64):016x}"
        first = record.build({
            "seq": 1, "site": self.site, "epoch": epoch, "at": "2026-11-23T09:14:07.312+08:00", "up": 1,
            "kind": OPENED, "v": 1, "subject": "site", "actor": "system", "body": body, "prev": record.ZERO,
            "alg": "sha256",
        })  # fmt: skip
        beside = {one.record.birth: one for one in [*tail, *own]}
        again = write_again(first, [one.record for one in tail], [one.record for one in own], held)
        found = {1: Stored(first, {}, ())}
        for one in again:
            source = beside[one.source.birth]
            found[one.again.seq] = Stored(one.again, source.parts, source.gone)
        self.left, self.epoch, self.records, self.mark = left, epoch, found, None
        self._next = len(found) + 1
        self.opened.append((why, common, len(tail)))
        self._grown.set()
        self._grown = type(self._grown)()
