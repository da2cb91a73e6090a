"""The rules alone: commands in, records folded at once. A day asks no more of a hall, so a real one may stand there."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, Protocol

from edge.rules.apply import apply
from edge.rules.commands import Command, ConfigureSite
from edge.rules.decide import decide
from edge.rules.moment import Decided, Fact, Moment
from edge.rules.queue_setup import QueueSetup
from edge.rules.records import ServiceSetup, WindowSetup
from edge.rules.state import State
from edge.simulation.scenario import Scenario

FIRST_DAY: Final = datetime(2026, 1, 5, tzinfo=UTC)
DAY_MS: Final = 86_400_000
ZONE_MS: Final = 8 * 3_600_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Rules(Protocol):
    """A hall that decides: the rules here, or an engine with its journal."""

    @property
    def state(self) -> State: ...

    def do(self, command: Command, now_ms: int) -> Sequence[Fact]:
        """The records of the command, already folded. Raises Refusal; nothing changed then."""


class Hall:
    """Ids are counted, so the same commands give the same records."""

    def __init__(self) -> None:
        self.state = State()
        self._ids = 0

    def do(self, command: Command, now_ms: int) -> Sequence[Fact]:
        at = local(now_ms)
        facts: list[Fact] = []
        for draft in decide(self.state, command, Moment(now_ms=now_ms, at=at, new_id=self._new_id, actor="sim")):
            seq = self.state.seq + 1
            fact = Decided(seq, draft.kind, draft.v, draft.subject, draft.actor, at, draft.body)
            apply(self.state, fact)
            facts.append(fact)
        return facts

    def _new_id(self, prefix: str) -> str:
        self._ids += 1
        return f"{prefix}:{self._ids:026d}"


def local(now_ms: int) -> str:
    """`at` of records: the hall's local time, UTC+8."""
    day, ms = divmod(now_ms + ZONE_MS, DAY_MS)
    seconds, ms = divmod(ms, 1000)
    return f"{_date(day)}T{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{ms:03d}+08:00"


@lru_cache(maxsize=8)
def _date(day: int) -> str:
    return (_EPOCH + timedelta(days=day)).date().isoformat()


def midnight(day: int) -> int:
    """The local midnight with which simulated day `day` begins, wall clock ms."""
    return int(FIRST_DAY.timestamp() * 1000) + day * DAY_MS - ZONE_MS


def date_of(day: int) -> str:
    return (FIRST_DAY + timedelta(days=day)).date().isoformat()


def site_of(scenario: Scenario, windows: int, queue: QueueSetup) -> ConfigureSite:
    """The scenario as a site; every service has its own letter."""
    desks = scenario.desks(windows)
    letters = [chr(ord("A") + index % 26) * (1 + index // 26) for index in range(len(scenario.services))]
    return ConfigureSite(
        hash="simulated",
        windows=tuple(WindowSetup(id=one.id, area="a", services=scenario.served_at(one)) for one in desks),
        services=tuple(
            ServiceSetup(id=work.id, prefix=letter, area="a")
            for work, letter in zip(scenario.services, letters, strict=True)
        ),
        clerks=tuple(clerk_of(one.id) for one in desks),
        queue=queue,
    )


def clerk_of(window: str) -> str:
    return f"clerk-{window}"
