"""What a start commits before anybody may ask for anything: the boot, the site's set-up, the day."""

import hashlib
from datetime import date
from typing import Protocol

import structlog

from edge.clock import Clock, Ids, iso
from edge.engine import Answer
from edge.rules.commands import CloseDay, Command, ConfigureSite, OpenDay, StartBoot
from edge.rules.records import ServiceSetup, WindowSetup
from edge.rules.refusal import Refusal
from edge.rules.state import State
from edge.site import Site

log = structlog.get_logger("halld")
ACTOR = "system"
TURN_HOUR = 4  # local time: a day that is still open then is over


class Desk(Protocol):
    @property
    def state(self) -> State: ...

    async def execute(self, command: Command, *, id: str, actor: str) -> Answer: ...


async def start(engine: Desk, site: Site, raw: bytes, *, boot: str, version: str, clock: Clock, ids: Ids) -> None:
    """Raises JournalFailed. A day that cannot be opened is said in the log and to every citizen who asks."""
    await engine.execute(StartBoot(boot=boot, version=version), id=ids.new("c"), actor=ACTOR)
    setup = setup_of(site, hashlib.sha256(raw).hexdigest())
    if engine.state.setup_hash != setup.hash:
        await engine.execute(setup, id=ids.new("c"), actor=ACTOR)
    await keep_day(engine, site, clock=clock, ids=ids)


async def keep_day(engine: Desk, site: Site, *, clock: Clock, ids: Ids) -> None:
    """Open today's day, after closing an older one; not before `TURN_HOUR`, so that midnight ends nobody's turn."""
    today = business_date(site, clock)
    state = engine.state
    if state.open and (state.date == today or _hour(site, clock) < TURN_HOUR):
        return
    try:
        if state.open and date.fromisoformat(state.date) < date.fromisoformat(today):
            await engine.execute(CloseDay(), id=ids.new("c"), actor=ACTOR)
        await engine.execute(OpenDay(date=today), id=ids.new("c"), actor=ACTOR)
    except Refusal as refused:
        log.error("the day was not opened", code=refused.code, today=today, last=state.date)


def _hour(site: Site, clock: Clock) -> int:
    return int(iso(clock.now_ms(), site.zone)[11:13])


def business_date(site: Site, clock: Clock) -> str:
    return iso(clock.now_ms(), site.zone)[:10]


def setup_of(site: Site, digest: str) -> ConfigureSite:
    """What of the site's file the rules depend on."""
    return ConfigureSite(
        hash=digest,
        windows=tuple(WindowSetup(id=w.id, area=w.area, services=w.services) for w in site.windows),
        services=tuple(ServiceSetup(id=s.id, prefix=s.prefix, area=s.area) for s in site.services),
        recalls=site.queue.recalls,
        rating_seconds=site.queue.rating_seconds,
        clerks=tuple(clerk.id for clerk in site.clerks),
    )
