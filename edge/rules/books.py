"""What a rule may look up, passed in and never read: catalogue, calendar, hours, codes that numbers are made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import Final, Protocol

from edge.rules.case_records import CaseKind, Delivery, Requirement
from edge.rules.copy_setup import NO_COPIES, CopySetup
from edge.rules.deadlines import Calendar, Hours, Session
from edge.rules.delegation import NO_FLOW, FlowSetup
from edge.rules.reuse_records import ReuseSource


@dataclass(frozen=True, slots=True)
class Reusable:
    """From where a material or field may be used again. `days`: how old it may be, None = as its own dates say."""

    sources: tuple[ReuseSource, ...]
    days: int | None = None


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """A catalogue item as far as rules care. `limit_days`: promised limit in working days, None without one.

    `part_days`: the same of each department's part, by unit. `not_admitted`: no window takes it in (涉密, 场地限制).
    `reuse`: the reuse list (信息清单), by material or field. `unit`: who decides, '' = the accepting place itself.
    """

    id: str
    kind: CaseKind
    limit_days: int | None
    materials: tuple[Requirement, ...]
    deliveries: tuple[Delivery, ...] = ("counter",)
    part_days: Mapping[str, int] = field(default_factory=dict, hash=False)
    not_admitted: bool = False
    unit: str = ""
    reuse: Mapping[str, Reusable] = field(default_factory=dict, hash=False)


class Books(Protocol):
    """One unchanging view of them: a new catalogue is a new Books.

    `region` 6 digits of the administrative division, `site_number` 3, `node` 2; '' where none is given yet.
    """

    @property
    def catalogue_version(self) -> str: ...

    @property
    def calendar(self) -> Calendar: ...

    @property
    def hours(self) -> Hours: ...

    @property
    def region(self) -> str: ...

    @property
    def site_number(self) -> str: ...

    @property
    def node(self) -> str: ...

    @property
    def flow(self) -> FlowSetup:
        """What holds for cases after their receipt."""

    @property
    def copies(self) -> CopySetup:
        """Free pages at the hall's printers."""

    def item(self, id: str) -> ItemFacts | None:
        """None for an item that is not in this version or may not be taken in now."""


_NO_CALENDAR: Final = Calendar(frozenset(), frozenset(), frozenset())
_ALL_DAY: Final = Hours((Session(time(0), time(23, 59)),))


@dataclass(frozen=True, slots=True)
class EmptyBooks:
    """A hall without a catalogue: no case can be opened, no date computed, no number made."""

    catalogue_version: str = ""
    calendar: Calendar = _NO_CALENDAR
    hours: Hours = _ALL_DAY
    region: str = ""
    site_number: str = ""
    node: str = ""
    flow: FlowSetup = NO_FLOW
    copies: CopySetup = NO_COPIES

    def item(self, id: str) -> ItemFacts | None:
        return None


NO_BOOKS: Final = EmptyBooks()
