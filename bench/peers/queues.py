"""Queue libraries in the place of the hand-written table, used as their own pages say: take, send, mark as done.

persist-queue's acknowledged queue commits put, get and ack one by one, each with an fsync (WAL, SQLite's default FULL).
litequeue commits each put, pop and done with `synchronous=NORMAL`, which it sets itself: none of them is on the disk
when the call returns, and a power cut takes what was put.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final, Protocol

import litequeue
import persistqueue

from bench.peers.outbox import Outbox


class Waiting(Protocol):
    """What a sender drains. `take` never gives the same row twice; `done` ends a row."""

    def put(self, raws: list[bytes]) -> None: ...

    def take(self, limit: int) -> list[tuple[Any, bytes]]:
        """At most `limit` rows, oldest first; none when nothing is left."""

    def done(self, ids: Iterable[Any]) -> None: ...

    def close(self) -> None: ...


class PersistQueue:
    def __init__(self, path: str) -> None:
        self._queue = persistqueue.SQLiteAckQueue(path)
        self.close = self._queue.close

    def put(self, raws: list[bytes]) -> None:
        for raw in raws:
            self._queue.put(raw)

    def take(self, limit: int) -> list[tuple[Any, bytes]]:
        found: list[tuple[Any, bytes]] = []
        while len(found) < limit:
            try:
                one = self._queue.get(block=False, raw=True)
            except persistqueue.Empty:
                break
            found.append((one["pqid"], one["data"]))
        return found

    def done(self, ids: Iterable[Any]) -> None:
        for one in ids:
            self._queue.ack(id=one)


class LiteQueue:
    def __init__(self, path: str) -> None:
        self._queue = litequeue.LiteQueue(path)
        self.close = self._queue.conn.close

    def put(self, raws: list[bytes]) -> None:
        for raw in raws:
            self._queue.put(raw.decode())

    def take(self, limit: int) -> list[tuple[Any, bytes]]:
        found: list[tuple[Any, bytes]] = []
        while len(found) < limit and (one := self._queue.pop()) is not None:
            found.append((one.message_id, one.data.encode()))
        return found

    def done(self, ids: Iterable[Any]) -> None:
        for one in ids:
            self._queue.done(one)


KINDS: Final[dict[str, Callable[[str], Waiting]]] = {
    "hand-written": Outbox,
    "persist-queue": PersistQueue,
    "litequeue": LiteQueue,
}
