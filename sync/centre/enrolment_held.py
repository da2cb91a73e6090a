"""What the centre holds of a dead box: its first record, and the keys of its people and cases, for the next box."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Protocol, cast

from sync.centre import database
from sync.enrolment import PartKey
from sync.protocol import parts, record
from sync.protocol.parts import CannotOpen

KEY_ISSUED = "key.issued"


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


class HeldInFile:
    """Of the centre's SQLite database, read beside its running workers."""

    def __init__(self, db: Path) -> None:
        self._path = db

    def first(self, site: str) -> str | None:
        if not self._path.exists():
            return None
        db = database.open_for_reading(self._path)
        try:
            row = db.execute(
                "SELECT r.raw FROM epochs e JOIN records r ON r.site = e.site AND r.epoch = e.epoch AND r.seq = 1"
                " WHERE e.site = ? ORDER BY e.met LIMIT 1",
                (site,),
            ).fetchone()
        finally:
            db.close()
        return None if row is None else bytes(row[0]).decode()

    def keys(self, site: str) -> list[WrappedKey]:
        db = database.open_for_reading(self._path)
        try:
            rows = db.execute(
                "SELECT raw FROM records WHERE site = ? AND kind = ? AND first = 1 ORDER BY id", (site, KEY_ISSUED)
            ).fetchall()
            wanted = [one for (raw,) in cast(list[tuple[bytes]], rows) for one in _wraps(record.parse(raw))]
            found = []
            for kid, owner, to, h in wanted:
                row = db.execute("SELECT bytes FROM parts WHERE site = ? AND h = ?", (site, h)).fetchone()
                if row is not None and row[0] is not None:
                    found.append(WrappedKey(kid, owner, to, bytes(row[0])))
            return found
        finally:
            db.close()


def _wraps(issued: record.Record) -> Iterator[tuple[str, str, str, str]]:
    for entry in issued.body.get("wrapped", ()):
        yield str(issued.body["kid"]), issued.subject, str(entry["to"]), str(entry["h"])


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
