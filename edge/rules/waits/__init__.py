"""How long people will wait: a replay of the queue as it stands, through the real policy. Never part of a decision.

`forecast` gives a range for every waiting ticket and for whoever would take one now. What it needs to know of the hall
beyond its state (how long services take, who stays away) is `Learned`; `edge.waiting` learns it from records.
"""

from edge.rules.waits.forecast import Forecast, Range, forecast
from edge.rules.waits.learned import Learned, Pace, Usual
from edge.rules.waits.steady import minutes, steadied

__all__ = ["Forecast", "Learned", "Pace", "Range", "Usual", "forecast", "minutes", "steadied"]
