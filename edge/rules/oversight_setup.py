"""How long citizens may judge a service, and how soon the hall answers them; local rules differ: configuration."""

from typing import Final

from edge.rules.body import Body
from edge.rules.followup_records import Level

HOUR: Final = 3_600_000


class OversightSetup(Body):
    """`rating_window`: ms after the end of a service in which kiosk and code take an answer. Days are working days.

    `level` is the hall's own: its complaints begin there. Five days are ours: no standard's number is known here.
    """

    level: Level = "station"
    rating_window: int = 24 * HOUR
    task_days: int = 5
    complaint_days: int = 5
    due_soon_days: int = 1
