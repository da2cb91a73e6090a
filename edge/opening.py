"""What a start commits before anybody may ask for anything: the boot, the site's set-up, the day."""

from datetime import date, datetime
from typing import Protocol

import structlog

from edge.clock import Clock, Ids, iso
from edge.engine import Answer
from edge.rules.books import NO_BOOKS, Books
from edge.rules.commands import CloseDay, Command, ConfigureSite, OpenDay, StartBoot
from edge.rules.deadlines import UnknownYear, is_working_day
from edge.rules.oversight_setup import HOUR, OversightSetup
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


async def start(
    engine: Desk,
    site: Site,
    setup: ConfigureSite,
    *,
    boot: str,
    version: str,
    clock: Clock,
    ids: Ids,
    books: Books = NO_BOOKS,
) -> None:
    """`setup`: see `setup_of`. A day that cannot be opened is said in the log and to every citizen who asks.

    Raises JournalFailed.
    """
    await engine.execute(StartBoot(boot=boot, version=version), id=ids.new("c"), actor=ACTOR)
    if engine.state.setup_hash != setup.hash:
        await engine.execute(setup, id=ids.new("c"), actor=ACTOR)
    await keep_day(engine, site, clock=clock, ids=ids, books=books)


async def keep_day(engine: Desk, site: Site, *, clock: Clock, ids: Ids, books: Books = NO_BOOKS) -> None:
    """Open today's day, after closing an older one; not before `TURN_HOUR`, so that midnight ends nobody's turn.

    A turn that is still open when the day turns was forgotten: it must not keep the next day from opening.
    """
    today = business_date(site, clock)
    state = engine.state
    if state.open and (state.date == today or _hour(site, clock) < TURN_HOUR):
        return
    try:
        if state.open and date.fromisoformat(state.date) < date.fromisoformat(today):
            await engine.execute(CloseDay(abandon=True), id=ids.new("c"), actor=ACTOR)
        if opens_today(site, books, today) and not _was_closed(engine.state, today):
            closes = closing_moment(site, books, clock)
            await engine.execute(OpenDay(date=today, closes=closes), id=ids.new("c"), actor=ACTOR)
    except Refusal as refused:
        log.error("the day was not opened", code=refused.code, today=today, last=state.date)


def is_quiet(state: State, today: str) -> bool:
    """Whether nobody waits or is served on the business date `today`: the moment for work that may wait for one."""
    at_work = any(ticket.state in ("waiting", "called", "serving", "held") for ticket in state.tickets.values())
    return not (state.open and state.date == today and at_work)


def opens_today(site: Site, books: Books, today: str) -> bool:
    """Whether the hall opens by itself. In a year without a calendar it does: closed doors help nobody."""
    if site.queue.days == "every_day":
        return True
    try:
        return is_working_day(date.fromisoformat(today), books.calendar)
    except UnknownYear as unknown:
        log.error("no calendar: the day is opened as a working day", year=unknown.year)
        return True


def closing_moment(site: Site, books: Books, clock: Clock) -> int:
    """Planned end of today's service, ms since 1970; 0 on a day off, without hours, or when it is over already."""
    today = date.fromisoformat(business_date(site, clock))
    try:
        if not is_working_day(today, books.calendar):
            return 0
    except UnknownYear:
        return 0
    closes = datetime.combine(today, books.hours.close, tzinfo=site.zone)
    moment = round(closes.timestamp() * 1000)
    return moment if moment > clock.now_ms() else 0


def _was_closed(state: State, today: str) -> bool:
    """A manager closed today's day: only a manager opens it again."""
    return state.date == today and not state.open


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
        queue=site.queue.setup,
        oversight=OversightSetup(
            level=site.hall.level,
            rating_window=site.oversight.rating_hours * HOUR,
            task_days=site.oversight.task_days,
            complaint_days=site.oversight.complaint_days,
            due_soon_days=site.oversight.due_soon_days,
        ),
    )
