"""What the centre publishes, in a SQLite file of its own: items, versions, sites' keys, what became of commands.

Several processes may use the file at once: those that serve and those that publish. One connection, one thread each.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

import apsw

from sync.centre.database import empty_wal
from sync.protocol import canonical, feeds
from sync.protocol.feeds import NOTHING, FeedMark, Item
from sync.protocol.orders import Outcome
from sync.sqlite import transaction

FEEDS_NOT_KEPT: Final = (apsw.FullError, apsw.IOError, apsw.BusyError)
"""What the disk, or another process that writes for too long, may raise from any call."""
KEPT_VERSIONS: Final = 256
_PATIENCE_MS: Final = 10_000
Keep = Literal["site", "centre"]
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS heads(
    feed TEXT NOT NULL, scope TEXT NOT NULL, ver INTEGER NOT NULL, digest TEXT NOT NULL, PRIMARY KEY(feed, scope));
CREATE TABLE IF NOT EXISTS items(
    feed TEXT NOT NULL, scope TEXT NOT NULL, id TEXT NOT NULL, rev INTEGER NOT NULL,
    facts TEXT NOT NULL,  -- keyed digest of what was published: the same again is no new rev
    line BLOB,  -- canonical item and LF; NULL: removed, and its revs go on from here
    PRIMARY KEY(feed, scope, id));
CREATE TABLE IF NOT EXISTS versions(
    feed TEXT NOT NULL, scope TEXT NOT NULL, ver INTEGER NOT NULL, digest TEXT NOT NULL,
    changes BLOB NOT NULL,  -- empty: forgotten with a person who was in them
    PRIMARY KEY(feed, scope, ver));
CREATE TABLE IF NOT EXISTS site_keys(site TEXT PRIMARY KEY, kid TEXT NOT NULL, public BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS begun(site TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY(site, id));
CREATE TABLE IF NOT EXISTS outcomes(
    site TEXT NOT NULL, id TEXT NOT NULL, outcome TEXT NOT NULL, why TEXT NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY(site, id));
CREATE TABLE IF NOT EXISTS conflicts(
    site TEXT NOT NULL, birth TEXT NOT NULL, record BLOB NOT NULL, at INTEGER NOT NULL,
    kept TEXT, by_whom TEXT, settled INTEGER,
    PRIMARY KEY(site, birth));
"""


class Published(NamedTuple):
    """An item as it is to stand, without `rev`; `facts`: see the table. `item` None: removed."""

    id: str
    facts: str
    item: Mapping[str, Any] | None


class Ended(NamedTuple):
    """What became of a command."""

    site: str
    id: str
    outcome: str
    why: str
    at: int


class Conflict(NamedTuple):
    """A record of a site about an item that is another by now, or that it could not follow. `kept` None: nobody has
    settled it.
    """

    site: str
    birth: str
    record: bytes
    at: int
    kept: str | None


