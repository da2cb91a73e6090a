"""Who is next, by four policies over one state. Each ranks; `choose` picks, and says why.

A rank is total (the uid ends it) and pure: the same state, window and moment give the same ticket, for ever.
"""

from edge.rules.policies.choice import Choice, Why, choose, ranked
from edge.rules.policies.keys import arrival, booked_key, green_key, on_time

__all__ = ["Choice", "Why", "arrival", "booked_key", "choose", "green_key", "on_time", "ranked"]
