"""Ends a question when its time is over, also one that was open when the process stopped."""

import asyncio
from typing import Final

import structlog

from edge.clock import Clock
from edge.engine import Engine
from edge.rules.commands import LapseRating
from edge.rules.refusal import Refusal
from edge.rules.state import Question

ACTOR: Final = "job:rating"

log = structlog.get_logger(__name__)


class RatingTimes:
    """Measures with the monotonic clock: a wall clock that jumps neither shortens nor lengthens a question."""

    def __init__(self, engine: Engine, *, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._due: dict[str, int] = {}  # nonce -> up_ms
        self._left_alone: set[str] = set()  # the rules refused to end these

    async def run(self) -> None:
        """Until cancelled. Raises JournalFailed."""
        async with self._engine.subscribe() as feed:
            while True:
                self._note_questions()
                await self._lapse_due()
                try:
                    async with asyncio.timeout(self._seconds_left()):
                        await anext(feed)
                except TimeoutError:
                    pass

    def _note_questions(self) -> None:
        asked = {q.nonce: q for q in self._engine.state.questions.values() if q.state == "asked"}
        self._left_alone &= set(asked)
        self._due = {
            nonce: self._due.get(nonce) or self._due_of(question)
            for nonce, question in asked.items()
            if nonce not in self._left_alone
        }

    def _due_of(self, question: Question) -> int:
        """One millisecond after the last that still counts; never more than a whole question's time away."""
        whole = self._engine.state.rating_seconds * 1000
        left = min(max(question.until - self._clock.now_ms(), 0), whole)
        return self._clock.up_ms() + left + 1

    def _seconds_left(self) -> float | None:
        if not self._due:
            return None
        return max(min(self._due.values()) - self._clock.up_ms(), 0) / 1000

    async def _lapse_due(self) -> None:
        now = self._clock.up_ms()
        for nonce in [nonce for nonce, due in self._due.items() if due <= now]:
            del self._due[nonce]
            try:
                await self._engine.execute(LapseRating(nonce=nonce), id=f"{nonce}:lapse", actor=ACTOR)
            except Refusal as refused:
                self._left_alone.add(nonce)
                log.info("question_not_lapsed", code=refused.code)
