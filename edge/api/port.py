"""What the API needs of the hall: the daemon gives it, tests give it with real rules and no devices."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol

from drivers.contract import IdRecord, Paper, Picture, Shot
from edge.api.station_schema import IsolationReport, LinkSnapshot
from edge.catalogue import Catalogue
from edge.copying import CopyWish
from edge.rules.books import Books
from edge.rules.commands import Command
from edge.rules.copy_records import CopyKind
from edge.rules.copy_state import Copies
from edge.rules.records import PrintEnd
from edge.rules.reuse_state import Earlier
from edge.rules.state import State
from edge.site import Site
from edge.statistics.assessment_schema import Assessment
from edge.statistics.schema import Day
from edge.theme.worn import Worn
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

    def set(self) -> None:
        """Something else changed that this watcher shows."""


class NoticeText(Protocol):
    """For everybody in the hall. `since`, `until`: ms since 1970, 0 = open."""

    @property
    def text(self) -> Mapping[Any, str]: ...
    @property
    def since(self) -> int: ...
    @property
    def until(self) -> int: ...
    @property
    def urgent(self) -> bool: ...


class SealedFile(Protocol):
    """A file as it was stored, encrypted; `h` SHA-256 of the stored bytes, `nonce` base64."""

    @property
    def h(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def kid(self) -> str: ...
    @property
    def alg(self) -> str: ...
    @property
    def nonce(self) -> str: ...


class CasePort(Protocol):
    """What a case needs of the hall."""

    @property
    def catalogue(self) -> Catalogue: ...
    @property
    def books(self) -> Books: ...

    def wall_time(self) -> datetime:
        """By the hall's clock, in its own zone, without one."""

    async def applicant(self, case: str) -> dict[str, Any]:
        """Open the sealed part: `name`, `id_number`, `phone`. Disclosed already. Raises LookupError: erased."""

    async def earlier_case(self, number: str) -> Earlier | None:
        """Received here in the last months, by the end of its number at least. Raises JournalError."""

    async def capture(self, device: str, shot: Shot, seconds: float) -> Picture:
        """Take a picture. Raises DeviceError."""

    async def fetch_picture(self, digest: str) -> bytes:
        """Its bytes, once. Raises DeviceError."""

    def preview(self, device: str, rate: float) -> AsyncIterator[bytes]:
        """Small JPEG pictures until the caller stops (aclosing). Raises DeviceError."""

    async def seal_file(self, owner: str, data: bytes) -> SealedFile:
        """Encrypt with the owner's key and store. Raises JournalError."""

    async def open_file(self, h: str) -> bytes:
        """Raises LookupError: erased or never there."""

    async def reprint_paper(self, case: str, paper: str, *, id: str, actor: str, window: str = "") -> None:
        """Print a receipt or notice once more (补打), by its number, at `window` or its own. Raises Refusal."""


class HallPort(CasePort, Protocol):
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
    @property
    def worn(self) -> Worn: ...

    def now_ms(self) -> int:
        """The hall's clock, ms since 1970: who is due depends on it."""

    async def execute(self, command: Command, *, id: str, actor: str) -> Answer:
        """Raises Refusal, JournalFailed."""

    def changes(self) -> AbstractContextManager[Ticks]:
        """Ticks on every committed change, device change and link change (`edge.api.changes.Changes`)."""

    def devices(self) -> Sequence[DeviceStatus]: ...

    def signs(self) -> Mapping[str, int]:
        """How often a person was noticed at each device since the start: keys, ratings, codes, cards."""

    async def identify(self, device: str) -> None:
        """Let it blink, beep or print. Raises DeviceError."""

    def link(self) -> LinkSnapshot: ...

    async def try_isolation(self) -> IsolationReport:
        """With the site's own certificate; the link stands aside meanwhile."""

    def wait_for(self, service: str) -> tuple[int, int] | None:
        """Minutes, P50 and P90, for a walk-in who took a number now; None = not known."""

    async def business_dates(self) -> list[str]:
        """Those on record, oldest first. Raises JournalError."""

    async def statistics(self, date: str) -> Day:
        """Folded from the journal. Raises NoSuchDay, JournalError."""

    async def assessment(self, first: str, last: str) -> Assessment:
        """Of business dates, both included, folded from the journal. Raises NoSuchDay, JournalError."""

    async def read_card(self, device: str, seconds: float) -> IdRecord:
        """Wait at most `seconds` for a card and read it. Raises DeviceError; cancelling stops the reader."""

    async def read_code(self, device: str, seconds: float) -> str:
        """Wait at most `seconds` for a code and read its text. Raises DeviceError; cancelling stops waiting."""

    def renew_lease(self, window: str, clerk: str) -> None:
        """The clerk's page is there; called often, also by a live line that only listens."""

    def person_ref(self, date: str, number: str) -> str:
        """Keyed hash of an ID number on a business date."""

    async def holder(self, ticket: str) -> dict[str, Any]:
        """Open the sealed part: `name`, `id_number`. The disclosure is already a record. Raises KeyError: erased."""

    async def opened(self, seq: int, h: str) -> dict[str, Any]:
        """Members of the sealed part `h` of record `seq`. Disclosed already. Raises LookupError: erased."""

    def slip_code(self, ticket: str) -> str:
        """What only the ticket's paper says; who types it has that paper."""

    async def reprint(self, ticket: str, *, id: str, actor: str) -> None:
        """Print once more (补打). Raises Refusal, DeviceError."""

    def notices(self) -> Sequence[NoticeText]:
        """Those that are not over, urgent ones first."""

    async def print_guide(self, kiosk: str, item: str, language: str) -> PrintEnd:
        """Print an item's guide there; how it ended. Raises KeyError: no such guide. Raises Refusal, Busy."""

    async def print_copies(self, wish: CopyWish, *, id: str, actor: str) -> Copies:
        """Print them; how it ended. Raises Refusal, KeyError, DeviceError, NoPages as Copying.print says."""

    async def copy_sheets(self, kiosk: str, item: str, kind: CopyKind, language: str) -> int:
        """How many pages that paper is. Raises KeyError, Refusal, DeviceError."""

    async def copy_paper(self, kiosk: str) -> Paper:
        """As the kiosk's office printer says now. Raises Refusal, DeviceError."""

    def verify_pin(self, stored: str, pin: str) -> bool:
        """Slow on purpose; called in a thread."""
