"""Which worker serves which sites: the 256 shards, divided by leases in the database.

Only the database's clock counts. A lease is fenced: every commit for a site asks, in its own transaction, whether the
shard is still held under the number that was got with it, so a worker that was taken for dead cannot write.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple, Protocol

from sync.centre.sql import Database
from sync.protocol import names

ALL: Final = frozenset(range(256))
LEASE_S: Final = 5.0
BEAT_S: Final = 1.0


_GIVE: Final = "UPDATE shards SET owner = NULL WHERE shard IN ("


class LeaseLost(Exception):
    """Another worker serves this shard by now; nothing of the transaction was kept."""


class Change(NamedTuple):
    gained: frozenset[int]
    lost: frozenset[int]


class Shards(Protocol):
    """`alone`: no other worker is there, ever."""

    alone: bool

    @property
    def held(self) -> frozenset[int]: ...

    def mine(self, site: str) -> bool: ...

    def beat(self) -> Change:
        """Renew, give up what is too much, take what is free. Every BEAT_S."""

    def hold(self, site: str) -> None:
        """Within the transaction that writes for `site`, before it writes. Raises LeaseLost."""

    def leave(self) -> None:
        """Give everything up."""


class EveryShard:
    """One centre alone on its database."""

    alone = True
    held = ALL

    def mine(self, site: str) -> bool:
        return True

    def beat(self) -> Change:
        return Change(frozenset(), frozenset())

    def hold(self, site: str) -> None:
        pass

    def leave(self) -> None:
        pass


class LeasedShards:
    """`worker`: new for each start of the program."""

    alone = False

    def __init__(self, db: Database, worker: str) -> None:
        self._db = db
        self._worker = worker
        self._fences: dict[int, int] = {}

    @property
    def held(self) -> frozenset[int]:
        return frozenset(self._fences)

    def mine(self, site: str) -> bool:
        return shard_of(site) in self._fences

    def beat(self) -> Change:
        before = self._fences
        with self._db.transaction():
            share = self._share()
            kept = self._keep(share)
            after = kept | self._take(share - len(kept))
        self._fences = after
        lost = {shard for shard, fence in before.items() if after.get(shard) != fence}
        gained = {shard for shard, fence in after.items() if before.get(shard) != fence}
        return Change(frozenset(gained), frozenset(lost))

    def hold(self, site: str) -> None:
        shard = shard_of(site)
        found = self._db.rows(
            "SELECT 1 FROM shards WHERE shard = ? AND owner = ? AND fence = ? FOR SHARE",
            (shard, self._worker, self._fences.get(shard, -1)),
        )
        if not found:
            self._fences.pop(shard, None)
            raise LeaseLost(f"shard {shard}")

    def leave(self) -> None:
        self._fences = {}
        with self._db.transaction():
            self._db.run("DELETE FROM workers WHERE id = ?", (self._worker,))
            self._db.run(_GIVE + "SELECT shard FROM shards WHERE owner = ? ORDER BY shard FOR UPDATE)", (self._worker,))

    def _share(self) -> int:
        """Say that this worker lives; how many shards each living one takes at most, so that all are served."""
        self._db.run(
            "INSERT INTO workers(id, until) VALUES(?, clock_timestamp() + make_interval(secs => ?))"
            " ON CONFLICT(id) DO UPDATE SET until = excluded.until",
            (self._worker, LEASE_S),
        )
        living = int(self._db.rows("SELECT count(*) FROM workers WHERE until >= clock_timestamp()")[0][0])
        return -(-len(ALL) // living)

    def _keep(self, share: int) -> dict[int, int]:
        """A worker that was silent for too long keeps what nobody took meanwhile."""
        rows = self._db.rows(
            "SELECT shard, fence FROM shards WHERE owner = ? ORDER BY shard FOR UPDATE", (self._worker,)
        )
        # Nothing that this worker does not know of is kept: the answer to a COMMIT may have been lost.
        keep = dict([(shard, fence) for shard, fence in rows if self._fences.get(shard) == fence][:share])
        give = [str(shard) for shard, _ in rows if shard not in keep]
        if give:
            chosen = f"SELECT shard FROM shards WHERE shard::text {self._db.among})"
            self._db.run(_GIVE + chosen, (self._db.a_list(give),))
        return keep

    def _take(self, room: int) -> dict[int, int]:
        if room <= 0:
            return {}
        rows = self._db.rows(
            "UPDATE shards SET owner = ?, fence = fence + 1 WHERE shard IN (SELECT shard FROM shards s WHERE NOT EXISTS"
            " (SELECT 1 FROM workers w WHERE w.id = s.owner AND w.until >= clock_timestamp())"
            " ORDER BY shard LIMIT ? FOR UPDATE OF s SKIP LOCKED) RETURNING shard, fence",
            (self._worker, room),
        )
        self._db.run("DELETE FROM workers WHERE until < clock_timestamp() - interval '1 day'")
        return {int(shard): int(fence) for shard, fence in rows}


def shard_of(site: str) -> int:
    return int(names.shard(site), 16)


@contextmanager
def writing(db: Database, shards: Shards, site: str) -> Iterator[None]:
    """One transaction for `site`, refused to a worker that lost it."""
    with db.transaction():
        shards.hold(site)
        yield
