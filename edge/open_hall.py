"""A hall that serves people: its parts made and wired on what stands already, each running as a task of one group."""

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import SystemRandom

import structlog

from edge import opening
from edge.api.changes import Changes
from edge.api.server import serve as serve_api
from edge.centre_line import uplink_to_centre
from edge.clock import Ids, SystemClock
from edge.devices.registry import Happened, Registry
from edge.earlier import EarlierCases
from edge.engine import Engine
from edge.enrolment.identity import SiteIdentity
from edge.enrolment.renewal import Renewal
from edge.feeds.acts import acts
from edge.feeds.bookings import Bookings
from edge.feeds.decisions import Decisions
from edge.feeds.orders import Orders
from edge.feeds.site_feeds import SiteFeeds
from edge.hall import Hall
from edge.journal.following import VIEWS, keep_views
from edge.journal.forgetting import keep_copies_clean
from edge.journal.journal import Journal
from edge.journal.keys import KeyRing
from edge.journal.reserve import keep_reserve
from edge.journal.retention import DAY_MS, Terms, keep_terms
from edge.journal.schema import FILE
from edge.journal.segments.dropping import Kept
from edge.journal.segments.keeping import keep_months
from edge.library import Library
from edge.notify import keep_watchdog, notify
from edge.numbering import keep_floors
from edge.pairing.service import machines_of
from edge.reactions.runner import Reactions
from edge.reactions.sealed import SealedParts
from edge.site import Site
from edge.spool.answers import Answers
from edge.statistics.days import Archive
from edge.tending import Tending
from edge.theme.worn import Worn
from edge.video.following import FILE as VIDEO_CURSOR
from edge.video.following import Following
from edge.video.marks import Marks
from edge.video.outlets import FolderOutlet, Outlet
from edge.waiting.waits import Waits
from sync.uplink import Uplink

log = structlog.get_logger("halld")
DAY_LOOK_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Sockets:
    """Where screens, device hosts and paired machines find the hall."""

    local: Path
    devices: Path
    runtime: Path


@dataclass(frozen=True, slots=True)
class Ground:
    """What stands before a hall opens: its settings, its facts folded, its keys and the centre's feeds."""

    site: Site
    data: Path
    sockets: Sockets
    journal: Journal
    engine: Engine
    keys: KeyRing
    feeds: SiteFeeds
    identity: SiteIdentity | None
    clock: SystemClock
    ids: Ids
    boot: str
    version: str
    worn: Worn

    @property
    def today(self) -> str:
        return opening.business_date(self.site, self.clock)

    @property
    def is_quiet(self) -> bool:
        return opening.is_quiet(self.engine.state, self.today)


