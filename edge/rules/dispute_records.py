"""Record kinds of disputes: the deciding unit's word met a case that has moved on here. The subject is the case,
or the complaint that the level above spoke of.

Nothing moves by itself: both versions stay in sight, at the hall and, by this record, at the centre, until people
have settled which one holds.
"""

from typing import Final, Literal

from edge.rules.about import About
from edge.rules.body import Body
from edge.rules.dossier_records import Stage


class DecisionDisputed(Body):
    """`why`: code of the refusal that a person here would have had. `stage` where the case stands, '' = not here.

    `said`: the unit's word, or `gone` for one that was followed here and then taken back.
    """

    about: About
    said: str
    unit: str
    why: str
    stage: Stage | Literal[""]
    date: str
    at: str


class DisputeSettled(Body):
    """`item`: what was in dispute. `how`: `told`, people agreed; `taken_back`, the centre withdrew its word."""

    item: About
    how: Literal["told", "taken_back"]
    date: str
    at: str


DISPUTE_KINDS: Final[dict[tuple[str, int], type[Body]]] = {
    ("decision.disputed", 1): DecisionDisputed,
    ("dispute.settled", 1): DisputeSettled,
}
