"""Paper for tickets and cases: `print.started` is committed before the first byte, its end after, nothing twice.

A ticket or a complaint's slip is printed at its kiosk as soon as it is committed, a case's receipt or notice at its
window's printer; a reprint goes the same way. One printer does one job at a time. A job begun before a restart is not
begun again: the rules made it `unknown`. A guide (办事指南) is nobody's and no fact of the hall: it waits in the same
line and is no record. So do the sheets of copying.py, whose records are its own.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal, TypeGuard

import structlog

from drivers.contract import PrintJob, TicketLine
from drivers.errors import Busy, DeviceError, DriverFault, Garbled, Late, OutcomeUnknown
from edge.clock import Ids
from edge.engine import Answer, Engine
from edge.journal.errors import PartGone
from edge.reactions.papers import CatalogueOf, CodeOf, Head, Papers, no_catalogue, no_code
from edge.reactions.ports import DevicesPort
from edge.reactions.sealed import NOTHING_SEALED, SealedPort
from edge.rules.case_paper import CasePaper
from edge.rules.codes import Code, refusal
from edge.rules.commands import EndPrint, StartPrint
from edge.rules.records import Paper, PrintEnd
from edge.rules.refusal import Refusal
from edge.rules.state import State
from edge.site import Site
from sync.protocol.parts import CannotOpen
from sync.protocol.record import Record

ACTOR: Final = "job:printing"
STILL_THERE_MS: Final = 120_000
SECONDS: Final = 60.0  # a long slip on a slow serial printer takes about 10, an office printer wakes up for 40
_PRINTED: Final = ("kiosk", "guide")  # a guide's numbers come out of the kiosk that is their place
PART_GONE: Final = "part_gone"  # print_code of a paper whose personal data was erased or does not open
# Errors after which bytes may already have become paper.
_UNSURE: Final = (OutcomeUnknown, Late, Garbled, DriverFault)
# Which member of a case's record numbers its paper.
_PAPERS: Final[Mapping[str, tuple[Literal["receipt", "notice"], str]]] = {
    "case.received": ("receipt", "receipt"),
    "case.noticed": ("notice", "notice"),
    "case.refused": ("notice", "notice"),
    "supplement.noticed": ("notice", "notice"),
}

TellWait = Callable[[str], Awaitable[None]]
"""Commit what the ticket is told of its wait before its slip is made."""

log = structlog.get_logger(__name__)


async def tell_nothing(ticket: str) -> None:
    """A hall without forecasts."""


@dataclass(frozen=True, slots=True)
class _Job:
    """Of a ticket, a complaint, or a case's `paper`. `id` '' = not started: `print.started` is committed first."""

    what: Paper
    subject: str
    paper: str = ""
    id: str = ""

    @property
    def ticket(self) -> str:
        return self.subject if self.what == "ticket" else ""

    @property
    def case(self) -> str:
        return self.subject if self.what in ("receipt", "notice") else ""

    @property
    def complaint(self) -> str:
        return self.subject if self.what == "complaint" else ""


@dataclass(frozen=True, slots=True)
class _Sent:
    """For who waits for `end`, with its error code; nobody waits any more = it is not printed."""

    job: PrintJob
    end: "asyncio.Future[tuple[PrintEnd, str]]"


def _is_printing(paper: CasePaper | None, job: _Job) -> TypeGuard[CasePaper]:
    return paper is not None and paper.print == "printing" and paper.print_job == job.id


