"""打印复印: the pages that a citizen asked for at a kiosk, reserved before the first byte, ended once, never again.

Pages of his own paper are in memory only, and only until their print has ended. A copy goes a sheet at a time, so that
it is known how many came out. A process that ends in between has forgotten the pages; the rules end such a print as
unknown, and the same request hears of that end.
"""

import asyncio
import base64
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import structlog

from drivers.contract import Paper, PrintJob, Sheets, TicketLine
from edge.clock import Ids
from edge.copying import CopyWish, NoPages, job_of
from edge.engine import Engine
from edge.guides import Guides
from edge.reactions import copy_papers
from edge.reactions.jobs.printing import Printing
from edge.reactions.papers import CatalogueOf
from edge.reactions.ports import DevicesPort
from edge.rules import copies
from edge.rules.codes import Code, refusal
from edge.rules.copy_commands import EndCopies, ReserveCopies
from edge.rules.copy_records import CopyKind
from edge.rules.copy_state import Copies
from edge.rules.records import PrintEnd
from edge.rules.refusal import Refusal
from edge.site import Site

ACTOR: Final = "job:printing"
SHEETS_SECONDS: Final = 15.0
STATUS_SECONDS: Final = 4.0

log = structlog.get_logger(__name__)


class Copying:
    """`print` may be called while `run` runs. One request id is one print, whoever asks again."""

    def __init__(
        self,
        engine: Engine,
        site: Site,
        devices: DevicesPort,
        printing: Printing,
        catalogue_of: CatalogueOf,
        *,
        ids: Ids,
    ) -> None:
        self._engine = engine
        self._site = site
        self._devices = devices
        self._printing = printing
        self._catalogue_of = catalogue_of
        self._ids = ids
        self._running: dict[str, asyncio.Task[str]] = {}

    async def run(self) -> None:
        """Until cancelled: then prints under way are left to the next start, which calls them unknown."""
        try:
            await asyncio.Event().wait()
        finally:
            tasks = tuple(self._running.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def print(self, wish: CopyWish, *, id: str, actor: str) -> Copies:
        """Returns when its print has ended. The asker may go away: the print goes on, and its end is recorded.

        Raises Refusal (nothing was printed), KeyError (no such item or paper), DeviceError (it cannot be told how many
        pages it is), NoPages.
        """
        running = self._running.get(id)
        if running is None:
            known = copies.of_job(self._engine.state, job_of(id))
            if known is not None:
                return known
            running = self._running[id] = asyncio.create_task(self._carry_out(wish, id, actor))
            running.add_done_callback(lambda task: self._running.pop(id, None))
        found = self._engine.state.copies.get(await asyncio.shield(running))
        if found is None:  # of an earlier day
            raise refusal(Code.COPY_NOT_RUNNING)
        return found

    async def sheets(self, kiosk: str, item: str, kind: CopyKind, language: str) -> int:
        """How many pages that paper is. Raises KeyError, Refusal, DeviceError."""
        printer = self._engine.books.copies.printer(kiosk)
        if not printer:
            raise refusal(Code.COPIES_OFF)
        job = PrintJob(id="sheets", lines=self._lines(item, kind, language))
        answer = await self._devices.call(printer, "sheets", job, deadline=SHEETS_SECONDS)
        return Sheets.model_validate(answer).count

    async def paper(self, kiosk: str) -> Paper:
        """As the printer there says now. Raises Refusal, DeviceError."""
        printer = self._engine.books.copies.printer(kiosk)
        if not printer:
            raise refusal(Code.COPIES_OFF)
        return Paper.model_validate(await self._devices.call(printer, "status", None, deadline=STATUS_SECONDS))

    async def _carry_out(self, wish: CopyWish, id: str, actor: str) -> str:
        """Subject of the print."""
        jobs, pages = await self._jobs(wish, job_of(id))
        command = ReserveCopies(
            kiosk=wish.kiosk,
            kind=wish.kind,
            item=wish.item,
            pages=sum(pages),
            account=wish.account,
            by=wish.by,
            job=job_of(id),
        )
        answer = await self._engine.execute(command, id=id, actor=actor)
        (reserved,) = answer.records
        if not answer.repeated:
            await self._end(reserved.subject, *await self._sent(str(reserved.body["printer"]), jobs, pages))
        return reserved.subject

    async def _jobs(self, wish: CopyWish, job: str) -> tuple[list[PrintJob], list[int]]:
        """What is sent one after the other, and how many pages each of it is."""
        if wish.kind == "own":
            if not wish.pages:
                raise NoPages
            sheets = [base64.b64encode(page).decode() for page in wish.pages]
            return [PrintJob(id=f"{job}-{n}", picture=sheet) for n, sheet in enumerate(sheets, 1)], [1] * len(sheets)
        pages = await self.sheets(wish.kiosk, wish.item, wish.kind, wish.language)
        return [PrintJob(id=job, lines=self._lines(wish.item, wish.kind, wish.language))], [pages]

    async def _sent(
        self, printer: str, jobs: Sequence[PrintJob], pages: Sequence[int]
    ) -> tuple[PrintEnd, int, int, str]:
        """How it ended, pages that came out, pages of which nobody knows, the device's error code."""
        came = 0
        for job, count in zip(jobs, pages, strict=True):
            outcome, code = await self._printing.send(printer, job)
            if outcome != "done":
                return outcome, came, count if outcome == "unknown" else 0, code
            came += count
        return "done", came, 0, ""

    async def _end(self, uid: str, outcome: PrintEnd, came: int, unsure: int, code: str) -> None:
        command = EndCopies(copy_id=uid, outcome=outcome, came=came, unsure=unsure, code=code)
        try:
            await self._engine.execute(command, id=f"{uid}:end", actor=ACTOR)
        except Refusal as refused:
            log.info("copy_end_refused", subject=uid, code=refused.code)

    def _lines(self, item: str, kind: CopyKind, language: str) -> tuple[TicketLine, ...]:
        guides = Guides(self._catalogue_of(""), self._site, self._engine.books.hours)
        at = datetime.fromtimestamp(self._ids.clock.now_ms() / 1000, self._site.zone).isoformat()
        return copy_papers.lines(guides, guides.item(item), kind, language, at)
