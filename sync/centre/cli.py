"""`hall-centre`: the reference central platform."""

import asyncio
import json
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from random import SystemRandom
from typing import Annotated

import typer

from sync.broker_url import TlsFiles
from sync.centre import backup, enrolment_cli, feeds_cli, publishing, query_cli, roll_backup
from sync.centre.broker_cli import doctor, kits
from sync.centre.centre import Centre
from sync.centre.clock import SystemClock
from sync.centre.conflicts import AboutVerdict
from sync.centre.feed_store import FeedStore
from sync.centre.feeds import Feeds
from sync.centre.query_cli import existing
from sync.centre.report import alarms_of
from sync.centre.report import report as count
from sync.centre.store import Store, files_of, is_postgres, open_store
from sync.centre.verdict import Verdict
from sync.centre.worker import Worker
from sync.mqtt import MqttDial

_WHERE = "SQLite file or postgresql://…"
_ERASES = (
    "Kind of record whose parts go here, too, when their site erases them; once for each. `key.issued`: wrapped keys of"
    " people of whom nothing is left; `page.captured`: pages; `month.dropped`: records of months that a site gave up."
)
_ROLL = "Folder of the authority: its roll of enrolled sites goes with the copy, as <copy>.enrolment."
_FILES = "Folder of the sites' files, the same for all workers; by default beside the SQLite file."
app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_show_locals=False)
app.add_typer(enrolment_cli.app, name="authority")
app.add_typer(feeds_cli.app, name="feeds", help="What is published to the sites: items, commands, conflicts.")


app.add_typer(kits, name="broker", help="Configuration of brokers; docs/brokers.md says what it does.")
app.command()(doctor)
query_cli.add_to(app)


@app.command()
def run(
    db: Annotated[str, typer.Option(help=_WHERE)],
    broker: Annotated[str, typer.Option(help="mqtt://host:port or mqtts://host:port")],
    ready_file: Annotated[Path | None, typer.Option(help="Written once the sites can be heard.")] = None,
    region: Annotated[str, typer.Option(help="Told to the sites in WELCOME.")] = "local",
    client_id: Annotated[str, typer.Option(help="At the broker; with certificates, the CN.")] = "",
    files: Annotated[Path | None, typer.Option(help=_FILES)] = None,
    kinds: Annotated[Path | None, typer.Option(help='JSON {"kind": highest version}; others are held.')] = None,
    backup: Annotated[Path | None, typer.Option(help="Copy of the database; only what is in it is durable.")] = None,
    backup_every: Annotated[float, typer.Option(help="Seconds between copies.")] = 3600.0,
    erases: Annotated[list[str] | None, typer.Option(help=_ERASES)] = None,
    feeds: Annotated[Path | None, typer.Option(help="File of what is published; see `feeds`.")] = None,
    signing_key: Annotated[Path | None, typer.Option(help="What is published is signed with it.")] = None,
    tls_authority: Annotated[Path | None, typer.Option()] = None,
    tls_certificate: Annotated[Path | None, typer.Option()] = None,
    tls_key: Annotated[Path | None, typer.Option()] = None,
) -> None:
    """Serve sites until SIGTERM. Workers on one PostgreSQL database share the sites among them."""
    if backup is not None and is_postgres(db):
        raise typer.BadParameter("PostgreSQL is copied by its own tools: see `cover`", param_hint="--backup")
    worker_id = secrets.token_hex(8)
    room = files or files_of(db)
    if not client_id:
        client_id = f"hall-centre-{worker_id}" if is_postgres(db) else "hall-centre"
    tls = None if tls_authority is None else TlsFiles(tls_authority, tls_certificate, tls_key)
    known = None if kinds is None else json.loads(kinds.read_text("utf-8"))

    if (feeds is None) != (signing_key is None):
        raise typer.BadParameter("--feeds and --signing-key go together")

    def build(store: Store) -> Centre:
        clock = SystemClock()
        published = None if feeds is None else FeedStore(feeds)  # in the database's thread, as everything it keeps
        down = None
        if published is not None and signing_key is not None:
            down = Feeds(published, publishing.load_key(signing_key), clock=clock, region=region)
        verdict = Verdict(known)
        return Centre(
            store,
            clock=clock,
            region=region,
            free=lambda: shutil.disk_usage(room.parent).free,
            verdict=verdict if published is None else AboutVerdict(verdict, published, region),
            erasable=frozenset(erases or ()),
            feeds=down,
        )

    worker = Worker(
        lambda: open_store(db, secrets.token_hex(8), worker_id, room),
        build,
        MqttDial(broker, client_id, tls),
        random=SystemRandom(),
        on_ready=lambda: _say_ready(ready_file),
        back_up_to=backup,
        back_up_every_s=backup_every,
    )
    asyncio.run(_until_told(worker))


