"""An independent referee of the queue: reads records as anybody could, knows nothing of the rules' code.

It computes again, from the setup's numbers and the journal alone, what every record must say: the number, the key, the
moment a ticket counts from, who is next at a window and why. What differs is a broken promise, in words.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

OPEN = ("waiting", "called", "serving", "held")
AT_WINDOW = ("called", "serving")
CLASSES = ("green", "appointment", "walk_in")


@dataclass(slots=True)
class Seen:
    """A ticket as its records say it stands."""

    uid: str
    number: str
    prefix: str
    items: list[str]
    person: str
    klass: str
    key: int
    arrived: int
    since: int
    not_before: int
    state: str = "waiting"
    window: str = ""
    to: str = ""
    turn: str = ""
    calls: int = 0
    called_at: int = 0
    missed_at: int = 0
    returns: int = 0
    revived: int = 0

    @property
    def service(self) -> str:
        return self.items[0]


@dataclass(slots=True)
class Place:
    services: frozenset[str]
    clerk: str = ""
    paused: str = ""
    owed: int = 0
    owed_before: int = 0


@dataclass(slots=True)
class Slot:
    date: str
    slot: int
    service: str
    state: str = "booked"


@dataclass
class Referee:
    """Feed it every committed record with the moment it was decided at; `broken` stays empty while all is well."""

    broken: list[str] = field(default_factory=list)
    setup: Mapping[str, Any] = field(default_factory=dict)
    recalls: int = 0
    date: str = ""
    open: bool = False
    last: int = 0  # greatest moment anybody counts from
    counts: dict[str, int] = field(default_factory=dict)
    given: set[tuple[str, str]] = field(default_factory=set)
    prefixes: dict[str, str] = field(default_factory=dict)
    windows: dict[str, Place] = field(default_factory=dict)
    tickets: dict[str, Seen] = field(default_factory=dict)
    slots: dict[str, Slot] = field(default_factory=dict)
    stopped: set[str] = field(default_factory=set)
    calls: int = 0
    records: int = 0

    def see(self, kind: str, subject: str, body: Mapping[str, Any], now: int) -> None:
        self.records += 1
        look = getattr(self, "_" + kind.replace(".", "_"), None)
        if look is not None:
            look(subject, body, now)

    def nobody(self, window: str, now: int) -> None:
        """A call was refused because nobody waits."""
        choice = self.choice(window, now)
        if choice is not None:
            self._say(f"{window} idles while {choice[0].number} waits")

    def compare(self, state: Any) -> None:
        """The hall's own state must be what its records say."""
        if {uid: t.state for uid, t in state.tickets.items()} != {uid: t.state for uid, t in self.tickets.items()}:
            self._say("the states of tickets differ from their records")
        for uid, place in self.windows.items():
            here = [t.uid for t in self.tickets.values() if t.window == uid and t.state in AT_WINDOW]
            own = state.windows[uid].ticket if uid in state.windows else "?"
            if [own] != (here or [""]):
                self._say(f"{uid} has {own}, its records say {here}")
            if uid in state.windows and (state.windows[uid].owed, state.windows[uid].clerk) != (
                place.owed,
                place.clerk,
            ):
                self._say(f"{uid}: debt or clerk differ from the records")
        stale = [line.number for line in state.calls if self.tickets[line.ticket].state == "waiting"]
        if stale:
            self._say(f"the board calls {stale}, who wait")

    # --- who is next ---------------------------------------------------------------------------------------------

    def choice(self, window: str, now: int) -> tuple[Seen, str, int] | None:
        """(ticket, why, the window's debt afterwards)."""
        place = self.windows[window]
        able = [
            t
            for t in self.tickets.values()
            if t.state == "waiting" and t.service in place.services and t.to in ("", window)
        ]
        due = [t for t in able if t.not_before <= now]
        if not able:
            return None
        if not due:
            return min(able, key=lambda t: (t.not_before, t.uid)), "early", place.owed
        first = min(due, key=lambda t: self._rank(t, now))
        overdue = [t for t in due if now - t.since > self.setup["guard"] and self.setup["policy"] == "vt"]
        if not overdue or first in overdue:
            return first, "order", 0
        if place.owed:
            return min(overdue, key=lambda t: (t.since, t.uid)), "guard", 0
        return first, "order", 1

    def _rank(self, ticket: Seen, now: int) -> tuple[Any, ...]:
        number = CLASSES.index(ticket.klass)
        match self.setup["policy"]:
            case "vt":
                return ticket.key, ticket.arrived, ticket.uid
            case "fifo":
                return ticket.arrived, ticket.uid
            case "strict":
                return number, ticket.arrived, ticket.uid
        return -self.setup["weights"][number] * (now - ticket.arrived), ticket.arrived, ticket.uid

    # --- the hall ------------------------------------------------------------------------------------------------

    def _site_configured(self, subject: str, body: Mapping[str, Any], now: int) -> None:
        self.setup, self.recalls = body["queue"], body["recalls"]
        self.prefixes = {s["id"]: s["prefix"] for s in body["services"]}
        before = self.windows
        self.windows = {w["id"]: before.get(w["id"], Place(frozenset())) for w in body["windows"]}
        for w in body["windows"]:
            self.windows[w["id"]].services = frozenset(w["services"])
        for ticket in self.tickets.values():
            if ticket.state in ("called", "serving", "held"):
                self._must(ticket.window in self.windows, f"{ticket.number} lost its window")
            if ticket.to and ticket.service not in self.windows.get(ticket.to, Place(frozenset())).services:
                ticket.to = ""

    def _day_opened(self, subject: str, body: Mapping[str, Any], now: int) -> None:
        self._must(not self.open and body["date"] >= self.date, f"day {body['date']} opened after {self.date}")
        if body["date"] != self.date:
            self.counts.clear()
            self.last = 0
            self.slots = {uid: slot for uid, slot in self.slots.items() if slot.date >= body["date"]}
        self.date, self.open = body["date"], True
        self.stopped.clear()

    def _day_closed(self, subject: str, body: Mapping[str, Any], now: int) -> None:
        left = {t.uid for t in self.tickets.values() if t.state in ("waiting", "called")}
        self._must(set(body["expired"]) == left, "a day closed without saying whom it gave up")
        self._must(not [t for t in self.tickets.values() if t.state in ("serving", "held")], "a citizen was cut off")
        self._must(
            not [s for s in self.slots.values() if s.state == "booked" and s.date <= self.date],
            "a booking of the day was left open",
        )
        self.open = False
        self.tickets.clear()
        for place in self.windows.values():
            place.paused, place.owed, place.owed_before = "", 0, 0

    # --- tickets -------------------------------------------------------------------------------------------------

    def _ticket_issued(self, uid: str, body: Mapping[str, Any], now: int) -> None:
        number, items = body["number"], list(body["items"])
        prefix = number.rstrip("0123456789")
        count = int(number[len(prefix) :])
        self._must(self.open, f"{number} given while closed")
        self._must((self.date, number) not in self.given, f"{number} given twice")
        self._must(count == self.counts.get(prefix, 0) + 1, f"{number} follows {self.counts.get(prefix, 0)}")
        self._must(prefix == self.prefixes.get(items[0]), f"{number} has another service's letter")
        self.given.add((self.date, number))
        self.counts[prefix] = count
        fresh = self._fresh(now)
        self._must(body["arrived"] == fresh, f"{number} counts from {body['arrived'] - fresh:+} ms")
        self._issue_key(number, body, now, fresh)
        ticket = Seen(uid, number, prefix, items, body["person"], body["klass"], body["key"], fresh, fresh,
                      body["not_before"])  # fmt: skip
        self._alone(ticket)
        if body["booking"] and body["klass"] == "appointment":
            self._must(self.slots[body["booking"]].state != "checked_in", f"{number}: a booking was used twice")
        else:
            self._must(not self.stopped.intersection(items), f"{number} given while issuing was stopped")
        self.last = max(self.last, body["arrived"])
        self.tickets[uid] = ticket

    def _issue_key(self, number: str, body: Mapping[str, Any], now: int, fresh: int) -> None:
        if body["klass"] != "appointment":
            wanted, not_before = fresh, 0
            self._must(body["klass"] == "walk_in", f"{number} began as {body['klass']}")
        else:
            slot = self.slots[body["booking"]].slot
            on_time = now <= slot + self.setup["grace"]
            self._must(now <= slot + self.setup["late"], f"{number}: a lapsed booking kept its right")
            wanted = slot - self.setup["appointment"] if on_time else now - self.setup["appointment"] // 2
            not_before = slot - self.setup["early"]
        self._must((body["key"], body["not_before"]) == (wanted, not_before), f"{number} has a wrong key")

    def _alone(self, ticket: Seen) -> None:
        groups = {ticket.prefix} | {self.prefixes.get(item) for item in ticket.items}
        for other in self.tickets.values():
            if other.uid == ticket.uid or not ticket.person or other.person != ticket.person:
                continue
            if other.state in OPEN and groups & ({other.prefix} | {self.prefixes.get(item) for item in other.items}):
                self._say(f"one person holds {other.number} and {ticket.number}")

    def _ticket_called(self, uid: str, body: Mapping[str, Any], now: int) -> None:
        self.calls += 1
        ticket, window = self.tickets[uid], body["window"]
        place = self.windows[window]
        self._must(body["call"] == ticket.calls + 1, f"{ticket.number}: call {body['call']} after {ticket.calls}")
        ticket.calls = body["call"]
        if body["why"] == "recall":
            self._must(ticket.state == "called" and ticket.window == window, f"{ticket.number} recalled, not called")
            self._must(body["call"] <= self.recalls + 1, f"{ticket.number} recalled without end")
            return
        self._must(ticket.state == "waiting", f"{ticket.number} called while {ticket.state}")
        self._must(not self._at(window), f"{window} called {ticket.number} while it had somebody")
        self._must(not place.paused, f"{window} called while at rest")
        self._must(body["waited"] == max(0, now - ticket.since), f"{ticket.number}: wrong wait")
        if body["why"] == "out_of_turn":
            self._must(ticket.service in place.services, f"{window} cannot serve {ticket.number}")
            wanted_owed = place.owed
        else:
            choice = self.choice(window, now)
            wanted = choice and (choice[0].uid, choice[1], choice[2])
            self._must(wanted == (uid, body["why"], body["owed"]), f"{window} called {ticket.number} out of order")
            wanted_owed = body["owed"]
        self._must(body["owed"] == wanted_owed, f"{window}: wrong debt")
        place.owed_before, place.owed = place.owed, body["owed"]
        ticket.state, ticket.window, ticket.called_at = "called", window, ticket.since + body["waited"]

    def _ticket_uncalled(self, uid: str, body: Mapping[str, Any], now: int) -> None:
        ticket = self._turn(uid, body, "called")
        self._must(ticket.calls == 1 and now - ticket.called_at <= self.setup["undo"], f"{ticket.number} undone late")
        place = self.windows[body["window"]]
        self._must(body["owed"] == place.owed_before, f"{body['window']}: an undo forgave a debt")
        place.owed = body["owed"]
        self._wait(ticket)

    def _ticket_missed(self, uid: str, body: Mapping[str, Any], now: int) -> None:
        ticket = self._turn(uid, body, "called")
        ticket.state, ticket.missed_at = "missed", now

    def _ticket_revived(self, uid: str, body: Mapping[str, Any], now: int) -> None:
        ticket = self.tickets[uid]
        self._must(ticket.state == "missed" and not ticket.revived, f"{ticket.number} revived while {ticket.state}")
        self._must(now - ticket.missed_at <= self.setup["revive"], f"{ticket.number} revived too late")
        fresh = self._fresh(now)
        right = (body["arrived"], body["key"]) == (fresh, fresh - self.setup["revive_bonus"])
        self._must(right, f"{ticket.number} jumped the queue when revived")
        ticket.revived += 1
        self._from(ticket, body)
        ticket.since = body["arrived"]
        self._wait(ticket)
        self._alone(ticket)

    def _ticket_held(self, uid: str, body: Mapping[str, Any], now: int) -> None:
        self._turn(uid, body, "serving").state = "held"

    def _ticket_resumed(self, uid: str, body: Mapping[str, Any], now: int) -> None:
        self._must(not self._at(body["window"]), f"{body['window']} took up a second ticket")
        self._turn(uid, body, "held").state = "serving"

    def _ticket_returned(self, uid: str, body: Mapping[str, Any], now: int) -> None:
        ticket = self._turn(uid, body, *AT_WINDOW)
        ticket.returns += 1
        self._must(body["returns"] == ticket.returns, f"{ticket.number}: returns miscounted")
        if ticket.returns > self.setup["returns"]:
            fresh = self._fresh(now)
            self._must((body["arrived"], body["key"]) == (fresh, fresh), f"{ticket.number} kept its place for ever")
            ticket.since = body["arrived"]
        else:
            same = (body["arrived"], body["key"]) == (ticket.arrived, ticket.key)
            self._must(same, f"{ticket.number} lost its place")
        self._from(ticket, body)
        self._wait(ticket)

    def _ticket_transferred(self, uid: str, body: Mapping[str, Any], now: int) -> None:
        ticket = self._turn(uid, body, *AT_WINDOW)
        self._must(body["key"] == min(ticket.key, self._fresh(now)), f"{ticket.number} moved by a transfer")
        target = self.windows[body["to"]].services if body["to"] else self._offered()
        self._must(body["service"] in target, f"{ticket.number} sent where nobody serves it")
        ticket.items = [body["service"], *(item for item in ticket.items[1:] if item != body["service"])]
        ticket.key, ticket.to, ticket.not_before = body["key"], body["to"], 0
        self._wait(ticket)

    def _ticket_advanced(self, uid: str, body: Mapping[str, Any], now: int) -> None:
        ticket = self.tickets[uid]
        self._must(ticket.state == "done", f"{ticket.number} went on before its item was done")
        following = [item for item in ticket.items[1:] if item in self._offered()]
        self._must(bool(following) and following[0] == body["service"], f"{ticket.number} skipped an item")
        self._must(body["key"] == ticket.key, f"{ticket.number} moved by its own item")
        stays = body["service"] in self.windows[body["window"]].services
        self._must(body["stays"] == stays, f"{ticket.number} sent away from a window that serves it")
        ticket.items = ticket.items[ticket.items.index(body["service"]) :]
        ticket.to, ticket.not_before = "", 0
        self._wait(ticket)
        if stays:
            ticket.state, ticket.window = "called", body["window"]

    def _ticket_cancelled(self, uid: str, body: Mapping[str, Any], now: int) -> None:
        ticket = self.tickets[uid]
        self._must(ticket.state in ("waiting", "missed"), f"{ticket.number} cancelled while {ticket.state}")
        ticket.state = "cancelled"

    def _green_settled(self, uid: str, body: Mapping[str, Any], now: int) -> None:
        ticket = self.tickets[uid]
        self._must(ticket.state == "waiting" and ticket.klass != "appointment", f"{ticket.number} settled")
        wanted = ticket.key
        if body["klass"] != ticket.klass:
            wanted = ticket.arrived - self.setup["green"] * (body["klass"] == "green")
        self._must(body["key"] == wanted, f"{ticket.number}: the green channel gives {body['key'] - wanted:+}")
        ticket.klass, ticket.key = body["klass"], body["key"]

    # --- services ------------------------------------------------------------------------------------------------

    def _service_started(self, uid: str, body: Mapping[str, Any], now: int) -> None:
        ticket = self._turn(uid, body, "called")
        ticket.state, ticket.turn = "serving", body["service"]

    def _service_finished(self, uid: str, body: Mapping[str, Any], now: int) -> None:
        ticket = self._turn(uid, body, "serving")
        self._must(body["service"] == ticket.turn != "", f"{ticket.number}: another turn was finished")
        ticket.state = "done"

    def _service_abandoned(self, uid: str, body: Mapping[str, Any], now: int) -> None:
        ticket = self._turn(uid, body, "serving", "held")
        self._must(body["service"] == ticket.turn != "", f"{ticket.number}: another turn was abandoned")
        ticket.state = "expired"

    # --- windows, issuing, bookings ------------------------------------------------------------------------------

    def _window_paused(self, subject: str, body: Mapping[str, Any], now: int) -> None:
        window = subject.removeprefix("window:")
        self._must(not self._at(window), f"{window} went to rest with a citizen there")
        self.windows[window].paused = body["reason"]

    def _window_resumed(self, subject: str, body: Mapping[str, Any], now: int) -> None:
        self.windows[subject.removeprefix("window:")].paused = ""

    def _clerk_signed_in(self, subject: str, body: Mapping[str, Any], now: int) -> None:
        window = subject.removeprefix("window:")
        self._must(not self.windows[window].clerk, f"{window} has two clerks")
        self._seat(window, body["clerk"])

    def _clerk_taken_over(self, subject: str, body: Mapping[str, Any], now: int) -> None:
        self._seat(subject.removeprefix("window:"), body["clerk"])

    def _clerk_signed_out(self, subject: str, body: Mapping[str, Any], now: int) -> None:
        self.windows[subject.removeprefix("window:")].clerk = ""

    def _clerk_lapsed(self, subject: str, body: Mapping[str, Any], now: int) -> None:
        window = subject.removeprefix("window:")
        self._must(not self._at(window), f"the clerk of {window} lapsed in the middle of a turn")
        self.windows[window].clerk = ""

    def _issuing_stopped(self, subject: str, body: Mapping[str, Any], now: int) -> None:
        self.stopped.add(subject.removeprefix("service:"))

    def _issuing_resumed(self, subject: str, body: Mapping[str, Any], now: int) -> None:
        self.stopped.discard(subject.removeprefix("service:"))

    def _booking_mirrored(self, uid: str, body: Mapping[str, Any], now: int) -> None:
        used = uid in self.slots and self.slots[uid].state in ("checked_in", "late")
        self._must(not used, f"{uid} was used and changed")
        self.slots[uid] = Slot(body["date"], body["slot"], body["service"])

    def _booking_checked_in(self, uid: str, body: Mapping[str, Any], now: int) -> None:
        self._must(body["ticket"] in self.tickets, f"{uid} checked in without a ticket")
        self.slots[uid].state = "checked_in"

    def _booking_ended(self, uid: str, body: Mapping[str, Any], now: int) -> None:
        slot = self.slots[uid]
        self._must(slot.state not in ("checked_in",), f"{uid}: who was here is gone")
        if body["why"] == "no_show":
            self._must(now > slot.slot + self.setup["late"], f"{uid} given up before its time")
        slot.state = body["why"]

    # --- helpers -------------------------------------------------------------------------------------------------

    def _fresh(self, now: int) -> int:
        return max(now, self.last + 1)

    def _from(self, ticket: Seen, body: Mapping[str, Any]) -> None:
        ticket.key, ticket.arrived, ticket.not_before = body["key"], body["arrived"], 0
        self.last = max(self.last, body["arrived"])

    def _wait(self, ticket: Seen) -> None:
        """Again: calls and turn count anew."""
        ticket.state, ticket.window, ticket.calls, ticket.turn = "waiting", "", 0, ""

    def _at(self, window: str) -> list[str]:
        return [t.number for t in self.tickets.values() if t.window == window and t.state in AT_WINDOW]

    def _turn(self, uid: str, body: Mapping[str, Any], *states: str) -> Seen:
        ticket = self.tickets[uid]
        right = ticket.state in states and ticket.window == body["window"]
        self._must(right, f"{ticket.number} is {ticket.state} at {ticket.window or 'no window'}, not {states}")
        return ticket

    def _offered(self) -> frozenset[str]:
        return frozenset(service for place in self.windows.values() for service in place.services)

    def _seat(self, window: str, clerk: str) -> None:
        others = [uid for uid, place in self.windows.items() if place.clerk == clerk and uid != window]
        self._must(not others, f"{clerk} sits at {others} and {window}")
        self.windows[window].clerk = clerk

    def _must(self, kept: bool, promise: str) -> None:
        if not kept:
            self._say(promise)

    def _say(self, promise: str) -> None:
        self.broken.append(f"{self.date} record {self.records}: {promise}")
