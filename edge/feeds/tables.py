"""What is written to and read from the feeds' file. One connection, one thread: `edge.feeds.store` sees to that."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import apsw

from sync.protocol import canonical, feeds
from sync.protocol.feeds import NOTHING, UNSURE, Delta, FeedMark, Item, Snapshot
from sync.sqlite import transaction


class Change(NamedTuple):
    """`n`: order in which it came; `rev`: of the item, or, `gone`, of the one that was there. `item` None: gone."""

    n: int
    feed: str
    id: str
    rev: int
    item: Mapping[str, Any] | None


class Refused(NamedTuple):
    feed: str
    id: str
    rev: int
    why: str
    at: int


_REPLAYED: Final = ("bookings", "decisions", "commands")


class _Differs(Exception):
    """The digest is not the one that was announced."""


class Tables:
    def __init__(self, db: apsw.Connection) -> None:
        self._db = db

    # marks and items -------------------------------------------------------------------------------------------------

    def region(self) -> str:
        return str(self._db.execute("SELECT name FROM region").get)

    def meet_region(self, region: str) -> None:
        self._db.execute("UPDATE region SET name = ?", (region,))

    def marks(self) -> dict[str, FeedMark]:
        region, found = self.region(), {}
        for feed, scope, ver, digest in self._db.execute("SELECT feed, scope, ver, digest FROM feeds"):
            foreign = feed in feeds.SHARED and bool(region) and scope != region
            found[str(feed)] = UNSURE if foreign else FeedMark(ver, digest)
        return found

    def items(self, feed: str) -> dict[str, dict[str, Any]]:
        return {uid: canonical.decode(line) for uid, _, line in self._rows(feed)}

    def item(self, feed: str, uid: str) -> dict[str, Any] | None:
        row = self._db.execute("SELECT line FROM items WHERE feed = ? AND id = ?", (feed, uid)).fetchone()
        return None if row is None else canonical.decode(bytes(row[0]))

    def apply(self, delta: Delta) -> FeedMark:
        if self.marks().get(delta.feed, NOTHING).ver != delta.since:
            return self.marks().get(delta.feed, NOTHING)
        mark = FeedMark(delta.to, delta.digest)
        try:
            with transaction(self._db):
                for change in delta.items:
                    self._change(delta.feed, change)
                if feeds.digest_of_lines(line for _, _, line in self._rows(delta.feed)) != delta.digest:
                    raise _Differs
                self._set(delta.feed, delta.scope, mark)
        except _Differs:
            return UNSURE
        return mark

    def replace(self, offer: Snapshot, items: Mapping[str, Item], since: FeedMark) -> bool:
        """`items` fit the offer's digest: the caller looked."""
        if self.marks().get(offer.feed, NOTHING) != since:
            return False
        with transaction(self._db):
            before = {uid: line for uid, _, line in self._rows(offer.feed)}
            for uid in sorted(set(before) - set(items)):
                self._change(offer.feed, {"id": uid, "gone": True})
            for uid, item in items.items():
                if before.get(uid) != feeds.line_of(item):
                    self._change(offer.feed, item)
            self._set(offer.feed, offer.scope, FeedMark(offer.ver, offer.digest))
        return True

    def _rows(self, feed: str) -> Iterator[tuple[str, int, bytes]]:
        for uid, rev, line in self._db.execute("SELECT id, rev, line FROM items WHERE feed = ? ORDER BY id", (feed,)):
            yield str(uid), int(rev), bytes(line)

    def _change(self, feed: str, change: Item) -> None:
        uid = change["id"]
        row = self._db.execute("SELECT rev FROM items WHERE feed = ? AND id = ?", (feed, uid)).fetchone()
        if change.get("gone") is True:
            if row is None:
                return
            self._db.execute("DELETE FROM items WHERE feed = ? AND id = ?", (feed, uid))
            self._pend(feed, uid, row[0], gone=True)
            return
        self._db.execute(
            "INSERT OR REPLACE INTO items VALUES(?, ?, ?, ?)", (feed, uid, change["rev"], feeds.line_of(change))
        )
        self._pend(feed, uid, change["rev"], gone=False)

    def _set(self, feed: str, scope: str, mark: FeedMark) -> None:
        self._db.execute("INSERT OR REPLACE INTO feeds VALUES(?, ?, ?, ?)", (feed, scope, *mark))

    # what follows ----------------------------------------------------------------------------------------------------

    def _pend(self, feed: str, uid: str, rev: int, *, gone: bool) -> None:
        self._db.execute("INSERT INTO pending(feed, id, rev, gone) VALUES(?, ?, ?, ?)", (feed, uid, rev, int(gone)))

    def look_again(self) -> None:
        """After a start: the journal may be an older image than this file, so what acts on the hall is asked again."""
        with transaction(self._db):
            for feed in _REPLAYED:
                for uid, rev, _ in list(self._rows(feed)):
                    self._pend(feed, uid, rev, gone=False)

    def pending(self, feed: str, limit: int) -> list[Change]:
        """Oldest first. A change that a newer one has overtaken comes with the newest item."""
        rows: list[tuple[Any, ...]] = self._db.execute(
            "SELECT n, id, rev, gone FROM pending WHERE feed = ? ORDER BY n LIMIT ?", (feed, limit)
        ).fetchall()
        found = []
        for n, uid, rev, gone in rows:
            item = None if gone else self.item(feed, str(uid))
            if gone or item is not None:  # taken away by a later change, which is pending, too
                found.append(Change(int(n), feed, str(uid), int(rev if item is None else item["rev"]), item))
            else:
                self.followed(int(n))
        return found

    def followed(self, n: int) -> None:
        self._db.execute("DELETE FROM pending WHERE n = ?", (n,))

    def settle(self, ended: Iterable[tuple[Change, str]], at: int) -> None:
        """Changes that are dealt with, each with why nothing followed from it, '' when something did."""
        with transaction(self._db):
            for change, why in ended:
                self._note(change.feed, change.id, change.rev, why, at)
                self.followed(change.n)

    def whole(self, feed: str) -> tuple[int, dict[str, dict[str, Any]]]:
        """The newest pending change, and all items at that moment."""
        self._db.execute("BEGIN")
        try:
            newest = self._db.execute("SELECT coalesce(max(n), 0) FROM pending WHERE feed = ?", (feed,)).get
            return int(newest), self.items(feed)
        finally:
            self._db.execute("COMMIT")

    def settle_whole(self, feed: str, upto: int, refused: Mapping[str, str], at: int) -> None:
        """As `settle`, for a feed that is followed as a whole. `refused`: why, by id; all others are used."""
        with transaction(self._db):
            self._db.execute("DELETE FROM refused WHERE feed = ?", (feed,))
            for uid, why in refused.items():
                row = self._db.execute("SELECT rev FROM items WHERE feed = ? AND id = ?", (feed, uid)).fetchone()
                self._note(feed, uid, 0 if row is None else int(row[0]), why, at)
            self._db.execute("DELETE FROM pending WHERE feed = ? AND n <= ?", (feed, upto))

    def _note(self, feed: str, uid: str, rev: int, why: str, at: int) -> None:
        if why:
            self._db.execute("INSERT OR REPLACE INTO refused VALUES(?, ?, ?, ?, ?)", (feed, uid, rev, why, at))
        else:
            self._db.execute("DELETE FROM refused WHERE feed = ? AND id = ?", (feed, uid))

    def refused(self) -> list[Refused]:
        return [Refused(*row) for row in self._db.execute("SELECT * FROM refused ORDER BY feed, id")]

    def keep_notice(self, uid: str, body: Mapping[str, Any], over: Sequence[str]) -> None:
        with transaction(self._db):
            for one in over:
                self._db.execute("DELETE FROM own_notices WHERE id = ?", (one,))
            self._db.execute("INSERT OR REPLACE INTO own_notices VALUES(?, ?)", (uid, canonical.encode(body)))

    def own_notices(self) -> dict[str, dict[str, Any]]:
        rows = self._db.execute("SELECT id, body FROM own_notices")
        return {str(uid): canonical.decode(bytes(body)) for uid, body in rows}

    # catalogues ------------------------------------------------------------------------------------------------------

    def keep_catalogue(self, version: str, content: bytes) -> None:
        self._db.execute("INSERT OR IGNORE INTO catalogues VALUES(?, ?)", (version, content))

    def catalogues(self) -> dict[str, bytes]:
        return {str(version): bytes(items) for version, items in self._db.execute("SELECT * FROM catalogues")}

    def drop_catalogues(self, kept: frozenset[str]) -> None:
        """All but `kept`."""
        with transaction(self._db):
            for version in set(self.catalogues()) - kept:
                self._db.execute("DELETE FROM catalogues WHERE version = ?", (version,))
