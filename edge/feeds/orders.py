"""Signed commands of the centre: judged, acted on once, and what came of it is a record (sync.md section 7)."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, Protocol

import structlog

from edge.engine import Answer
from edge.feeds.following import ACTOR, NotYet
from edge.feeds.tables import Change
from edge.rules.command import Command
from edge.rules.orders import BeginOrder, EndOrder, OrderOutcome
from sync.protocol import orders
from sync.protocol.orders import Order, OrderRefused
from sync.protocol.record import Record, digest
from sync.protocol.signing import Trusted

_CUT_OFF: Final = "cut_off"
log = structlog.get_logger(__name__)
Act = Callable[[Mapping[str, Any]], Awaitable[tuple[OrderOutcome, str]]]
"""What a command does, with its `args`; returns what came of it and a code, '' when there is nothing to say."""


class EnginePort(Protocol):
    async def execute(self, command: Command, *, id: str, actor: str) -> Answer: ...


class Remembered(Protocol):
    async def answer_to(self, cmd: str) -> Sequence[Record] | None: ...


class Orders:
    """`centre_now`: centre time, None before the first WELCOME: until then nothing can be judged, nor is done.

    The journal is the memory: what it has begun without an end was cut off, and nobody knows how far it came.
    """

    feed = "commands"

    def __init__(
        self,
        engine: EnginePort,
        journal: Remembered,
        acts: Mapping[str, Act],
        *,
        site: str,
        trusted: Trusted,
        centre_now: Callable[[], int | None],
    ) -> None:
        self._engine = engine
        self._journal = journal
        self._acts = acts
        self._site = site
        self._trusted = trusted
        self._centre_now = centre_now

    async def follow(self, change: Change) -> str:
        """Done at most once, also after a crash: begun without an end is `unknown`. A code where it was refused.

        Raises NotYet: the centre's time is not known.
        """
        if change.item is None or await self._journal.answer_to(_ended(change.id)):
            return ""
        if await self._journal.answer_to(_begun(change.id)):
            await self._end(change.id, "unknown", _CUT_OFF)
            return ""
        now = self._centre_now()
        if now is None:
            raise NotYet
        try:
            order = orders.read(change.item["body"], item=change.id, site=self._site, trusted=self._trusted)
            orders.check_time(order, now)
            act = self._acts.get(order.do)
            if act is None:
                raise OrderRefused("unknown")
        except OrderRefused as refused:
            await self._end(change.id, "refused", refused.why)
            return refused.why
        await self._act(order, act)
        return ""

    async def _act(self, order: Order, act: Act) -> None:
        if order.effect == "once":
            await self._engine.execute(BeginOrder(order=order.id), id=_begun(order.id), actor=ACTOR)
        try:
            outcome, why = await act(order.args)
        except (LookupError, ValueError, TypeError, OSError) as mistake:
            log.error("order_failed", order=order.id, do=order.do, exc_info=mistake)
            outcome, why = "failed", "mistake"
        await self._end(order.id, outcome, why)

    async def _end(self, order: str, outcome: OrderOutcome, why: str) -> None:
        await self._engine.execute(EndOrder(order=order, outcome=outcome, why=why), id=_ended(order), actor=ACTOR)


def _begun(order: str) -> str:
    return f"order.begin:{digest(order.encode())[:40]}"


def _ended(order: str) -> str:
    return f"order.end:{digest(order.encode())[:40]}"
