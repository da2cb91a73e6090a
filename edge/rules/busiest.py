"""How many numbers of a kind a hall gives in a day at most: a restored station keeps away from more than that."""

from edge.rules.state import State


def count(state: State, kind: str) -> None:
    """One more was given today. `kind`: what is counted by itself, a prefix of tickets or a letter of cases."""
    state.given[kind] = state.given.get(kind, 0) + 1
    state.busiest = max(state.busiest, state.given[kind])
