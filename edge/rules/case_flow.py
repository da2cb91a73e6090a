"""The one table of a case after its receipt: at which stage which act is in order, by whom, and where it leads.

Nothing else decides order: a decision asks `step`, which returns the next stage or refuses with who can go on.
"""

from dataclasses import dataclass
from typing import Final, Literal

from edge.rules.codes import Code, refusal
from edge.rules.dossier_records import Act, Stage
from edge.rules.dossier_state import Dossier
from edge.rules.moment import Moment

Actor = Literal["clerk", "centre", "hall"]
BACK: Final = "back"  # to the stage it came from


@dataclass(frozen=True, slots=True)
class Move:
    to: Stage | Literal["back"]
    who: frozenset[Actor]


def _by(to: Stage | Literal["back"], *who: Actor) -> Move:
    return Move(to, frozenset(who))


FLOW: Final[dict[tuple[Stage, Act], Move]] = {
    ("received", "accept"): _by("accepted", "clerk", "centre"),
    ("received", "lack"): _by("supplement", "clerk", "centre"),
    ("received", "forward"): _by("forwarded", "clerk"),
    ("received", "withdraw"): _by("withdrawn", "clerk"),
    ("accepted", "lack"): _by("supplement", "clerk", "centre"),
    ("accepted", "suspend"): _by("suspended", "clerk"),
    ("accepted", "forward"): _by("forwarded", "clerk"),
    ("accepted", "decide"): _by("decided", "clerk"),
    ("accepted", "withdraw"): _by("withdrawn", "clerk"),
    ("supplement", "supply"): _by(BACK, "clerk"),
    ("supplement", "withdraw"): _by("withdrawn", "clerk"),
    ("suspended", "resume"): _by(BACK, "clerk"),
    ("suspended", "withdraw"): _by("withdrawn", "clerk"),
    ("forwarded", "accept"): _by("forwarded", "centre"),
    ("forwarded", "lack"): _by("supplement", "centre"),
    ("forwarded", "suspend"): _by("stayed", "centre"),
    ("forwarded", "decide"): _by("decided", "centre"),
    ("forwarded", "withdraw"): _by("withdrawn", "centre"),
    ("stayed", "resume"): _by(BACK, "centre"),
    ("stayed", "withdraw"): _by("withdrawn", "centre"),
    ("decided", "arrive"): _by("arrived", "clerk"),
    ("rejected", "arrive"): _by("arrived", "clerk"),
    ("arrived", "verify"): _by("verified", "clerk"),
    ("arrived", "reject"): _by("rejected", "clerk"),
    ("verified", "register"): _by("registered", "clerk"),
    ("registered", "shelve"): _by("ready", "clerk"),
    ("registered", "hand"): _by("moving", "clerk"),
    ("ready", "hand"): _by("moving", "clerk"),
    ("ready", "deliver"): _by("delivered", "clerk"),
    ("ready", "remind"): _by("ready", "hall"),
    ("ready", "unclaim"): _by("unclaimed", "hall"),
    ("unclaimed", "deliver"): _by("delivered", "clerk"),
    ("unclaimed", "return"): _by("returned", "clerk"),
    ("moving", "keep"): _by("ready", "clerk"),
    ("moving", "confirm"): _by("moved", "centre"),
    ("delivered", "close"): _by("closed", "hall"),
    ("moved", "close"): _by("closed", "hall"),
    ("returned", "close"): _by("closed", "hall"),
    ("withdrawn", "close"): _by("closed", "hall"),
}

# Whose turn it is at a stage, in words: each code names who can go on and how.
WAITS: Final[dict[Stage, Code]] = {
    "received": Code.FLOW_AT_DESK,
    "accepted": Code.FLOW_AT_DESK,
    "supplement": Code.FLOW_SUPPLEMENT,
    "suspended": Code.FLOW_SUSPENDED,
    "forwarded": Code.FLOW_AT_UNIT,
    "stayed": Code.FLOW_AT_UNIT,
    "decided": Code.FLOW_RESULT_AWAITED,
    "rejected": Code.FLOW_RESULT_AWAITED,
    "arrived": Code.FLOW_RESULT_UNCHECKED,
    "verified": Code.FLOW_RESULT_UNCHECKED,
    "registered": Code.FLOW_RESULT_UNCHECKED,
    "ready": Code.FLOW_RESULT_READY,
    "unclaimed": Code.FLOW_RESULT_UNCLAIMED,
    "returned": Code.FLOW_OVER,
    "moving": Code.FLOW_RESULT_ELSEWHERE,
    "moved": Code.FLOW_RESULT_ELSEWHERE,
    "delivered": Code.FLOW_OVER,
    "withdrawn": Code.FLOW_OVER,
    "closed": Code.FLOW_OVER,
}


def actor_of(moment: Moment) -> Actor:
    """`clerk:…` works at a window, `centre…` speaks for the deciding unit; everything else is the hall itself."""
    if moment.actor.startswith("clerk:"):
        return "clerk"
    return "centre" if moment.actor.split(":")[0] == "centre" else "hall"


def step(dossier: Dossier, act: Act, who: Actor) -> Stage:
    """The stage that `act` leads to, or a refusal naming who can go on from where the case stands."""
    move = FLOW.get((dossier.stage, act))
    if move is None or who not in move.who:
        raise refusal(WAITS[dossier.stage])
    return (dossier.back or "accepted") if move.to == "back" else move.to


def acts_of(stage: Stage, who: Actor) -> tuple[Act, ...]:
    """What `who` may do now: what a page offers."""
    return tuple(act for (at, act), move in FLOW.items() if at == stage and who in move.who)
