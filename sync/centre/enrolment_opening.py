"""The centre reads a person's data with its own key: the parts of one subject, opened."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import apsw

from sync.centre import database
from sync.centre.enrolment_held import HeldInFile
from sync.centre.enrolment_keys import CentreSecrets
from sync.protocol import parts, record
from sync.protocol.parts import CannotOpen


class Opened(NamedTuple):
    """`members` None: erased, or its key was never wrapped to this centre."""

    kind: str
    at: str
    members: dict[str, Any] | None


def open_parts(db: Path, secrets: CentreSecrets, site: str, subject: str) -> list[Opened]:
    """Every sealed part of the records about `subject`, in order, each birth once."""
    own = secrets.public.part.kid
    wraps = {one.kid: one.wrapped for one in HeldInFile(db).keys(site) if one.to == own}
    reading = database.open_for_reading(db)
    try:
        return [
            _opened(reading, secrets, site, found, entry, wraps)
            for found in _about(reading, site, subject)
            for entry in found.data.get("sealed", ())
        ]
    finally:
        reading.close()


def _about(db: apsw.Connection, site: str, subject: str) -> Iterator[record.Record]:
    rows = db.execute("SELECT raw FROM records WHERE site = ? AND first = 1 ORDER BY id", (site,))
    for (raw,) in rows:
        found = record.parse(bytes(raw))
        if found.subject == subject:
            yield found


def _opened(
    db: apsw.Connection,
    secrets: CentreSecrets,
    site: str,
    found: record.Record,
    entry: dict[str, str],
    wraps: dict[str, bytes],
) -> Opened:
    row = db.execute("SELECT bytes FROM parts WHERE site = ? AND h = ?", (site, entry["h"])).fetchone()
    wrapped = wraps.get(entry["kid"])
    if row is None or row[0] is None or wrapped is None:
        return Opened(found.kind, found.at, None)
    try:
        key = parts.unwrap_key(wrapped, private=secrets.part, site=site, kid=entry["kid"])
        members = parts.unseal(entry, bytes(row[0]), key=key, site=site, kind=found.kind, subject=found.subject)
    except CannotOpen:
        members = None
    return Opened(found.kind, found.at, members)
