"""Everybody who may press something, at random: commands of all roles, stale ones among them.

Pure: what comes out depends on the random source and the state alone.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from edge.rules import commands as c
from edge.rules.queue_setup import MINUTE, PolicyName, QueueSetup
from edge.rules.records import ServiceSetup, WindowSetup
from edge.rules.state import State

WINDOWS = ("w1", "w2", "w3", "w9")
CLERKS = ("c01", "c02", "c03", "c09")
SERVICES = ("general", "social", "residence")
REASONS = ("materials_missing", "system_down", "wrong_window", "needs_other_window", "clerk_ends")
GROUNDS = ("disabled", "military", "elderly", "pregnant")


def setup(policy: PolicyName = "vt", *, fewer: bool = False, guard: int = 45 * MINUTE) -> c.ConfigureSite:
    """Overlapping skills over three windows; `fewer`: the third was taken out of the file."""
    windows = (
        WindowSetup(id="w1", area="a", services=SERVICES),
        WindowSetup(id="w2", area="a", services=("general", "social")),
        WindowSetup(id="w3", area="a", services=("residence", "social")),
    )
    return c.ConfigureSite(
        hash=f"{policy}-{fewer}-{guard}",
        windows=windows[:2] if fewer else windows,
        services=tuple(ServiceSetup(id=s, prefix=p, area="a") for s, p in zip(SERVICES, "ABC", strict=True)),
        recalls=2,
        clerks=CLERKS[:3],
        queue=QueueSetup(policy=policy, guard=guard, returns=1),
    )


def holder(person: str) -> c.Holder:
    return c.Holder(ref=person, name="张测试", id_number="119999199001010012")


@dataclass
class Crowd:
    """`next(state, now)`: one more wish; `busy`: how many more numbers are taken than called.

    Tickets it has ever heard of stay in its memory: stale wishes.
    """

    random: random.Random
    known: list[str] = field(default_factory=list)
    booked: int = 0
    busy: float = 1.0

    def __post_init__(self) -> None:
        self._wishes: list[tuple[int, Callable[[State, int], c.Command]]] = [
            (24, self._issue),
            (16, lambda state, now: c.CallNext(window=self._window(state, ""))),
            (11, lambda state, now: c.StartService(window=self._window(state, "called"))),
            (12, lambda state, now: c.FinishService(window=self._window(state, "serving"))),
            (4, lambda state, now: c.Recall(window=self._window(state, "called"))),
            (5, lambda state, now: c.MissTicket(window=self._window(state, "called"))),
            (3, lambda state, now: c.UndoCall(window=self._window(state, "called"))),
            (2, lambda state, now: c.HoldTicket(window=self._window(state, "serving"))),
            (3, lambda state, now: c.ResumeTicket(window=self._window(), ticket=self._ticket(state, "held"))),
            (3, lambda state, now: c.ReturnTicket(window=self._window(state, "serving"), reason=self._reason())),
            (3, self._transfer),
            (2, self._call_number),
            (4, lambda state, now: c.ReviveTicket(ticket=self._ticket(state, "missed"), by="guide")),
            (1, lambda state, now: c.CancelTicket(ticket=self._ticket(state, "waiting"), by="kiosk")),
            (14, self._settle),
            (1, lambda state, now: self._pause(now)),
            (1, lambda state, now: c.ResumeWindow(window=self._window())),
            (2, lambda state, now: c.SignIn(window=self._window(), clerk=self._clerk())),
            (1, lambda state, now: c.SignOut(window=self._window())),
            (1, lambda state, now: c.TakeOver(window=self._window(), clerk=self._clerk())),
            (1, lambda state, now: c.LapseLease(window=self._window(), clerk=self._clerk())),
            (1, lambda state, now: c.StopIssuing(service=self._service(), why=self._why())),
            (2, lambda state, now: c.ResumeIssuing(service=self._service(), why=self._why())),
            (5, self._book),
            (1, lambda state, now: c.CancelBooking(booking=self._booking(state))),
            (7, self._check_in),
            (2, lambda state, now: c.AdvanceBookings()),
        ]

    def next(self, state: State, now: int) -> c.Command:
        weights = [weight for weight, _ in self._wishes]
        weights[0] = round(weights[0] * self.busy)
        return self.random.choices(self._wishes, weights)[0][1](state, now)

    def _issue(self, state: State, now: int) -> c.Command:
        person = self.random.choice(["", "", "", f"p{self.random.randrange(9)}"])
        items = self.random.sample(SERVICES, self.random.choice([1, 1, 1, 2, 3]))
        return c.IssueTicket(
            service=items[0],
            more=tuple(items[1:]),
            channel="kiosk",
            place="k1",
            declared=self.random.choice(["", "", "", *GROUNDS]),
            holder=holder(person) if person else None,
        )

    def _transfer(self, state: State, now: int) -> c.Command:
        service = self.random.choice(["", *SERVICES])
        to = self.random.choice(["", "", *WINDOWS])
        return c.TransferTicket(window=self._window(state, "serving"), service=service, to=to, reason=self._reason())

    def _call_number(self, state: State, now: int) -> c.Command:
        numbers = [ticket.number for ticket in state.tickets.values()] or ["A001"]
        return c.CallTicket(window=self._window(state, ""), number=self.random.choice(numbers))

    def _settle(self, state: State, now: int) -> c.Command:
        ticket = self._ticket(state, "waiting")
        return c.SettleGreen(ticket=ticket, ground=self.random.choice(GROUNDS), holds=self.random.random() < 0.7)

    def _pause(self, now: int) -> c.Command:
        until = self.random.choice([0, now + 30 * MINUTE, now - MINUTE])
        return c.PauseWindow(window=self._window(), reason="lunch", until=until)

    def _book(self, state: State, now: int) -> c.Command:
        """A new booking, one again, or one moved."""
        again = self.booked > 0 and self.random.random() < 0.3
        number = self.random.randrange(self.booked) if again else self.booked
        self.booked += not again
        slot = now + self.random.randrange(-60, 90) * MINUTE
        day = state.date if self.random.random() < 0.95 or not state.date else "2099-12-31"
        return c.MirrorBooking(
            booking=f"b:{number}",
            date=day or "2026-01-01",
            slot=slot,
            service=self._service(),
            holder=holder(self.random.choice([f"p{self.random.randrange(9)}", f"q{number}"])),
        )

    def _check_in(self, state: State, now: int) -> c.Command:
        late = self.random.random() < 0.3
        return c.CheckIn(booking=self._booking(state), channel="kiosk", place="k1", accept_late=late)

    def _ticket(self, state: State, wanted: str) -> str:
        """Mostly one that fits, now and then any that was ever there."""
        fitting = [ticket.uid for ticket in state.tickets.values() if ticket.state == wanted]
        if fitting and self.random.random() < 0.8:
            return self.random.choice(fitting)
        self.known += [uid for uid in state.tickets if uid not in self.known][-5:]
        return self.random.choice(self.known[-50:] or ["t:none"])

    def _booking(self, state: State) -> str:
        mine = [uid for uid, booking in state.bookings.items() if booking.state in ("booked", "no_show")]
        if mine and self.random.random() < 0.8:
            return self.random.choice(mine)
        return f"b:{self.random.randrange(max(0, self.booked - 12), self.booked + 1)}"

    def _window(self, state: State | None = None, wanted: str = "") -> str:
        """Mostly one where a ticket stands so ('' = nobody is there), now and then any."""
        if state is not None and self.random.random() < 0.7:
            here = {uid: state.tickets[w.ticket].state if w.ticket else "" for uid, w in state.windows.items()}
            fitting = [uid for uid, now in here.items() if now == wanted]
            if fitting:
                return self.random.choice(fitting)
        return self.random.choices(WINDOWS, (40, 12, 12, 1))[0]

    def _clerk(self) -> str:
        return self.random.choice(CLERKS)

    def _service(self) -> str:
        return self.random.choice(SERVICES)

    def _reason(self) -> str:
        return self.random.choice(REASONS)

    def _why(self) -> str:
        return self.random.choice(["forecast", "manager"])
