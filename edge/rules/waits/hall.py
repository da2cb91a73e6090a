"""The hall as a forecast begins: who waits or will come, and when each window is free again."""

from dataclasses import dataclass
from typing import Final

from edge.rules import look, queue
from edge.rules.policies import booked_key, green_key
from edge.rules.queue_records import Klass
from edge.rules.state import State, Ticket, WindowState
from edge.rules.waits.learned import MINUTE, Learned

HORIZON_MS: Final = 3 * 60 * MINUTE  # nobody who comes later matters to those who wait now
UNSAID_BREAK_MS: Final = 15 * MINUTE  # a pause without a planned end
OVERDUE_BREAK_MS: Final = 3 * MINUTE  # a pause that should be over
_COMERS: Final = 200


@dataclass(frozen=True, slots=True)
class Comer:
    """A ticket in the replay. `comes`: from then on it may be called; `likely`: probability that it comes at all.

    `probe`: nobody; it takes no time and only asks how long somebody at this place in the queue would wait.
    """

    ticket: Ticket
    comes: int
    likely: float = 1.0
    probe: bool = False


@dataclass(frozen=True, slots=True)
class Desk:
    """A window in the replay. `busy`: the service under way since `since`, '' = none; else free from `free` on."""

    id: str
    services: frozenset[str]
    owed: int
    free: int
    busy: str = ""
    since: int = 0


def desks(state: State, learned: Learned, now_ms: int) -> list[Desk]:
    """Windows at work; where none of them serves a service somebody waits for, those that could."""
    everywhere = [_desk(state, window, now_ms) for window in state.windows.values()]
    working = [desk for desk in everywhere if _works(state, learned, desk.id)]
    covered = frozenset(service for desk in working for service in desk.services)
    chosen = {desk.id for desk in working}
    return working + [desk for desk in everywhere if desk.id not in chosen and desk.services - covered]


def comers(state: State, learned: Learned, now_ms: int) -> list[Comer]:
    """Everybody who waits, a would-be walk-in for every service, and those who may yet come before some of them."""
    here = [Comer(ticket, min(now_ms, ticket.since)) for ticket in queue.waiting(state)]
    probes = [Comer(probe(service, now_ms), now_ms, probe=True) for service in state.services]
    return [*here, *probes, *_booked(state, learned, now_ms), *_greens(state, learned, now_ms)]


def probe(service: str, now_ms: int) -> Ticket:
    """`~`: after every uid, so that of two at one moment the real one goes first."""
    return _ticket(f"~probe:{service}", service, key=now_ms, arrived=now_ms)


def _works(state: State, learned: Learned, window: str) -> bool:
    seat = state.windows[window]
    return bool(seat.clerk) or look.at_window(state, seat) is not None or window in learned.working


def _desk(state: State, window: WindowState, now_ms: int) -> Desk:
    busy = look.at_window(state, window)
    setup = window.setup
    services = frozenset(setup.services)
    if busy is not None:
        return Desk(setup.id, services, window.owed, now_ms, busy.service, busy.called_ms or now_ms)
    return Desk(setup.id, services, window.owed, _back(window, now_ms))


def _back(window: WindowState, now_ms: int) -> int:
    if not window.paused:
        return now_ms
    if not window.until:
        return now_ms + UNSAID_BREAK_MS
    return window.until if window.until > now_ms else now_ms + OVERDUE_BREAK_MS


def _booked(state: State, learned: Learned, now_ms: int) -> list[Comer]:
    """Bookings of today whose people have not come yet; each minute after the slot makes it less likely."""
    found = []
    for booking in state.bookings.values():
        if booking.state != "booked" or booking.date != state.date or booking.service not in state.services:
            continue
        comes = max(now_ms + MINUTE, round(booking.slot + learned.punctual))
        key = booked_key(state.queue, booking.slot, comes)
        if key is None or comes > now_ms + HORIZON_MS:
            continue
        late = max(0, now_ms - booking.slot) / max(1, state.queue.late)
        ticket = _ticket(f"~{booking.uid}", booking.service, key=key, arrived=comes, klass="appointment")
        ticket.not_before = booking.slot - state.queue.early
        found.append(Comer(ticket, comes, learned.shows * max(0.0, 1 - late)))
    return found


def _greens(state: State, learned: Learned, now_ms: int) -> list[Comer]:
    """Green tickets at their usual rate, evenly; in order of arrival none of them overtakes anybody."""
    if state.queue.policy == "fifo":
        return []
    found = []
    for service, rate in learned.greens.items():
        if service not in state.services or rate <= 0:
            continue
        count = min(_COMERS, int(rate * HORIZON_MS))
        for n in range(count):
            comes = now_ms + round((n + 0.5) / rate)
            key = green_key(state.queue, comes)
            ticket = _ticket(f"~green:{service}:{n}", service, key=key, arrived=comes, klass="green")
            found.append(Comer(ticket, comes))
    return found


def _ticket(uid: str, service: str, *, key: int, arrived: int, klass: Klass = "walk_in") -> Ticket:
    return Ticket.model_construct(
        uid=uid,
        number="",
        service=service,
        area="",
        channel="kiosk",
        place="",
        key=key,
        ahead=0,
        person="",
        issued_at="",
        issued_seq=0,
        klass=klass,
        arrived=arrived,
        since=arrived,
        left=(service,),
        state="waiting",
    )