class OpenHall:
    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._changes = Changes()
        self._listens = asyncio.Event()
        site, engine, journal, feeds = ground.site, ground.engine, ground.journal, ground.feeds
        self._waits = Waits(journal, engine, clock=ground.clock)
        self._registry = Registry(site, fence=journal.fence, on_event=self._device_event, on_change=self._changes.tick)
        self._reactions = Reactions(
            engine,
            site,
            self._registry,
            clock=ground.clock,
            ids=ground.ids,
            sealed=SealedParts(journal),
            catalogue_of=feeds.shelf.catalogue_of,
            tell_wait=self._waits.tell,
            code_of=ground.keys.slip_code,
            head=ground.worn.head(site.language),
        )
        self._hall = Hall(
            site,
            engine=engine,
            journal=journal,
            keys=ground.keys,
            registry=self._registry,
            printing=self._reactions.printing,
            copying=self._reactions.copying,
            changes=self._changes,
            version=ground.version,
            catalogue=feeds.shelf.library.catalogue,
            waits=self._waits,
            archive=Archive(ground.data / FILE),
            earlier=EarlierCases(ground.journal, ground.data / VIEWS),
            notices=feeds.notices,
            worn=ground.worn,
        )
        feeds.shelf.on_change, feeds.config.on_change = self._take_books, self._take_setup

    async def run_in(self, group: asyncio.TaskGroup) -> None:
        """Starts everything as tasks of this group; returns once the centre's feeds have their followers."""
        self._serve_people(group)
        self._keep_data(group)
        await self._follow_centre(group, self._open_line(group))

    def _serve_people(self, group: asyncio.TaskGroup) -> None:
        ground, hall = self._ground, self._hall
        group.create_task(self._tick_on_commit())
        group.create_task(self._registry.serve(ground.sockets.devices))
        if machines := machines_of(
            ground.site, self._registry, ground.keys, ground.data, now=_utc_now, clock=time.monotonic
        ):
            group.create_task(machines.run(ground.sockets.runtime))
        group.create_task(self._waits.run())
        group.create_task(self._reactions.run())
        group.create_task(
            serve_api(
                hall,
                listen=ground.site.api.listen,
                local_socket=ground.sockets.local,
                clock=ground.clock,
                started=self._listening,
            )
        )
        group.create_task(self._keep_days())
        tending = Tending(ground.engine, ground.site, hall.leases, clock=ground.clock, ids=ground.ids)
        group.create_task(tending.run())
        group.create_task(keep_watchdog())

    def _keep_data(self, group: asyncio.TaskGroup) -> None:
        ground = self._ground
        group.create_task(self._keep_views())
        group.create_task(Answers(ground.engine, ground.data).run())
        group.create_task(keep_reserve(ground.journal.reserve))
        group.create_task(keep_copies_clean(ground.journal))
        if (marking := _marking(ground)) is not None:
            group.create_task(marking.run())

    def _open_line(self, group: asyncio.TaskGroup) -> Uplink | None:
        ground = self._ground
        if ground.identity is not None:
            renewal = Renewal(ground.identity, now=_utc_now, clock=time.monotonic, random=SystemRandom())
            group.create_task(renewal.run())
        uplink = uplink_to_centre(
            ground.journal,
            ground.site,
            ground.identity,
            ground.data,
            ground.boot,
            ground.version,
            ground.feeds.downlink,
        )
        if uplink is None:
            return None
        self._hall.follow_link(uplink, ground.clock, ground.identity)
        group.create_task(keep_terms(ground.journal, ground.data, _terms(ground.site), uplink.centre_now_ms))
        now, kept = uplink.centre_now_ms, _kept(ground.site)
        group.create_task(keep_months(ground.journal, ground.data, now, lambda: ground.is_quiet, kept=kept))
        group.create_task(uplink.run())
        return uplink

    async def _follow_centre(self, group: asyncio.TaskGroup, uplink: Uplink | None) -> None:
        ground, site, feeds = self._ground, self._ground.site, self._ground.feeds
        allowed = acts(
            site,
            self._registry,
            feeds.notices,
            ground.data / FILE,
            ids=ground.ids,
            now=lambda: datetime.now(site.zone),
        )
        bookings = Bookings(ground.engine, ground.keys, site=site.site, zone=site.zone)
        await bookings.settle(*await feeds.held("bookings"))
        orders = Orders(
            ground.engine,
            ground.journal,
            allowed,
            site=site.site,
            trusted=feeds.trusted,
            centre_now=lambda: None if uplink is None else uplink.centre_now_ms(),
        )
        decisions = Decisions(ground.engine, ground.keys, site=site.site)
        group.create_task(feeds.run((bookings, decisions, orders)))

    async def _device_event(self, event: Happened) -> None:
        self._hall.noticed(event.device)
        await self._reactions.inputs.on_event(event)

    def _take_books(self, library: Library) -> None:
        self._ground.engine.books, self._hall.catalogue = library.books, library.catalogue
        self._changes.tick()

    async def _take_setup(self, renewed: Site, digest: str) -> None:
        setup = opening.setup_of(renewed, digest)
        await self._ground.engine.execute(setup, id=self._ground.ids.new("c"), actor="centre")

    def _listening(self, address: str) -> None:
        self._hall.ready = True
        self._listens.set()
        log.info("ready", listen=address, seq=self._ground.engine.state.seq, epoch=self._ground.journal.epoch)
        notify("READY=1")

    async def _keep_views(self) -> None:
        """What is read at leisure does not keep the first number waiting."""
        await self._listens.wait()
        await keep_views(self._ground.journal, self._ground.data / VIEWS)

    async def _tick_on_commit(self) -> None:
        async with self._ground.engine.subscribe() as feed:
            async for _ in feed:
                self._changes.tick()

    async def _keep_days(self) -> None:
        """A station that is never switched off opens its next day by itself, when nobody is being served."""
        ground = self._ground
        while True:
            await asyncio.sleep(DAY_LOOK_SECONDS)
            await keep_floors(ground.engine, ground.journal, ground.site, ground.today)
            await opening.keep_day(
                ground.engine, ground.site, clock=ground.clock, ids=ground.ids, books=ground.engine.books
            )


def _marking(ground: Ground) -> Following | None:
    """None where the site names no video system."""
    video = ground.site.video
    if video.url is None and video.folder is None:
        return None
    outlet: Outlet
    if video.url is not None:
        from edge.video.http_outlet import HttpOutlet  # an HTTP client that few sites need

        outlet = HttpOutlet(video.url)
    else:
        outlet = FolderOutlet(ground.data / str(video.folder))
    windows = {window.id: window.number for window in ground.site.windows}
    marks = Marks(ground.site.site, windows, frozenset(video.kinds))
    return Following(ground.journal.history, ground.data / VIDEO_CURSOR, marks, outlet)


def _terms(site: Site) -> Terms:
    days = site.retention
    return Terms(
        tickets=days.tickets_days * DAY_MS,
        bookings=days.bookings_days * DAY_MS,
        cases=days.cases_days * DAY_MS,
        scans=days.scans_days * DAY_MS,
        zone=site.zone,
    )


def _kept(site: Site) -> Kept | None:
    months = site.retention.records_months
    return None if months is None else Kept(months, site.zone)


def _utc_now() -> datetime:
    return datetime.now(UTC)
