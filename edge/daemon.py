"""`halld`: wires the parts of a site together; nothing else does."""

import asyncio
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version as installed_version
from pathlib import Path
from random import SystemRandom
from typing import Annotated

import structlog
import typer

import config
from edge import opening
from edge.api.changes import Changes
from edge.api.server import serve as serve_api
from edge.cli_words import say
from edge.clock import Ids, SystemClock
from edge.devices.host import until_signal
from edge.devices.registry import Happened, Registry
from edge.engine import Engine
from edge.enrolment.errors import EnrolmentError
from edge.enrolment.identity import FOLDER as ENROLMENT
from edge.enrolment.identity import SiteIdentity
from edge.enrolment.renewal import Renewal
from edge.feeds.acts import acts
from edge.feeds.bookings import Bookings
from edge.feeds.decisions import Decisions
from edge.feeds.orders import Orders
from edge.feeds.site_feeds import SiteFeeds
from edge.hall import Hall
from edge.journal.errors import EpochChanged, JournalDamaged, JournalError, JournalFailed
from edge.journal.file_folder import disk_used
from edge.journal.following import keep_views
from edge.journal.journal import Journal
from edge.journal.keys import KeyRing
from edge.journal.reserve import keep_reserve
from edge.journal.retention import DAY_MS, Terms, keep_terms
from edge.journal.schema import FILE
from edge.journal.segments.keeping import keep_months
from edge.library import Library, open_library
from edge.notify import keep_watchdog, notify
from edge.numbering import follow_gap, keep_floors
from edge.own_task import in_own_task
from edge.pairing.service import machines_of
from edge.reactions.runner import Reactions
from edge.reactions.sealed import SealedParts
from edge.site import Site
from edge.site_check import SiteMistakes
from edge.site_start import choose_site
from edge.spool.answers import Answers
from edge.statistics.days import Archive
from edge.tending import Tending
from edge.video.following import FILE as VIDEO_CURSOR
from edge.video.following import Following
from edge.video.marks import Marks
from edge.video.outlets import FolderOutlet, HttpOutlet
from edge.waiting.waits import Waits
from sync.broker_url import BadBrokerUrl
from sync.downlink import Downlink
from sync.uplink import Uplink

log = structlog.get_logger("halld")
DAY_LOOK_SECONDS = 60.0
CATCH_UP_SECONDS = 20.0
EXIT_JOURNAL = 4


@dataclass(frozen=True, slots=True)
class Where:
    """Files and sockets of one start."""

    site_file: Path
    data: Path
    runtime: Path
    local_socket: Path
    devices_socket: Path
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
    clock, ids = SystemClock(), Ids(SystemClock())
    boot, version = ids.hex16(), installed_version("hall-edge")
    identity = _identity(where.data, site)
    centre = None if identity is None else identity.centre_key
    keys = KeyRing.load(where.site_key, create=where.make_key, centre=centre)
    journal = await Journal.open(
        where.data, site=site.site, boot=boot, clock=clock, zone=site.zone, random_bytes=os.urandom, keys=keys
    )
    try:
        await _catch_up(journal, site, identity, where.data, boot, version)
        await journal.wrap_for_centre()
        journal.begin_history()
        library = await asyncio.to_thread(open_library, config.folder(), site)
        trusted = None if identity is None else identity.trusted
        feeds = await SiteFeeds.open(where.data, site, chosen.raw, library, clock, trusted)
        try:
            books = feeds.shelf.library.books
            engine = Engine(journal.history, clock=clock, ids=ids, zone=site.zone, books=books)
            await engine.restore()
            await feeds.know(engine.state)
            async with asyncio.TaskGroup() as group:
                group.create_task(engine.run())
                group.create_task(_until_new_epoch(journal))
                await keep_floors(engine, journal, site, opening.business_date(site, clock))
                group.create_task(follow_gap(engine, journal, site, lambda: opening.business_date(site, clock)))
                setup = opening.setup_of(feeds.config.site, feeds.config.hash)
                await opening.start(engine, site, setup, boot=boot, version=version, clock=clock, ids=ids, books=books)
                await _open_hall(group, where, site, engine, journal, keys, feeds, identity, boot, version)
        finally:
            await feeds.close()
    finally:
        await journal.close()


