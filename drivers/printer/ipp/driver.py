"""Office printers and their queues (CUPS) by IPP: notices and receipts on A4, each job followed to its end.

A job's name is our job id. The printer remembers its jobs, so it is asked before and after whatever went wrong, and one
id is never sent twice.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, ClassVar, Final

from pydantic import BaseModel, ConfigDict, Field

from drivers.contract import Context, Event, Health, Identity, Info, Kind, Paper, Printed, PrintJob, Sheets
from drivers.errors import (
    BadConfig,
    Denied,
    DeviceError,
    Garbled,
    Gone,
    Late,
    NeedsHelp,
    OutcomeUnknown,
    PaperOut,
    Refused,
    ServiceDown,
    Unsupported,
)
from drivers.printer.ipp.client import Facts, IppClient, IppLink, Job
from drivers.printer.ipp.condition import EMPTY, Condition, condition

if TYPE_CHECKING:
    from drivers.printer.ipp.page import Page, Pages

PDF: Final = "application/pdf"
PWG: Final = "image/pwg-raster"
_CHECK_SECONDS: Final = 0.9
_ASK_SECONDS: Final = 3.0
_SEND_SECONDS: Final = 15.0
_CANCELED, _ABORTED, _COMPLETED = 7, 8, 9
_ENDED: Final = (_CANCELED, _ABORTED, _COMPLETED)
_UNSURE: Final = (Late, Gone, Garbled, ServiceDown)  # after these the job may be there
_USUAL_DPI: Final = 300


class IppConfig(BaseModel):
    """`timeout` seconds from the sent page to its end; after it the job is withdrawn. `poll` seconds between questions.

    `resume`: set a queue going again that stopped after a fault which is over (CUPS leaves it stopped).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    timeout: float = Field(default=40.0, gt=0, le=300)
    poll: float = Field(default=0.5, gt=0, le=10)
    resume: bool = True


