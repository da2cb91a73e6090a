"""Paper for tickets: `print.started` is committed before the first byte, its end after, and nothing is printed twice.

A kiosk's ticket is printed at its kiosk as soon as it is issued; a clerk's reprint goes the same way. One printer
does one job at a time. A job begun before a restart is not begun again: the rules made it `unknown`.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import structlog

from drivers.contract import PrintJob
from drivers.errors import DeviceError, DriverFault, Garbled, Late, OutcomeUnknown
from edge.clock import Ids
from edge.engine import Answer, Engine
from edge.reactions import slip
from edge.reactions.ports import DevicesPort
from edge.rules.codes import Code, refusal
from edge.rules.commands import EndPrint, StartPrint
from edge.rules.records import PrintEnd
from edge.rules.refusal import Refusal
from edge.site import Site
from sync.protocol.record import Record

ACTOR: Final = "job:printing"
SECONDS: Final = 30.0  # a long slip on a slow serial printer takes about 10
# Errors after which bytes may already have become paper.
_UNSURE: Final = (OutcomeUnknown, Late, Garbled, DriverFault)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Job:
    """`id` '' = not started yet: the worker commits `print.started` first."""

    ticket: str
    id: str = ""


class Printing:
    def __init__(self, engine: Engine, site: Site, devices: DevicesPort, *, ids: Ids) -> None:
        self._engine = engine
        self._site = site
        self._devices = devices
        self._ids = ids
        self._printers: Mapping[str, str] = {k.id: k.printer for k in site.kiosks if k.printer}
        self._queues: dict[str, asyncio.Queue[_Job]] = {p: asyncio.Queue() for p in self._printers.values()}
        self._own: set[str] = set()

    async def run(self) -> None:
        """Until cancelled. Raises JournalFailed."""
        async with self._engine.subscribe() as feed, asyncio.TaskGroup() as group:
            for printer, jobs in self._queues.items():
                group.create_task(self._work(printer, jobs))
            async for news in feed:
                for record in news.records:
                    self._take(record)

    async def reprint(self, ticket: str, *, id: str, actor: str) -> Answer:
        """Print the same number again (补打), at its kiosk or the hall's first printer. The same `id` prints once.

        Returns when the print is begun. Raises Refusal: no printer, ticket unknown, print already running.
        """
        known = self._engine.state.tickets.get(ticket)
        printer = self._printers.get(known.place if known else "") or next(iter(self._queues), None)
        if printer is None:
            raise refusal(Code.NO_PRINTER)
        command = StartPrint(ticket=ticket, job=self._ids.new("p"), printer=printer)
        return await self._engine.execute(command, id=id, actor=actor)

    def _take(self, record: Record) -> None:
        if record.kind == "ticket.issued" and record.body["channel"] == "kiosk":
            printer = self._printers.get(record.body["place"])
            if printer is not None:
                self._queues[printer].put_nowait(_Job(record.subject))
        elif record.kind == "print.started" and record.body["job"] not in self._own:
            jobs = self._queues.get(record.body["printer"])
            if jobs is not None:
                jobs.put_nowait(_Job(record.subject, record.body["job"]))

    async def _work(self, printer: str, jobs: asyncio.Queue[_Job]) -> None:
        while True:
            job = await jobs.get()
            if job.id or (job := await self._started(job, printer)).id:
                await self._print(job, printer)
            self._own.discard(job.id)

    async def _started(self, job: _Job, printer: str) -> _Job:
        """The job with its id, or still without one when the rules said no."""
        started = _Job(job.ticket, self._ids.new("p"))
        self._own.add(started.id)
        command = StartPrint(ticket=job.ticket, job=started.id, printer=printer)
        try:
            await self._engine.execute(command, id=f"{started.id}:start", actor=ACTOR)
        except Refusal as refused:
            log.info("print_not_started", ticket=job.ticket, code=refused.code)
            self._own.discard(started.id)
            return job
        return started

    async def _print(self, job: _Job, printer: str) -> None:
        ticket = self._engine.state.tickets.get(job.ticket)
        if ticket is None or ticket.print != "printing" or ticket.print_job != job.id:
            return
        work = PrintJob(id=job.id, lines=slip.lines(self._engine.state, self._site, ticket))
        outcome, code = await self._outcome(printer, work)
        end = EndPrint(ticket=job.ticket, job=job.id, outcome=outcome, code=code)
        try:
            await self._engine.execute(end, id=f"{job.id}:end", actor=ACTOR)
        except Refusal as refused:
            log.info("print_end_refused", ticket=job.ticket, code=refused.code)

    async def _outcome(self, printer: str, work: PrintJob) -> tuple[PrintEnd, str]:
        try:
            await self._devices.call(printer, "print", work, deadline=SECONDS)
        except _UNSURE as error:
            return "unknown", error.code
        except DeviceError as error:
            return "failed", error.code
        return "done", ""
