"""Record kinds of a case after its receipt (办件流转): who has it, what was decided, how its result reached the person.

The subject of every kind is the case. `stage` is where the case stands after the record: `apply` only copies it.
"""

from typing import Final, Literal

from pydantic import Field

from edge.rules.about import About
from edge.rules.body import Body
from edge.rules.case_records import Delivery, Point

Stage = Literal[
    "received",  # 收件
    "accepted",  # 受理
    "supplement",  # 补正: the applicant must bring something
    "suspended",  # 特别程序, by this hall
    "forwarded",  # 已转交: with the deciding unit; only the centre moves it on
    "stayed",  # 特别程序, by the deciding unit
    "decided",  # the result is awaited
    "arrived",
    "rejected",  # the result does not match its list and went back
    "verified",  # 核对无误
    "registered",  # 登记造册
    "ready",  # lies here for the applicant
    "moving",  # handed to another site, which has not signed yet
    "moved",  # another site has it: only there may it be delivered
    "unclaimed",  # nobody fetched it for long: may still be given out, or goes back to its unit
    "returned",  # to the deciding unit, unclaimed
    "delivered",
    "withdrawn",
    "closed",
]
Act = Literal[
    "accept",
    "lack",
    "supply",
    "suspend",
    "resume",
    "forward",
    "decide",
    "arrive",
    "reject",
    "verify",
    "register",
    "shelve",
    "hand",
    "keep",
    "confirm",
    "deliver",
    "remind",
    "unclaim",
    "return",
    "withdraw",
    "close",
]
# Why the limit stands still, or why a paper is asked for or goes back.
FlowReason = Literal[
    "extended", "hearing", "inspection", "expert_review", "materials", "mismatch", "damaged", "other", ""
]
Outcome = Literal["granted", "denied"]
Collector = Literal["applicant", "agent", "courier", "none"]
Proof = Literal["id_card", "id_card_and_authority", "delivery_note", "online_receipt"]


class Brought(Body):
    """Sheets of a material that came with a supplement."""

    material: str
    sheets: int = Field(ge=1, le=999)


class CaseStepped(Body):
    """`back`: stage to return to after a supplement or suspension. `due`: '' without a limit, or while it stands still.

    `date`: the business date that counts for suspensions and reminders. `unit`: deciding unit, once it is known.
    """

    act: Act
    stage: Stage
    back: Stage | Literal[""]
    reason: FlowReason
    unit: str
    date: str
    due: str
    at: str
    window: str
    clerk: str
    about: About | None
    brought: tuple[Brought, ...]


class SupplementNoticed(Body):
    """补正告知: everything that must still be brought, told once. It follows the step `lack` that it explains.

    `notice`: its number; the same list again keeps the number it was given first. `differs`, `added` as in CaseNoticed:
    an earlier notice on the case after its receipt said something else, an alarm for whoever leads the hall.
    """

    notice: str
    points: tuple[Point, ...]
    digest: str
    differs: bool
    added: int
    date: str
    at: str
    window: str
    clerk: str
    about: About | None


class CaseDecided(Body):
    """`basis`: number of the delegation, '' where the unit itself decided. `seal`: the one the delegation names."""

    outcome: Outcome
    unit: str
    basis: str
    seal: str
    date: str
    at: str
    window: str
    clerk: str
    about: About | None


class TaskNoted(Body):
    """A department's part (前后置 serial, 并联 parallel), as the centre says; the newest of a `task` counts.

    `started`: business date from which it is timed, '' while it waits for another. `due`: the centre's own word, ''
    where it gave none. `limit_days`: working days that the catalogue gave the part when it was noted first, or None.
    """

    task: str
    unit: str
    mode: Literal["serial", "parallel"]
    order: int
    status: Literal["waiting", "running", "done"]
    started: str
    due: str
    limit_days: int | None
    at: str
    about: About


class DecisionAwaited(Body):
    """The applicant waits in the hall, since `now`, with his `ticket`, for what `unit` decides."""

    window: str
    clerk: str
    ticket: str
    unit: str
    now: int
    at: str


class ResultRegistered(Body):
    """登记造册. `entry`: number in the register of results."""

    entry: str
    date: str
    at: str
    window: str
    clerk: str


class ResultDelivered(Body):
    """Sealed, where somebody came: name and id_number of the collector."""

    way: Delivery
    collector: Collector
    proof: Proof
    date: str
    at: str
    window: str
    clerk: str


class CaseShown(Body):
    """Somebody with its number and query code was shown the course of the case, and its applicant's masked name where
    `h` names that part ('' = no name).
    """

    h: str


DOSSIER_KINDS: Final[dict[tuple[str, int], type[Body]]] = {
    ("case.stepped", 1): CaseStepped,
    ("supplement.noticed", 1): SupplementNoticed,
    ("case.decided", 1): CaseDecided,
    ("case.tasked", 2): TaskNoted,
    ("decision.awaited", 1): DecisionAwaited,
    ("result.registered", 1): ResultRegistered,
    ("result.delivered", 1): ResultDelivered,
    ("case.shown", 1): CaseShown,
}