class IppPrinter:
    """Printer, SheetPrinter and Identifiable."""

    info: ClassVar[Info] = Info(
        kind=Kind.PRINTER,
        maker="IPP",
        models=("IPP Everywhere", "CUPS queue"),
        links=("ipp",),
        probe="asks",
        secrets=("print",),
    )
    Config: ClassVar[type[BaseModel]] = IppConfig

    def __init__(self, config: IppConfig, link: IppLink, ctx: Context) -> None:
        self._config, self._link, self._ctx = config, link, ctx
        self._turn = asyncio.Lock()
        self._outcomes: dict[str, Printed | None] = {}  # None = sent, not confirmed
        self._pages: dict[int, Pages] = {}  # by resolution

    async def open(self) -> Identity:
        """Raises Absent, Late, WrongDevice, Denied, Unsupported (it takes no page format of ours)."""
        if not isinstance(self._link, IppLink):
            raise BadConfig("a printer of this kind needs a link ipp://host:port/path")
        self._client = IppClient(self._link)
        await self._link.open()
        facts = await self._client.printer(_ASK_SECONDS)
        _page_format(facts)
        model, serial = _text(facts, "printer-make-and-model"), _text(facts, "printer-uuid")
        return Identity(model=model, serial=serial.removeprefix("urn:uuid:"))

    async def check(self) -> Health:
        if self._turn.locked():
            return Health(state="busy")
        seen = await self._condition(_CHECK_SECONDS)
        if seen.paused and self._config.resume:
            async with self._turn:
                seen = await self._resumed(seen)
        if seen.fault is not None:
            return Health(state="fault", code=seen.fault.code, detail=seen.fault.detail)
        if seen.paused:
            return Health(state="fault", code=NeedsHelp.code, detail=_stopped(seen))
        if seen.warnings:
            return Health(state="warning", detail=", ".join(seen.warnings))
        return Health(state="ready")

    async def close(self) -> None:
        await self._link.close()

    async def events(self) -> AsyncIterator[Event]:
        """None: a printer is asked."""
        await asyncio.Event().wait()
        yield Event(name="", data={})

    async def status(self) -> Paper:
        seen = await self._condition(_ASK_SECONDS)
        return Paper(state=seen.paper, code=seen.fault.code if seen.fault else NeedsHelp.code if seen.paused else "")

    async def identify(self, seconds: float) -> None:
        """The printer's own sign, a light or a sound. Raises Unsupported by one that has none."""
        await self._client.identify(_ASK_SECONDS)

    async def print(self, job: PrintJob) -> Printed:
        """Raises what a person must do first, Absent, Refused: nothing came out. OutcomeUnknown: nobody knows."""
        async with self._turn:
            if job.id in self._outcomes:
                return self._known(job.id)
            facts = await self._ready()
            earlier = await self._client.jobs_called(job.id, _ASK_SECONDS)
            size = 0
            if earlier:
                self._outcomes[job.id] = None
                number = earlier[-1].id
            else:
                mime, document = await asyncio.to_thread(self._document, job, facts)
                size = len(document)
                number = await self._sent(job.id, mime, document)
            await self._followed(job.id, number)
            return await self._done(job.id, size)

    async def sheets(self, job: PrintJob) -> Sheets:
        """Raises Absent, Late."""
        _, dpi = _page_format(await self._client.printer(_ASK_SECONDS))
        return Sheets(count=len(await asyncio.to_thread(self._pages_of, job, dpi)))

    def _known(self, job_id: str) -> Printed:
        printed = self._outcomes[job_id]
        if printed is None:
            raise OutcomeUnknown("this job was sent before and never confirmed")
        return printed

    async def _condition(self, seconds: float) -> Condition:
        return condition(await self._client.printer(seconds))

    async def _ready(self) -> Facts:
        facts = await self._client.printer(_ASK_SECONDS)
        seen = condition(facts)
        if seen.paused and self._config.resume:
            seen = await self._resumed(seen)
        if seen.fault is not None:
            raise seen.fault
        if seen.paused or facts.get("printer-is-accepting-jobs") == (False,):
            raise NeedsHelp(_stopped(seen))
        return facts

    async def _resumed(self, seen: Condition) -> Condition:
        """The condition afterwards; a queue that may not be resumed from here stays as it is."""
        try:
            await self._client.resume(_ASK_SECONDS)
        except (Unsupported, Denied, Refused) as refused:
            self._ctx.note("printer.queue_not_resumed", reason=str(refused))
            return seen
        self._ctx.note("printer.queue_resumed")
        return await self._condition(_ASK_SECONDS)

    def _document(self, job: PrintJob, facts: Facts) -> tuple[str, bytes]:
        """Blocking."""
        from drivers.printer.ipp.page import pdf
        from drivers.printer.ipp.pwg import pwg

        mime, dpi = _page_format(facts)
        pages = self._pages_of(job, dpi)
        return mime, pdf(pages, dpi) if mime == PDF else pwg(pages, dpi)

    def _pages_of(self, job: PrintJob, dpi: int) -> "list[Page]":
        """Blocking."""
        from drivers.printer.ipp.picture import picture_page

        return [picture_page(job.picture, dpi)] if job.picture else self._drawing(dpi).draw(job.lines)

    def _drawing(self, dpi: int) -> "Pages":
        from drivers.glyphs import find_fonts
        from drivers.printer.ipp.page import Pages

        if dpi not in self._pages:
            self._pages[dpi] = Pages(self._ctx.extra.get("fonts") or find_fonts(), dpi)
        return self._pages[dpi]

    async def _sent(self, job_id: str, mime: str, document: bytes) -> int:
        """The printer's number of the job. Raises what the printer said when it did not take it."""
        self._outcomes[job_id] = None
        try:
            return await self._client.print_job(job_id, mime, document, _SEND_SECONDS)
        except _UNSURE as broken:
            self._ctx.note("printer.answer_lost", reason=str(broken))
            return await self._found_again(job_id)
        except DeviceError:
            del self._outcomes[job_id]  # nobody listened, or it said no
            raise

    async def _found_again(self, job_id: str) -> int:
        """After a lost answer: whether the job is there. That it is not proves nothing: it may come yet."""
        until = self._ctx.clock() + self._config.timeout
        while self._ctx.clock() < until:
            try:
                if found := await self._client.jobs_called(job_id, _ASK_SECONDS):
                    return found[-1].id
            except DeviceError as problem:
                self._ctx.note("printer.not_back_yet", reason=str(problem))
            await asyncio.sleep(self._config.poll)
        raise OutcomeUnknown("the answer to the job was lost, and the printer does not know the job")

    async def _followed(self, job_id: str, number: int) -> None:
        """Returns when it is printed."""
        until = self._ctx.clock() + self._config.timeout
        job: Job | None = None
        while self._ctx.clock() < until:
            job = await self._seen(number) or job
            if job is not None and job.state in _ENDED:
                self._judge(job_id, job)
                return
            await asyncio.sleep(self._config.poll)
        await self._withdraw(job_id, number)

    async def _seen(self, number: int) -> Job | None:
        """None when the printer did not say now: it may the next time."""
        try:
            return await self._client.job(number, _ASK_SECONDS)
        except DeviceError as problem:
            self._ctx.note("printer.job_not_seen", reason=str(problem))
            return None

    def _judge(self, job_id: str, job: Job) -> None:
        why = ", ".join(job.reasons) or f"job state {job.state}"
        if job.state == _COMPLETED and "job-completed-with-errors" not in job.reasons:
            return
        if job.state != _COMPLETED and job.begun is False:
            del self._outcomes[job_id]
            raise Refused(f"job-{'canceled' if job.state == _CANCELED else 'aborted'}", why)
        raise OutcomeUnknown(why)

    async def _withdraw(self, job_id: str, number: int) -> None:
        """Nobody waits for it any more: it shall not come out when another person stands there."""
        try:
            await self._client.cancel(number, _ASK_SECONDS)
            job = await self._client.job(number, _ASK_SECONDS)
        except DeviceError as problem:
            raise OutcomeUnknown(f"no end within {self._config.timeout:g} s, not withdrawn: {problem}") from problem
        if job.state == _CANCELED and job.begun is False and await self._empty():
            del self._outcomes[job_id]
            raise PaperOut("no paper: it kept the job waiting")
        if job.state in _ENDED:
            self._judge(job_id, job)
            return
        raise OutcomeUnknown(f"no end within {self._config.timeout:g} s")

    async def _empty(self) -> bool:
        try:
            return EMPTY in (await self._condition(_ASK_SECONDS)).warnings
        except DeviceError:
            return False

    async def _done(self, job_id: str, size: int) -> Printed:
        try:
            paper = (await self._condition(_ASK_SECONDS)).paper
        except DeviceError:
            paper = "unknown"  # the page is out all the same
        self._outcomes[job_id] = printed = Printed(bytes=size, paper=paper)
        return printed


def _page_format(facts: Facts) -> tuple[str, int]:
    """PDF where it is taken, else PWG raster in grey; and the dots an inch."""
    formats = facts.get("document-format-supported", ())
    if PDF in formats:
        return PDF, _USUAL_DPI
    greys = facts.get("pwg-raster-document-type-supported", ("sgray_8",))
    if PWG not in formats or "sgray_8" not in greys:
        raise Unsupported("takes neither PDF nor PWG raster in grey")
    resolutions = facts.get("pwg-raster-document-resolution-supported", ())
    sizes = [said[0] for said in resolutions if said is not None and said[0] == said[1]]
    return PWG, _USUAL_DPI if not sizes or _USUAL_DPI in sizes else sizes[0]


def _stopped(seen: Condition) -> str:
    return f"the queue is stopped and must be resumed at its server: {seen.message or 'no reason given'}"


def _text(facts: Facts, name: str) -> str:
    return str(next(iter(facts.get(name, ())), "") or "")[:80]
