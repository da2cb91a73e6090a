"""Ticket printers that speak ESC/POS (ticket_printer.md), one short session a job.

Before the first byte a fault has a name; after it there is only Printed or OutcomeUnknown.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from drivers.contract import Context, Event, Health, Identity, Info, Kind, Link, Paper, Printed, PrintJob
from drivers.errors import DeviceError, Late, OutcomeUnknown
from drivers.printer.session import Session
from drivers.printer.status import ERROR_CAUSE, OFFLINE_CAUSE, PAPER, PRINTER, Condition
from drivers.printer.text import INIT

if TYPE_CHECKING:
    from drivers.printer.render import Renderer

_CHECK_SECONDS = 0.9
_POLL_SECONDS = 1.0
_BEFORE = (PRINTER, OFFLINE_CAUSE, PAPER)
_AFTER = (PAPER, ERROR_CAUSE, OFFLINE_CAUSE)


class EscPosConfig(BaseModel):
    """`width` dots. `timeout` seconds from the last byte to the printer's word that it is done.

    `completion`: `counted` asks GS r 1 behind the ticket, which a printer answers only when it got that far;
    `status` asks DLE EOT alone, which a printer answers at once even with the ticket still in its buffer
    (docs/decisions/0062).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    width: Literal[576, 384] = 576
    charset: Literal["gb2312", "gbk", "gb18030"] = "gb2312"
    cutter: bool = True
    timeout: float = Field(default=10.0, gt=0, le=60)
    qr: Literal["image", "native"] = "image"
    completion: Literal["counted", "status"] = "counted"


class EscPosPrinter:
    """Printer. The link is open only during a session: most printers serve one client."""

    info: ClassVar[Info] = Info(
        kind=Kind.PRINTER,
        maker="ESC/POS",
        models=("80 mm", "58 mm"),
        links=("tcp", "serial"),
        probe="asks",
        secrets=("print",),
    )
    Config: ClassVar[type[BaseModel]] = EscPosConfig

    def __init__(self, config: EscPosConfig, link: Link, ctx: Context) -> None:
        self._config, self._link, self._ctx = config, link, ctx
        self._renderer: Renderer | None = None  # its libraries take half a second to import: only where one prints
        self._turn = asyncio.Lock()
        self._outcomes: dict[str, Printed | None] = {}  # None = sent, not confirmed
        self._remains = False

    async def open(self) -> Identity:
        """Look whether a printer answers; a printer without paper opens too. Raises Absent, Late, Garbled."""
        if self._renderer is None:
            self._renderer = await asyncio.to_thread(_make_renderer, self._config, self._ctx)
        await self._condition()
        return Identity()

    async def check(self) -> Health:
        """Never waits behind a running job: the job itself is the sign of life."""
        if self._turn.locked():
            return Health(state="busy")
        condition = await self._condition()
        if condition.fault is not None:
            return Health(state="fault", code=condition.fault.code, detail=condition.fault.detail)
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

    async def print(self, job: PrintJob) -> Printed:
        """Raises PaperOut, CoverOpen, Jam, NeedsHelp, Absent, Late before the first byte; OutcomeUnknown after it.

        An id already printed answers what it answered then; one of unknown outcome stays OutcomeUnknown.
        """
        async with self._turn:
            if job.id in self._outcomes:
                return self._known(job.id)
            assert self._renderer is not None, "open() comes first"
            data = self._renderer.job(job)
            async with Session(self._link) as session:
                await self._ready(session)
                if self._remains:
                    data = self._renderer.remains() + data
                self._outcomes[job.id] = None
                self._remains = True
                printed = await self._confirmed(session, data)
                self._outcomes[job.id] = printed
                self._remains = False
                return printed

    def _known(self, job_id: str) -> Printed:
        printed = self._outcomes[job_id]
        if printed is None:
            raise OutcomeUnknown("this job was sent before and never confirmed")
        return printed

    async def _condition(self) -> Condition:
        try:
            async with asyncio.timeout(_CHECK_SECONDS), self._turn, Session(self._link) as session:
                return await session.condition(_BEFORE)
        except TimeoutError as exc:
            raise Late("no status") from exc

    async def _ready(self, session: Session) -> None:
        """Raises what a person must do first; error causes are asked only when there is an error."""
        condition = await session.condition(_BEFORE)
        if condition.fault is not None:
            if condition.error or condition.offline:
                condition = await session.condition((*_BEFORE, ERROR_CAUSE))
            if condition.fault is not None:
                raise condition.fault

    async def _confirmed(self, session: Session, data: bytes) -> Printed:
        seconds = self._config.timeout + self._sending_seconds(data)
        try:
            async with asyncio.timeout(seconds):
                await session.send(data)
            condition = await self._end(session, self._ctx.clock() + seconds)
        except (DeviceError, TimeoutError) as exc:
            await self._withdraw(session)
            raise OutcomeUnknown(f"after the first byte: {str(exc) or 'no answer'}") from exc
        if condition.fault is not None:
            await self._withdraw(session)
            raise OutcomeUnknown(f"after the first byte: {condition.fault.detail}") from condition.fault
        return Printed(bytes=len(data), paper=condition.paper)

    async def _end(self, session: Session, deadline: float) -> Condition:
        """The printer's last word. One that never answers in turn is believed when it is healthy at the deadline."""
        if self._config.completion == "counted":
            await session.ask_end()
            step = min(_POLL_SECONDS, self._config.timeout / 3)
            while not await session.reached_end(step):
                condition = await session.condition(_AFTER)
                if condition.fault is not None:
                    return condition
                if self._ctx.clock() >= deadline:
                    self._ctx.note("printer.end_not_counted")
                    return condition
        return await session.condition(_AFTER)

    def _sending_seconds(self, data: bytes) -> float:
        """A serial printer takes the ticket as slowly as its line: ten bits a byte."""
        baud: int | None = getattr(self._link, "baud", None)
        return len(data) * 10 / baud if baud else 0.0

    async def _withdraw(self, session: Session) -> None:
        """Ask the printer to forget the rest; the next job begins by cutting off what it did not forget."""
        try:
            async with asyncio.timeout(self._ctx.grace):
                await session.send(INIT)
        except (DeviceError, TimeoutError) as exc:
            self._ctx.note("printer.not_withdrawn", reason=str(exc))


def _make_renderer(config: EscPosConfig, ctx: Context) -> "Renderer":
    from drivers.glyphs import FontFiles, Glyphs, find_fonts
    from drivers.printer.render import Renderer

    fonts: FontFiles = ctx.extra.get("fonts") or find_fonts()
    return Renderer(config.width, config.charset, config.cutter, config.qr == "native", Glyphs(fonts))
