"""A word of the deciding unit that does not fit what happened here."""

from edge.rules.dispute_records import DecisionDisputed
from edge.rules.part import Part


class Dispute(Part):
    """`open`: nobody has settled it. A settled one stays: the same word must not move the case later."""

    case: str
    told: DecisionDisputed
    open: bool = True
