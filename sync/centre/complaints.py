"""Complaints of all sites as the level above sees them: folded from their records, without a word of what was said.

A complaint rises by its site's record; one whose site has not opened since its limit passed is overdue all the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from sync.centre.queries import Wanted, records, sites
from sync.centre.sql import Database
from sync.protocol.record import Record

REGISTERED: Final = "complaint.registered"
MOVED: Final = "complaint.moved"
ANSWERED: Final = frozenset({"replied", "revisited", "closed"})
LEVELS: Final = ("station", "street", "district")


@dataclass(frozen=True, slots=True)
class Complaint:
    """`uid` names it in orders; `number` is the complainant's. `first_level`: where it began, `level`: where it is now.

    `urged`, `risen`: how often. `last`, `last_by`: newest step and who did it. The query code stays out: it opens
    the answer.
    """

    site: str
    uid: str
    number: str
    type: str
    channel: str
    about: str
    first_level: str
    level: str
    registered: str
    due: str
    state: str
    to: str = ""
    urged: int = 0
    risen: int = 0
    last: str = "register"
    last_by: str = ""
    last_at: str = ""

    def is_overdue(self, day: str) -> bool:
        """`day` ISO; what has been answered is not."""
        return bool(self.due) and self.due < day and self.state not in ANSWERED


def complaints(db: Database, site: str | None = None) -> Iterator[Complaint]:
    """By site, in the order in which they were registered. A record of another form is passed over."""
    for one in [each.site for each in sites(db)] if site is None else [site]:
        found: dict[str, Complaint] = {}
        for kind in (REGISTERED, MOVED):
            for each in records(db, Wanted(one, kind=kind, once=True)):
                fold(found, one, each)
        yield from found.values()


def fold(found: dict[str, Complaint], site: str, one: Record) -> None:
    """All registrations may come before all moves: of one complaint that is their order anyway."""
    try:
        if one.kind == REGISTERED:
            found[one.subject] = _registered(site, one)
        elif one.subject in found:
            found[one.subject] = _moved(found[one.subject], one)
    except (KeyError, TypeError):
        return


def _registered(site: str, one: Record) -> Complaint:
    body: Any = one.body
    return Complaint(
        site=site,
        uid=one.subject,
        number=str(body["number"]),
        type=str(body["type"]),
        channel=str(body["channel"]),
        about=str(body["about"]),
        first_level=str(body["level"]),
        level=str(body["level"]),
        registered=str(body["registered"]),
        due=str(body["due"]),
        state="registered",
        last_by=one.actor,
        last_at=one.at,
    )


def _moved(before: Complaint, one: Record) -> Complaint:
    body: Any = one.body
    step = str(body["step"])
    return replace(
        before,
        state=str(body["state"]),
        level=str(body["level"]),
        due=str(body["due"]),
        to=str(body["to"]),
        urged=before.urged + (step == "urge"),
        risen=before.risen + (step == "escalate"),
        last=step,
        last_by=one.actor,
        last_at=one.at,
    )
