"""Ticket printers that speak ESC/POS (ticket_printer.md), one short session a job.

Before the first byte a fault has a name; after it there is only Printed or OutcomeUnknown.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from drivers.contract import Context, Event, Health, Identity, Info, Kind, Link, Paper, Printed, PrintJob, TicketLine
from drivers.errors import DeviceError, Garbled, Late, NeedsHelp, OutcomeUnknown, Unsupported
from drivers.printer.leftovers import Leftovers
from drivers.printer.session import ANSWER_SECONDS, Session
from drivers.printer.status import ERROR_CAUSE, OFFLINE_CAUSE, PAPER, PRINTER, Condition
from drivers.printer.text import CLEAR_NOW, INIT

if TYPE_CHECKING:
    from drivers.printer.render import Renderer

_CHECK_SECONDS = 0.9
_POLL_SECONDS = 1.0
_PASSING_SECONDS = 5.0
_LOOK_SECONDS = 0.25
_FREE_SECONDS = 3.0  # until a printer has cut off what hung there
_BEFORE = (PRINTER, OFFLINE_CAUSE, PAPER)
_AFTER = (PAPER, ERROR_CAUSE, OFFLINE_CAUSE)


class EscPosConfig(BaseModel):
    """`width` dots. `timeout` seconds from the last byte to the printer's word that it is done.

    `completion`: `counted` asks GS r 1 behind the ticket, which a printer answers only when it got that far; it must
    answer it before the ticket too. `status` asks DLE EOT alone, which a printer answers at once even with the ticket
    still in its buffer: a guess, for printers without GS r (docs/decisions/0062, 0270).
    `clear`: what empties a printer after a fault. `init` is ESC @, which waits behind the data in many printers;
    `realtime` sends DLE DC4 8 as well, to printers whose manual has it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    width: Literal[576, 384] = 576
    charset: Literal["gb2312", "gbk", "gb18030"] = "gb2312"
    cutter: bool = True
    timeout: float = Field(default=10.0, gt=0, le=60)
    qr: Literal["image", "native"] = "image"
    completion: Literal["counted", "status"] = "counted"
    clear: Literal["init", "realtime"] = "init"


