"""Which checks a tier asks for. This table is the one truth; the page docs/writing-a-driver.md explains it."""

from collections.abc import Iterable
from typing import Final, Literal

from drivers.conform.result import Result

Tier = Literal["none", "bronze", "silver", "gold", "platinum"]

TIERS: Final[tuple[tuple[Tier, tuple[str, ...]], ...]] = (
    ("bronze", ("contract", "answers", "open_close", "prompt", "refused_open")),
    (
        "silver",
        (
            "verbs",
            "cancel",
            "cut",
            "spoil",
            "crumbs",
            "flood",
            "unplug",
            "wrong_device",
            "real_line",
            "double_claim",
            "nothing_left",
            "no_secret",
        ),
    ),
    ("gold", ("field_session",)),
    ("platinum", ("field_sessions_of_two_units", "discovery")),
)
"""Each tier asks for its own checks and for those of all tiers before it."""

MAY_NOT_APPLY: Final = frozenset({"prompt", "refused_open", "wrong_device", "double_claim"})
"""A driver without a wire is not let off the others: nobody can say how it stands a bad one."""

CHECKS: Final = tuple(check for _, checks in TIERS for check in checks)


def tier_of(results: Iterable[Result]) -> Tier:
    """The highest tier of which nothing failed. A check that was not run counts as failed."""
    passed = {
        result.check
        for result in results
        if result.verdict == "passed" or (result.verdict == "not applicable" and result.check in MAY_NOT_APPLY)
    }
    reached: Tier = "none"
    for tier, checks in TIERS:
        if not passed.issuperset(checks):
            break
        reached = tier
    return reached
