"""The hall as its API sees it: rules, journal, devices and the line to the centre behind one face (HallPort)."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any, Final

from drivers.contract import Code, IdRecord, Paper, Picture, Shot
from edge.api.changes import Changes, Tick
from edge.api.port import SealedFile
from edge.api.station_schema import BadRecord, IsolationReport, LinkSnapshot
from edge.catalogue import Catalogue
from edge.clock import Clock, SystemClock
from edge.copying import CopyWish
from edge.devices.registry import DeviceStatus, Registry
from edge.devices.verbs import Seconds
from edge.earlier import EarlierCases
from edge.engine import Answer, Engine
from edge.enrolment.identity import SiteIdentity
from edge.enrolment.isolation import NOT_ENROLLED, tried
from edge.feeds.notices import Notice, Notices
from edge.journal.errors import PartGone
from edge.journal.journal import Journal
from edge.journal.keys import KeyRing
from edge.leases import Leases
from edge.pins import verify_pin
from edge.reactions.jobs.copying import Copying
from edge.reactions.jobs.printing import Printing
from edge.rules.books import Books
from edge.rules.commands import Command
from edge.rules.copy_records import CopyKind
from edge.rules.copy_state import Copies
from edge.rules.records import PrintEnd
from edge.rules.reuse_state import Earlier
from edge.rules.state import State
from edge.site import Site
from edge.statistics.assessment_schema import Assessment
from edge.statistics.days import Archive
from edge.statistics.schema import Day
from edge.theme.worn import Worn
from edge.waiting.waits import Waits
from sync.link_state import LinkState
from sync.uplink import Uplink

NO_ITEMS: Final = Catalogue("", {})
IDENTIFY_SECONDS: Final = 3.0
VERB_SECONDS: Final = 8.0


class Hall:
    """Built by the daemon only. `catalogue` may be replaced at any time, together with the engine's books."""

    def __init__(
        self,
        site: Site,
        *,
        engine: Engine,
        journal: Journal,
        keys: KeyRing,
        registry: Registry,
        printing: Printing,
        copying: Copying,
        changes: Changes,
        version: str,
        catalogue: Catalogue = NO_ITEMS,
        waits: Waits,
        archive: Archive,
        notices: Notices,
        earlier: EarlierCases,
        worn: Worn,
    ) -> None:
        self.site = site
        self.catalogue = catalogue
        self.version = version
        self.ready = False
        self.worn = worn
        self._link_state = LinkState()
        self._has_line = False
        self._uplink: Uplink | None = None
        self._identity: SiteIdentity | None = None
        self._clock: Clock = SystemClock()
        self._engine = engine
        self._journal = journal
        self._keys = keys
        self._registry = registry
        self._printing = printing
        self._copying = copying
        self._changes = changes
        self._signs: Counter[str] = Counter()
        self._waits = waits
        self._archive = archive
        self._notices = notices
        self._earlier = earlier
        self._one_reader = asyncio.Lock()
        self.leases = Leases(self._clock, site.queue.lease_seconds)

    def follow_link(self, uplink: Uplink, clock: Clock, identity: SiteIdentity | None = None) -> None:
        def changed(state: LinkState) -> None:
            self._link_state = state
            self._changes.tick()

        self._clock = clock
        self._identity = identity
        self._has_line = True
        self._uplink = uplink
        self._link_state = uplink.state
        uplink.subscribe(changed)

    @property
    def state(self) -> State:
        return self._engine.state

    @property
    def epoch(self) -> str:
        return str(self._journal.epoch)

    async def execute(self, command: Command, *, id: str, actor: str) -> Answer:
        return await self._engine.execute(command, id=id, actor=actor)

    def changes(self) -> AbstractContextManager[Tick]:
        return self._changes.watch()

    def devices(self) -> Sequence[DeviceStatus]:
        return self._registry.statuses()

    def link(self) -> LinkSnapshot:
        state = self._link_state
        waits = 0 if state.oldest_ms is None else self._clock.up_ms() - state.oldest_ms
        return LinkSnapshot(
            online=state.online,
            pending=state.pending,
            oldest=waits / 1000,
            acked=state.acked,
            connected=self._has_line,
            durable=state.durable,
            held=state.held,
            bad=tuple(BadRecord(epoch=epoch, seq=seq, reason=reason) for epoch, seq, reason in state.bad),
            files=state.files,
            credit=state.credit,
            rtt_ms=state.rtt_ms,
            why=state.last_error,
            certificate=None if self._identity is None else self._identity.until,
            twin=state.twin,
            gap=self._journal.epochs.gap is not None,
        )

    async def try_isolation(self) -> IsolationReport:
        if self._uplink is None or self._identity is None:
            return NOT_ENROLLED
        async with self._uplink.aside():
            return await tried(self._identity)

    def wait_for(self, service: str) -> tuple[int, int] | None:
        return self._waits.of_service(service)

    async def business_dates(self) -> list[str]:
        async with self._one_reader:
            return await asyncio.to_thread(self._archive.dates)

    async def statistics(self, date: str) -> Day:
        async with self._one_reader:
            return await asyncio.to_thread(self._archive.day, date)

    async def assessment(self, first: str, last: str) -> Assessment:
        async with self._one_reader:
            return await asyncio.to_thread(self._archive.assessment, first, last)

    async def read_card(self, device: str, seconds: float) -> IdRecord:
        card = IdRecord.model_validate(await self._registry.call(device, "read", deadline=seconds))
        self.noticed(device)
        return card

    async def read_code(self, device: str, seconds: float) -> str:
        code = Code.model_validate(await self._registry.call(device, "scan", deadline=seconds))
        self.noticed(device)
        return code.text

    def noticed(self, device: str) -> None:
        """Somebody is at this device: it lights up on the technician's page."""
        self._signs[device] += 1
        self._changes.tick()

    def signs(self) -> Mapping[str, int]:
        return self._signs

    async def identify(self, device: str) -> None:
        await self._registry.call(device, "identify", Seconds(seconds=IDENTIFY_SECONDS), deadline=VERB_SECONDS)

    def renew_lease(self, window: str, clerk: str) -> None:
        self.leases.renew(window, clerk)

    def person_ref(self, date: str, number: str) -> str:
        return self._keys.person_ref(date, number)

    async def holder(self, ticket: str) -> dict[str, Any]:
        kept = self.state.tickets[ticket]
        stored = await self._journal.history.read(kept.issued_seq - 1, 1)
        return await self._journal.open_part(stored[0].record, kept.holder_h)

    async def opened(self, seq: int, h: str) -> dict[str, Any]:
        """The members of part `h` (its digest) of record `seq`: personal data. Raises PartGone."""
        stored = await self._journal.history.read(seq - 1, 1)
        if not stored:
            raise PartGone(f"record {seq} is not kept here")
        return await self._journal.open_part(stored[0].record, h)

    async def earlier_case(self, number: str) -> Earlier | None:
        return await self._earlier.find(number)

    def slip_code(self, ticket: str) -> str:
        return self._keys.slip_code(ticket)

    async def reprint(self, ticket: str, *, id: str, actor: str) -> None:
        await self._printing.reprint(ticket, id=id, actor=actor)

    def notices(self) -> Sequence[Notice]:
        return self._notices.ahead()

    async def print_guide(self, kiosk: str, item: str, language: str) -> PrintEnd:
        return await self._printing.guide(kiosk, item, language)

    async def print_copies(self, wish: CopyWish, *, id: str, actor: str) -> Copies:
        return await self._copying.print(wish, id=id, actor=actor)

    async def copy_sheets(self, kiosk: str, item: str, kind: CopyKind, language: str) -> int:
        return await self._copying.sheets(kiosk, item, kind, language)

    async def copy_paper(self, kiosk: str) -> Paper:
        return await self._copying.paper(kiosk)

    # --- cases ---------------------------------------------------------------------------------------------------

    @property
    def books(self) -> Books:
        return self._engine.books

    def now_ms(self) -> int:
        return self._clock.now_ms()

    def wall_time(self) -> datetime:
        return datetime.fromtimestamp(self._clock.now_ms() / 1000, UTC).astimezone(self.site.zone).replace(tzinfo=None)

    async def applicant(self, case: str) -> dict[str, Any]:
        kept = self.state.cases[case]
        stored = await self._journal.history.read(kept.opened_seq - 1, 1)
        return await self._journal.open_part(stored[0].record, kept.applicant_h)

    async def capture(self, device: str, shot: Shot, seconds: float) -> Picture:
        return Picture.model_validate(await self._registry.call(device, "capture", shot, deadline=seconds))

    async def fetch_picture(self, digest: str) -> bytes:
        return await self._registry.fetch_picture(digest)

    def preview(self, device: str, rate: float) -> AsyncIterator[bytes]:
        return self._registry.preview(device, rate)

    async def seal_file(self, owner: str, data: bytes) -> SealedFile:
        return await self._journal.seal_file(owner, data)

    async def open_file(self, h: str) -> bytes:
        return await self._journal.open_file(h)

    async def reprint_paper(self, case: str, paper: str, *, id: str, actor: str, window: str = "") -> None:
        await self._printing.reprint_paper(case, paper, id=id, actor=actor, window=window)

    def verify_pin(self, stored: str, pin: str) -> bool:
        return verify_pin(stored, pin)
