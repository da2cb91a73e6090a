"""`halld`: one start of a site, from its files to an open hall, and its ends in words."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Annotated

import structlog
import typer

import config
from edge import opening
from edge.centre_line import identity_of, uplink_to_centre
from edge.cli_words import say
from edge.clock import Ids, SystemClock
from edge.engine import Engine
from edge.enrolment.identity import SiteIdentity
from edge.feeds.site_feeds import SiteFeeds
from edge.journal.errors import EpochChanged, JournalDamaged, JournalError, JournalFailed
from edge.journal.journal import Journal
from edge.journal.keys import KeyRing
from edge.library import open_library
from edge.numbering import follow_gap, keep_floors
from edge.open_hall import Ground, OpenHall, Sockets
from edge.own_task import in_own_task
from edge.signals import until_signal
from edge.site import Site
from edge.site_check import SiteMistakes
from edge.site_start import choose_site
from edge.theme.worn import worn_by

log = structlog.get_logger("halld")
CATCH_UP_SECONDS = 20.0
EXIT_JOURNAL = 4


@dataclass(frozen=True, slots=True)
class Where:
    """Files and sockets of one start."""

    site_file: Path
    data: Path
    sockets: Sockets
    site_key: Path
    make_key: bool = False


class _StartAgain(Exception):
    """The journal went on in a new epoch: what the hall knows must be folded anew."""


async def run(where: Where) -> None:
    """Until cancelled. Raises JournalFailed, JournalDamaged, SiteMistakes.

    A new epoch brings records that the hall has not seen, so everything above the journal starts again, in this
    process; device hosts and screens come back by themselves, as after a kill.
    """
    while True:
        try:
            await in_own_task(_live(where))
        except ExceptionGroup as ended:
            if not _is_new_epoch(ended):
                raise
            log.info("starting again on a new epoch")


def _is_new_epoch(ended: ExceptionGroup[Exception]) -> bool:
    """That, and nothing but what follows from it: the engine stops, and whoever waits for it is told."""
    new, others = ended.split((_StartAgain, EpochChanged))
    return new is not None and (others is None or others.split(JournalFailed)[1] is None)


async def _live(where: Where) -> None:
    where.data.mkdir(parents=True, exist_ok=True)
    chosen = choose_site(where.site_file, where.data)
    site = chosen.site
    for mistake in chosen.mistakes:
        log.error("mistake in the site file", what=mistake.sentence("en"), last_good_used=chosen.stale)
    worn = worn_by(site, chosen.raw, where.site_file)
    for mistake in worn.mistakes:
        log.error("mistake in the theme pack; the hall wears its own look", what=mistake.sentence("en"))
    clock, ids = SystemClock(), Ids(SystemClock())
    boot, version = ids.hex16(), installed_version("hall-edge")
    identity = identity_of(where.data, site)
    centre = None if identity is None else identity.centre_key
    keys = KeyRing.load(where.site_key, create=where.make_key, centre=centre)
    journal = await Journal.open(
        where.data, site=site.site, boot=boot, clock=clock, zone=site.zone, random_bytes=os.urandom, keys=keys
    )
    try:
        await _catch_up(journal, site, identity, where.data, boot, version)
        await journal.wrap_for_centre()
        journal.begin_history()
        library = await asyncio.to_thread(open_library, config.folder(), site, where.data)
        trusted = None if identity is None else identity.trusted
        feeds = await SiteFeeds.open(where.data, site, chosen.raw, library, clock, trusted)
        try:
            books = feeds.shelf.library.books
            engine = Engine(journal.history, clock=clock, ids=ids, zone=site.zone, books=books)
            await _serve_from(
                Ground(
                    site=site,
                    data=where.data,
                    sockets=where.sockets,
                    journal=journal,
                    engine=engine,
                    keys=keys,
                    feeds=feeds,
                    identity=identity,
                    clock=clock,
                    ids=ids,
                    boot=boot,
                    version=version,
                    worn=worn,
                )
            )
        finally:
            await feeds.close()
    finally:
        await journal.close()


async def _serve_from(ground: Ground) -> None:
    """Floors come before the day is opened, and the day before anybody is served."""
    engine, site = ground.engine, ground.site
    await engine.restore()
    await ground.feeds.know(engine.state)
    async with asyncio.TaskGroup() as group:
        group.create_task(engine.run())
        group.create_task(_until_new_epoch(ground.journal))
        await keep_floors(engine, ground.journal, site, ground.today)
        group.create_task(follow_gap(engine, ground.journal, site, lambda: ground.today))
        setup = opening.setup_of(ground.feeds.config.site, ground.feeds.config.hash)
        await opening.start(
            engine,
            site,
            setup,
            boot=ground.boot,
            version=ground.version,
            clock=ground.clock,
            ids=ground.ids,
            books=engine.books,
        )
        await OpenHall(ground).run_in(group)


async def _until_new_epoch(journal: Journal) -> None:
    await journal.epochs.opened.wait()
    raise _StartAgain


async def _catch_up(
    journal: Journal, site: Site, identity: SiteIdentity | None, data: Path, boot: str, version: str
) -> None:
    """After a restore, before anybody may ask: what the centre has beyond the image comes back, if there is a line."""
    if not journal.epochs.restored:
        return
    uplink = uplink_to_centre(journal, site, identity, data, boot, version)
    if uplink is None:
        return
    asking = asyncio.create_task(uplink.run())
    try:
        async with asyncio.timeout(CATCH_UP_SECONDS):
            await journal.epochs.opened.wait()
    except TimeoutError:
        log.warning("restored, and the centre is not there: numbers keep a distance until it is")
    finally:
        journal.epochs.opened.clear()
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)  # a traceback with locals shows people


@app.command()
def serve(
    site: Annotated[Path, typer.Option(help="site.yaml")],
    data: Annotated[Path, typer.Option(help="folder of the journal")],
    runtime: Annotated[Path, typer.Option(help="folder of sockets")],
    site_key: Annotated[Path, typer.Option(help="file of the site's key, mode 0600")],
    local_socket: Annotated[Path | None, typer.Option(help="for kiosks and boards")] = None,
    devices_socket: Annotated[Path | None, typer.Option(help="for device hosts")] = None,
    make_throw_away_key: Annotated[bool, typer.Option(help="demo only: make the site's key if there is none")] = False,
) -> None:
    """Run a site until SIGTERM. Exit 2: mistakes in site.yaml; 4: the journal is damaged or cannot be written."""
    where = Where(
        site_file=site,
        data=data,
        sockets=Sockets(
            local=local_socket or runtime / "hall.sock",
            devices=devices_socket or runtime / "devices.sock",
            runtime=runtime,
        ),
        site_key=site_key,
        make_key=make_throw_away_key,
    )
    with _said_plainly():
        asyncio.run(until_signal(run(where)))


@contextmanager
def _said_plainly() -> Iterator[None]:
    """An end that a technician can act on is a sentence, not a traceback."""
    try:
        yield
    except SiteMistakes as mistakes:
        typer.echo(f"{mistakes}\nNothing was started. `hallctl check` explains each one.", err=True)
        raise typer.Exit(2) from None
    except (JournalError, ExceptionGroup) as error:
        journal_error = _journal_error(error)
        if journal_error is None:
            raise
        typer.echo(say("journal.unusable", problem=_problem(journal_error)), err=True)
        raise typer.Exit(EXIT_JOURNAL) from None


def _journal_error(error: Exception) -> JournalError | None:
    if isinstance(error, ExceptionGroup):
        return next((found for inner in error.exceptions if (found := _journal_error(inner))), None)
    return error if isinstance(error, JournalError) else None


def _problem(error: JournalError) -> str:
    if isinstance(error, JournalDamaged) and error.seq:
        return say("journal.damaged_at", seq=error.seq, why=say(f"journal.why.{error.why}"))
    return str(error)


def main() -> None:
    app()