@app.command("backup")
def back_up(
    db: Annotated[Path, typer.Option(exists=True, dir_okay=False)],
    to: Annotated[Path, typer.Option(help="File of the copy; an older one stays until the new one is whole.")],
    authority: Annotated[Path | None, typer.Option(help=_ROLL, exists=True, file_okay=False)] = None,
) -> None:
    """Copy the database beside a running centre. Only `run --backup` raises what sites may count as durable."""
    typer.echo(f"{backup.back_up(db, to)} records copied and verified")
    if authority is not None:
        with _roll_said():
            typer.echo(f"{roll_backup.copy_roll(authority, _roll_of(to))} sites copied; keep the keys apart from them")


@app.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
def cover(
    db: Annotated[str, typer.Option(help="postgresql://…")],
    command: Annotated[list[str], typer.Argument(help="Copies the database to another disk; 0 says that it did.")],
) -> None:
    """Run a backup command of PostgreSQL; what was committed before it began is durable once it ended well."""
    from sync.centre import postgres

    try:
        moved = postgres.cover(db, lambda: subprocess.run(command, check=True))
    except (subprocess.CalledProcessError, OSError) as error:
        typer.echo(f"the copy failed, nothing is called durable: {error}", err=True)
        raise typer.Exit(1) from error
    typer.echo(f"{moved} epochs are durable further than before")


@app.command()
def restore(
    copy: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    db: Annotated[Path, typer.Option(help="Database file; the one that is there is kept beside it.")],
    authority: Annotated[Path | None, typer.Option(help=_ROLL, exists=True, file_okay=False)] = None,
) -> None:
    """Put a copy in the database's place; the centre must be stopped. Sites are then asked for what it lacks.

    With `--authority` the roll of sites comes back, too; what was revoked stays revoked, and vouchers are made anew.
    """
    moment = time.strftime("%Y%m%d-%H%M%S")
    try:
        typer.echo(f"{backup.restore(copy, db, moment)} records restored and verified")
    except backup.NotRestored as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    if authority is not None:
        with _roll_said():
            typer.echo(f"{roll_backup.restore_roll(_roll_of(copy), authority, moment)} sites restored")


def _roll_of(copy: Path) -> Path:
    return copy.with_name(f"{copy.name}.enrolment")


@contextmanager
def _roll_said() -> Iterator[None]:
    try:
        yield
    except roll_backup.BadRoll as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


@app.command()
def forget(
    copy: Annotated[Path, typer.Argument(help="An older copy of the database.", exists=True, dir_okay=False)],
    db: Annotated[Path, typer.Option(help="The database itself, which may be in use.", exists=True, dir_okay=False)],
) -> None:
    """Take what has been erased since out of an older copy, so that nobody can read it there either."""
    typer.echo(f"{backup.forget(db, copy)} parts are not readable in this copy any more")


@app.command()
def alarms(
    db: Annotated[str, typer.Option(help=_WHERE, callback=existing)],
    site: Annotated[str, typer.Option(help="Site code.")],
) -> None:
    """What a person must look at, oldest first: `two_boots`, two machines with one identity; `hole`, records lost."""
    for at, code, detail in alarms_of(db, site):
        typer.echo(f"{at} {code} {detail}")


@app.command()
def report(
    db: Annotated[str, typer.Option(help=_WHERE, callback=existing)],
    site: Annotated[str, typer.Option(help="Site code.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    files: Annotated[Path | None, typer.Option(help=_FILES)] = None,
) -> None:
    """Count what is held of a site; reads only."""
    found = asdict(count(db, site, files))
    if as_json:
        typer.echo(json.dumps(found))
    else:
        for name, number in found.items():
            text = " ".join(f"{n} {k}" for k, n in number.items()) if isinstance(number, dict) else number
            typer.echo(f"{name:12} {text}")


async def _until_told(worker: Worker) -> None:
    working = asyncio.create_task(worker.run())
    for one in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(one, working.cancel)
    try:
        await working
    except asyncio.CancelledError:
        pass


def _say_ready(path: Path | None) -> None:
    if path is not None:
        fresh = path.with_name(path.name + ".new")
        fresh.write_text(f"{os.getpid()}\n")
        fresh.replace(path)


def main() -> None:
    app()


if __name__ == "__main__":
    main()
