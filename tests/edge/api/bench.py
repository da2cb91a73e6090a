"""A hall for API tests: real rules, engine and journal; a reader, a printer and a line to the centre by hand."""

import asyncio
import random
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, aclosing, asynccontextmanager, suppress
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ruamel.yaml import YAML

from drivers.contract import IdRecord, Paper, Picture, Shot, TicketLine
from drivers.errors import Absent, DeviceError, Late
from edge.api.changes import Changes, Tick
from edge.api.live import Pace
from edge.api.port import SealedFile
from edge.api.server import serve
from edge.api.station_schema import IsolationReport, LinkSnapshot
from edge.books import SiteBooks
from edge.catalogue import Catalogue, load_catalogue
from edge.clock import Ids, SystemClock
from edge.copying import CopyWish
from edge.earlier import EarlierCases
from edge.engine import Answer, Engine
from edge.feeds.notices import Notice
from edge.guides import Guides
from edge.journal.following import VIEWS
from edge.journal.journal import Journal
from edge.journal.keys import KeyRing
from edge.journal.schema import FILE
from edge.journal.views import Views
from edge.pins import hash_pin, verify_pin
from edge.reactions import guide_slip
from edge.reactions.jobs.copying import Copying
from edge.rules.books import Books
from edge.rules.commands import Command, ConfigureSite, EndPrint, OpenDay, StartPrint
from edge.rules.copy_records import CopyKind
from edge.rules.copy_state import Copies
from edge.rules.deadlines import Calendar, Hours, Session
from edge.rules.records import PrintEnd, ServiceSetup, WindowSetup
from edge.rules.reuse_state import Earlier
from edge.rules.state import State
from edge.site import Site
from edge.statistics.assessment_schema import Assessment
from edge.statistics.days import Archive
from edge.statistics.schema import Day
from edge.theme.worn import Worn
from tests.edge.api.paperwork import Camera, Files

ZONE = ZoneInfo("Asia/Shanghai")
DATE = "2026-11-23"
CONFIG = Path(__file__).resolve().parents[3] / "config"
STATION = CONFIG / "sites" / "station.yaml"
PERSON = IdRecord(name="张测试", number="119999199001010012")
OTHER = IdRecord(name="李样本", number="119999198505050024")
QUICK = Pace(gap=0.0, beat=0.2)


@cache
def catalogue() -> Catalogue:
    return load_catalogue(CONFIG / "catalogue")


def books() -> SiteBooks:
    """The shipped catalogue; every weekday of this century is worked, so that tests hold in any year."""
    calendar = Calendar(frozenset(), frozenset(), frozenset(range(2020, 2100)))
    hours = Hours((Session(time(0), time(23, 59)),))
    flow = site().cases.setup("LH-0042")
    return SiteBooks(catalogue(), calendar, hours, "station", "119999", "042", "01", flow)


@dataclass(frozen=True)
class Device:
    id: str
    kind: str
    place: str
    state: str
    code: str = ""
    detail: str = ""


class Reader:
    """A card reader: `lay` gives what the next read returns or raises; `waiting` and `stopped` tell what it does."""

    def __init__(self) -> None:
        self._cards: asyncio.Queue[IdRecord | DeviceError] = asyncio.Queue()
        self.waiting = asyncio.Event()
        self.stopped = asyncio.Event()

    def lay(self, card: IdRecord | DeviceError) -> None:
        self._cards.put_nowait(card)

    async def read(self) -> IdRecord:
        self.waiting.set()
        try:
            card = await self._cards.get()
        except asyncio.CancelledError:
            self.stopped.set()
            raise
        if isinstance(card, DeviceError):
            raise card
        return card


@cache
def stored(pin: str) -> str:
    return hash_pin(pin, random_bytes=random.Random(pin).randbytes)


@cache
def _station() -> Any:
    return YAML(typ="safe").load(STATION)


