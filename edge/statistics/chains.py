"""Records -> what became of every case, complaint, task and rating, day by day. Nothing is counted here."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from edge.rules import upcast
from sync.protocol.record import Record

# What a record of the journal must say to be looked at; others are passed by unread.
KINDS: Final = (
    "day.opened",
    "rating.asked",
    "rating.given",
    "rating.added",
    "task.opened",
    "task.moved",
    "complaint.registered",
    "complaint.moved",
    "case.received",
    "case.noticed",
    "case.refused",
    "case.stepped",
    "case.decided",
)


@dataclass
class CaseChain:
    """`day` of the receipt, `decided` a date or ''. `due`: the limit as suspensions moved it."""

    day: str
    item: str
    window: str
    due: str
    decided: str = ""
    withdrawn: bool = False


@dataclass
class Told:
    """A notice (`reason` '') or a refusal."""

    day: str
    item: str
    window: str
    reason: str = ""
    differs: bool = False


@dataclass
class ComplaintChain:
    """`due`: its first limit. `level`: the one that has it now."""

    day: str
    type: str
    channel: str
    level: str
    anonymous: bool
    due: str
    answered: str = ""
    closed: bool = False
    urged: int = 0
    escalated: int = 0
    content: bool | None = None


@dataclass
class TaskChain:
    day: str
    window: str
    clerk: str
    due: str
    answered: str = ""
    closed: bool = False
    appealed: bool = False
    verdict: str = ""


@dataclass
class Asked:
    """A question about one service. `level`, `way` of the first answer, '' while there is none."""

    day: str
    window: str
    clerk: str
    level: str = ""
    way: str = ""
    second: bool = False


@dataclass
class Chains:
    """`note` records in order, with their place. A day is what lies between its opening and the next."""

    cases: dict[str, CaseChain] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)
    complaints: dict[str, ComplaintChain] = field(default_factory=dict)
    tasks: dict[str, TaskChain] = field(default_factory=dict)
    ratings: dict[str, Asked] = field(default_factory=dict)  # by the question's nonce
    day: str = ""
    place: int = 0

    def note(self, record: Record, place: int) -> None:
        self.place = place
        fold = _FOLDS.get(record.kind)
        body = upcast.lift(record.kind, record.v, record.body) if fold is not None else None
        if fold is not None and body is not None:
            fold(self, record.subject, body)


def _opened(chains: Chains, subject: str, body: Any) -> None:
    chains.day = body.date


def _received(chains: Chains, subject: str, body: Any) -> None:
    chains.cases[subject] = CaseChain(chains.day, body.item, body.window, body.due)


def _noticed(chains: Chains, subject: str, body: Any) -> None:
    chains.told.append(Told(chains.day, body.item, body.window, differs=body.differs))


def _refused(chains: Chains, subject: str, body: Any) -> None:
    chains.told.append(Told(chains.day, body.item, body.window, reason=body.reason))


def _stepped(chains: Chains, subject: str, body: Any) -> None:
    case = chains.cases.get(subject)
    if case is None or case.decided:
        return
    case.due = body.due
    case.withdrawn = case.withdrawn or body.act == "withdraw"


def _decided(chains: Chains, subject: str, body: Any) -> None:
    if case := chains.cases.get(subject):
        case.decided = case.decided or body.date


def _registered(chains: Chains, subject: str, body: Any) -> None:
    chains.complaints[subject] = ComplaintChain(
        chains.day, body.type, body.channel, body.level, body.anonymous, body.due
    )


def _complaint_moved(chains: Chains, subject: str, body: Any) -> None:
    chain = chains.complaints.get(subject)
    if chain is None:
        return
    chain.level, chain.content, chain.closed = body.level, body.content, body.state == "closed"
    chain.urged += body.step == "urge"
    chain.escalated += body.step == "escalate"
    if body.step == "reply":
        chain.answered = chain.answered or chains.day


def _task_opened(chains: Chains, subject: str, body: Any) -> None:
    chains.tasks[subject] = TaskChain(chains.day, body.window, body.clerk, body.due)


def _task_moved(chains: Chains, subject: str, body: Any) -> None:
    chain = chains.tasks.get(subject)
    if chain is None:
        return
    chain.verdict, chain.closed = body.verdict, body.state == "closed"
    chain.appealed = chain.appealed or body.step == "appeal"
    if body.step == "reply":
        chain.answered = chain.answered or chains.day


def _asked(chains: Chains, subject: str, body: Any) -> None:
    chains.ratings[body.nonce] = Asked(chains.day, body.window, body.clerk)


def _rated(chains: Chains, subject: str, body: Any) -> None:
    if asked := chains.ratings.get(body.nonce):
        asked.level, asked.way = body.level, body.by


def _added(chains: Chains, subject: str, body: Any) -> None:
    if asked := chains.ratings.get(body.nonce):
        asked.second = True


_FOLDS: Final[dict[str, Callable[[Chains, str, Any], None]]] = {
    "day.opened": _opened,
    "rating.asked": _asked,
    "rating.given": _rated,
    "rating.added": _added,
    "task.opened": _task_opened,
    "task.moved": _task_moved,
    "complaint.registered": _registered,
    "complaint.moved": _complaint_moved,
    "case.received": _received,
    "case.noticed": _noticed,
    "case.refused": _refused,
    "case.stepped": _stepped,
    "case.decided": _decided,
}