async def _until_new_epoch(journal: Journal) -> None:
    await journal.epochs.opened.wait()
    raise _StartAgain


async def _catch_up(
    journal: Journal, site: Site, identity: SiteIdentity | None, data: Path, boot: str, version: str
) -> None:
    """After a restore, before anybody may ask: what the centre has beyond the image comes back, if there is a line."""
    if not journal.epochs.restored:
        return
    uplink = _uplink(journal, site, identity, data, boot, version)
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


async def _open_hall(
    group: asyncio.TaskGroup,
    where: Where,
    site: Site,
    engine: Engine,
    journal: Journal,
    keys: KeyRing,
    feeds: SiteFeeds,
    identity: SiteIdentity | None,
    boot: str,
    version: str,
) -> None:
    clock, ids, changes = SystemClock(), Ids(SystemClock()), Changes()

    async def settle(event: Happened) -> None:
        hall.noticed(event.device)
        await reactions.inputs.on_event(event)

    registry = Registry(site, fence=journal.fence, on_event=settle, on_change=changes.tick)
    sealed = SealedParts(journal)
    waits = Waits(journal, engine, clock=clock)
    reactions = Reactions(
        engine,
        site,
        registry,
        clock=clock,
        ids=ids,
        sealed=sealed,
        catalogue_of=feeds.shelf.catalogue_of,
        tell_wait=waits.tell,
        code_of=keys.slip_code,
    )
    hall = Hall(
        site,
        engine=engine,
        journal=journal,
        keys=keys,
        registry=registry,
        printing=reactions.printing,
        changes=changes,
        version=version,
        catalogue=feeds.shelf.library.catalogue,
        waits=waits,
        archive=Archive(where.data / FILE),
        notices=feeds.notices,
    )

    def new_books(library: Library) -> None:
        engine.books, hall.catalogue = library.books, library.catalogue
        changes.tick()

    async def new_setup(renewed: Site, digest: str) -> None:
        await engine.execute(opening.setup_of(renewed, digest), id=ids.new("c"), actor="centre")

    feeds.shelf.on_change, feeds.config.on_change = new_books, new_setup

    def listening(address: str) -> None:
        hall.ready = True
        log.info("ready", listen=address, seq=engine.state.seq, epoch=journal.epoch)
        notify("READY=1")

    group.create_task(_tick_on_commit(engine, changes))
    group.create_task(keep_views(journal, where.data / "views.db"))
    group.create_task(registry.serve(where.devices_socket))
    if machines := machines_of(site, registry, keys, where.data, now=_utc_now, clock=time.monotonic):
        group.create_task(machines.run(where.runtime))
    group.create_task(waits.run())
    group.create_task(reactions.run())
    group.create_task(
        serve_api(hall, listen=site.api.listen, local_socket=where.local_socket, clock=clock, started=listening)
    )
    group.create_task(_keep_days(engine, journal, site))
    group.create_task(Tending(engine, site, hall.leases, clock=clock, ids=ids).run())
    group.create_task(Answers(engine, where.data).run())
    if (marking := _marking(journal, site, where.data)) is not None:
        group.create_task(marking.run())
    group.create_task(keep_reserve(journal.reserve))
    group.create_task(keep_watchdog())
    uplink = _uplink(journal, site, identity, where.data, boot, version, feeds.downlink)
    if uplink is not None:
        hall.follow_link(uplink, clock, identity)
        group.create_task(keep_terms(journal, where.data, _terms(site), uplink.centre_now_ms))
        group.create_task(keep_months(journal, where.data, uplink.centre_now_ms, lambda: _is_quiet(engine, site)))
        group.create_task(uplink.run())
    if identity is not None:
        renewal = Renewal(identity, now=_utc_now, clock=time.monotonic, random=SystemRandom())
        group.create_task(renewal.run())
    allowed = acts(site, registry, feeds.notices, where.data / FILE, ids=ids, now=lambda: datetime.now(site.zone))
    bookings = Bookings(engine, keys, site=site.site, zone=site.zone)
    await bookings.settle(*await feeds.held("bookings"))
    followers = (
        bookings,
        Decisions(engine, keys, site=site.site),
        Orders(
            engine,
            journal,
            allowed,
            site=site.site,
            trusted=feeds.trusted,
            centre_now=lambda: None if uplink is None else uplink.centre_now_ms(),
        ),
    )
    group.create_task(feeds.run(followers))


