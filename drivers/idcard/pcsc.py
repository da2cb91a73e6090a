"""Social-security cards on any PC/SC reader (idcard.md section 8). The service may hang, so this lives in a worker."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, ClassVar, Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from drivers.contract import CardPresence, Context, Event, Health, Identity, Info, Kind, SocialCard
from drivers.errors import Busy, CardMoved, CardUnreadable, DeviceError, Garbled, Gone, ServiceDown
from drivers.idcard.social import Transmit, read_social_card
from drivers.links.blocking import in_thread
from drivers.links.pcsc import PcscLink

Result = TypeVar("Result")
_TRIES: Final = 3


class PcscConfig(BaseModel):
    """`again`: seconds before a card that could not be read is tried again."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    again: float = Field(default=0.3, ge=0.02, le=5)


class PcscReader:
    """Reads social-security cards, without a PIN. An ID card gives nothing on such a reader (section 8.4)."""

    info: ClassVar[Info] = Info(
        kind=Kind.ID_READER,
        maker="PC/SC",
        models=("CCID",),
        links=("pcsc",),
        isolation="process",
        probe="silent",
        secrets=("read_social",),
    )
    Config: ClassVar[type[BaseModel]] = PcscConfig

    def __init__(self, config: PcscConfig, link: PcscLink, ctx: Context) -> None:
        self._config = config
        self._link = link
        self._note = ctx.note
        self._session: Any = None
        self._turn = asyncio.Lock()
        self._waiting = False

    async def open(self) -> Identity:
        """Identity.model is the reader's name. Raises ServiceDown (pcscd is silent), Absent, WrongDevice, Denied."""
        async with self._turn:
            if self._session is None:
                session = (self._link.new_session or _service)(self._link.reader, self._link.slot)
                await in_thread(session.enter, lambda _: session.leave())
                self._session = session
                await self._link.open()
            return Identity(maker=self.info.maker, model=self._session.reader)

    async def check(self) -> Health:
        """Raises Gone when the reader or the service left: the way back is a new `open`."""
        if self._waiting:
            return Health(state="ready")  # the wait itself sees whatever happens
        await self._ask(self._opened().card_is_in)
        return Health(state="ready")

    async def close(self) -> None:
        session, self._session = self._session, None
        await self._link.close()
        if session is not None:
            await in_thread(session.leave)

    async def events(self) -> AsyncIterator[Event]:
        await asyncio.Event().wait()
        yield Event(name="", data={})  # a reader has nothing to say by itself

    async def read_social(self) -> SocialCard:
        """Waits for a card. Raises Refused (another kind of card), CardMoved, CardUnreadable, Garbled, Gone; Busy when
        another read is waiting."""
        if self._waiting:
            raise Busy("another read of this reader")
        self._waiting = True
        try:
            return await self._wait_for_card()
        finally:
            self._waiting = False

    async def card_present(self) -> CardPresence:
        return CardPresence(present=await self._ask(self._opened().card_is_in))

    async def _wait_for_card(self) -> SocialCard:
        progress = _Progress()
        while True:
            if not await self._ask(self._opened().wait_for_card):
                progress.nothing_there()
                continue
            try:
                return await self._ask(lambda: self._opened().with_card(progress.talk))
            except (CardMoved, CardUnreadable, Garbled) as problem:
                self._note("social card not read", code=problem.code, detail=problem.detail)
                progress.failed(problem)
            await asyncio.sleep(self._config.again)

    async def _ask(self, work: Callable[[], Result]) -> Result:
        """One talk at a time. A service that left in the middle is Gone here, and ServiceDown when opened again."""
        async with self._turn:
            try:
                return await in_thread(work)
            except ServiceDown as problem:
                raise Gone(problem.detail) from problem

    def _opened(self) -> Any:
        if self._session is None:
            raise Gone("not open")
        return self._session


def _service(reader: str, slot: int) -> Any:
    # Not at the head of this file: the library is native and not everywhere installed.
    from drivers.idcard.pcsc_session import PcscSession

    return PcscSession(reader, slot)


class _Progress:
    """What one wait has met. A card that never answered was only passing by: the service takes half a second to see
    it leave; after its first answer a card that leaves has been moved."""

    def __init__(self) -> None:
        self._answered = False
        self._failures = 0

    def talk(self, transmit: Transmit) -> SocialCard:
        def heard(command: bytes) -> bytes:
            answer = transmit(command)
            self._answered = True
            return answer

        return read_social_card(heard)

    def nothing_there(self) -> None:
        """Raises CardMoved."""
        if self._answered:
            raise CardMoved("left while it was being read")

    def failed(self, problem: DeviceError) -> None:
        """Raises the problem when trying again is no use."""
        self._failures += not isinstance(problem, CardMoved)
        if self._failures >= _TRIES or (isinstance(problem, CardMoved) and self._answered):
            raise problem