class Printing:
    def __init__(
        self,
        engine: Engine,
        site: Site,
        devices: DevicesPort,
        *,
        ids: Ids,
        sealed: SealedPort = NOTHING_SEALED,
        catalogue_of: CatalogueOf = no_catalogue,
        tell_wait: TellWait = tell_nothing,
        code_of: CodeOf = no_code,
        head: Head = (),
    ) -> None:
        self._engine = engine
        self._site = site
        self._devices = devices
        self._ids = ids
        self._tell_wait = tell_wait
        self._papers = Papers(site, sealed, catalogue_of, code_of, head)
        self._kiosks: Mapping[str, str] = {k.id: k.printer for k in site.kiosks if k.printer}
        self._windows: Mapping[str, str] = {w.id: w.printer for w in site.windows if w.printer}
        offices = (kiosk.office for kiosk in site.kiosks if kiosk.office)
        printers = (*self._kiosks.values(), *self._windows.values(), *offices)
        self._queues: dict[str, asyncio.Queue[_Job | _Sent]] = {printer: asyncio.Queue() for printer in printers}
        self._own: set[str] = set()
        self._guides: dict[str, _Sent] = {}

    async def run(self) -> None:
        """Until cancelled; first the tickets that a restart left without a print begun. Raises JournalFailed."""
        async with self._engine.subscribe() as feed, asyncio.TaskGroup() as group:
            for printer, jobs in self._queues.items():
                group.create_task(self._work(printer, jobs))
            self._take_up_unbegun()
            async for news in feed:
                for record in news.records:
                    self._take(record)

    def _take_up_unbegun(self) -> None:
        """Issued just before the end, print never begun: whoever took it may still stand there. Older ones may not."""
        now = self._ids.clock.now_ms()
        for ticket in self._engine.state.tickets.values():
            printer = self._kiosks.get(ticket.place)
            fresh = now - ticket.since <= STILL_THERE_MS
            if (
                printer
                and fresh
                and ticket.channel in _PRINTED
                and ticket.state == "waiting"
                and ticket.print == "none"
            ):
                self._queues[printer].put_nowait(_Job("ticket", ticket.uid))

    async def reprint(self, ticket: str, *, id: str, actor: str) -> Answer:
        """Print the same number again (补打), at its kiosk or the hall's first printer. The same `id` prints once.

        Returns when the print is begun. Raises Refusal: no printer, ticket unknown, print already running.
        """
        known = self._engine.state.tickets.get(ticket)
        printer = self._required(self._kiosks.get(known.place if known else ""))
        command = StartPrint(ticket=ticket, job=self._ids.new("p"), printer=printer)
        return await self._engine.execute(command, id=id, actor=actor)

    async def reprint_paper(self, case: str, paper: str, *, id: str, actor: str, window: str = "") -> Answer:
        """Print a receipt or notice again, by its number, at `window`, its own or the hall's first printer.

        As `reprint`. Raises Refusal: no printer, case or paper unknown, print already running.
        """
        state = self._engine.state
        known, dossier = state.cases.get(case), state.dossiers.get(case)
        kept = (known and known.papers.get(paper)) or (dossier and dossier.papers.get(paper))
        printer = self._required(self._windows.get(window or (known.window if known else "")))
        command = StartPrint(
            what=kept.what if kept else "receipt", case=case, paper=paper, job=self._ids.new("p"), printer=printer
        )
        return await self._engine.execute(command, id=id, actor=actor)

    async def guide(self, kiosk: str, item: str, language: str) -> PrintEnd:
        """Print an item's guide at this kiosk; returns how it ended. Cancelled before its turn, it is not printed.

        Raises KeyError: no such guide. Raises Refusal: the kiosk has no printer. Raises Busy: one is under way there.
        """
        printer = self._kiosks.get(kiosk)
        if printer is None:
            raise refusal(Code.NO_PRINTER)
        if printer in self._guides:
            raise Busy("a guide")
        at = datetime.fromtimestamp(self._ids.clock.now_ms() / 1000, self._site.zone).isoformat()
        lines = self._papers.guide(item, self._engine.books.hours, language, at)
        wanted = self._put(printer, PrintJob(id=self._ids.new("p"), lines=lines))
        self._guides[printer] = wanted
        return (await wanted.end)[0]

    async def send(self, printer: str, job: PrintJob) -> tuple[PrintEnd, str]:
        """Print `job` when its turn comes: how it ended, and the device's error code."""
        return await self._put(printer, job).end

    def _put(self, printer: str, job: PrintJob) -> _Sent:
        sent = _Sent(job, asyncio.get_running_loop().create_future())
        self._queues[printer].put_nowait(sent)
        return sent

    def _required(self, printer: str | None) -> str:
        """`printer`, or the hall's first."""
        found = printer or next(iter(self._queues), None)
        if found is None:
            raise refusal(Code.NO_PRINTER)
        return found

    def _take(self, record: Record) -> None:
        if record.kind == "ticket.issued" and record.body["channel"] in _PRINTED:
            printer = self._kiosks.get(record.body["place"])
            if printer is not None:
                self._queues[printer].put_nowait(_Job("ticket", record.subject))
        elif record.kind == "complaint.registered" and record.body["channel"] == "kiosk":
            printer = self._kiosks.get(record.actor.partition(":")[2])
            if printer is not None:
                self._queues[printer].put_nowait(_Job("complaint", record.subject))
        elif record.kind in _PAPERS:
            self._take_paper(record)
        elif record.kind == "print.started" and record.body["job"] not in self._own:
            jobs = self._queues.get(record.body["printer"])
            if jobs is not None:
                body = record.body
                jobs.put_nowait(_Job(body["what"], record.subject, body["paper"], body["job"]))

    def _take_paper(self, record: Record) -> None:
        what, member = _PAPERS[record.kind]
        if record.body.get("window") == "":
            return  # the deciding unit's word: nobody stands there for it, a clerk prints it when the person comes
        printer = self._windows.get(record.body["window"]) or next(iter(self._queues), None)
        if printer is None:
            log.warning("no_printer_for_paper", case=record.subject, paper=record.body[member])
        else:
            self._queues[printer].put_nowait(_Job(what, record.subject, record.body[member]))

    async def _work(self, printer: str, jobs: asyncio.Queue[_Job | _Sent]) -> None:
        while True:
            job = await jobs.get()
            if isinstance(job, _Sent):
                await self._print_sent(job, printer)
                continue
            if job.id or (job := await self._started(job, printer)).id:
                await self._print(job, printer)
            self._own.discard(job.id)

    async def _print_sent(self, sent: _Sent, printer: str) -> None:
        try:
            if not sent.end.done():
                ended = await self._outcome(printer, sent.job)
                if not sent.end.done():
                    sent.end.set_result(ended)
        finally:
            if self._guides.get(printer) is sent:
                del self._guides[printer]

    async def _started(self, job: _Job, printer: str) -> _Job:
        """The job with its id, or still without one when the rules said no."""
        if job.what == "ticket":
            await self._tell_wait(job.subject)
        started = replace(job, id=self._ids.new("p"))
        self._own.add(started.id)
        command = StartPrint(
            what=job.what,
            ticket=job.ticket,
            case=job.case,
            complaint=job.complaint,
            paper=job.paper,
            job=started.id,
            printer=printer,
        )
        try:
            await self._engine.execute(command, id=f"{started.id}:start", actor=ACTOR)
        except Refusal as refused:
            log.info("print_not_started", subject=job.subject, code=refused.code)
            self._own.discard(started.id)
            return job
        return started

    async def _print(self, job: _Job, printer: str) -> None:
        try:
            lines = await self._lines(job)
        except (PartGone, CannotOpen):
            await self._end(job, "failed", PART_GONE)
            return
        if lines is not None:
            await self._end(job, *await self._outcome(printer, PrintJob(id=job.id, lines=lines)))

    async def _lines(self, job: _Job) -> tuple[TicketLine, ...] | None:
        """None when the job was ended by somebody else."""
        state = self._engine.state
        if job.what == "ticket":
            ticket = state.tickets.get(job.subject)
            if ticket is None or ticket.print != "printing" or ticket.print_job != job.id:
                return None
            return self._papers.ticket(state, ticket)
        if job.what == "complaint":
            complaint = state.complaints.get(job.subject)
            if complaint is None or complaint.print != "printing" or complaint.print_job != job.id:
                return None
            return self._papers.complaint(complaint)
        return await self._case_lines(state, job)

    async def _case_lines(self, state: State, job: _Job) -> tuple[TicketLine, ...] | None:
        case, dossier = state.cases.get(job.subject), state.dossiers.get(job.subject)
        if case is not None and _is_printing(paper := case.papers.get(job.paper), job):
            return await self._papers.case(case, paper)
        if dossier is not None and _is_printing(paper := dossier.papers.get(job.paper), job):
            return await self._papers.supplement(dossier, paper)
        return None

    async def _end(self, job: _Job, outcome: PrintEnd, code: str) -> None:
        end = EndPrint(
            ticket=job.ticket, case=job.case, complaint=job.complaint, job=job.id, outcome=outcome, code=code
        )
        try:
            await self._engine.execute(end, id=f"{job.id}:end", actor=ACTOR)
        except Refusal as refused:
            log.info("print_end_refused", subject=job.subject, code=refused.code)

    async def _outcome(self, printer: str, work: PrintJob) -> tuple[PrintEnd, str]:
        try:
            await self._devices.call(printer, "print", work, deadline=SECONDS)
        except _UNSURE as error:
            return "unknown", error.code
        except DeviceError as error:
            return "failed", error.code
        return "done", ""
