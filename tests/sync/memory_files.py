"""Sealed files in memory, as the uplink sees them; each belongs to the record whose seq it came with."""

from sync.protocol.record import digest
from sync.source import WaitingFile


class MemoryFiles:
    def __init__(self, journal):
        self._journal = journal
        self.stored = {}  # h -> bytes
        self.named = {}  # h -> seq of the record
        self.there = set()
        self.rotten = []
        self.centre = None

    def add(self, data):
        """A file and the record that names it."""
        h = digest(data)
        self.stored[h] = data
        self.named[h] = self._journal.append(kind="page.captured", body={"h": h, "size": len(data)}).seq
        return h

    async def waiting(self, upto, *, limit):
        return [WaitingFile(h, len(self.stored[h])) for h in self._waiting() if self.named[h] <= upto][:limit]

    async def count_waiting(self):
        return len(self._waiting())

    def _waiting(self):
        return [h for h in self.named if h not in self.there and h not in self.rotten]

    async def read_at(self, h, start, length):
        return self.stored[h][start : start + length]

    async def is_whole(self, h):
        return digest(self.stored[h]) == h

    async def delivered(self, h):
        self.there.add(h)

    async def broken(self, h):
        self.rotten.append(h)

    async def meet_centre(self, centre):
        if self.centre not in (None, centre):
            self.there.clear()
        self.centre = centre