class FeedStore:
    def __init__(self, path: Path) -> None:
        self._db = apsw.Connection(str(path))
        self._db.set_busy_timeout(_PATIENCE_MS)
        self._db.pragma("synchronous", "FULL")
        self._db.pragma("secure_delete", "ON")
        self._db.pragma("journal_mode", "wal")
        self._db.execute(_TABLES)

    def close(self) -> None:
        self._db.close()

    @property
    def change(self) -> int:
        """Another number once another process has written."""
        return int(self._db.pragma("data_version"))

    # feeds -----------------------------------------------------------------------------------------------------------

    def mark(self, feed: str, scope: str) -> FeedMark:
        row = self._db.execute("SELECT ver, digest FROM heads WHERE feed = ? AND scope = ?", (feed, scope)).fetchone()
        return NOTHING if row is None else FeedMark(*row)

    def scopes(self, feed: str) -> list[str]:
        return [scope for (scope,) in self._db.execute("SELECT scope FROM heads WHERE feed = ?", (feed,))]

    def state(self, feed: str, scope: str) -> bytes:
        return b"".join(self._lines(feed, scope))

    def items(self, feed: str, scope: str) -> list[dict[str, Any]]:
        return [canonical.decode(line) for line in self._lines(feed, scope)]

    def rev(self, feed: str, scope: str, item: str) -> int | None:
        """Its newest rev, also of a removed one; None for an id that never was."""
        row = self._db.execute(
            "SELECT rev FROM items WHERE feed = ? AND scope = ? AND id = ?", (feed, scope, item)
        ).fetchone()
        return None if row is None else int(row[0])

    def versions_after(self, feed: str, scope: str, ver: int) -> Iterator[tuple[FeedMark, list[Item]]]:
        """Oldest first, each with its changes."""
        rows = self._db.execute(
            "SELECT ver, digest, changes FROM versions WHERE feed = ? AND scope = ? AND ver > ? ORDER BY ver",
            (feed, scope, ver),
        )
        for number, digest, changes in rows:
            yield FeedMark(number, digest), canonical.decode(changes)["items"]

    def knows(self, feed: str, scope: str, mark: FeedMark) -> bool:
        """Whether deltas lead from `mark` to the newest version."""
        if mark == NOTHING:
            first = "SELECT changes <> x'' FROM versions WHERE feed = ? AND scope = ? AND ver = 1"
            return bool(self._db.execute(first, (feed, scope)).get)
        row = self._db.execute(
            "SELECT digest FROM versions WHERE feed = ? AND scope = ? AND ver = ?", (feed, scope, mark.ver)
        ).fetchone()
        return row is not None and row[0] == mark.digest

    def publish(self, feed: str, scope: str, wanted: Iterable[Published], *, whole: bool = False) -> FeedMark:
        """One new version, or none when nothing changes. `whole`: items that are not in `wanted` are removed.

        A personal item that is removed is gone from earlier versions, too: who is further behind gets a snapshot.
        """
        try:
            return self._publish(feed, scope, wanted, whole=whole)
        finally:
            empty_wal(self._db, _PATIENCE_MS)  # what was removed; where somebody reads just now, with the next version

    def _publish(self, feed: str, scope: str, wanted: Iterable[Published], *, whole: bool) -> FeedMark:
        with transaction(self._db):
            rows: list[tuple[Any, ...]] = self._db.execute(
                "SELECT id, rev, facts, line IS NULL FROM items WHERE feed = ? AND scope = ?", (feed, scope)
            ).fetchall()
            known = {str(uid): (int(rev), str(facts), bool(gone)) for uid, rev, facts, gone in rows}
            given = {one.id: one for one in wanted}
            if whole:
                left = {uid for uid, (_, _, gone) in known.items() if not gone} - set(given)
                given |= {uid: Published(uid, "", None) for uid in left}
            changes = [change for uid in sorted(given) if (change := self._change(feed, scope, given[uid], known))]
            made = self._next_version(feed, scope, changes) if changes else self.mark(feed, scope)
            if feed in feeds.OWN and any(change.get("gone") for change in changes):
                self._forget_before(feed, scope, made.ver)
            return made

    def _forget_before(self, feed: str, scope: str, ver: int) -> None:
        """Of the version before only the digest stays, so that a site that is level still gets a delta."""
        self._db.execute("DELETE FROM versions WHERE feed = ? AND scope = ? AND ver < ?", (feed, scope, ver - 1))
        self._db.execute(
            "UPDATE versions SET changes = x'' WHERE feed = ? AND scope = ? AND ver < ?", (feed, scope, ver)
        )

    def _change(self, feed: str, scope: str, one: Published, known: Mapping[str, tuple[int, str, bool]]) -> Item | None:
        rev, facts, gone = known.get(one.id, (0, "", True))
        if one.item is None:
            if gone:
                return None
            self._put(feed, scope, one.id, rev + 1, "", None)
            return {"id": one.id, "gone": True}
        if not gone and facts == one.facts:
            return None
        item = {**one.item, "id": one.id, "rev": rev + 1}
        feeds.check_item(item)
        self._put(feed, scope, one.id, rev + 1, one.facts, feeds.line_of(item))
        return item

    def _put(self, feed: str, scope: str, uid: str, rev: int, facts: str, line: bytes | None) -> None:
        self._db.execute("INSERT OR REPLACE INTO items VALUES(?, ?, ?, ?, ?, ?)", (feed, scope, uid, rev, facts, line))

    def _next_version(self, feed: str, scope: str, changes: Sequence[Item]) -> FeedMark:
        ver = self.mark(feed, scope).ver + 1
        made = FeedMark(ver, feeds.digest_of_lines(self._lines(feed, scope)))
        self._db.execute("INSERT OR REPLACE INTO heads VALUES(?, ?, ?, ?)", (feed, scope, *made))
        self._db.execute(
            "INSERT INTO versions VALUES(?, ?, ?, ?, ?)", (feed, scope, *made, canonical.encode({"items": changes}))
        )
        self._db.execute(
            "DELETE FROM versions WHERE feed = ? AND scope = ? AND ver <= ?", (feed, scope, ver - KEPT_VERSIONS)
        )
        return made

    def _lines(self, feed: str, scope: str) -> Iterator[bytes]:
        rows = self._db.execute(
            "SELECT line FROM items WHERE feed = ? AND scope = ? AND line IS NOT NULL ORDER BY id", (feed, scope)
        )
        return (bytes(line) for (line,) in rows)

    # sites -----------------------------------------------------------------------------------------------------------

    def trust(self, site: str, kid: str, public: bytes) -> None:
        """The site's X25519 key: personal items are sealed for it."""
        self._db.execute("INSERT OR REPLACE INTO site_keys VALUES(?, ?, ?)", (site, kid, public))

    def site_key(self, site: str) -> tuple[str, bytes] | None:
        row = self._db.execute("SELECT kid, public FROM site_keys WHERE site = ?", (site,)).fetchone()
        return None if row is None else (str(row[0]), bytes(row[1]))

    # commands --------------------------------------------------------------------------------------------------------

    def began(self, site: str, command: str) -> None:
        self._db.execute("INSERT OR IGNORE INTO begun VALUES(?, ?)", (site, command))

    def ended(self, site: str, command: str, outcome: Outcome, why: str, at: int) -> None:
        """Keep what became of it and remove its item. What the site says replaces what was only settled."""
        with transaction(self._db):
            self._end(site, command, outcome, why, at)

    def settle_begun(self, site: str, at: int) -> None:
        """What was begun and is not done as `unknown`: nobody will ever say."""
        with transaction(self._db):
            for (command,) in self._db.execute("SELECT id FROM begun WHERE site = ?", (site,)).fetchall():
                self._end(site, str(command), "unknown", "epoch", at)

    def _end(self, site: str, command: str, outcome: str, why: str, at: int) -> None:
        self._db.execute("DELETE FROM begun WHERE site = ? AND id = ?", (site, command))
        self._db.execute("INSERT OR REPLACE INTO outcomes VALUES(?, ?, ?, ?, ?)", (site, command, outcome, why, at))
        row = self._db.execute(
            "SELECT rev FROM items WHERE feed = 'commands' AND scope = ? AND id = ? AND line IS NOT NULL",
            (site, command),
        ).fetchone()
        if row is not None:
            self._put("commands", site, command, row[0] + 1, "", None)
            self._next_version("commands", site, [{"id": command, "gone": True}])

    def outcomes(self, site: str) -> list[Ended]:
        """Oldest first."""
        rows = self._db.execute("SELECT * FROM outcomes WHERE site = ? ORDER BY at, id", (site,))
        return [Ended(*row) for row in rows]

    # conflicts -------------------------------------------------------------------------------------------------------

    def hold(self, site: str, birth: str, record: bytes, at: int) -> None:
        self._db.execute(
            "INSERT OR IGNORE INTO conflicts(site, birth, record, at) VALUES(?, ?, ?, ?)", (site, birth, record, at)
        )

    def conflicts(self, site: str) -> list[Conflict]:
        rows = self._db.execute(
            "SELECT site, birth, record, at, kept FROM conflicts WHERE site = ? ORDER BY at, birth", (site,)
        )
        return [Conflict(*row) for row in rows]

    def settle(self, site: str, birth: str, keep: Keep, by: str, at: int) -> bool:
        """A person decided. False: no such conflict, or settled before."""
        self._db.execute(
            "UPDATE conflicts SET kept = ?, by_whom = ?, settled = ? WHERE site = ? AND birth = ? AND kept IS NULL",
            (keep, by, at, site, birth),
        )
        return self._db.changes() == 1

    def is_settled(self, site: str, birth: str) -> bool:
        row = self._db.execute(
            "SELECT 1 FROM conflicts WHERE site = ? AND birth = ? AND kept IS NOT NULL", (site, birth)
        ).fetchone()
        return row is not None
