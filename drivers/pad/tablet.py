"""A citizen's rating pad on a tablet, which dials in and logs in to its window (rating_pad.md section 3)."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from drivers.contract import Context, Event, Health, Identity, Info, Kind, Prompt
from drivers.errors import Absent, Gone, Late, Unsupported
from drivers.pad import messages
from drivers.pad.session import Session
from drivers.pad.tablets import Tablets

_TRIES = 2
_MOST_UNREAD = 64
_REMEMBERED = 256  # ids whose answers, said again, are the same answers


class TabletConfig(BaseModel):
    """`window`: the number the pad logs in to; `name`: how the pad lists it. `token`: secret of this pad alone."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    window: str = Field(min_length=1, max_length=32)
    name: str = Field(default="", max_length=64)
    token: str = Field(min_length=16, max_length=200, repr=False)
    answer_timeout: float = Field(default=2.0, gt=0, le=10)


@dataclass(frozen=True, slots=True)
class _Question:
    nonce: str
    until: float


class Tablet:
    """RatingDevice and Identifiable. Events: `rating` {"nonce", "level"} once a question; `stray_rating` {"value"},
    1 (worst) .. 5, for an answer that comes too late or to a question of somebody else.
    """

    info: ClassVar[Info] = Info(
        kind=Kind.RATING_PAD,
        maker="WebSocket",
        models=("tablet", "browser"),
        links=("bus:pad.tablets",),
        secrets=("token",),
    )
    Config: ClassVar[type[BaseModel]] = TabletConfig

    def __init__(self, config: TabletConfig, link: Tablets, ctx: Context) -> None:
        self.window, self.name, self.token = config.window, config.name or config.window, config.token
        self._config, self._bus, self._ctx = config, link, ctx
        self._session: Session | None = None
        self._question: _Question | None = None
        self._settled: deque[str] = deque(maxlen=_REMEMBERED)
        self._unread: deque[Event] = deque(maxlen=_MOST_UNREAD)
        self._news = asyncio.Event()
        self._attached = False
        self._doubt = ""

    async def open(self) -> Identity:
        """Ready for its pad to log in. Raises Absent while nobody listens, Busy when the window has another station."""
        if not self._attached:
            self._bus.attach(self)
            self._attached = True
        return Identity(maker=self.info.maker, model="tablet")

    async def check(self) -> Health:
        """Absent until the pad has logged in; a warning when it does not answer what it is asked."""
        if not self._bus.is_open:
            raise Gone(f"pad of window {self.window}: nobody listens")
        if self._session is None:
            return Health(state="absent", code=Absent.code, detail="no pad has logged in at this window")
        if self._doubt:
            return Health(state="warning", code=Late.code, detail=self._doubt)
        return Health(state="ready")

    async def close(self) -> None:
        self._attached, self._question = False, None
        self._bus.detach(self)
        session, self._session = self._session, None
        if session is not None:
            await session.replace()

    async def events(self) -> AsyncIterator[Event]:
        """Raises Gone when nobody listens any more."""
        ending = asyncio.ensure_future(self._bus.ended())
        ending.add_done_callback(lambda _: self._news.set())
        try:
            while True:
                while self._unread:
                    yield self._unread.popleft()
                if ending.done():
                    raise Gone(f"pad of window {self.window}: nobody listens")
                self._news.clear()
                await self._news.wait()
        finally:
            ending.cancel()

    async def ask(self, prompt: Prompt) -> None:
        """A pad that is away gets the question when it logs in, if the time is not over then."""
        if prompt.nonce in self._settled:
            return
        self._question = _Question(prompt.nonce, self._ctx.clock() + prompt.seconds)
        if self._session is not None:
            await self._put(self._session, prompt.nonce)

    async def withdraw(self) -> None:
        """The messages have no word for it: a late answer becomes a stray rating."""
        self._question = None

    async def identify(self, seconds: float) -> None:
        """Flash on the screen (a message of ours). Raises Absent, Late, Unsupported by a pad that does not know it."""
        if self._session is None:
            raise Absent("no pad has logged in at this window")
        answer = await self._session.ask(self._config.answer_timeout, messages.IDENTIFY, Seconds=seconds)
        if answer.code != messages.OK:
            raise Unsupported("this pad does not know how to show itself")

    # --- for the session ------------------------------------------------------------------------------------------

    async def entered(self, session: Session) -> None:
        """The pad logged in, perhaps again: the open question is asked again."""
        before, self._session = self._session, session
        self._doubt = ""
        question = self._question
        if question is not None and self._ctx.clock() < question.until:
            await session.push(messages.ASK, RateID=question.nonce)
        if before is not None and before is not session:
            await before.replace()

    def left(self, session: Session) -> None:
        if self._session is session:
            self._session = None

    def submitted(self, rate_id: str, level: int) -> str:
        """What the pad is told. Each id counts once, however often it is said."""
        if rate_id in self._settled:
            return "ok"
        question = self._question
        self._settled.append(rate_id)
        if question is not None and rate_id == question.nonce and self._ctx.clock() <= question.until:
            self._question = None
            self._tell(Event(name="rating", data={"nonce": rate_id, "level": messages.LEVELS[level][0]}))
            return "ok"
        self._tell(Event(name="stray_rating", data={"value": level}))
        return "not counted"

    async def _put(self, session: Session, nonce: str) -> None:
        """Said twice before a doubt is raised: the pad takes each id once. The question stays open in any case."""
        for _ in range(_TRIES):
            try:
                answer = await session.ask(self._config.answer_timeout, messages.ASK, RateID=nonce)
            except Late:
                continue
            except Gone:
                return  # it will log in again, and is asked then
            self._doubt = "" if answer.code == messages.OK else "the pad refuses questions"
            return
        self._doubt = "the pad does not answer when it is asked"
        self._ctx.note("pad.silent", window=self.window)

    def _tell(self, event: Event) -> None:
        self._unread.append(event)
        self._news.set()
