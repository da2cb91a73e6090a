"""What a clerk's keypad must show now: the digits of the ticket at its window, else how many wait for it."""

from typing import Final

from drivers.contract import KeypadLine
from edge.rules import look, queue
from edge.rules.state import State

MOST: Final = 999  # three digits is all a keypad has


def line(state: State, window: str) -> KeypadLine:
    place = state.windows.get(window)
    if place is None:
        return KeypadLine(waiting=0)
    ticket = look.at_window(state, place)
    if ticket is not None:
        return KeypadLine(ticket=ticket.number[-3:])
    return KeypadLine(waiting=min(len(queue.eligible(state, window)), MOST))