def _marking(journal: Journal, site: Site, data: Path) -> Following | None:
    """None where the site names no video system."""
    video = site.video
    if video.url is None and video.folder is None:
        return None
    outlet = HttpOutlet(video.url) if video.url is not None else FolderOutlet(data / str(video.folder))
    windows = {window.id: window.number for window in site.windows}
    marks = Marks(site.site, windows, frozenset(video.kinds))
    return Following(journal.history, data / VIDEO_CURSOR, marks, outlet)


def _terms(site: Site) -> Terms:
    days = site.retention
    return Terms(
        tickets=days.tickets_days * DAY_MS,
        bookings=days.bookings_days * DAY_MS,
        cases=days.cases_days * DAY_MS,
        scans=days.scans_days * DAY_MS,
        zone=site.zone,
    )


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _identity(data: Path, site: Site) -> SiteIdentity | None:
    """None where the box is not enrolled, or not as this site: the hall works on, everything is kept for the centre."""
    try:
        identity = SiteIdentity.load(data / ENROLMENT)
    except EnrolmentError as error:
        log.error("the enrolment cannot be used", why=error.why)
        return None
    if identity is not None and identity.site != site.site:
        log.error("enrolled as another site", enrolled=identity.site, site=site.site)
        return None
    return identity


def _uplink(
    journal: Journal,
    site: Site,
    identity: SiteIdentity | None,
    data: Path,
    boot: str,
    version: str,
    feeds: Downlink | None = None,
) -> Uplink | None:
    """None without an address, or one that cannot be used: the hall works on, everything is kept for the centre."""
    url = site.centre.url if identity is None else identity.broker
    if not url:
        return None
    try:
        return Uplink(
            journal,
            url,
            clock=SystemClock(),
            random=SystemRandom(),
            boot=boot,
            version=version,
            tls=identity,
            files=journal.files,
            epochs=journal.epochs,
            feeds=feeds,
            measure=lambda: {"disk.used": round(disk_used(data) * 100), "journal.commits": journal.commits},
            free=lambda: shutil.disk_usage(data).free,
        )
    except BadBrokerUrl as error:
        log.error("no line to the centre", why=str(error))
        return None


async def _tick_on_commit(engine: Engine, changes: Changes) -> None:
    async with engine.subscribe() as feed:
        async for _ in feed:
            changes.tick()


def _is_quiet(engine: Engine, site: Site) -> bool:
    return opening.is_quiet(engine.state, opening.business_date(site, SystemClock()))


async def _keep_days(engine: Engine, journal: Journal, site: Site) -> None:
    """A station that is never switched off opens its next day by itself, when nobody is being served."""
    clock, ids = SystemClock(), Ids(SystemClock())
    while True:
        await asyncio.sleep(DAY_LOOK_SECONDS)
        await keep_floors(engine, journal, site, opening.business_date(site, clock))
        await opening.keep_day(engine, site, clock=clock, ids=ids, books=engine.books)


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
        runtime=runtime,
        local_socket=local_socket or runtime / "hall.sock",
        devices_socket=devices_socket or runtime / "devices.sock",
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
