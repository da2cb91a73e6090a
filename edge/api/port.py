"""What the API needs of the hall: the daemon gives it, tests give it with real rules and no devices."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from drivers.contract import IdRecord
from edge.api.schema import LinkSnapshot
from edge.rules.commands import Command
from edge.rules.state import State
from edge.site import Site
from sync.protocol.record import Record


class DeviceStatus(Protocol):
    """`kind`: driver name; `place`: window or kiosk id, '' for the hall's own; `state`, `code` as in Health."""

    @property
    def id(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def place(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def detail(self) -> str: ...


class Answer(Protocol):
    @property
    def records(self) -> Sequence[Record]: ...
    @property
    def repeated(self) -> bool: ...


class Ticks(Protocol):
    async def wait(self) -> None:
        """Return when something changed since the last return; many changes are one. Safe to cancel."""


class HallPort(Protocol):
    """`state` is the committed one and may be another object after every change; never written to."""

    @property
    def site(self) -> Site: ...
    @property
    def state(self) -> State: ...
    @property
    def epoch(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def ready(self) -> bool: ...

    async def execute(self, command: Command, *, id: str, actor: str) -> Answer:
        """Raises Refusal, JournalFailed."""

    def changes(self) -> AbstractContextManager[Ticks]:
        """Ticks on every committed change, device change and link change (`edge.api.changes.Changes`)."""

    def devices(self) -> Sequence[DeviceStatus]: ...

    def link(self) -> LinkSnapshot: ...

    async def read_card(self, device: str, seconds: float) -> IdRecord:
        """Wait at most `seconds` for a card and read it. Raises DeviceError; cancelling stops the reader."""

    def person_ref(self, date: str, number: str) -> str:
        """Keyed hash of an ID number on a business date."""

    async def holder(self, ticket: str) -> dict[str, Any]:
        """Open the sealed part: `name`, `id_number`. The disclosure is already a record. Raises KeyError: erased."""

    async def reprint(self, ticket: str, *, id: str, actor: str) -> None:
        """Print once more (补打). Raises Refusal, DeviceError."""

    def verify_pin(self, stored: str, pin: str) -> bool:
        """Slow on purpose; called in a thread."""
