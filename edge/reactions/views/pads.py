"""What a rating pad must ask now."""

from drivers.contract import Prompt
from edge.rules.state import State


def prompt(state: State, window: str) -> Prompt | None:
    """The open question of this window. The seconds are always the whole time: a view has no clock."""
    place = state.windows.get(window)
    question = None if place is None else state.questions.get(place.question)
    if question is None or question.state != "asked":
        return None
    return Prompt(nonce=question.nonce, seconds=float(state.rating_seconds))
