"""What the centre holds of a dead box: its first record, and the keys of its people and cases, for the next box."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from sync.centre.queries import Wanted, records
from sync.centre.sql import Database
from sync.centre.store import is_postgres, open_for_reading
from sync.enrolment import PartKey
from sync.protocol import parts
from sync.protocol.parts import CannotOpen
from sync.protocol.record import Record

KEY_ISSUED: Final = "key.issued"


class WrappedKey(NamedTuple):
    """From a `key.issued`: the key `kid` of `owner`, wrapped to the centre's key `to`."""

    kid: str
    owner: str
    to: str
    wrapped: bytes


class Held(Protocol):
    """Reads the centre's records; nothing is written."""

    def first(self, site: str) -> str | None:
        """Canonical record 1 of the first epoch that was met; None where nothing is held."""

    def keys(self, site: str) -> list[WrappedKey]:
        """Every wrapped key that is not erased."""


class HeldInDatabase:
    """Of the centre's database, read beside its running workers; `where` as `hall-centre run --db`."""

    def __init__(self, where: str) -> None:
        self._where = where

    def first(self, site: str) -> str | None:
        with self._reading() as db:
            if db is None:
                return None
            rows = db.rows(
                "SELECT r.raw FROM epochs e JOIN records r ON r.site = e.site AND r.epoch = e.epoch AND r.seq = 1"
                " WHERE e.site = ? ORDER BY e.met LIMIT 1",
                (site,),
            )
            return bytes(rows[0][0]).decode() if rows else None

    def keys(self, site: str) -> list[WrappedKey]:
        with self._reading() as db:
            if db is None:
                return []
            return [one for found in records(db, Wanted(site, kind=KEY_ISSUED, once=True)) for one in _wraps(db, found)]

    @contextmanager
    def _reading(self) -> Iterator[Database | None]:
        """None where no site was ever heard."""
        if not is_postgres(self._where) and not Path(self._where).exists():
            yield None
            return
        db = open_for_reading(self._where)
        try:
            yield db
        finally:
            db.close()


def _wraps(db: Database, issued: Record) -> Iterator[WrappedKey]:
    """Those that are not erased."""
    for entry in issued.body.get("wrapped", ()):
        rows = db.rows("SELECT bytes FROM parts WHERE site = ? AND h = ?", (issued.data["site"], entry["h"]))
        if rows and rows[0][0] is not None:
            yield WrappedKey(str(issued.body["kid"]), issued.subject, str(entry["to"]), bytes(rows[0][0]))


def for_the_site(held: list[WrappedKey], *, site: str, kid: str, private: bytes, public: bytes) -> tuple[PartKey, ...]:
    """Wrap what is wrapped to the centre's key `kid` to the site's; what does not open is left out, each kid once."""
    found: dict[str, PartKey] = {}
    for one in held:
        if one.to != kid:
            continue
        try:
            key = parts.unwrap_key(one.wrapped, private=private, site=site, kid=one.kid)
        except CannotOpen:
            continue
        again = parts.wrap_key(key, public=public, site=site, kid=one.kid)
        found[one.kid] = PartKey(kid=one.kid, owner=one.owner, wrapped=again)
    return tuple(found.values())
