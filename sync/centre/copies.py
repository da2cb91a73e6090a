"""打印复印 of all sites as the level above sees it: pages a business day, counts alone. Whose they were stands nowhere.

The account of a reservation (a keyed hash of that day, or a ticket) is not read.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from sync.centre.queries import Wanted, records, sites
from sync.centre.sql import Database
from sync.protocol.record import Record

RESERVED: Final = "copy.reserved"
ENDED: Final = ("copy.done", "copy.failed", "copy.unknown")
GRANTED: Final = "copy.granted"
UNTOLD: Final = "other"  # its reservation is not here


@dataclass(slots=True)
class CopyDay:
    """`came`: pages that came out, by kind; `unsure`: pages of which nobody knows; `failed`: prints that ended so or
    with such pages; `granted`: pages that leads added.
    """

    site: str
    date: str
    prints: int = 0
    came: dict[str, int] = field(default_factory=dict)
    unsure: int = 0
    failed: int = 0
    granted: int = 0


def copies(db: Database, site: str | None = None, first: str = "", last: str = "9999") -> Iterator[CopyDay]:
    """By site and business date, ISO dates `first` to `last`. A record of another form is passed over."""
    for one in [each.site for each in sites(db)] if site is None else [site]:
        days: dict[str, CopyDay] = {}
        kinds: dict[str, str] = {}
        for kind in (RESERVED, *ENDED, GRANTED):
            for each in records(db, Wanted(one, kind=kind, once=True)):
                fold(days, kinds, one, each)
        yield from (days[date] for date in sorted(days) if first <= date <= last)


def fold(days: dict[str, CopyDay], kinds: dict[str, str], site: str, one: Record) -> None:
    """All reservations come before all ends. `kinds`: of each print, by its subject."""
    body: Any = one.body
    try:
        date = str(body["date"])
        if one.kind == RESERVED:
            kinds[one.subject] = str(body["kind"])
            _of(days, site, date).prints += 1
        elif one.kind == GRANTED:
            _of(days, site, date).granted += int(body["pages"])
        else:
            came, unsure = int(body["came"]), int(body["unsure"])
            day = _of(days, site, date)
            day.came = dict(Counter(day.came) + Counter({kinds.get(one.subject, UNTOLD): came}))
            day.unsure += unsure
            day.failed += one.kind != "copy.done"
    except (KeyError, TypeError, ValueError):
        return


def _of(days: dict[str, CopyDay], site: str, date: str) -> CopyDay:
    return days.setdefault(date, CopyDay(site, date))
