"""What is told of a day. Codes and numbers only: no number of a ticket, no person, no hash of one. Times in ms."""

from pydantic import BaseModel, ConfigDict, Field


class Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Spread(Model):
    """Of `n` measured times; 0 where there is none. `p50`, `p90`: the least that so many do not exceed."""

    n: int = 0
    p50: int = 0
    p90: int = 0
    max: int = 0


class Tickets(Model):
    """Tickets by what became of them; `open`: neither, the day is not over. `missed`: not revived after."""

    issued: int = 0
    served: int = 0
    missed: int = 0
    cancelled: int = 0
    expired: int = 0
    open: int = 0


class Figures(Model):
    """Of one window, clerk, item or hour, or of the whole day.

    `waits`: from issue to first call, of tickets first called here (of an hour: issued in it). `services`: from start
    to end. `served`: services finished, more than tickets where one had several items. `calls`: first calls of a turn;
    `out_of_turn`: of them by number, `passed`: tickets that stood before those. `ratings`: word -> count, `lapsed`
    where nobody answered. `unmeasured`: times left out because no clock can tell them (a restart with another time, a
    service over night).
    """

    calls: int = 0
    recalls: int = 0
    missed: int = 0
    served: int = 0
    out_of_turn: int = 0
    passed: int = 0
    waits: Spread = Spread()
    services: Spread = Spread()
    ratings: dict[str, int] = Field(default_factory=dict)
    unmeasured: int = 0


class Hour(Figures):
    """`issued`: tickets taken in it; `waits_of`: by class."""

    issued: int = 0
    waits_of: dict[str, Spread] = Field(default_factory=dict)


class Window(Figures):
    """`open_ms`: from the first sign-in or call to the last sign-out, else the last thing done there. Within it
    `paused_ms`, `calling_ms` (called, not yet there) and `serving_ms`; the rest it was free.
    """

    first_call: str = ""
    last_call: str = ""
    open_ms: int = 0
    paused_ms: int = 0
    calling_ms: int = 0
    serving_ms: int = 0


class Honesty(Model):
    """What people were told at issue against what came: `told` and called; share within P90; mean of told P50 less
    the wait (`bias_ms`), and how many waited over ten minutes longer than P90.
    """

    told: int = 0
    within_p90: int = 0
    bias_ms: int = 0
    far_over: int = 0


class Pages(Model):
    """打印复印: pages that came out by kind, pages of which nobody knows, prints that failed or ended so, pages that a
    lead granted.
    """

    prints: int = 0
    came: dict[str, int] = Field(default_factory=dict)
    unsure: int = 0
    failed: int = 0
    granted: int = 0


class Day(Model):
    """`seq`: last record folded. `opened`, `closed`: wall clock, '' = not. `clock_jumps`: times the clock was set."""

    site: str
    date: str
    seq: int
    opened: str
    closed: str
    clock_jumps: int
    tickets: Tickets
    by_class: dict[str, Tickets]
    waits_of: dict[str, Spread]
    whole: Figures
    hours: dict[int, Hour]
    windows: dict[str, Window]
    clerks: dict[str, Figures]
    items: dict[str, Figures]
    forecasts: Honesty
    bookings: dict[str, int]
    pages: Pages = Pages()
