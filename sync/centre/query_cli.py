"""Commands of `hall-centre` that ask: sites, records, holes, quarantine, alarms, one case, who opened what."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from sync.centre import complaints as folded
from sync.centre import copies as printed
from sync.centre import opening, queries
from sync.centre.clock import SystemClock
from sync.centre.queries import Wanted
from sync.centre.sql import Database
from sync.centre.store import is_postgres, open_beside, open_for_reading
from sync.protocol.record import Record


def existing(where: str) -> str:
    if not is_postgres(where) and not Path(where).is_file():
        raise typer.BadParameter(f"{where}: there is no such file")
    return where


Where = Annotated[str, typer.Option("--db", help="SQLite file or postgresql://…", callback=existing)]
OneSite = Annotated[str, typer.Option("--site", help="Site code.")]
AnySite = Annotated[str | None, typer.Option("--site", help="Site code; without it, all sites.")]


def sites(db: Where) -> None:
    """Each site: how far it is, what is held, what never came, whether it says to be there. One JSON object a line."""
    with _reading(db) as held:
        for found in queries.sites(held):
            _say(found._asdict())


def records(
    db: Where,
    site: OneSite,
    epoch: Annotated[str | None, typer.Option(help="Of one epoch only.")] = None,
    after: Annotated[int, typer.Option(help="Of a higher seq only.")] = 0,
    kind: Annotated[str | None, typer.Option(help="Of one kind only.")] = None,
) -> None:
    """Records as they came, in the order of the site, one a line."""
    with _reading(db) as held:
        for found in queries.records(held, Wanted(site, epoch, after, kind)):
            typer.echo(found.raw.decode())


def holes(db: Where, site: AnySite = None) -> None:
    """Seqs that no site holds any more and the centre never got."""
    _list(db, lambda held: queries.holes(held, site), ("site", "epoch", "first", "last"))


def quarantine(db: Where, site: AnySite = None) -> None:
    """What verifies and cannot be applied, and why: `kind`, `version` heal by an upgrade, the rest needs a person."""
    _list(db, lambda held: queries.quarantine(held, site), ("site", "epoch", "seq", "reason"))


def disclosures(db: Where, site: AnySite = None) -> None:
    """Who opened which part at the centre, and what for."""
    members = ("site", "at", "who", "why", "epoch", "seq", "h")
    _list(db, lambda held: queries.disclosures(held, site), members)


def telemetry(db: Where, site: AnySite = None) -> None:
    """The last numbers that each site told of itself, and how many it dropped; hints for people, never facts."""
    _list(db, lambda held: queries.telemetry(held, site), ("site", "name", "value", "unit", "at"))


def complaints(
    db: Where,
    site: AnySite = None,
    level: Annotated[str, typer.Option(help=f"Now at this level: {', '.join(folded.LEVELS)}.")] = "",
    risen: Annotated[bool, typer.Option("--risen", help="Only those that a level below left overdue.")] = False,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those that are overdue now.")] = False,
    today: Annotated[str, typer.Option(help="ISO date; by default that of this machine.")] = "",
    all: Annotated[bool, typer.Option("--all", help="Answered ones as well.")] = False,
) -> None:
    """Complaints and suggestions of the sites, what is overdue first. Nothing of what was said: see `timeline`."""
    if level and level not in folded.LEVELS:
        raise typer.BadParameter(f"{level}: one of {', '.join(folded.LEVELS)}")
    day = today or datetime.now().astimezone().date().isoformat()
    with _reading(db) as held:
        found = [
            each
            for each in folded.complaints(held, site)
            if (all or each.state not in folded.ANSWERED)
            and level in ("", each.level)
            and (each.risen or not risen)
            and (each.is_overdue(day) or not overdue)
        ]
        for each in sorted(found, key=lambda each: (not each.is_overdue(day), each.due or "9999")):
            _say(asdict(each) | {"overdue": each.is_overdue(day)})


def copies(
    db: Where,
    site: AnySite = None,
    first: Annotated[str, typer.Option(help="First business date, ISO.")] = "",
    last: Annotated[str, typer.Option(help="Last business date, ISO.")] = "9999",
) -> None:
    """Pages printed for citizens, by site and business date: counts alone, nobody is in them."""
    with _reading(db) as held:
        for each in printed.copies(held, site, first, last):
            _say(asdict(each))


def timeline(
    db: Where,
    site: OneSite,
    subject: Annotated[str, typer.Argument(help="A case, ticket or other subject, as its records name it.")],
    key: Annotated[Path | None, typer.Option(help="The centre's X25519 key (PEM, 0600): opens sealed parts.")] = None,
    key_id: Annotated[str, typer.Option(help="Its id, as told to the sites.")] = "centre",
    who: Annotated[str, typer.Option(help="Who opens; written down.")] = "",
    why: Annotated[str, typer.Option(help="What for; written down.")] = "",
) -> None:
    """What happened to one subject, each fact once, one JSON object a line. Sealed parts stay closed without a key."""
    if key is None:
        with _reading(db) as held:
            for found in queries.records(held, Wanted(site, subject=subject, once=True)):
                _say(_line(found))
        return
    if not who or not why:
        raise typer.BadParameter("who opens and what for is written down: --who and --why")
    try:
        private = opening.read_key(key)
    except opening.BadKey as error:
        raise typer.BadParameter(str(error), param_hint="--key") from error
    held = open_beside(db)
    try:
        open_parts = opening.Opening(held, private, key_id, opening.Person(who, why), SystemClock())
        with _reading(db) as reading:
            for found in queries.records(reading, Wanted(site, subject=subject, once=True)):
                opened = [
                    one.members if one.members is not None else {"closed": one.why} for one in open_parts.open(found)
                ]
                _say(_line(found) | {"opened": opened})
    finally:
        held.close()


def add_to(app: typer.Typer) -> None:
    for command in (sites, records, holes, quarantine, disclosures, telemetry, complaints, copies, timeline):
        app.command()(command)


def _line(found: Record) -> dict[str, Any]:
    members = {"at": found.at, "kind": found.kind, "actor": found.actor, "body": dict(found.body)}
    return members | {"epoch": found.epoch, "seq": found.seq, "sealed": len(found.data.get("sealed", ()))}


def _opened(one: opening.Opened) -> dict[str, Any]:
    return {"closed": one.why} if one.members is None else dict(one.members)


def _list(db: str, ask: Callable[[Database], Iterable[tuple[Any, ...]]], members: tuple[str, ...]) -> None:
    with _reading(db) as held:
        for row in ask(held):
            _say(dict(zip(members, row, strict=True)))


def _say(found: dict[str, Any]) -> None:
    typer.echo(json.dumps(found, ensure_ascii=False))


@contextmanager
def _reading(where: str) -> Iterator[Database]:
    held = open_for_reading(where)
    try:
        yield held
    finally:
        held.close()
