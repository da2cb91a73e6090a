"""Ready texts of the pages with a paper in one's hand, as the panel shows them."""

from dataclasses import dataclass
from typing import Final, Literal

Mood = Literal["wait", "good", "bad"]


@dataclass(frozen=True, slots=True)
class DeskScreen:
    """Ready texts; '' = nothing to show. `typed` in groups, for the eye. `columns` of choices on a tall panel."""

    step: str = ""
    title: str = ""
    hint: str = ""
    next: str = ""
    can_next: bool = False
    skip: bool = False
    scan: bool = False
    keys: str = ""
    typed: str = ""
    asking: str = ""
    item: str = ""
    who: str = ""
    status: str = ""
    mood: Mood = "wait"
    due: str = ""
    place: str = ""
    course: str = ""
    collect: bool = False
    number: str = ""
    code: str = ""
    paper: str = ""
    thanks: str = ""
    review: str = ""
    answer: str = ""


EMPTY: Final = DeskScreen()


def grouped(text: str) -> str:
    """A number or a code in fours, for the eye."""
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))