def site(port: int = 8680) -> Site:
    """The example station with PINs 2468 (c01), 1357 (c02) and 9090 (technician t01), served under `port`."""
    data = deepcopy(_station())
    data["clerks"][0]["pin"], data["clerks"][1]["pin"] = stored("2468"), stored("1357")
    data["leads"] = [{"id": "l01", "name": "值班长一号", "pin": stored("7531")}]
    data["guides"] = [{"id": "g01", "name": "引导员一号", "pin": stored("5579")}]
    data["kiosks"][0]["scanner"] = "codes-1"
    data["technicians"] = [{"id": "t01", "name": "运维一号", "pin": stored("9090")}]
    data["api"] = {"listen": f"127.0.0.1:{port}", "names": [f"127.0.0.1:{port}", f"localhost:{port}"]}
    return Site.model_validate(data)


def case_site(port: int = 8680) -> Site:
    """The same with a reader, a camera and a printer at window w1, and a camera at w2."""
    made = site(port)
    first, second, *rest = made.windows
    first = first.model_copy(update={"camera": "camera-1", "reader": "reader-1", "printer": "printer-1"})
    second = second.model_copy(update={"camera": "camera-2"})
    return made.model_copy(update={"windows": (first, second, *rest)})


@dataclass
class Bench:
    """HallPort. `troubles`: device id -> (state, code)."""

    site: Site
    engine: Engine
    journal: Journal
    keys: KeyRing
    reader: Reader = field(default_factory=Reader)
    scanned: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    camera: Camera = field(default_factory=Camera)
    files: Files = field(default_factory=Files)
    line: LinkSnapshot = field(default_factory=lambda: LinkSnapshot(online=True, pending=0, oldest=0.0, acked=3))
    troubles: dict[str, tuple[str, str]] = field(default_factory=dict)
    told: Changes = field(default_factory=Changes)
    noticed: dict[str, int] = field(default_factory=dict)
    isolation: IsolationReport = field(default_factory=IsolationReport)
    waits: dict[str, tuple[int, int]] = field(default_factory=dict)
    folder: Path = Path()
    catalogue: Catalogue = field(default_factory=catalogue)
    told_notices: list[Notice] = field(default_factory=list)
    guides: list[tuple[TicketLine, ...]] = field(default_factory=list)
    identified: list[str] = field(default_factory=list)
    seats: list[tuple[str, str]] = field(default_factory=list)
    mistake: Exception | None = None
    camera_seconds: float = 0.2
    copying: Copying | None = None
    epoch: str = "9f3c5a7e11d20b64"
    version: str = "0.1.0"
    ready: bool = True
    worn: Worn = field(default_factory=Worn)

    @property
    def state(self) -> State:
        return self.engine.state

    async def execute(self, command: Command, *, id: str, actor: str) -> Answer:
        if self.mistake is not None:
            raise self.mistake
        answer = await self.engine.execute(command, id=id, actor=actor)
        self.told.tick()
        return answer

    def changes(self) -> AbstractContextManager[Tick]:
        return self.told.watch()

    def devices(self) -> tuple[Device, ...]:
        owners = {name: w.id for w in self.site.windows for name in (w.display, w.keypad, w.pad) if name}
        owners |= {name: k.id for k in self.site.kiosks for name in (k.reader, k.printer) if name}
        return tuple(
            Device(d.id, d.driver, owners.get(d.id, ""), *self.troubles.get(d.id, ("ready", "")), f"port of {d.id}")
            for d in self.site.devices
        )

    def signs(self) -> dict[str, int]:
        return self.noticed

    async def identify(self, device: str) -> None:
        if device in self.troubles:
            raise Absent(device)
        self.identified.append(device)

    async def try_isolation(self) -> IsolationReport:
        return self.isolation

    def wait_for(self, service: str) -> tuple[int, int] | None:
        return self.waits.get(service)

    async def business_dates(self) -> list[str]:
        return await asyncio.to_thread(Archive(self.folder / FILE).dates)

    async def statistics(self, date: str) -> Day:
        return await asyncio.to_thread(Archive(self.folder / FILE).day, date)

    async def assessment(self, first: str, last: str) -> Assessment:
        return await asyncio.to_thread(Archive(self.folder / FILE).assessment, first, last)

    def link(self) -> LinkSnapshot:
        return self.line

    async def read_card(self, device: str, seconds: float) -> IdRecord:
        assert device in ("sam-1", "reader-1")
        return await self.reader.read()

    async def read_code(self, device: str, seconds: float) -> str:
        assert device == "codes-1"
        async with asyncio.timeout(seconds):
            return await self.scanned.get()

    def renew_lease(self, window: str, clerk: str) -> None:
        self.seats.append((window, clerk))

    def person_ref(self, date: str, number: str) -> str:
        return self.keys.person_ref(date, number)

    async def holder(self, ticket: str) -> dict[str, Any]:
        kept = self.state.tickets[ticket]
        stored = await self.journal.read(kept.issued_seq - 1, 1)
        return await self.journal.open_part(stored[0].record, kept.holder_h)

    async def opened(self, seq: int, h: str) -> dict[str, Any]:
        stored = await self.journal.read(seq - 1, 1)
        return await self.journal.open_part(stored[0].record, h)

    async def earlier_case(self, number: str) -> Earlier | None:
        path = self.folder / VIEWS
        seen = Views(path, epoch=self.journal.epoch)
        seen.follow([stored.record for stored in await self.journal.history.read(seen.cursor, 10_000, 1 << 26)])
        seen.close()
        return await EarlierCases(self.journal, path).find(number)

    def slip_code(self, ticket: str) -> str:
        return self.keys.slip_code(ticket)

    async def reprint(self, ticket: str, *, id: str, actor: str) -> None:
        await self.execute(StartPrint(ticket=ticket, job=f"job-{id}", printer="printer-1"), id=id, actor=actor)

    @property
    def books(self) -> Books:
        return self.engine.books

    def now_ms(self) -> int:
        return int(datetime.now(UTC).timestamp() * 1000)

    def use_catalogue(self, found: Catalogue) -> None:
        """As the centre's feed does."""
        assert isinstance(self.engine.books, SiteBooks)
        self.catalogue, self.engine.books = found, replace(self.engine.books, catalogue=found)

    def wall_time(self) -> datetime:
        return datetime.now(ZONE).replace(tzinfo=None)

    async def applicant(self, case: str) -> dict[str, Any]:
        kept = self.state.cases[case]
        stored = await self.journal.read(kept.opened_seq - 1, 1)
        return await self.journal.open_part(stored[0].record, kept.applicant_h)

    async def capture(self, device: str, shot: Shot, seconds: float) -> Picture:
        assert device in ("camera-1", "camera-9")
        try:
            async with asyncio.timeout(self.camera_seconds):
                return await self.camera.capture(shot)
        except TimeoutError:
            raise Late("the camera hangs") from None

    async def fetch_picture(self, digest: str) -> bytes:
        return self.camera.fetch(digest)

    async def preview(self, device: str, rate: float) -> AsyncIterator[bytes]:
        assert device == "camera-1"
        assert rate <= 5
        async with aclosing(self.camera.preview(rate)) as frames:  # type: ignore[type-var]
            async for frame in frames:
                yield frame

    async def seal_file(self, owner: str, data: bytes) -> SealedFile:
        return self.files.seal(owner, data)

    async def open_file(self, h: str) -> bytes:
        return self.files.open(h)

    async def reprint_paper(self, case: str, paper: str, *, id: str, actor: str, window: str = "") -> None:
        kept = self.state.cases[case].papers.get(paper) or self.state.dossiers[case].papers[paper]
        start = StartPrint(what=kept.what, case=case, paper=paper, job=f"job-{id}", printer="printer-1")
        await self.execute(start, id=id, actor=actor)

    async def paper_ends(self, case: str, outcome: str, code: str = "") -> None:
        """The newest paper of a case is printed, as the hall does by itself."""
        kept = list(self.state.cases[case].papers.values())[-1]
        job = f"job-{kept.number}-{kept.copies}"
        start = StartPrint(what=kept.what, case=case, paper=kept.number, job=job, printer="printer-1")
        await self.execute(start, id=f"s-{job}", actor="job:printing")
        end = EndPrint.model_validate({"case": case, "job": job, "outcome": outcome, "code": code})
        await self.execute(end, id=f"e-{job}", actor="job:printing")

    async def end_reprint(self, case: str, outcome: str, code: str = "") -> None:
        """The newest paper's running print ends."""
        job = list(self.state.cases[case].papers.values())[-1].print_job
        end = EndPrint.model_validate({"case": case, "job": job, "outcome": outcome, "code": code})
        await self.execute(end, id=f"e-{job}", actor="job:printing")

    def notices(self) -> list[Notice]:
        return self.told_notices

    async def print_copies(self, wish: CopyWish, *, id: str, actor: str) -> Copies:
        assert self.copying is not None
        return await self.copying.print(wish, id=id, actor=actor)

    async def copy_sheets(self, kiosk: str, item: str, kind: CopyKind, language: str) -> int:
        assert self.copying is not None
        return await self.copying.sheets(kiosk, item, kind, language)

    async def copy_paper(self, kiosk: str) -> Paper:
        assert self.copying is not None
        return await self.copying.paper(kiosk)

    async def print_guide(self, kiosk: str, item: str, language: str) -> PrintEnd:
        guides = Guides(self.catalogue, self.site, self.books.hours)
        self.guides.append(guide_slip.lines(guides, guides.item(item), language, "2026-11-23T10:00:00+08:00"))
        return "done"

    def verify_pin(self, stored: str, pin: str) -> bool:
        return verify_pin(stored, pin)

    async def print_ends(self, ticket: str, outcome: str, code: str = "") -> None:
        await self.execute(StartPrint(ticket=ticket, job="j1", printer="printer-1"), id=f"ps-{ticket}", actor="site")
        end = EndPrint.model_validate({"ticket": ticket, "job": "j1", "outcome": outcome, "code": code})
        await self.execute(end, id=f"pe-{ticket}", actor="site")


