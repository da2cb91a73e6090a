"""Who is in the simulated hall, as one sees who stands in it: known without asking the rules."""

from dataclasses import dataclass, field
from typing import Literal

from edge.rules.queue_records import Klass
from edge.simulation.people import Person

Fate = Literal["here", "served", "cancelled", "missed", "expired"]


@dataclass(frozen=True, slots=True)
class Said:
    """A forecast: ms of waiting from then on. `mean`, `spread`: before it was corrected by recent errors."""

    expected: int
    p50: int
    p90: int
    mean: int
    spread: int


@dataclass(frozen=True, slots=True)
class Estimates:
    """What could be told at `at` of the wait from then on, ms; `said`: the hall's own forecast."""

    at: int
    last_served: float
    queue_length: float
    said: Said | None


@dataclass(slots=True)
class Guest:
    """Moments are wall clock ms. `came`: into the hall. `counts_from`: who comes after it came later than this guest,
    as far as fairness goes: the slot for a booked one who is early, the second coming of a missed one.

    `klass`: as declared, though nobody may have looked yet; a booking too late is a walk-in. `overtaken`: later comers
    called before; `furthest`: by how many ms the latest of them came later. `gone`: left without a word, the ticket
    still waits. `revived`: came back after a call in vain. `parts`: how much was done.
    """

    person: Person
    ticket: str
    came: int
    counts_from: int
    service: str
    klass: Klass
    slot: int | None = None
    called: int | None = None
    overtaken: int = 0
    furthest: int = 0
    gone: bool = False
    revived: bool = False
    parts: int = 0
    fate: Fate = "here"
    estimates: Estimates | None = None


@dataclass(slots=True)
class Place:
    """A window as the clerk sees it. `aside`: how many were put aside here; `returning`: those of them who are back;
    `breaks`: due and not taken yet, ms each.
    """

    id: str
    services: frozenset[str]
    state: Literal["free", "busy", "paused", "closed"] = "free"
    since: int = 0
    guest: Guest | None = None
    breaks: list[int] = field(default_factory=list)
    closing: bool = False
    aside: int = 0
    returning: list[Guest] = field(default_factory=list)

    @property
    def works(self) -> bool:
        return self.state in ("free", "busy")


@dataclass(slots=True)
class Findings:
    """`idle`: moments at which a free window stood beside a guest it may serve. `beyond`: overtakings by more than
    the bound. `guests`: everybody who came, in order of coming; `no_shows`: who did not.
    """

    guests: list[Guest] = field(default_factory=list)
    idle: int = 0
    beyond: int = 0
    no_shows: int = 0
