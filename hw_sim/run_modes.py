"""How long each page of a dynamic area is seen: the run modes that all Onbon cards share (led.md 1.4, 1.5)."""

from collections.abc import Sequence
from itertools import accumulate
from typing import Protocol, TypeVar

LOOP, STOP_ON_LAST, LOOP_THEN_VANISH, LOOP_THEN_LOGO, ONCE, COUNTED = range(6)


class Timed(Protocol):
    @property
    def seconds(self) -> float:
        """How long it stays."""


P = TypeVar("P", bound=Timed)


def page_at(run_mode: int, timeout: int, pages: Sequence[P], age: float) -> P | None:
    """What is shown `age` seconds after the update; None: the area has vanished.

    `timeout` in seconds, in run mode 5 the number of plays; at least one page, each longer than nothing.
    """
    last = pages[-1]
    if run_mode == LOOP_THEN_VANISH and age >= timeout:
        return None
    if run_mode == LOOP_THEN_LOGO:
        # The last page is the logo and not part of the loop (decision 0072).
        return last if age >= timeout else _looped(pages[:-1] or pages, age)
    whole = sum(page.seconds for page in pages)
    if run_mode == STOP_ON_LAST and age >= whole - last.seconds:
        return last
    if run_mode == ONCE and age >= whole:
        return None
    if run_mode == COUNTED and age >= whole * timeout:
        return None
    return _looped(pages, age)


def _looped(pages: Sequence[P], age: float) -> P:
    ends = list(accumulate(page.seconds for page in pages))
    place = age % ends[-1]
    return next((page for page, end in zip(pages, ends, strict=True) if place < end), pages[-1])
