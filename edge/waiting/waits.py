"""Waits in a running hall: learned from the journal at the start, followed from then on, told once to every ticket."""

import asyncio
from typing import Final

import structlog

from edge.clock import Clock
from edge.engine import Engine
from edge.journal.journal import Journal
from edge.rules.forecasts import NoteForecast
from edge.rules.refusal import Refusal
from edge.rules.waits import minutes
from edge.statistics.moments import Moments
from edge.waiting.forecaster import Forecaster

ACTOR: Final = "job:waits"
LEARNED_FROM: Final = 20_000  # records before the start that are gone through again: some days of a big hall
_PAGE: Final = 200
_PAGE_BYTES: Final = 1_000_000
log = structlog.get_logger(__name__)


class Waits:
    def __init__(self, journal: Journal, engine: Engine, *, clock: Clock) -> None:
        self._journal, self._engine, self._clock = journal, engine, clock
        self._forecaster = Forecaster()
        self._moments = Moments()
        self._live = journal.next_seq

    async def run(self) -> None:
        """Until cancelled. Raises JournalFailed."""
        cursor = max(0, self._journal.next_seq - 1 - LEARNED_FROM)
        while True:
            await self._journal.wait_beyond(cursor)
            for stored in await self._journal.read(cursor, _PAGE, _PAGE_BYTES):
                record = stored.record
                cursor = record.seq
                self._forecaster.note(record, self._moments.of(record))
                if record.kind == "ticket.issued" and record.seq >= self._live:
                    await self.tell(record.subject)
            await asyncio.sleep(0)

    async def tell(self, ticket: str) -> None:
        """Commit what this ticket is told of its wait, unless that is done. Whoever prints it waits for this.

        A forecast that fails leaves a ticket without a range, never without a print.
        """
        state, now = self._engine.state, self._clock.now_ms()
        known = state.tickets.get(ticket)
        if known is None or known.told is not None or known.state != "waiting":
            return
        found = self._forecaster.present(state, now).tickets.get(ticket)
        if found is None:
            return
        command = NoteForecast(
            ticket=ticket, p50=found.p50_ms, p90=found.p90_ms, mean=found.mean_ms, spread=found.spread_ms
        )
        try:
            await self._engine.execute(command, id=f"{ticket}:forecast", actor=ACTOR)
        except Refusal as refused:
            log.info("forecast_not_noted", ticket=ticket, code=refused.code)

    def of_ticket(self, ticket: str) -> tuple[int, int] | None:
        """Minutes still to wait, from and to, as it may be shown; None for one who does not wait."""
        found = self._forecaster.wait(self._engine.state, ticket, self._clock.now_ms())
        return None if found is None else minutes(found.p50_ms, found.p90_ms)

    def of_service(self, service: str) -> tuple[int, int] | None:
        """The same for a walk-in who would take a number now; None while the day is closed."""
        if not self._engine.state.open:
            return None
        found = self._forecaster.service(self._engine.state, service, self._clock.now_ms())
        return None if found is None else minutes(found.p50_ms, found.p90_ms)