@asynccontextmanager
async def bench(folder: Path, config: Site) -> AsyncIterator[Bench]:
    """A hall whose day is open, on the journal in `folder`."""
    clock, keys, seed = SystemClock(), KeyRing(b"\x07" * 32), random.Random(11)
    journal = await Journal.open(
        folder,
        site=config.site,
        boot="00aa11bb22cc33dd",
        clock=clock,
        zone=ZONE,
        random_bytes=seed.randbytes,
        keys=keys,
    )
    engine = Engine(
        journal,
        clock=clock,
        ids=Ids(clock, seed.randbytes),
        zone=ZONE,
        books=replace(books(), copies=config.copy_setup),
    )
    await engine.restore()
    running = asyncio.create_task(engine.run())
    hall = Bench(config, engine, journal, keys, folder=folder)
    try:
        await hall.execute(setup(config), id="setup-of-the-site", actor="site")
        if not hall.state.open:
            await hall.execute(OpenDay(date=DATE), id="open-the-day", actor="site")
        yield hall
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await journal.close()


def setup(config: Site) -> ConfigureSite:
    return ConfigureSite(
        hash="0" * 64,
        windows=tuple(WindowSetup(id=w.id, area=w.area, services=w.services) for w in config.windows),
        services=tuple(ServiceSetup(id=s.id, prefix=s.prefix, area=s.area) for s in config.services),
        clerks=tuple(clerk.id for clerk in config.clerks),
    )


@asynccontextmanager
async def serving(hall: Bench, folder: Path, pace: Pace = QUICK) -> AsyncIterator[Path]:
    """Both listeners of this hall; yields the unix socket's path."""
    started = asyncio.Event()
    path = folder / "api.sock"
    task = asyncio.create_task(
        serve(
            hall,
            listen=hall.site.api.listen,
            local_socket=path,
            random_bytes=random.Random(5).randbytes,
            pace=pace,
            started=lambda address: started.set(),
        )
    )
    waiting = asyncio.create_task(started.wait())
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    try:
        if task.done():
            task.result()
        yield path
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def until(true: Callable[[], bool], seconds: float = 30.0) -> None:
    """Give other tasks turns until it is so."""
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0)
