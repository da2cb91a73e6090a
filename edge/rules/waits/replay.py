"""In which order the queue will be called: windows take turns at average speed, and the policy picks every time.

`choose` sees only those who can be next: of tickets alike in service and class the first, and the one longest here.
That is the same choice, found faster.
"""

import heapq
from collections.abc import Iterable, Iterator, Sequence

from edge.rules.policies import choose
from edge.rules.policies.ranks import RANKS
from edge.rules.queue_setup import QueueSetup
from edge.rules.state import State, Ticket
from edge.rules.waits.hall import Comer, Desk
from edge.rules.waits.learned import Learned


class _Group:
    """Tickets alike in service, window and class, so that one order holds among them at any moment."""

    def __init__(self, members: Iterable[Ticket], setup: QueueSetup, now_ms: int) -> None:
        rank = RANKS[setup.policy]
        self._ranked = sorted(members, key=lambda ticket: rank(ticket, setup, now_ms), reverse=True)
        self._oldest = sorted(self._ranked, key=lambda ticket: (ticket.since, ticket.uid), reverse=True)
        self._gone: set[str] = set()

    def heads(self) -> Iterator[Ticket]:
        for line in (self._ranked, self._oldest):
            while line and line[-1].uid in self._gone:
                line.pop()
            if line:
                yield line[-1]

    def take(self, ticket: Ticket) -> None:
        self._gone.add(ticket.uid)


def calls(
    state: State, learned: Learned, everybody: Sequence[Comer], desks: Sequence[Desk], now_ms: int
) -> list[Comer]:
    """`everybody` that a window serves, in the order of call, until all who are here now had their turn."""
    queue = _Queue(state, everybody, desks, now_ms)
    free = [(_free(learned, desk, n, len(desks), now_ms), n) for n, desk in enumerate(desks)]
    owed = [desk.owed for desk in desks]
    heapq.heapify(free)
    order: list[Comer] = []
    while free and queue.expected:
        at, n = heapq.heappop(free)
        picked = queue.next(desks[n], owed[n], at)
        if picked is None:
            wakes = queue.next_coming(desks[n], at)
            if wakes is not None:
                heapq.heappush(free, (wakes, n))
            continue
        comer, owed_now = picked
        order.append(comer)
        if comer.probe:
            heapq.heappush(free, (at, n))
            continue
        owed[n] = owed_now
        heapq.heappush(free, (at + max(1, round(comer.likely * learned.pace_of(comer.ticket.service).mean)), n))
    return order


def _free(learned: Learned, desk: Desk, n: int, of: int, now_ms: int) -> int:
    """Windows that are busy end one after the other, not all at the average of what is left."""
    if not desk.busy:
        return desk.free
    return now_ms + round(learned.pace_of(desk.busy).left(now_ms - desk.since, (n + 0.5) / of))


class _Queue:
    def __init__(self, state: State, everybody: Sequence[Comer], desks: Sequence[Desk], now_ms: int) -> None:
        self._setup = state.queue
        self._now = now_ms
        served = frozenset(service for desk in desks for service in desk.services)
        at_work = {desk.id for desk in desks}
        able = [c for c in everybody if c.ticket.service in served and c.ticket.to in ("", *at_work)]
        self._comers = {comer.ticket.uid: comer for comer in able}
        self.expected = sum(1 for comer in able if comer.comes <= now_ms)
        self._later = sorted((c for c in able if self._due(c) > now_ms), key=self._due, reverse=True)
        self._groups: dict[tuple[str, str, str], list[_Group]] = {}
        self._add(comer.ticket for comer in able if self._due(comer) <= now_ms)

    def next(self, desk: Desk, owed: int, at: int) -> tuple[Comer, int] | None:
        """Who is called at `desk`, and its debt to the guard then; None when nobody is here for it."""
        self._let_in(at)
        able = [
            (key, group)
            for key, groups in self._groups.items()
            if key[0] in desk.services and key[1] in ("", desk.id)
            for group in groups
        ]
        candidates = {ticket.uid: ticket for _, group in able for ticket in group.heads()}
        choice = choose(candidates.values() or self._early(desk, at), self._setup, owed=owed, now_ms=at)
        if choice is None:
            return None
        for _, group in able:
            group.take(choice.ticket)
        self._later = [comer for comer in self._later if comer.ticket is not choice.ticket]
        comer = self._comers[choice.ticket.uid]
        self.expected -= comer.comes <= self._now
        return comer, choice.owed

    def next_coming(self, desk: Desk, at: int) -> int | None:
        """When somebody comes whom `desk` serves."""
        coming = [comer.comes for comer in self._later if self._serves(desk, comer.ticket) and comer.comes > at]
        return min(coming, default=None)

    def _early(self, desk: Desk, at: int) -> list[Ticket]:
        """Here, but before its time: only for a window that would idle."""
        return [c.ticket for c in self._later if c.comes <= at and self._serves(desk, c.ticket)]

    def _let_in(self, at: int) -> None:
        entering: list[Ticket] = []
        while self._later and self._due(self._later[-1]) <= at:
            entering.append(self._later.pop().ticket)
        self._add(entering)

    def _add(self, tickets: Iterable[Ticket]) -> None:
        by_kind: dict[tuple[str, str, str], list[Ticket]] = {}
        for ticket in tickets:
            by_kind.setdefault((ticket.service, ticket.to, ticket.klass), []).append(ticket)
        for kind, members in by_kind.items():
            self._groups.setdefault(kind, []).append(_Group(members, self._setup, self._now))

    @staticmethod
    def _due(comer: Comer) -> int:
        return max(comer.comes, comer.ticket.not_before)

    @staticmethod
    def _serves(desk: Desk, ticket: Ticket) -> bool:
        return ticket.service in desk.services and ticket.to in ("", desk.id)
