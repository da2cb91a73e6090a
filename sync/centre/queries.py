"""What a person asks of the centre: read only, a few rows in memory at a time, however much is held."""

from collections.abc import Iterator
from typing import NamedTuple

from sync.centre.sql import Database
from sync.protocol import record
from sync.protocol.record import Record


class Site(NamedTuple):
    """`epochs` met; `upto`, `durable` of the newest; `held` in quarantine; `online` as it last said, None: never."""

    site: str
    epochs: int
    epoch: str
    upto: int
    durable: int
    held: int
    holes: int
    alarms: int
    online: bool | None


class Wanted(NamedTuple):
    """Records of one site; what is None or 0 does not narrow. `after`: seq, with `epoch`."""

    site: str
    epoch: str | None = None
    after: int = 0
    kind: str | None = None
    subject: str | None = None
    once: bool = False  # each birth where it had its effect, not what an epoch wrote again


def sites(db: Database) -> Iterator[Site]:
    counts = ", ".join(
        f"(SELECT count(*) FROM {name} q WHERE q.site = e.site)" for name in ("quarantine", "holes", "alarms")
    )
    rows = db.stream(
        "SELECT e.site, (SELECT count(*) FROM epochs o WHERE o.site = e.site), e.epoch, e.upto, e.durable,"
        f" {counts}, (SELECT p.online FROM presence p WHERE p.site = e.site)"
        " FROM epochs e WHERE e.met = (SELECT max(n.met) FROM epochs n WHERE n.site = e.site) ORDER BY e.site"
    )
    for site, epochs, epoch, upto, durable, held, holes, alarms, online in rows:
        known = None if online is None else bool(online)
        yield Site(site, epochs, epoch, upto, durable, held, holes, alarms, known)


def records(db: Database, wanted: Wanted) -> Iterator[Record]:
    """In the order of the site: epochs as the centre met them, then seq; without months that were dropped.

    Raises BadRecord where the disk failed.
    """
    narrowed, values = " AND length(r.raw) > 0", [wanted.site]
    for column, value in (("epoch", wanted.epoch), ("kind", wanted.kind)):
        if value is not None:
            narrowed += f" AND r.{column} = ?"
            values.append(value)
    rows = db.stream(
        "SELECT r.raw FROM epochs e JOIN records r ON r.site = e.site AND r.epoch = e.epoch"
        f" WHERE e.site = ?{narrowed} AND r.seq > ?{' AND r.first = 1' if wanted.once else ''} ORDER BY e.met, r.seq",
        (*values, wanted.after),
    )
    for (raw,) in rows:
        found = record.parse(bytes(raw))
        if wanted.subject is None or found.subject == wanted.subject:
            yield found


def holes(db: Database, site: str | None) -> Iterator[tuple[str, str, int, int]]:
    """Site, epoch, first and last seq that never came."""
    yield from _of(db, "site, epoch, first, last", "holes", site, "site, epoch, first")  # type: ignore[misc]


def quarantine(db: Database, site: str | None) -> Iterator[tuple[str, str, int, str]]:
    """Site, epoch, seq and reason of what is held."""
    yield from _of(db, "site, epoch, seq, reason", "quarantine", site, "id")  # type: ignore[misc]


def telemetry(db: Database, site: str | None) -> Iterator[tuple[str, str, float, str, int]]:
    """Site, name, last value, unit, ms since 1970 of the centre when it came."""
    yield from _of(db, "site, name, value, unit, at", "telemetry", site, "site, name")  # type: ignore[misc]


def disclosures(db: Database, site: str | None) -> Iterator[tuple[str, int, str, str, str, int, str]]:
    """Site, ms since 1970, who, why, epoch, seq and digest of every part that was opened here."""
    yield from _of(db, "site, at, who, why, epoch, seq, h", "disclosures", site, "at")  # type: ignore[misc]


def _of(db: Database, columns: str, table: str, site: str | None, order: str) -> Iterator[tuple[object, ...]]:
    chosen, values = ("", ()) if site is None else (" WHERE site = ?", (site,))
    yield from db.stream(f"SELECT {columns} FROM {table}{chosen} ORDER BY {order}", values)