class EscPosPrinter:
    """Printer and Identifiable. The link is open only during a session: most printers serve one client."""

    info: ClassVar[Info] = Info(
        kind=Kind.PRINTER,
        maker="ESC/POS",
        models=("80 mm", "58 mm"),
        links=("tcp", "serial", "serial-at", "usb-at", "usbip"),
        probe="asks",
        secrets=("print",),
    )
    Config: ClassVar[type[BaseModel]] = EscPosConfig

    def __init__(self, config: EscPosConfig, link: Link, ctx: Context) -> None:
        self._config, self._link, self._ctx = config, link, ctx
        # Its libraries take half a second to import: only where one prints.
        self._renderer: Renderer | None = ctx.extra.get("renderer")
        self._turn = asyncio.Lock()
        self._outcomes: dict[str, Printed | None] = {}  # None = sent, not confirmed
        self._leftovers = Leftovers(ctx.own_files, link.name, ctx.note)
        self._cut_sent = False
        # A question may have been given up whose answer still comes, also one of the process before.
        self._unheard = True

    async def open(self) -> Identity:
        """Look whether a printer answers; a printer without paper opens too. Raises Absent, Late, Garbled."""
        if self._renderer is None:
            self._renderer = await asyncio.to_thread(_make_renderer, self._config, self._ctx)
        await self._condition(greeting=True)
        return Identity()

    async def check(self) -> Health:
        """Never waits behind a running job: the job itself is the sign of life.

        Cuts off what a broken ticket left, as soon as the printer can: while its citizen, not the next, stands there.
        """
        if self._turn.locked():
            return Health(state="busy")
        condition = await self._condition(tidy=self._leftovers.possible)
        if condition.fault is not None:
            return Health(state="fault", code=condition.fault.code, detail=condition.fault.detail)
        if condition.passing:
            return Health(state="busy", detail="paper is being fed, or the head is hot")
        if condition.paper == "near_end":
            return Health(state="warning", detail="paper near end")
        return Health(state="ready")

    async def close(self) -> None:
        await self._link.close()

    async def events(self) -> AsyncIterator[Event]:
        """None: between sessions there is no line to hear anything on."""
        await asyncio.Event().wait()
        yield Event(name="", data={})

    async def status(self) -> Paper:
        """Unknown while a job runs: the printer serves one client."""
        if self._turn.locked():
            return Paper(state="unknown")
        condition = await self._condition()
        fault = condition.fault
        return Paper(state=condition.paper, code=fault.code if fault else "")

    async def identify(self, seconds: float) -> None:
        """One slip that names its link, whatever `seconds`. Raises as `print`."""
        lines = (TicketLine(text="* * *", size=2), TicketLine(text=self._link.name))
        await self.print(PrintJob(id=f"identify:{self._ctx.random.getrandbits(64):x}", lines=lines))

    async def print(self, job: PrintJob) -> Printed:
        """Raises PaperOut, CoverOpen, Jam, NeedsHelp, Absent, Late before the first byte; OutcomeUnknown after it.

        An id already printed answers what it answered then; one of unknown outcome stays OutcomeUnknown.
        """
        if job.picture:
            raise Unsupported("a roll of tickets takes no whole sheets")
        async with self._turn:
            if job.id in self._outcomes:
                return self._known(job.id)
            assert self._renderer is not None, "open() comes first"
            data = self._renderer.job(job)
            async with self._session() as session:
                await self._ready(session)
                self._outcomes[job.id] = None
                self._unheard = False
                self._leftovers.begin()
                self._cut_sent = False
                printed = await self._confirmed(session, data)
                self._outcomes[job.id] = printed
                self._leftovers.end()
                return printed

    def _known(self, job_id: str) -> Printed:
        printed = self._outcomes[job_id]
        if printed is None:
            raise OutcomeUnknown("this job was sent before and never confirmed")
        return printed

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[Session]:
        session = Session(self._link)
        try:
            async with session:
                yield session
        finally:
            if session.strange:
                self._ctx.note("printer.strange_bytes", count=session.strange)

    async def _condition(self, *, tidy: bool = False, greeting: bool = False) -> Condition:
        try:
            async with asyncio.timeout(_CHECK_SECONDS), self._turn, self._session() as session:
                condition = await _whole_condition(session)
                if greeting and session.strange:
                    # One byte in sixteen looks like a status: in the words of something else there are many.
                    raise Garbled(f"{session.strange} bytes among the answers that are no status")
                if condition.fault is not None:
                    self._cut_sent = False
                elif tidy and condition.sound:
                    await self._tidy(session, ANSWER_SECONDS / 2)
                return condition
        except TimeoutError as exc:
            raise Late("no status") from exc

    async def _tidy(self, session: Session, seconds: float) -> bool:
        """Cut off what may hang there, once the printer has worked off what it holds; False: it is not that far."""
        assert self._renderer is not None, "open() comes first"
        counted = self._config.completion == "counted"
        if counted and not await session.all_processed(seconds, in_doubt=True):
            return False
        if not self._cut_sent:
            await session.send(self._renderer.remains())
            self._cut_sent = True
            if counted and not await session.all_processed(seconds):
                return False
        self._cut_sent = False
        self._leftovers.end()
        return True

    async def _ready(self, session: Session) -> None:
        """Waits out what passes. Raises what a person must do first, Late for a printer still busy with the last."""
        until = self._ctx.clock() + _PASSING_SECONDS
        while (condition := await _whole_condition(session)).passing and condition.fault is None:
            if self._ctx.clock() >= until:
                raise NeedsHelp("paper is being fed, or the head is hot")
            await asyncio.sleep(_LOOK_SECONDS)
        if condition.fault is not None:
            raise condition.fault
        seconds = min(_FREE_SECONDS, self._config.timeout)
        if self._leftovers.possible:
            if not await self._tidy(session, seconds):
                raise Late("still busy with what it was sent before, or without GS r: set completion to status")
        elif self._config.completion == "counted" and not await session.all_processed(seconds, in_doubt=self._unheard):
            self._unheard = True
            raise Late("no answer to GS r 1: for a printer without it set completion to status")

    async def _confirmed(self, session: Session, data: bytes) -> Printed:
        seconds = self._config.timeout + self._sending_seconds(data)
        try:
            async with asyncio.timeout(seconds):
                await session.send(data)
            if self._config.completion == "counted":
                await self._counted(session, self._ctx.clock() + self._config.timeout)
                condition = await _last_word(session)
            else:
                condition = await session.condition(_AFTER)
        except (DeviceError, TimeoutError) as exc:
            await self._withdraw(session)
            raise OutcomeUnknown(f"after the first byte: {str(exc) or 'no answer'}") from exc
        if condition.cutter_error or (condition.fault is not None and self._config.completion == "status"):
            await self._withdraw(session)
            raise OutcomeUnknown(f"after the first byte: {condition.fault}") from condition.fault
        return Printed(bytes=len(data), paper=condition.paper)

    async def _counted(self, session: Session, deadline: float) -> None:
        """Until the printer says that it got behind the ticket. Raises the fault that keeps it, or Late."""
        step = min(_POLL_SECONDS, self._config.timeout / 3)
        while not await session.all_processed(step):
            try:
                condition = await session.condition(_AFTER)
            except (Late, Garbled):
                condition = Condition()  # one lost answer says nothing about the paper
            if condition.fault is not None:
                raise condition.fault
            if self._ctx.clock() >= deadline:
                raise Late("no word that it is done")

    def _sending_seconds(self, data: bytes) -> float:
        """A serial printer takes the ticket as slowly as its line: ten bits a byte."""
        baud: int | None = getattr(self._link, "baud", None)
        return len(data) * 10 / baud if baud else 0.0

    async def _withdraw(self, session: Session) -> None:
        """Ask the printer to forget the rest; what it did not forget is cut off before anything else is printed."""
        try:
            async with asyncio.timeout(self._ctx.grace):
                await session.send(CLEAR_NOW + INIT if self._config.clear == "realtime" else INIT)
        except (DeviceError, TimeoutError) as exc:
            self._ctx.note("printer.not_withdrawn", reason=str(exc))


async def _whole_condition(session: Session) -> Condition:
    """Causes of errors are asked only when there is an error."""
    condition = await session.condition(_BEFORE)
    if condition.error or (condition.offline and condition.fault is not None):
        condition = await session.condition((*_BEFORE, ERROR_CAUSE))
    return condition


async def _last_word(session: Session) -> Condition:
    """The ticket is out: a printer that says nothing more has printed it all the same."""
    try:
        return await session.condition(_AFTER)
    except DeviceError:
        return Condition()


def _make_renderer(config: EscPosConfig, ctx: Context) -> "Renderer":
    from drivers.glyphs import FontFiles, Glyphs, find_fonts
    from drivers.printer.render import Renderer

    fonts: FontFiles = ctx.extra.get("fonts") or find_fonts()
    return Renderer(config.width, config.charset, config.cutter, config.qr == "native", Glyphs(fonts))
