"""The hall as its API sees it: rules, journal, devices and the line to the centre behind one face (HallPort)."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

from drivers.contract import IdRecord
from edge.api.changes import Changes, Tick
from edge.api.schema import LinkSnapshot
from edge.clock import Clock, SystemClock
from edge.devices.registry import DeviceStatus, Registry
from edge.engine import Answer, Engine
from edge.journal.journal import Journal
from edge.journal.keys import KeyRing
from edge.pins import verify_pin
from edge.reactions.jobs.printing import Printing
from edge.rules.commands import Command
from edge.rules.state import State
from edge.site import Site
from sync.link_state import LinkState
from sync.uplink import Uplink


class Hall:
    """Built by the daemon only."""

    def __init__(
        self,
        site: Site,
        *,
        engine: Engine,
        journal: Journal,
        keys: KeyRing,
        registry: Registry,
        printing: Printing,
        changes: Changes,
        version: str,
    ) -> None:
        self.site = site
        self.version = version
        self.ready = False
        self._link_state = LinkState()
        self._clock: Clock = SystemClock()
        self._engine = engine
        self._journal = journal
        self._keys = keys
        self._registry = registry
        self._printing = printing
        self._changes = changes

    def follow_link(self, uplink: Uplink, clock: Clock) -> None:
        def changed(state: LinkState) -> None:
            self._link_state = state
            self._changes.tick()

        self._clock = clock
        self._link_state = uplink.state
        uplink.subscribe(changed)

    @property
    def state(self) -> State:
        return self._engine.state

    @property
    def epoch(self) -> str:
        return str(self._journal.epoch)

    async def execute(self, command: Command, *, id: str, actor: str) -> Answer:
        return await self._engine.execute(command, id=id, actor=actor)

    def changes(self) -> AbstractContextManager[Tick]:
        return self._changes.watch()

    def devices(self) -> Sequence[DeviceStatus]:
        return self._registry.statuses()

    def link(self) -> LinkSnapshot:
        state = self._link_state
        waits = 0 if state.oldest_ms is None else self._clock.up_ms() - state.oldest_ms
        return LinkSnapshot(online=state.online, pending=state.pending, oldest=waits / 1000, acked=state.acked)

    async def read_card(self, device: str, seconds: float) -> IdRecord:
        return IdRecord.model_validate(await self._registry.call(device, "read", deadline=seconds))

    def person_ref(self, date: str, number: str) -> str:
        return self._keys.person_ref(date, number)

    async def holder(self, ticket: str) -> dict[str, Any]:
        kept = self.state.tickets[ticket]
        stored = await self._journal.read(kept.issued_seq - 1, 1)
        return await self._journal.open_part(stored[0].record, kept.holder_h)

    async def reprint(self, ticket: str, *, id: str, actor: str) -> None:
        await self._printing.reprint(ticket, id=id, actor=actor)

    def verify_pin(self, stored: str, pin: str) -> bool:
        return verify_pin(stored, pin)
