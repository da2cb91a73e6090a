"""Runs a session against the hall: events in, snapshots out, effects as tasks. Lives in the asyncio thread."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Final, Literal

from edge.api.citizen_schema import LookUpRequest, RateRequest, RatingLook, VoiceRequest
from edge.api.client import HallError, Live, NotAllowed, RefusedError, TroubleError
from edge.api.copy_schema import CopyPrint, CopyTake, CopyWho
from edge.api.guide_schema import GuidePrint
from edge.api.schema import TicketSnapshot
from kiosk_ui.follow import follow
from kiosk_ui.hall_port import Hall
from kiosk_ui.terminal.copies import CopyRequest, LookCopies, OpenPapers, TakePage
from kiosk_ui.terminal.desk_steps import Answer, Request
from kiosk_ui.terminal.guides import FindGuides, GuidePrintedAs, OpenGuide, PrintGuide
from kiosk_ui.terminal.session import Session
from kiosk_ui.terminal.state import (
    Answered,
    Ask,
    BookingFound,
    CardRead,
    CheckIn,
    CodeRead,
    Effect,
    EndCard,
    EndCode,
    EndCopies,
    Event,
    Failed,
    Problem,
    ReadCard,
    ReadCode,
    Snapshot,
    SpeakLanguage,
    StopWatching,
    TakeTicket,
    Tick,
    TicketSeen,
    TicketTaken,
    WatchTicket,
)

_TICK_SECONDS: Final = 1.0


class Conductor:
    """`show` gets each new snapshot, on this thread. `post` takes events, on this thread."""

    def __init__(self, hall: Hall, session: Session, show: Callable[[Snapshot], None]) -> None:
        self._hall = hall
        self._session = session
        self._show = show
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._reading: asyncio.Task[None] | None = None
        self._watching: asyncio.Task[None] | None = None
        self._scanning: asyncio.Task[None] | None = None
        self._tasks: asyncio.TaskGroup

    def post(self, event: Event) -> None:
        self._events.put_nowait(event)

    async def run(self) -> None:
        """Until cancelled. A mistake in our own code ends it with that error: the process starts again."""
        async with asyncio.TaskGroup() as self._tasks:
            self._tasks.create_task(follow(self._hall, self.post))
            while True:
                self._handle(await self._next())

    async def _next(self) -> Event:
        try:
            async with asyncio.timeout(_TICK_SECONDS):
                return await self._events.get()
        except TimeoutError:
            return Tick()

    def _handle(self, event: Event) -> None:
        before = self._session.snapshot
        for effect in self._session.handle(event, asyncio.get_running_loop().time()):
            self._start(effect)
        if self._session.snapshot is not before:
            self._show(self._session.snapshot)

    def _start(self, effect: Effect) -> None:
        match effect:
            case ReadCard():
                self._reading = self._task(self._read(effect, self._reading))
            case EndCard():
                reading, self._reading = self._reading, None
                if reading is not None:
                    reading.cancel()
                self._reading = self._task(self._end_card(reading))
            case ReadCode():
                self._scanning = self._task(self._scan(effect))
            case EndCode():
                if self._scanning is not None:
                    self._scanning.cancel()
            case EndCopies():
                self._task(self._end_copies())
            case CheckIn():
                self._task(self._check_in(effect))
            case Ask():
                self._task(self._ask(effect))
            case TakeTicket():
                self._task(self._take(effect))
            case WatchTicket():
                self._watching = self._task(self._watch(effect))
            case StopWatching():
                if self._watching is not None:
                    self._watching.cancel()
            case SpeakLanguage(language):
                self._hall.language = language

    def _task(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        return self._tasks.create_task(work)

    async def _read(self, effect: ReadCard, before: asyncio.Task[None] | None) -> None:
        """Reads and forgettings go one after the other: the reader serves one wish at a time."""
        await _over(before)
        try:
            holder = await self._hall.read_card(effect.seconds)
        except HallError as error:
            self.post(Failed(effect.session, _problem("card", error)))
        else:
            self.post(CardRead(effect.session, holder))

    async def _end_card(self, before: asyncio.Task[None] | None) -> None:
        await _over(before)
        with suppress(HallError):  # a hall that is gone has forgotten: card sessions live in its memory only
            await self._hall.end_card()

    async def _end_copies(self) -> None:
        with suppress(HallError):  # pages live in the hall's memory only
            await self._hall.end_copies()

    async def _take(self, effect: TakeTicket) -> None:
        try:
            ticket = await self._hall.take_ticket(effect.request)
        except HallError as error:
            self.post(Failed(effect.session, _problem("take", error)))
        else:
            self.post(TicketTaken(effect.session, ticket))

    async def _scan(self, effect: ReadCode) -> None:
        try:
            code = await self._hall.read_code(effect.seconds)
        except HallError as error:
            self.post(Failed(effect.session, _problem("code", error)))
        else:
            self.post(CodeRead(effect.session, code.text))

    async def _check_in(self, effect: CheckIn) -> None:
        try:
            found = await self._hall.check_in(effect.request)
        except HallError as error:
            self.post(Failed(effect.session, _problem("take", error)))
        else:
            self.post(BookingFound(effect.session, found))

    async def _ask(self, effect: Ask) -> None:
        try:
            answer = await self._answer(effect.request)
        except HallError as error:
            self.post(Failed(effect.session, _problem("desk", error)))
        else:
            self.post(Answered(effect.session, answer))

    async def _answer(self, request: Request) -> Answer:
        match request:
            case LookUpRequest():
                return await self._hall.look_up(request)
            case RateRequest():
                return await self._hall.rate(request)
            case RatingLook():
                return await self._hall.rating(request)
            case VoiceRequest():
                return await self._hall.complain(request)
            case FindGuides(text=text, topic=topic):
                return await self._hall.guides(text, topic)
            case OpenGuide(item=item):
                return await self._hall.guide(item)
            case PrintGuide(id=id, item=item):
                wanted = GuidePrint.model_validate({"id": id, "language": self._hall.language})
                return GuidePrintedAs((await self._hall.print_guide(item, wanted)).paper)
        return await self._copies(request)

    async def _copies(self, request: CopyRequest) -> Answer:
        match request:
            case LookCopies(card=card, code=code):
                return await self._hall.copies(CopyWho(card=card, code=code))
            case OpenPapers(item=item):
                return await self._hall.copy_papers(item)
            case TakePage(id=id, anew=anew):
                return await self._hall.copy_page(CopyTake(id=id, anew=anew))
        return await self._hall.print_copies(
            CopyPrint.model_validate(
                {
                    "id": request.id,
                    "kind": request.kind,
                    "item": request.item,
                    "language": self._hall.language,
                    "card": request.card,
                    "code": request.code,
                }
            )
        )

    async def _watch(self, effect: WatchTicket) -> None:
        try:
            async for item in self._hall.live(f"ticket:{effect.uid}"):
                match item:
                    case Live(ticket=TicketSnapshot() as ticket):
                        self.post(TicketSeen(effect.session, ticket))
        except NotAllowed:
            return  # the number stays on the screen; only its print state is not known


async def _over(task: asyncio.Task[None] | None) -> None:
    if task is not None:
        await asyncio.wait([task])


def _problem(kind: Literal["card", "code", "take", "desk"], error: HallError) -> Problem:
    match error:
        case RefusedError(refused=refused) if kind == "desk":
            return Problem("desk", refused.code, refused.text)
        case TroubleError(trouble=trouble) if kind == "desk":  # nothing was done: the same request may be sent again
            return Problem("desk", trouble.code)
        case RefusedError(refused=refused):
            late = refused.code == "booking_late"
            return Problem("late" if late else "refused", refused.code, refused.text, refused.instead)
        case TroubleError(trouble=trouble):
            return Problem(kind, trouble.code, trouble.text)
        case _:
            return Problem(kind, "gone")
