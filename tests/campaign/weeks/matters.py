"""Complaints over all halls and at the level above: whose they are, who answered, and what became of every order.

Knows records as JSON, what citizens really said, and what the level above sent; nothing of ours.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tests.campaign.weeks.wall import NotPrinted, Wall

Body = Mapping[str, Any]
NAME_BEGINS: Final = "诉者"
CONTACT_BEGINS: Final = "139-"
_OPEN: Final = ("registered", "accepted", "redirected", "investigating")
_STEPS: Final = {
    "accept": "registered redirected",
    "redirect": "registered accepted redirected",
    "investigate": "accepted redirected",
    "reply": "investigating",
    "revisit": "replied",
    "close": "replied revisited",
    "urge": " ".join(_OPEN),
    "escalate": " ".join(_OPEN),
}
_ORDERS: Final = {"urge": "urge", "assign": "redirect", "reply": "reply"}
_BY: Final = {"urge": ("centre",), "escalate": ("system", "lead", "centre")}
_LEVELS: Final = ("station", "street", "district")
_LIMIT: Final = 5


@dataclass
class Matter:
    """`answers`: digests of what was answered; `urged`, `risen`: how often."""

    hall: str
    anonymous: bool
    level: str
    due: str
    state: str = "registered"
    to: str = ""
    urged: int = 0
    risen: int = 0
    answers: list[str] = field(default_factory=list)


@dataclass
class Order:
    """`fits`: whether it did when it came. `acted`: on what revision something happened here."""

    told: Body
    fits: bool
    acted: bool = False


class Matters:
    """`levels`: of each hall."""

    def __init__(self, wall: Wall, levels: Mapping[str, str], broken: list[str]) -> None:
        self._wall, self._levels, self.broken = wall, levels, broken
        self.known: dict[str, Matter] = {}
        self.said: dict[str, tuple[str, str]] = {}  # text: name and contact, both '' of who stays unknown
        self.orders: dict[tuple[str, str], dict[int, Order]] = {}  # hall, item: by revision
        self.disputed: dict[tuple[str, str], int] = {}
        self.followed = self.taken_back = self.answered_above = 0

    def see(
        self, hall: str, kind: str, subject: str, actor: str, body: Body, sealed: Body, h: str, today: str, at: str
    ) -> None:
        self.nobody_named(hall, kind, f"{subject} {actor} {body}", sealed)
        if kind == "complaint.registered":
            self._registered(hall, subject, body, sealed, at)
        elif kind.startswith("complaint."):
            found = self.known.get(subject)
            if found is None or found.hall != hall:
                return self.says(hall, f"{subject}: {kind} here, it belongs to {found and found.hall}")
            if kind == "complaint.moved":
                self._moved(found, subject, actor, body, h, today, at)
            else:
                self._shown(found, subject, actor, body)
        elif kind == "decision.disputed" and subject.startswith("complaint:"):
            self._disputed(hall, subject, body)

    def says(self, hall: str, what: str) -> None:
        self.broken.append(f"{hall}: {what}")

    # people ----------------------------------------------------------------------------------------------------------

    def nobody_named(self, hall: str, kind: str, told: str, sealed: Body) -> None:
        """A complainant's name and number lie sealed beside his own complaint and nowhere else."""
        beside = str(sealed) if kind != "complaint.registered" else ""
        for mark in (NAME_BEGINS, CONTACT_BEGINS):
            if mark in told or mark in beside:
                self.says(hall, f"{kind} names a complainant")

    def _registered(self, hall: str, uid: str, body: Body, sealed: Body, at: str) -> None:
        if uid in self.known:
            return self.says(hall, f"{uid} was registered twice")
        name, contact = self.said.pop(sealed["text"], ("?", "?"))
        if (sealed["name"], sealed["contact"]) != (name, contact):
            self.says(hall, f"{uid}: another person is written down than who spoke, or twice")
        if body["anonymous"] != (not name and not contact):
            self.says(hall, f"{uid} is anonymous: {body['anonymous']}, its complainant wanted otherwise")
        if body["level"] != self._levels[hall]:
            self.says(hall, f"{uid} began at the {body['level']}")
        self._due_is(hall, uid, at, body["due"])
        self.known[uid] = Matter(hall, body["anonymous"], body["level"], body["due"])

    def _shown(self, found: Matter, uid: str, actor: str, body: Body) -> None:
        if not actor.startswith("lead:") and (body["what"], [body["h"]]) != ("answer", found.answers):
            self.says(found.hall, f"{uid}: {actor} was shown {body['what']}, the answers are {found.answers}")

    # steps -----------------------------------------------------------------------------------------------------------

    def _moved(self, found: Matter, uid: str, actor: str, body: Body, h: str, today: str, at: str) -> None:
        hall, step = found.hall, body["step"]
        if body["about"] is None:
            if actor.split(":")[0] not in _BY.get(step, ("lead",)):
                self.says(hall, f"{uid}: {step} by {actor}")
            if found.state not in _STEPS[step].split():
                self.says(hall, f"{uid}: {step} while it was {found.state}")
            self._limit(found, uid, body, today, at)
        else:
            self._ordered(found, uid, actor, body)
        if step == "reply":
            found.answers.append(h)
            if not h or len(found.answers) > 1:
                self.says(hall, f"{uid} was answered {len(found.answers)} times, with words: {bool(h)}")
        if body["state"] == "closed" and len(found.answers) != 1:
            self.says(hall, f"{uid} was closed with {len(found.answers)} answers")
        found.state, found.level, found.due, found.to = body["state"], body["level"], body["due"], body["to"]
        found.urged += step == "urge"
        found.risen += step == "escalate"

    def _limit(self, found: Matter, uid: str, body: Body, today: str, at: str) -> None:
        hall = found.hall
        if body["step"] == "escalate":
            if not found.due or found.due >= today or body["level"] != _LEVELS[_LEVELS.index(found.level) + 1]:
                self.says(hall, f"{uid} rose from {found.level} to {body['level']}, due {found.due}")
            self._due_is(hall, uid, at, body["due"])
        elif (found.level, found.due) != (body["level"], body["due"]):
            self.says(hall, f"{uid} has another level or limit after {body['step']}")

    # orders of the level above ---------------------------------------------------------------------------------------

    def hears(self, hall: str, item: str, rev: int, told: Body) -> None:
        """Before the hall is told. The same may come again."""
        orders = self.orders.setdefault((hall, item), {})
        settled = rev in orders and (orders[rev].acted or self.disputed.get((hall, item), 0) >= rev)
        if not settled:
            orders[rev] = Order(told, self._fits(hall, told))

    def heard(self, hall: str, item: str, rev: int) -> None:
        """After it was: something says so, an effect or a dispute of this revision or a newer one."""
        acted = [each for each, order in self.orders[hall, item].items() if order.acted]
        newest = max([self.disputed.get((hall, item), 0), *acted])
        if newest < rev:
            self.says(hall, f"the order {item}/{rev} was heard and nothing says so")

    def gone(self, hall: str, item: str, rev: int) -> None:
        """The level above has taken it back: of one that was followed people must hear."""
        acted = any(order.acted for order in self.orders.get((hall, item), {}).values())
        self.taken_back += acted
        if acted and self.disputed.get((hall, item), 0) < rev:
            self.says(hall, f"the order {item} was followed and taken back, and nobody hears of it")

    def _fits(self, hall: str, told: Body) -> bool:
        found = self.known.get(told["complaint"])
        if found is None or found.hall != hall or found.state not in _OPEN:
            return False
        return told["act"] == "urge" or _LEVELS.index(found.level) > _LEVELS.index(self._levels[hall])

    def _ordered(self, found: Matter, uid: str, actor: str, body: Body) -> None:
        hall, about = found.hall, body["about"]
        orders = self.orders.get((hall, about["id"]), {})
        order = orders.get(about["rev"])
        if actor != "centre" or order is None or order.told["complaint"] != uid:
            return self.says(hall, f"{uid}: {body['step']} by {actor} on an order that nobody gave: {about}")
        newer = [rev for rev, each in orders.items() if each.acted and rev >= about["rev"]]
        if newer or self.disputed.get((hall, about["id"]), 0) >= about["rev"]:
            self.says(hall, f"{uid}: the order {about} acted twice, or after a newer one")
        if not order.fits or not self._fits(hall, order.told):
            self.says(hall, f"{uid}: the order {order.told} acted at the {found.level}, while it was {found.state}")
        order.acted = True
        self.followed += 1
        told = order.told
        wanted = (_ORDERS[told["act"]], told["to"] if told["act"] == "assign" else found.to, told["due"] or found.due)
        if (body["step"], body["to"], body["due"]) != wanted or body["level"] != found.level:
            self.says(
                hall, f"{uid}: {wanted} was ordered, {body['step']} to {body['to']} until {body['due']} came of it"
            )
        self.answered_above += told["act"] == "reply"

    def _disputed(self, hall: str, uid: str, body: Body) -> None:
        item, rev = body["about"]["id"], body["about"]["rev"]
        order = self.orders.get((hall, item), {}).get(rev)
        if body["said"] != "gone" and (order is None or order.fits):
            self.says(hall, f"{uid}: the order {item}/{rev} fitted and is in dispute ({body['why']})")
        self.disputed[hall, item] = max(rev, self.disputed.get((hall, item), 0))

    # what must be so at any time -------------------------------------------------------------------------------------

    def day_opened(self, hall: str, today: str) -> None:
        """After all records of the opening: nothing overdue lies where nobody above knows of it."""
        for uid, found in self.known.items():
            late = found.state in _OPEN and found.due and found.due < today
            if late and found.hall == hall and found.level != _LEVELS[-1]:
                self.says(hall, f"{uid} was due {found.due}, it is {today}, and the {found.level} keeps it")

    def compare(self, hall: str, state: Body) -> None:
        for uid, there in state["complaints"].items():
            found = self.known.get(uid)
            if found is None or found.hall != hall:
                self.says(hall, f"{uid} lies here as well")
            elif _told(found) != tuple(there[name] for name in ("state", "level", "due", "to", "urged", "escalated")):
                self.says(hall, f"{uid} is {there['state']} there and {found.state} on the list")
        for uid, found in self.known.items():
            if found.hall == hall and uid not in state["complaints"] and found.state != "closed":
                self.says(hall, f"{uid} has left and was not closed")
        if NAME_BEGINS in str(state) or CONTACT_BEGINS in str(state):
            self.says(hall, "a complainant stands in the state")

    def above(self, lists: Iterable[tuple[str, str, tuple[object, ...]]]) -> None:
        """`lists`: site, uid and how it stands, as the level above lists all of them; each once."""
        seen: dict[str, str] = {}
        for hall, uid, stands in lists:
            if uid in seen:
                self.says(hall, f"{uid} is listed above at {seen[uid]} as well")
            seen[uid] = hall
            found = self.known.get(uid)
            if found is None or found.hall != hall or _told(found) != stands:
                self.says(hall, f"{uid} is listed above as {stands}, here {found and _told(found)}")
        if len(seen) != len(self.known):
            self.broken.append(f"above {len(seen)} complaints are listed, there are {len(self.known)}")

    def _due_is(self, hall: str, uid: str, at: str, due: str) -> None:
        try:
            wanted = self._wall.due(at, _LIMIT)
        except NotPrinted:
            wanted = ""
        if due != wanted:
            self.says(hall, f"{uid} of {at} is due {due}, the wall says {wanted}")


def _told(found: Matter) -> tuple[object, ...]:
    return (found.state, found.level, found.due, found.to, found.urged, found.risen)
