"""What one check found."""

from collections.abc import Iterable
from typing import Final, Literal

from drivers.contract import Frozen

Verdict = Literal["passed", "failed", "not applicable"]
MOST_REASONS: Final = 8


class Result(Frozen):
    """`tried`: how many times, places or offsets; `of`: how many there are, when not all were tried."""

    check: str
    verdict: Verdict
    tried: int = 0
    of: int = 0
    why: tuple[str, ...] = ()


class Findings:
    """Collects while a check runs."""

    def __init__(self) -> None:
        self.tried = 0
        self.of = 0
        self.faults: list[str] = []

    def add(self, where: str, faults: Iterable[str]) -> None:
        self.faults += [f"{where}: {fault}" if where else fault for fault in faults]

    def result(self, check: str) -> Result:
        verdict: Verdict = "failed" if self.faults else "passed"
        more = len(self.faults) - MOST_REASONS
        why = [*self.faults[:MOST_REASONS], *([f"and {more} more"] if more > 0 else [])]
        return Result(check=check, verdict=verdict, tried=self.tried, of=self.of or self.tried, why=tuple(why))


def not_applicable(check: str, why: str) -> Result:
    return Result(check=check, verdict="not applicable", why=(why,))
