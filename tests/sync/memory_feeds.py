"""The site's own tables in memory, without threads: for virtual time."""

import apsw

from edge.feeds.database import _TABLES
from edge.feeds.tables import Tables


class MemoryFeeds:
    """Fits sync.downlink.FeedSource."""

    def __init__(self):
        db = apsw.Connection(":memory:")
        db.execute(_TABLES)
        self.tables = Tables(db)
        self.spoil_next = False

    @property
    def region(self):
        return self.tables.region()

    async def meet_region(self, region):
        self.tables.meet_region(region)

    async def marks(self):
        return self.tables.marks()

    async def apply(self, delta):
        return self.tables.apply(delta)

    async def replace(self, offer, items, *, since):
        return self.tables.replace(offer, items, since)
