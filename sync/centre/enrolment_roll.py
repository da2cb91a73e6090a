"""Vouchers, enrolled sites and their certificates: one small SQLite file beside the authority."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal, NamedTuple, cast

import apsw

from sync.sqlite import transaction

FILE: Final = "enrolment.db"
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS vouchers(
    secret TEXT PRIMARY KEY,  -- hashed
    site TEXT NOT NULL, replaces INTEGER NOT NULL, made INTEGER NOT NULL, until INTEGER NOT NULL,
    used_by TEXT);  -- digest of the request that used it: the same one is answered again
CREATE TABLE IF NOT EXISTS sites(site TEXT PRIMARY KEY, public BLOB NOT NULL, escrow BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS certificates(
    serial TEXT PRIMARY KEY, site TEXT NOT NULL, request TEXT NOT NULL, pem TEXT NOT NULL,
    made INTEGER NOT NULL, until INTEGER NOT NULL, state TEXT NOT NULL DEFAULT 'good');
CREATE INDEX IF NOT EXISTS certificates_of ON certificates(site);
"""
State = Literal["good", "revoked"]


class Issued(NamedTuple):
    """`serial`: decimal; times in ms since 1970; `request`: digest of what asked for it."""

    serial: str
    site: str
    request: str
    pem: str
    made: int
    until: int
    state: State


class Pass(NamedTuple):
    """A voucher as it is kept. `replaces`: for a box in the place of a dead one."""

    site: str
    replaces: bool
    until: int
    used_by: str | None


class Member(NamedTuple):
    """`public`: the site's X25519 key; `escrow`: its own key, wrapped to the centre's escrow key."""

    public: bytes
    escrow: bytes


class EnrolmentRoll:
    """One connection, one thread. Every change is on the disk before it is answered."""

    def __init__(self, folder: Path) -> None:
        path = folder / FILE
        path.touch(mode=0o600)
        self._db = apsw.Connection(str(path))
        self._db.set_busy_timeout(5_000)
        self._db.pragma("synchronous", "EXTRA")
        self._db.pragma("journal_mode", "wal")
        self._db.execute(_TABLES)

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def at_once(self) -> Iterator[None]:
        with transaction(self._db):
            yield

    def add_voucher(self, secret: str, site: str, *, replaces: bool, made: int, until: int) -> None:
        self._db.execute("DELETE FROM vouchers WHERE until < ?", (made,))
        self._db.execute("INSERT INTO vouchers VALUES(?,?,?,?,?,NULL)", (secret, site, replaces, made, until))

    def voucher(self, secret: str) -> Pass | None:
        row = self._db.execute(
            "SELECT site, replaces, until, used_by FROM vouchers WHERE secret = ?", (secret,)
        ).fetchone()
        return None if row is None else Pass(row[0], bool(row[1]), row[2], row[3])

    def use(self, secret: str, request: str) -> None:
        self._db.execute("UPDATE vouchers SET used_by = ? WHERE secret = ?", (request, secret))

    def member(self, site: str) -> Member | None:
        row = self._db.execute("SELECT public, escrow FROM sites WHERE site = ?", (site,)).fetchone()
        return None if row is None else Member(*row)

    def sites(self) -> list[str]:
        return [str(site) for (site,) in self._db.execute("SELECT site FROM sites ORDER BY site")]

    def keep_member(self, site: str, member: Member) -> None:
        self._db.execute("INSERT OR REPLACE INTO sites VALUES(?,?,?)", (site, *member))

    def add(self, issued: Issued) -> None:
        self._db.execute("INSERT INTO certificates VALUES(?,?,?,?,?,?,?)", issued)

    def certificates(self, site: str | None = None) -> list[Issued]:
        """Newest first."""
        rows = self._db.execute(
            "SELECT * FROM certificates WHERE ?1 IS NULL OR site = ?1 ORDER BY made DESC, rowid DESC", (site,)
        )
        return [Issued(*row) for row in cast(list[tuple[str, str, str, str, int, int, State]], rows.fetchall())]

    def revoke(self, site: str) -> list[str]:
        """All good ones of the site; their serials."""
        rows = self._db.execute(
            "UPDATE certificates SET state = 'revoked' WHERE site = ? AND state = 'good' RETURNING serial", (site,)
        )
        return [str(serial) for (serial,) in rows.fetchall()]
