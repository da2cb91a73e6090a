"""What the hall's board shows between calls.

GET /api/board/slides   -> BoardSlides
"""

from typing import Literal

from edge.api.model import Model

Text = dict[str, str]


class BoardSlide(Model):
    """`since`, `until`: ms since 1970, 0 = open; the board itself keeps to them, also while the hall is lost.

    `urgent`: stays in sight, also while calls are shown.
    """

    id: str
    kind: Literal["notice", "hours", "guide"]
    title: Text
    lines: tuple[Text, ...]
    since: int = 0
    until: int = 0
    urgent: bool = False


class BoardSlides(Model):
    """`seconds`: how long each stays."""

    seconds: int
    slides: tuple[BoardSlide, ...]
